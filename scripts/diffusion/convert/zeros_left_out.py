"""Zeros in front that a declared type leaves out: `01053` is 1053 as a number, and told."""

from collections.abc import Mapping, Sequence

import duckdb

from diffusion.convert.column_sql import begins_with_zero
from diffusion.convert.columns import Column
from diffusion.convert.relation import RawTable, ordered_sql
from diffusion.tables.engine import first_row
from diffusion.tables.sql import identifier

SHOWN = 5  # columns


def count_zeros(
    con: duckdb.DuckDBPyConnection, raws: Sequence[RawTable], columns: Sequence[Column]
) -> dict[str, dict]:
    """Return column → {count, example} of those whose texts begin with zeros."""
    known = [column for column in columns if column.may_lose_zeros]
    parts = []
    for column in known:
        begins = f"FILTER (WHERE {begins_with_zero(identifier(column.raw))})"
        parts += [f"count(*) {begins}", f"min({identifier(column.raw)}) {begins}"]
    found = first_row(con, f"SELECT {', '.join(parts)} FROM ({ordered_sql(raws)})") or ()
    pairs = zip(known, found[::2], found[1::2], strict=True)
    return {c.name: {"count": count, "example": text} for c, count, text in pairs if count}


def zeros_of_batches(many: Sequence[Mapping[str, Mapping]]) -> dict[str, dict]:
    """Add up what was counted in several batches."""
    total: dict[str, dict] = {}
    for counted in many:
        for name, found in counted.items():
            known = total.setdefault(name, {"count": 0, "example": found["example"]})
            known["count"] += found["count"]
            known["example"] = min(known["example"], found["example"])
    return total


def zeros_note(counted: Mapping[str, Mapping]) -> tuple[str, ...]:
    """Return the note on columns of numbers that began with zeros; none if there are none."""
    if not counted:
        return ()
    listed = [
        f"`{name}` ({found['count']:,}, such as `{found['example']}`)"
        for name, found in sorted(counted.items())
    ]
    more = ", …" if len(listed) > SHOWN else ""
    said = f"zeros in front of numbers are left out: {', '.join(listed[:SHOWN])}{more}"
    return (f"{said}; where they are codes, declare `string`",)
