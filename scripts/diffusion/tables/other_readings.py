"""Numbers with a point that may mean something else: months, versions, codes, thousands.

A column of them is text, as a float would be wrong, or two values one: ``2024.1`` is January and
``2024.10`` October, and ``1.234`` beside ``987`` may be a thousand. Ordinary decimals do not look
so: they have one number of digits behind the point, or some have a 0 as the first of several, or
three digits of them jump (``2.1``, ``2.10``, ``2.105``), which numbers that count do not. Nor is
what is named as a measure or a coordinate (``codes.is_measured``) a version.
"""

import re
from collections.abc import Callable, Mapping, Sequence

import duckdb

from diffusion.tables.codes import is_numbered
from diffusion.tables.sql import identifier
from diffusion.tables.types import matches, number_sql

CODES, THOUSANDS = "codes", "thousands"
DOTTED = r"-?(0|[1-9]\d{0,2}([.]\d{3})?)"
# what every value is, and what some are
EVERY = {CODES: r"(0|[1-9]\d*)([.](0|[1-9]\d{0,2}))?", THOUSANDS: DOTTED}
SOME = {CODES: (r"\d+[.]\d", r"\d+[.]\d+0"), THOUSANDS: (r"-?\d+[.]\d{3}", r"-?\d+")}
LOOKED = 1000  # rows, before all are
ALL_THOUSANDS = r"-?[1-9]\d{0,2}[.]\d{3}"
LONG = 99  # the largest number behind a point that no others need stand before
FULL = {kind: re.compile(pattern, re.ASCII).fullmatch for kind, pattern in EVERY.items()}
COMMAS = r"-?(\d{1,15}|\d{1,3}([.]\d{3})+)(,\d+)?"


def may_be(kind: str, values: Sequence[str]) -> bool:
    """Whether no value rules out another reading of a column of numbers with a point."""
    return all(map(FULL[kind], values))


def other_reading(values: Sequence[str], name: str = "") -> str:
    """Return what a column of numbers with a point may be as well, or an empty text."""
    for kind, wanted in SOME.items():
        are_there = all(any(re.fullmatch(p, v, re.ASCII) for v in values) for p in wanted)
        if may_be(kind, values) and are_there and (kind != CODES or _count_on(values, name)):
            return kind
    return ""


def _count_on(values: Sequence[str], name: str) -> bool:
    """Whether the numbers behind the point count.

    The column is named so; or there are no three digits, the last no 0; or half of the numbers
    before the largest one are there.
    """
    numbers = {int(number) for value in values if (number := value.partition(".")[2])}
    jumps = any(number > LONG and number % 10 for number in numbers)
    return not jumps or 2 * len(numbers) >= max(numbers) or is_numbered(name)


def reading_sql(value: str, kind: str, decimal: str, name: str = "") -> str:
    """Return an aggregate: has a column another reading? As ``other_reading``."""
    text = number_sql(value, decimal)
    sql = f"bool_and(coalesce({matches(text, EVERY[kind])}, true))"
    sql += "".join(f" AND bool_or({matches(text, pattern)})" for pattern in SOME[kind])
    if kind == CODES and not is_numbered(name):
        number = f"try_cast(split_part({text}, '.', 2) AS BIGINT)"
        jumps = f"coalesce(bool_or({number} > {LONG} AND {number} % 10 <> 0), false)"
        sql += f" AND (NOT {jumps} OR 2 * count(DISTINCT {number}) >= max({number}))"
    return sql


def in_thousands(
    con: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str]
) -> dict[str, str]:
    """Return columns of decimals each of which has three digits behind a point → one of them.

    `1.234`, `12.345` are thousands where a comma is the decimal sign; nothing in them tells.

    Args:
        names: columns of text that are proven to be floats.
    """
    likely = list(names)
    for rows in (f"({relation}) LIMIT {LOOKED}", f"({relation})"):
        if not likely:
            return {}
        texts = {name: f"trim({identifier(name)})" for name in likely}
        tests = ", ".join(
            f"min({text}), coalesce(bool_and({matches(text, ALL_THOUSANDS)}), false) "
            f"AND count(DISTINCT {text}) > 2"
            for text in texts.values()
        )
        [found] = con.execute(f"SELECT {tests} FROM (SELECT * FROM {rows})").fetchall()
        shown = dict(zip(likely, zip(found[::2], found[1::2], strict=True), strict=True))
        likely = [name for name, (_, holds) in shown.items() if holds]
    return {name: shown[name][0] for name in likely}


def beside_commas(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    values: Mapping[str, str],
    decimal: str,
    is_of: Callable[[str, str], bool],
) -> list[str]:
    """Return the columns whose points may stand between thousands, as others have decimal commas.

    Args:
        values: column → SQL of its text.
        is_of: tells whether a column is proven to be of a type.
    """
    texts = {name: number_sql(value, decimal) for name, value in values.items()}
    floats = [name for name in texts if is_of(name, "float")]
    others = [name for name in texts if is_of(name, "string")]
    if not floats or not others:
        return []
    sql = ", ".join(f"bool_and(coalesce({matches(texts[n], DOTTED)}, true))" for n in floats)
    held = con.execute(f"SELECT {sql} FROM ({relation})").fetchall()[0]
    dotted = [name for name, is_so in zip(floats, held, strict=True) if is_so]
    if not dotted:
        return []
    commas = " OR ".join(
        f"(bool_and(coalesce({matches(texts[n], COMMAS)}, true)) AND "
        f"bool_or({matches(texts[n], '.*,([0-9]{1,2}|[0-9]{4,})')}))"
        for n in others
    )
    [(has_commas,)] = con.execute(f"SELECT {commas} FROM ({relation})").fetchall()
    return dotted if has_commas else []
