"""Casts of dates, moments and times by a strptime format, as SQL: stricter than DuckDB's."""

import re

from diffusion.tables.sql import literal
from diffusion.tables.types import SQL_TYPES, matches

SIGNS = re.compile(r"(%-?.)")
DIGITS = {  # of the parts that are numbers, as long as the format says
    **dict.fromkeys(("%d", "%m", "%y", "%H", "%I", "%M", "%S", "%U", "%W", "%V"), "2"),
    **dict.fromkeys(("%Y", "%G"), "4"),
    **{"%j": "3", "%u": "1", "%w": "1", "%f": "6", "%g": "3", "%n": "9"},
}
SHORT = {  # in what stands alone, DuckDB takes fewer
    **dict.fromkeys(("%Y", "%G"), "4"),
    **{"%y": "2", "%j": "1,3", "%U": "1,2", "%W": "1,2", "%V": "1,2"},
}
COUNTED = ("%j", "%U", "%W", "%V")  # days and weeks, of which a year may have one less
YEARS = ("%Y", "%y", "%G")


def form_sql(text: str, kind: str, form: str) -> str:
    """Return SQL that reads a date, moment or time by a strptime format, or NULL where it cannot.

    DuckDB takes two digits for ``%Y``, and gives the year 24; for ``%z``, it takes no ``Z``; of
    week 53 of a year that has 52 it makes a day of the next one. Where numbers have nothing between
    them, it takes fewer digits, too: of ``130`` it would make 13:00, not 01:30.
    """
    if form.endswith("%z"):
        text = f"regexp_replace({text}, '(Z|UTC)$', '+00:00')"
    parts = [part for part in SIGNS.split(form) if part]
    moment = f"try_strptime({text}, {literal(form)})"
    tests = [matches(text, _pattern(parts))] if _is_strict(parts) else []
    if not set(parts).isdisjoint(COUNTED):
        tests += [
            _same_sql(text, moment, parts, part) for part in parts if part in (*COUNTED, *YEARS)
        ]
    cast = f"{moment}::{SQL_TYPES[kind]}"
    return f"CASE WHEN {' AND '.join(tests)} THEN {cast} END" if tests else cast


def _same_sql(text: str, moment: str, parts: list[str], part: str) -> str:
    """Return SQL: does a moment have a part as its text states it?"""
    pattern = literal(f"^{_pattern(parts, part)}$")
    stated = f"try_cast(regexp_extract({text}, {pattern}, 1) AS INTEGER)"
    return f"{stated} = strftime({moment}, {literal(part)})::INTEGER"


def _is_strict(parts: list[str]) -> bool:
    return "%Y" in parts or any(_is_joined(parts, at) for at in range(len(parts)))


def _is_joined(parts: list[str], at: int) -> bool:
    """Whether a part is a number beside another one."""
    beside = parts[max(0, at - 1) : at] + parts[at + 1 : at + 2]
    return parts[at] in DIGITS and any(part.replace("-", "") in DIGITS for part in beside)


def _pattern(parts: list[str], captured: str = "") -> str:
    """Return a pattern of the text, with a group for one part."""
    found = ""
    for at, part in enumerate(parts):
        digits = DIGITS[part] if _is_joined(parts, at) else SHORT.get(part)
        if part == "%f" and digits and _ends_numbers(parts, at):
            digits = "1,6"
        plain = "%" if part == "%%" else ".+?" if part.startswith("%") else re.escape(part)
        plain = rf"\d{{{digits}}}" if digits else plain
        found += f"({plain})" if part == captured else plain
    return found


def _ends_numbers(parts: list[str], at: int) -> bool:
    return not any(part.replace("-", "") in DIGITS for part in parts[at + 1 : at + 2])
