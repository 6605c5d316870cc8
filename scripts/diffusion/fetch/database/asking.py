"""What is asked of a database, and what it answers: the same for each kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from diffusion.config.databases import Address
from diffusion.config.queries import Bound, Query
from diffusion.fetch.database.raw_rows import RawRows
from diffusion.fetch.database.refusals import RefusedError

CONNECT_SECONDS = 10  # to reach a server


@dataclass(frozen=True)
class Asked:
    """One SELECT.

    Attributes:
        timeout: seconds that it may take.
        most: of the rows, for a try; None for all.
    """

    address: Address
    query: Query
    timeout: float
    most: int | None = None

    @property
    def limited(self) -> Query:
        """The query, as it is sent."""
        if self.most is None:
            return self.query
        return ["SELECT * FROM (\n", *self.query, f"\n) AS sample LIMIT {self.most}"]

    @property
    def without_rows(self) -> Query:
        """A query that has the columns of this one, and no row."""
        return ["SELECT * FROM (\n", *self.query, "\n) AS described LIMIT 0"]

    def text(self, mark: Callable[[int], str]) -> tuple[str, list[str]]:
        """Return what is sent as SQL with marks in place of values, and these.

        Args:
            mark: makes the mark of a value by its number, from 1 on.
        """
        values: list[str] = []
        words = []
        for part in self.limited:
            if isinstance(part, Bound):
                values.append(part.text)
            words.append(mark(len(values)) if isinstance(part, Bound) else part)
        return "".join(words), values


@dataclass(frozen=True)
class Answer:
    """What is known of rows that came.

    Attributes:
        columns: name → the server's own type.
        rows: as the server counts them, where it does.
        server: its name and version.
        snapshot: the moment of which all rows are, and other facts on it.
        driver: name → version, of the package that asked.
    """

    columns: Mapping[str, str]
    rows: int
    server: str
    snapshot: Mapping[str, str] = field(default_factory=dict)
    driver: Mapping[str, str] = field(default_factory=dict)


Read: TypeAlias = Callable[[Asked, RawRows], Answer]
Look: TypeAlias = Callable[[Asked], str]


def named_once(names: list[str]) -> list[str]:
    """Return the names of columns, which a table has once each, on one line.

    Raises:
        RefusedError: two have one name, or one has none, or a line break.
    """
    for name in names:
        if not name.strip() or "\n" in name or "\r" in name or "\0" in name:
            fix = "give it a name in the query: `SELECT … AS name`"
            raise RefusedError(f"a column has the name {name!r}", fix)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        fix = "name the columns in the query, in place of `*`, and give each a name of its own, "
        fix += f"such as `b.{twice[0]} AS b_{twice[0]}`"
        raise RefusedError(f"several columns are called `{'`, `'.join(twice)}`", fix)
    if not names:
        raise RefusedError("there is no column", "name some in the query")
    return names
