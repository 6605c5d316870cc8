"""Checks of what fetch and conversion recorded in the table's own metadata."""

import json
from collections.abc import Iterator
from dataclasses import replace

from diffusion.check.result import Result, result_of
from diffusion.check.subject import Column, Table

MEASURES = ("FLOAT", "DOUBLE", "DECIMAL", "BLOB", "STRUCT", "MAP", "GEOMETRY")  # no keys
ONCE = (
    "leave out the files that say the same (`member`, `partitions`), or set a new `vintage` once "
    "the publisher has corrected it; where the data are so, `checks: {warn: [doubled]}`, and a "
    "derived table has each row once, `sql: SELECT DISTINCT * FROM …`"
)
MOST = 12  # columns, and pairs of them, that are asked whether they tell records apart
REMEDY = (
    "pages overlap, or their order is not fixed, rows are doubled and others missing; ask for a "
    "fixed order (`sort` in `params`), correct `pages.start` and `pages.param`, and set a new "
    "`vintage`; where the data have them twice, `checks: {warn: [overlap]}`"
)


def recorded(table: Table) -> dict:
    """Return what a table's own metadata say of how it was made."""
    found: dict = json.loads(table.metadata.get(b"diffusion", b"{}"))
    return found


def partition_results(table: Table, wanted: bool) -> Iterator[Result]:
    """Whether each axis has a say in what comes, as the conversion recorded it."""
    if wanted and (axis := recorded(table).get("ignored_axis")):
        found = f"each value of `{axis}` came as the same bytes: if the server ignores it, rows "
        found += f"are multiplied; correct how `{axis}` is asked for, or remove it; where they "
        found += "are the same indeed, `checks: {warn: [partitions]}`"
        yield result_of("partitions", axis, table.rows, table.rows, found)


def overlap_results(table: Table, wanted: bool) -> Iterator[Result]:
    """Whether pages of an API overlap, as the fetch recorded it.

    Records that stand on pages far apart may also be the same by chance: that is an error where
    there are too many for that, or where what tells all other rows apart is the same, too.
    """
    known = recorded(table)
    both, apart = known.get("on_both") or 0, known.get("apart") or 0
    if not wanted or not (both or apart):
        return
    if both:
        found = f"{_records(both)} on two pages next to each other, to the last byte: where "
        yield result_of("overlap", "", both, table.rows, found + REMEDY)
        return
    found = f"{_records(apart)} on two pages that are not next to each other, to the last byte"
    key = _telling_apart(table, apart)
    if key:
        names = " and ".join(f"`{column.name}`" for column in key)
        found += f", and no other rows have the same {names}"
    elif known.get("too_many"):
        found += ", and none twice on one page"
    else:
        found += ", which may be chance"
    failed = result_of("overlap", "", apart, table.rows, f"{found}: where {REMEDY}")
    yield failed if key or known.get("too_many") else replace(failed, level="warn")


def doubled_results(table: Table, wanted: bool) -> Iterator[Result]:
    """Whether each row is there twice or more, as was seen when the table was written."""
    if not wanted or not (doubled := recorded(table).get("doubled")):
        return
    of = f"of {doubled['of']}" if doubled["of"] else "of the table"
    more = doubled.get("parts", 1) - 1
    of += f" and of {more:,} more" if more else ""
    found = f"each row {of} is there {doubled['times']:,} times, or a multiple, to the last value"
    yield result_of("doubled", "", table.rows, table.rows, f"{found}: {ONCE}")


def _records(number: int) -> str:
    return "1 record stands" if number == 1 else f"{number:,} records stand"


def _telling_apart(table: Table, doubled: int) -> list[Column]:
    """Return a column, or two, with as many different values as there are different rows."""
    columns = [c for c in table.columns.values() if not c.type.startswith(MEASURES)]
    different = table.rows - doubled
    if not columns or different < 2:
        return []
    sizes = _sizes(table, [[column] for column in columns], "approx_count_distinct")
    # that a further column is the same, too, is no chance
    varied = len(table.columns) - sum(size < 2 for size in sizes)
    sized = sorted(zip(columns, sizes, strict=True), key=lambda pair: -pair[1])[:MOST]
    ones = [[column] for column, size in sized if size > 0.8 * different]
    twos = [
        [one, two]
        for number, (one, size) in enumerate(sized)
        for two, other in sized[number + 1 :]
        if min(size, other) > 1 and size * other > 0.8 * different
    ]
    asked = [key for key in (*ones, *twos[:MOST]) if len(key) < varied]
    exact = _sizes(table, asked, "count")
    return next((key for key, size in zip(asked, exact, strict=True) if size == different), [])


def _sizes(table: Table, keys: list[list[Column]], how: str) -> list[int]:
    """Return how many different values columns have; of several, together."""
    sizes = []
    for key in keys:
        names = ", ".join(column.sql for column in key)
        asked = f"{how}({names})" if how != "count" else "count(*)"
        below = table.view if how != "count" else f"(SELECT 1 FROM {table.view} GROUP BY {names})"
        sizes.append(table.ask(f"SELECT {asked} AS size FROM {below}")[0]["size"])
    return sizes
