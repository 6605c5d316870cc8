"""Formats of dates and timestamps: signs that DuckDB knows, no part without the next larger one.

What a format leaves out is the first: `%Y-%m` is the first of a month, and `%d/%M/%Y` would be of
January, with minutes that a date then loses.
"""

import re
from collections.abc import Iterator

from diffusion.config.model import Config
from diffusion.config.reading import NUMBER_FORMATS, TEMPORAL_TYPES, ColumnSpec
from diffusion.errors import DiffusionError, NoEffectError, OptionError

# https://duckdb.org/docs/stable/sql/functions/dateformat: what strptime takes
KNOWN = frozenset("%" + sign for sign in "abcdfghjmnpuwxyzABGHIMSTUVWXYZ%")
KNOWN_PLAIN = frozenset("%-" + sign for sign in "djmyHIMS")  # without a zero before
SHORT_YEARS = ("%y", "%-y")  # of two digits
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
OPEN = re.compile(r"(%-[djmyHIMS])(%-?[djmyHIMSYGUVWuwfgn])")
WORDS = re.compile(r"(?i)(?P<year>y{2,4}|a{2,4})|(?P<month>m{1,2})|(?P<day>[dj]{1,2})")
USUAL = "such as `%d/%m/%Y`, `%Y%m%d` or `%Y-%m-%dT%H:%M:%S%z`"


def format_problems(config: Config) -> Iterator[DiffusionError]:
    """Yield an error for each ``format`` that no value could have, or that would invent a year."""
    for name, source in config.sources.items():
        for column, spec in source.convert.columns.items():
            if spec.type in TEMPORAL_TYPES:
                yield from _of_column(f"sources.{name}.columns.{column}", spec)


def has_short_years(form: str) -> bool:
    """Whether a format has years of two digits, which may be of any century."""
    return bool(set(SIGNS.findall(form)).intersection(SHORT_YEARS))


def _of_column(where: str, spec: ColumnSpec) -> Iterator[DiffusionError]:
    if spec.first_year and not any(map(has_short_years, spec.forms)):
        found = "has no effect: no format has years of two digits (`%y`)"
        yield NoEffectError(f"{where}.first_year", found, "remove it, or correct the format")
    if spec.format is not None and spec.formats:
        yield OptionError(f"{where}.formats", "set together with `format`", "keep one of them")
    for index, form in enumerate(spec.forms):
        key = "format" if spec.format is not None else f"formats.{index}"
        if form in spec.forms[:index]:
            yield OptionError(f"{where}.{key}", f"`{form}` comes twice", "name it once")
        elif form in NUMBER_FORMATS:
            if spec.type == "time":
                found = f"`{form}` is of a date or a timestamp, not of a time"
                fix = "read a timestamp, and take its time in SQL"
                yield OptionError(f"{where}.{key}", found, fix)
            elif len(spec.forms) > 1:
                found = f"`{form}` is among others: a number could be read in both ways"
                yield OptionError(f"{where}.{key}", found, "state it alone, as `format`")
        elif problem := (_of_time(form) if spec.type == "time" else _problem(form)) or _open(form):
            yield OptionError(f"{where}.{key}", *problem)


def _of_time(form: str) -> tuple[str, str] | None:
    """Return what is wrong with the format of a time of day, and what to write."""
    signs = SIGNS.findall(form)
    times = {*HOURS, *MINUTES, *SECONDS, "%p", "%f", "%n", "%g", "%%"} - set(WHOLE)
    if odd := [sign for sign in signs if sign not in times]:
        return f"`{odd[0]}` is no part of a time of day", "write it with `%H`, `%M` and `%S`"
    hours = [sign for sign in signs if sign in HOURS]
    if not hours or ("%S" in form and not set(signs).intersection(MINUTES)):
        return f"`{form}` leaves out a larger part", "write hours, minutes, seconds: `%H:%M:%S`"
    if "I" in hours[0] and "%p" not in signs:
        return f"`{form}` does not say which half of the day", "add `%p`, or write `%H`"
    return None


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


def _open(form: str) -> tuple[str, str] | None:
    """Return what is wrong with numbers of one or two digits that others follow at once."""
    found = OPEN.search(form)
    if found is None:
        return None
    said = f"`{found[1]}` has one digit or two, and `{found[2]}` follows at once: nobody can tell "
    fix = f"write `{form.replace('%-', '%')}`: what lacks a zero is not read; or read it as text "
    return said + "where it ends", fix + "(`type: string, pad: …`), and make a date of it in SQL"


def _sign(found: re.Match[str]) -> str:
    kind = str(found.lastgroup)
    if kind == "year":
        return "%Y" if len(found[0]) > 2 else "%y"
    return {"month": "%m", "day": "%d"}[kind]
