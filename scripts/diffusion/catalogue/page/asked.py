"""A table as the code that reads it is to be told: where it is, and what of it is asked for."""

import json
from dataclasses import dataclass

from diffusion.catalogue.page.place import Place


@dataclass(frozen=True)
class Asked:
    """What the code of every client has to know.

    Attributes:
        key: of the table from the top of the prefix; of one in several files it ends in a slash.
        columns: that are asked for, to show that no more is sent.
        one: the first folder of a table in several files; empty for a table in one.
        has_time: a column has times of day, which Spark reads if it is told to.
    """

    place: Place
    key: str
    columns: list[str]
    one: str
    is_geo: bool
    has_time: bool = False

    @property
    def is_folder(self) -> bool:
        return bool(self.one)

    def or_one(self, sign: str = "#") -> str:
        """Return the line that says how to open one folder only."""
        return (
            f"{sign} one folder only: {text(self.one)} for {text(self.key)}\n" if self.one else ""
        )


def text(value: str) -> str:
    """Return a text as Python, R and JSON write it."""
    return json.dumps(value, ensure_ascii=False)


def listed(values: list[str]) -> str:
    """Return texts as Python and JSON write a list of them."""
    return json.dumps(values, ensure_ascii=False)
