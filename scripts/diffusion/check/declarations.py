"""A declared type that no value has: what the values look like, and how that is declared."""

import datetime
import re
from collections.abc import Iterable, Sequence

DAYS = ("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%d/%m/%y", "%Y-%m")
HOURS = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S")
COMMA = re.compile(r"[+-]?\d+,\d+")
POINT = re.compile(r"[+-]?\d*[.]\d+")


def better_declaration(column: str, kind: str, values: Sequence[str]) -> str:
    """Return what to declare in place of a type that no value has.

    Args:
        kind: the type as DuckDB names it.
        values: some of them.
    """
    texts = [value.strip() for value in values]
    if kind.startswith(("DATE", "TIMESTAMP")):
        name = "date" if kind == "DATE" else "timestamp"
        forms = [day + hour for day in DAYS for hour in HOURS if _all_read(texts, day + hour)]
        if forms:
            declared = f'{{type: {name}, format: "{forms[0]}"}}'
            others = " or ".join(f'`format: "{form}"`' for form in forms[1:3])
            others = f" (or {others})" if others else ""
            return f"declare how they are written: `columns: {{{column}: {declared}}}`{others}"
    if kind in ("BIGINT", "DOUBLE") and texts and has_commas(texts):
        return f'declare `csv: {{decimal: ","}}`{_as_float(column, kind)}'
    if kind == "BIGINT" and texts and all(map(POINT.fullmatch, texts)):
        return f"declare `columns: {{{column}: float}}`"
    return f"declare it as text, `columns: {{{column}: string}}`, or another type"


def has_commas(values: Iterable[str]) -> bool:
    """Whether values are numbers with a decimal comma."""
    return all(COMMA.fullmatch(value.strip()) for value in values)


def _as_float(column: str, kind: str) -> str:
    return f" and `columns: {{{column}: float}}`" if kind == "BIGINT" else ""


def _all_read(texts: Sequence[str], form: str) -> bool:
    try:
        return bool(texts) and all(datetime.datetime.strptime(text, form) for text in texts)
    except ValueError:
        return False
