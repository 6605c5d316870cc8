"""Years of two digits: whether a day of 1945 was read as one of 2045."""

import datetime
import re
from collections.abc import Sequence

import duckdb

from diffusion.config.time_formats import has_short_years
from diffusion.convert.columns import Column
from diffusion.errors import ValuesError
from diffusion.tables.engine import first_row
from diffusion.tables.sql import identifier

YEAR = re.compile(r"\d{4}")
DAYS = ("date", "timestamp")
POSIX_FIRST = 1969  # of the hundred years that `%y` means where nothing is stated


def refuse_late_years(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[Column],
    vintage: str,
    where: str,
) -> None:
    """Refuse years of two digits after the vintage, unless the hundred years are stated.

    Args:
        relation: SQL with the typed columns, under their names.
        vintage: of the source; where it states no year, this year is meant.

    Raises:
        DiffusionError: with a value, and what states the one or the other century.
    """
    doubtful = [c for c in columns if any(map(has_short_years, c.spec.forms))]
    doubtful = [c for c in doubtful if c.kind in DAYS and not c.spec.first_year]
    if not doubtful:
        return
    year = YEAR.match(vintage)
    limit = int(year[0]) if year else datetime.datetime.now(datetime.UTC).year
    listed = ", ".join(f"max({identifier(column.name)})" for column in doubtful)
    latest = first_row(con, f"SELECT {listed} FROM ({relation})") or ()
    for column, day in zip(doubtful, latest, strict=True):
        if day is not None and day.year > limit:
            form = next(filter(has_short_years, column.spec.forms))
            found = f"`{form}` has years of two digits, and its latest day, {day:%Y-%m-%d}, is "
            found += f"after the vintage ({vintage or limit})"
            fix = f"state which hundred years are meant: `first_year: {limit - 99}` reads that day "
            fix += f"as one of {day.year - 100}, `first_year: {POSIX_FIRST}` as one of {day.year}"
            raise ValuesError(f"{where}.columns.{column.name}", found, fix)
