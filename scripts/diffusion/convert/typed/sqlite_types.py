"""The types of the columns of an SQLite table: what their values really are.

SQLite keeps a type with each value, whatever a column is declared as; it counts them itself. Source
of the rules: SQLite's *Datatypes*.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from diffusion.tables.sql import identifier

TYPES = ("integer", "real", "text", "blob")
EXACT = 2**53  # up to it, floats hold each whole number
EVERY = '"\x01every"'  # a name that no table has
WHOLE = "FILTER (WHERE typeof({0}) = 'integer')"
COUNTED = 100  # columns whose types one query counts


@dataclass
class Column:
    """A column: how many values are of which type, and the whole numbers between which all are."""

    name: str
    declared: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    least: int = 0
    most: int = 0

    @property
    def usual(self) -> str:
        """The type that most values have: by the column's affinity (*Datatypes*, 3.1)."""
        declared = self.declared.upper()
        if "INT" in declared:
            return "integer"
        if any(word in declared for word in ("CHAR", "CLOB", "TEXT", "DATE", "TIME")):
            return "text"
        return "real" if any(w in declared for w in ("REAL", "FLOA", "DOUB")) else "integer"

    @property
    def kinds(self) -> set[str]:
        return {kind for kind, count in self.counts.items() if count}

    @property
    def held_as(self) -> pa.DataType:
        """The type that holds each value as it is; text where there are several."""
        if self.kinds == {"integer", "real"} and max(-self.least, self.most) <= EXACT:
            return pa.float64()
        types = {"integer": pa.int64(), "real": pa.float64(), "blob": pa.binary()}
        if len(self.kinds) == 1:
            return types.get(next(iter(self.kinds)), pa.string())
        return pa.string() if self.kinds else pa.null()

    @property
    def note(self) -> str | None:
        if len(self.kinds) < 2 or self.held_as == pa.float64():
            return None
        listed = ", ".join(f"{self.counts[kind]:,} {kind}" for kind in TYPES if self.counts[kind])
        declared = f" (declared {self.declared})" if self.declared else ""
        return f"`{self.name}`{declared} holds values of several types, and is text: {listed}"


def columns_of(
    connection: sqlite3.Connection, table: str, names: Sequence[str]
) -> tuple[list[Column], int]:
    """Return the columns with the types of their values, and the number of rows."""
    info = connection.execute(f"PRAGMA table_info({identifier(table)})").fetchall()
    declared = {row[1]: row[2] for row in info}
    columns = [Column(name, declared.get(name, "")) for name in names]
    first = _asked(connection, table, columns, lambda c: ["count({0})", _is_of(c.usual)])
    odd = []
    for column, (known, usual) in first.items():
        columns[column].counts = {columns[column].usual: known}
        odd += [] if known == usual else [column]
    ends = ["min({0}) " + WHOLE, "max({0}) " + WHOLE]
    ask = lambda _: [*map(_is_of, TYPES), *ends]  # noqa: E731  a pass over all rows each
    for column, (*counts, least, most) in _asked(connection, table, columns, ask, odd).items():
        columns[column].counts = dict(zip(TYPES, counts, strict=True))
        columns[column].least, columns[column].most = least or 0, most or 0
    records = connection.execute(f"SELECT count(*) FROM {identifier(table)}").fetchone()[0]
    return columns, records


def _is_of(kind: str) -> str:
    return f"coalesce(sum(typeof({{0}}) = '{kind}'), 0)"


def _asked(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[Column],
    ask: Callable[[Column], list[str]],
    numbers: Sequence[int] | None = None,
) -> dict[int, tuple]:
    """Return what SQL says of some columns, by their numbers; each alike has as many values."""
    found: dict[int, tuple] = {}
    every = ", ".join(f"c{number}" for number, _ in enumerate(columns))
    source = f"WITH {EVERY}({every}) AS (SELECT * FROM {identifier(table)}) SELECT"
    left = list(range(len(columns)) if numbers is None else numbers)
    while left:
        some, left = left[:COUNTED], left[COUNTED:]
        parts = [[part.format(f"c{n}") for part in ask(columns[n])] for n in some]
        listed = ", ".join(part for each in parts for part in each)
        values = iter(connection.execute(f"{source} {listed} FROM {EVERY}").fetchone())
        found |= {n: tuple(next(values) for _ in each) for n, each in zip(some, parts, strict=True)}
    return found
