"""The part of an entry that states what must hold before it is published: its ``checks``."""

import re
from typing import Any

import msgspec

from diffusion.config.parts import Section


class SqlCheck(Section):
    """A condition of one's own: of ``rows``, or a ``query`` for what is wrong."""

    rows: str = ""
    query: str = ""
    tables: list[str] = []
    warn: bool = False

    @property
    def needs_before(self) -> bool:
        """Whether it names the published version."""
        return bool(re.search(r"\bbefore\b", self.query, re.IGNORECASE))


class Checks(Section):
    required: list[str] = []
    unique: list[str | list[str]] = []
    not_null: list[str] = []
    allowed: dict[str, list[Any]] = {}
    range: dict[str, tuple[Any, Any]] = {}
    regex: dict[str, str] = {}
    rows: tuple[int | None, int | None] = (1, None)
    shrink: float = 0.5
    cast_failures: float = 0
    valid_geometry: bool = True
    missing_geometry: float | None = None
    partitions: bool = True
    overlap: bool = True
    doubled: bool = True
    foreign_keys: dict[str, str] = {}
    sql: dict[str, SqlCheck] = {}
    warn: list[str] = []

    @property
    def tables(self) -> list[str]:
        """The other tables that they need."""
        targets = [target.split(".")[0] for target in self.foreign_keys.values()]
        named = [name for check in self.sql.values() for name in check.tables]
        return list(dict.fromkeys([*targets, *named]))

    @property
    def columns(self) -> dict[str, list[str]]:
        """The columns of the table that are named, by the check."""
        named = {"required": self.required, "unique": [n for key in self.keys for n in key]}
        named |= {"not_null": self.not_null, "allowed": [*self.allowed], "range": [*self.range]}
        return named | {"regex": [*self.regex], "foreign_keys": [*self.foreign_keys]}

    @property
    def alone(self) -> "Checks":
        """Those that need nothing but the table itself."""
        own = {n: c for n, c in self.sql.items() if not c.tables and not c.needs_before}
        return msgspec.structs.replace(self, foreign_keys={}, sql=own)

    @property
    def keys(self) -> list[list[str]]:
        """The keys of ``unique``: a plain list is one, a list of lists several."""
        several = [key for key in self.unique if not isinstance(key, str)]
        one = [name for name in self.unique if isinstance(name, str)]
        return [*([one] if one else []), *several]

    @property
    def main_key(self) -> list[str]:
        """The first key, by which versions are compared; none if none is declared."""
        return next(iter(self.keys), [])
