"""The checks of single values as SQL conditions, and the words for what breaks them."""

import datetime
import re
from collections.abc import Callable

from diffusion.check.subject import CheckError, Column, Condition

FLOATING = ("FLOAT", "DOUBLE")
NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\([\d,]+\)")
TIME = re.compile(r"DATE|TIMESTAMP(_\w+| WITH TIME ZONE)?")


def not_null(column: Column, _: None = None) -> Condition:
    """Missing values fail, and so does NaN, which is missing to pandas."""
    missing = f"{column.sql} IS NULL"
    if column.type in FLOATING:
        missing += f" OR isnan({column.sql})"
    return Condition("not_null", column, ("are", "missing"), missing, nulls=True)


def allowed(column: Column, values: list) -> Condition:
    """Values fail that are not among these, read as the column's type; missing values pass."""
    texts = [_text(value) for value in values if value is not None]
    fails = (
        f"{column.sql} IS NOT NULL AND {column.sql} NOT IN "
        f"(SELECT CAST(unnest(CAST(? AS VARCHAR[])) AS {column.type}))"
    )
    shown = (", ".join(texts[:5]) or "nothing") + (
        f", … ({len(texts):,} in all)" if len(texts) > 5 else ""
    )
    return Condition("allowed", column, ("are", f"not among: {shown}"), fails, (texts,))


def in_range(column: Column, bounds: list) -> Condition:
    """Values outside [lowest, highest] fail, and so do NaN and infinity; None is an open end.

    Raises:
        CheckError: a bound and the column cannot be compared.
    """
    parts, parameters = [], []
    for bound, sign in zip(bounds, "<>", strict=True):
        if bound is None:
            continue
        parameter = _bound(column, bound)
        # a bound without a time means the whole day
        whole_day = type(parameter) is datetime.date
        value = f"CAST({column.sql} AS DATE)" if whole_day else column.sql
        parts.append(f"{value} {sign} ?")
        parameters.append(parameter)
    if column.type in FLOATING:
        # DuckDB sorts NaN above all numbers, so an open end would let it pass, as infinity
        parts.append(f"NOT isfinite({column.sql})")
    low, high = ("…" if bound is None else bound for bound in bounds)
    words = ("are", f"outside [{low}, {high}]")
    return Condition("range", column, words, " OR ".join(parts) or "false", tuple(parameters))


def regex(column: Column, pattern: str) -> Condition:
    """Values fail whose text as a whole does not match the RE2 pattern; missing values pass."""
    fails = f"NOT regexp_full_match(CAST({column.sql} AS VARCHAR), ?)"
    return Condition("regex", column, ("do", f"not match `{pattern}`"), fails, (pattern,))


CONDITIONS: dict[str, Callable[..., Condition]] = {
    "not_null": not_null,
    "allowed": allowed,
    "range": in_range,
    "regex": regex,
}


def _bound(column: Column, bound: object) -> object:
    """A bound as a value that is comparable with the column."""
    if NUMBER.fullmatch(column.type):
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            return bound
    elif TIME.fullmatch(column.type) and isinstance(bound, str):
        for kind in (datetime.date, datetime.datetime):
            try:
                return kind.fromisoformat(bound)
            except ValueError:
                continue
    raise CheckError(f"the column is {column.type}, not comparable with the bound {bound!r}")


def _text(value: object) -> str:
    """As YAML spells it, so that `true` is among the texts too."""
    return str(value).lower() if isinstance(value, bool) else str(value)
