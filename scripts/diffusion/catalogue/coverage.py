"""The time that a table is about: as it is declared, or from the days of a column.

A column is never chosen here: days of birth, of an update or of an end are not what data are about.
Where one is named, its lowest and highest day are the period, unless one of them can hardly be
meant: what stands for "no day", such as the first day that a spreadsheet counts, is a day, too.
Then none is stated, and the end of the run says why. The 1st and the 99th percentile in their place
would be wrong in silence where a few old rows are real.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

from diffusion.config.about import About, FromColumn
from diffusion.config.model import Config
from diffusion.config.rules_about import span_of

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SIGNS = ("1899-12-30", "1899-12-31")  # day 0 of spreadsheets
FIRST, LAST = 1583, 2200  # the calendar's first whole year, and one to which no data reach
FAR = 3  # times as long as what almost all values take up
YEAR = 366  # days, at least, which these are taken to take up


def coverage(about: About, entry: Mapping) -> dict[str, Any]:
    """Return ``temporal``, the first and the last day, and the column that they are from.

    Nothing where none is declared, the column has no value, or see ``doubt``.
    """
    given = about.temporal
    if isinstance(given, FromColumn):
        ends = _ends(entry.get("values", {}).get(given.column, {}))
        if not ends or doubt(given.column, entry):
            return {}
        return {"temporal": ends, "temporal_column": given.column}
    if span := span_of(given) if given else None:
        return {"temporal": [span[0].first.isoformat(), span[1].last.isoformat()]}
    return {}


def doubt(column: str, entry: Mapping) -> str:
    """Return why the days of a column are no period, in words; empty where they are one."""
    values = entry.get("values", {}).get(column, {})
    if not (ends := _ends(values)):
        return ""
    told = f"`{column}` goes from {ends[0]} to {ends[1]}"
    bars = [str(values.get("spread", {}).get(end, ""))[:10] for end in ("from", "to")]
    if all(map(DAY.fullmatch, bars)) and _days(*ends) > FAR * max(_days(*bars), YEAR):
        return f"{told}, and 98 % of it from {bars[0]} to {bars[1]} or so"
    is_odd = any(end in SIGNS or not FIRST <= int(end[:4]) <= LAST for end in ends)
    return told if is_odd else ""


def coverage_notes(config: Config, receipts: Mapping[str, Mapping]) -> Iterator[str]:
    """Yield for the end of a run which tables are told to be about no time, and why.

    Args:
        receipts: of all that is published, by the names of the configuration.
    """
    for name, part in {**config.sources, **config.derive}.items():
        given = part.about.temporal
        if isinstance(given, FromColumn) and (why := doubt(given.column, receipts.get(name, {}))):
            yield (
                f"! {name}: the catalogue states no period: {why}; say which values are no day "
                "(`nulls` of the column), or write the period: `temporal: 2013/2021`"
            )


def _ends(values: Mapping) -> list[str]:
    """Return the lowest and the highest day; none where one is told by the name of a variable."""
    found = [str(values.get(end, ""))[:10] for end in ("min", "max")]
    return found if all(map(DAY.fullmatch, found)) else []


def _days(first: str, last: str) -> int:
    return (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days
