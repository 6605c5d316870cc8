"""An entry on its way: its keys, why each of them is proposed, and what is doubted."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diffusion.config.model import Source
from diffusion.config.partial import WHOLE
from diffusion.config.remedies import in_line
from diffusion.config.resolve import resolve_config

# the order of an entry's keys; others follow
ORDER = (
    *(
        "from",
        "url",
        "url_env",
        "endpoint",
        "method",
        "body",
        "anonymous",
        "format",
        "params",
        "headers",
        "auth",
        "limit",
    ),
    *(
        "pages",
        "export",
        "member",
        "table",
        "query",
        "layer",
        "records",
        "json",
        "csv",
        "xlsx",
        "encoding",
    ),
    *("title", "description", "licence", "attribution", "homepage", "frequency", "language"),
    "portal",
    *("vintage", "draft", "nulls", "drop", "keep", "columns", "geometry", "checks"),
)
BLOCKS = ("columns",)  # keys whose own stand on lines of their own
WIDTH = 100  # signs of a line, beyond which a comment stands above its key


@dataclass
class Draft:
    """An entry that is proposed.

    Attributes:
        name: of the source.
        vintage: of the project, for an entry that states none.
        keys: as they could be written in YAML.
        why: comments, by keys; ``""`` is that of the entry.
        doubts: what somebody should look at, in words.
        given: keys that the user stated: nothing replaces them.
    """

    name: str
    vintage: str
    keys: dict[str, Any]
    why: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)

    def source(self) -> Source:
        """Return it as the loader reads it.

        Raises:
            ConfigError: all that is wrong in it.
        """
        whole = WHOLE | {"vintage": self.vintage, "sources": {self.name: self.all_keys}}
        return resolve_config(whole).sources[self.name]

    @property
    def all_keys(self) -> dict[str, Any]:
        """Its keys, with those that the user stated laid over them."""
        return laid_over(self.keys, self.given)

    def propose(self, key: str, value: object, why: str = "") -> None:
        """Add a key, unless the user stated it."""
        if key in self.given and not isinstance(value, Mapping):
            return
        self.keys[key] = value
        if why:
            self.why[key] = why

    def text(self) -> str:
        """Return it as lines of YAML, without the indentation of its section."""
        keys = self.all_keys
        ordered = [k for k in ORDER if k in keys] + [k for k in keys if k not in ORDER]
        lines = _commented(f"{self.name}:", self.why.get("", ""))
        for key in ordered:
            lines += self._lines(key, keys[key])
        return "\n".join(lines) + "\n"

    def _lines(self, key: str, value: object) -> list[str]:
        if key in BLOCKS and isinstance(value, Mapping):
            inner = [f"    {in_line(name)}: {in_line(each)}" for name, each in value.items()]
            return [*_commented(f"  {key}:", self.why.get(key, "")), *inner]
        return _commented(f"  {key}: {in_line(value)}", self.why.get(key, ""))


def _commented(line: str, why: str) -> list[str]:
    """Return a line with its comment: behind it, or above it where that would be too long.

    Names of columns stand in it, and those of workbooks have line breaks.
    """
    why = " ".join(why.split())
    if not why:
        return [line]
    if len(line) + len(why) + 3 <= WIDTH:
        return [f"{line} # {why}"]
    blanks = " " * (len(line) - len(line.lstrip()))
    return [*(f"{blanks}# {each}" for each in textwrap.wrap(why, WIDTH)), line]


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return keys with others over them; mappings are merged."""
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            value = laid_over(known, value)
        merged[key] = value
    return merged
