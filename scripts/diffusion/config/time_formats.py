"""Formats of dates and timestamps: signs that DuckDB knows, no part without the next larger one.

What a format leaves out is the first: `%Y-%m` is the first of a month, and `%d/%M/%Y` would be of
January, with minutes that a date then loses.
"""

import re
from collections.abc import Iterator

from diffusion.config.model import Config
from diffusion.config.unused_options import TEMPORAL_TYPES
from diffusion.errors import DiffusionError

# https://duckdb.org/docs/stable/sql/functions/dateformat: what strptime takes
KNOWN = frozenset("%" + sign for sign in "abcdfghjmnpuwxyzABGHIMSTUVWXYZ%")
KNOWN_PLAIN = frozenset("%-" + sign for sign in "djmyHIMS")  # without a zero before
YEARS = ("%Y", "%y", "%-y", "%G", "%c", "%x")
MONTHS = ("%m", "%-m", "%b", "%B", "%h", "%c", "%x")
DAYS = ("%d", "%-d", "%j", "%a", "%A", "%u", "%w", "%c", "%x")
HOURS = ("%H", "%-H", "%I", "%-I", "%c", "%X")
MINUTES, SECONDS = ("%M", "%-M", "%c", "%X"), ("%S", "%-S", "%c", "%X")
WHOLE = ("%c", "%x", "%X")  # a date or a time in itself
# signs of a part, what they stand for, those of the next larger part, and a sign for it
PARTS = (
    (MINUTES, "minutes", HOURS, "hours", "%H"),
    (SECONDS, "seconds", MINUTES, "minutes", "%M"),
    (("%d", "%-d"), "a day", MONTHS, "month", "%m"),
    (HOURS, "hours", DAYS, "day", "%d"),
)
SIGNS = re.compile(r"%-?.|%$")
WORDS = re.compile(r"(?i)(?P<year>y{2,4}|a{2,4})|(?P<month>m{1,2})|(?P<day>[dj]{1,2})")
USUAL = "such as `%d/%m/%Y`, `%Y%m%d` or `%Y-%m-%dT%H:%M:%S%z`"


def format_problems(config: Config) -> Iterator[DiffusionError]:
    """Yield an error for each ``format`` that no value could have, or that would invent a year."""
    for name, source in config.sources.items():
        for column, spec in source.convert.columns.items():
            form = spec.format if spec.type in TEMPORAL_TYPES else None
            if form is not None and (found := _problem(form)):
                where = f"sources.{name}.columns.{column}.format"
                yield DiffusionError(where, *found)


def _problem(form: str) -> tuple[str, str] | None:
    """Return what is wrong with a format, and what to write."""
    signs = SIGNS.findall(form)
    if not signs:
        meant = WORDS.sub(_sign, form)
        fix = f"write it with signs, {USUAL}"
        fix = f"write `{meant}`, if that is meant" if "%" in meant else fix
        return f"`{form}` has no sign that stands for a part of a date", fix
    if unknown := [sign for sign in signs if sign not in KNOWN | KNOWN_PLAIN]:
        return f"`{unknown[0]}` is no sign of a format", f"write it with signs, {USUAL}"
    if not set(signs).intersection(YEARS):
        fix = "read it as text (`type: string`), and make a date of it in SQL, with the year "
        return f"`{form}` states no year: all would be of 1900", fix + "that is meant"
    for these, called, larger, missing, sign in PARTS:
        small = next((s for s in signs if s in these and s not in WHOLE), None)
        if small and not set(signs).intersection(larger):
            fix = f"add the {missing}, `{sign}`; or read it as text (`type: string`)"
            if called == "minutes" and not set(signs).intersection(MONTHS):
                meant = form.replace("%M", "%m").replace("%-M", "%-m")
                fix = f"write `{meant}`, if the month is meant"
            return f"`{form}` states {called} (`{small}`) and no {missing}", fix
    return None


def _sign(found: re.Match[str]) -> str:
    kind = str(found.lastgroup)
    if kind == "year":
        return "%Y" if len(found[0]) > 2 else "%y"
    return {"month": "%m", "day": "%d"}[kind]
