"""Types of columns that are not declared: proven by every value, or text.

The rule: a column stays a string unless *every* value proves one of
bool, int, float, date, timestamp, in that order; missing values prove nothing either way. A number
with a leading zero is a code (``01450``), and so are an integer of more than 15 digits, what has
an exponent (``1E5``; JSON's own numbers may have one), SIREN and SIRET known by their check digit,
and all columns that are named as codes are (``codes``). So do decimals that may be something else
(``other_readings``): ``2024.10``, ``1.234``. Timestamps have no time zone: those that
state an offset are turned to UTC. Where some do and others do not, they stay text.
"""

import re
from collections.abc import Collection, Mapping

import duckdb

from diffusion.tables.codes import (
    LENGTHS,
    are_identifiers,
    identifiers_sql,
    is_code,
    is_measured,
    is_version,
)
from diffusion.tables.other_readings import CODES, SOME, beside_commas, may_be, reading_sql
from diffusion.tables.types import EXPONENT, ISO_DATE, MICROS, cast_sql, matches, number_sql

CELLS = 500_000  # of the first rows, looked at before all rows are scanned
FEW = 100  # values that are looked at before all of a column are
LONGEST = 400  # characters that are looked at then
TESTS = 400  # in one scan: each takes DuckDB a millisecond, and 250 kB beyond its memory limit
READINGS = 40  # in one scan, of those that count different values: each takes it megabytes
ZONED = "timestamp with a zone"  # never a mixture: what states no zone may be local time
MOMENT = ISO_DATE + r"[T ]\d{2}:\d{2}(:\d{2}([.]" + MICROS + ")?)?"
PROVEN = {
    "bool": r"(?i)true|false",
    "int": r"-?(0|[1-9]\d{0,14})",
    "float": r"-?(0|[1-9]\d{0,14})([.]\d+)?",
    "date": ISO_DATE,
    "timestamp": MOMENT,
    ZONED: MOMENT + r"(Z|[+-]\d{2}:?\d{2})",
}


def prove_types(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    values: Mapping[str, str],
    decimal: str,
    numbers: Collection[str] = (),
) -> dict[str, str]:
    """Return the proven type of each column, ``string`` where none is.

    The first rows rule most types out; all rows are scanned for those that are left.

    Args:
        relation: SQL of a relation.
        values: column name → SQL of its text, with null tokens already turned to NULL.
        decimal: the decimal separator of texts.
        numbers: columns of numbers of the file itself, as JSON's are: no codes, decimals by points.
    """
    proven = dict.fromkeys(values, "string")
    values = {name: v for name, v in values.items() if name in numbers or not is_code(name)}
    tests = _possible(con, relation, values, decimal, numbers) if values else []
    kinds = {
        (name, kind): _every_sql(values[name], kind, decimal, name in numbers)
        for name, kind in tests
        if kind not in SOME
    }
    for name, kind in reversed(_held(con, relation, kinds, TESTS)):
        proven[name] = "timestamp" if kind == ZONED else kind
    floats = [name for name in values if proven[name] == "float"]
    some = [(name, kind) for name, kind in tests if kind in SOME and name in floats]
    readings = {(n, kind): reading_sql(values[n], kind, decimal, n) for n, kind in some}
    doubtful = [name for name, _ in _held(con, relation, readings, READINGS)]
    doubtful += [name for name in floats if name not in numbers and is_version(name)]
    proven |= dict.fromkeys(doubtful, "string")
    plain = {name: values[name] for name in values if name not in {*numbers, *doubtful}}
    in_thousands = beside_commas(con, relation, plain, decimal, lambda n, kind: proven[n] == kind)
    proven |= dict.fromkeys(in_thousands, "string")
    whole = {n: values[n] for n, kind in proven.items() if kind == "int" and n not in numbers}
    return proven | dict.fromkeys(_identifiers(con, relation, whole), "string")


def _held(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    tests: Mapping[tuple[str, str], str],
    most: int,
) -> list[tuple[str, str]]:
    """Return of which tests all rows hold, so many in one scan: by column and kind, their SQL."""
    pairs = list(tests)
    held: list[bool | None] = []
    for start in range(0, len(pairs), most):
        sql = ", ".join(tests[pair] for pair in pairs[start : start + most])
        held += con.execute(f"SELECT {sql} FROM ({relation})").fetchall()[0]
    return [pair for pair, holds in zip(pairs, held, strict=True) if holds]


def _identifiers(
    con: duckdb.DuckDBPyConnection, relation: str, values: Mapping[str, str]
) -> list[str]:
    """Return the columns all of whose values are identifiers: those whose first ones are, proven.

    The first ones of all columns are asked for at once, as each query takes a wide file long.
    """
    if not values:
        return []
    firsts = ", ".join(f"any_value({v})" for v in values.values())  # one that is there
    [ones] = con.execute(f"SELECT {firsts} FROM ({relation})").fetchall()
    likely = [name for name, one in zip(values, ones, strict=True) if one and len(one) in LENGTHS]
    return [name for name in likely if _are_identifiers(con, relation, values[name])]


def _are_identifiers(con: duckdb.DuckDBPyConnection, relation: str, value: str) -> bool:
    few = con.execute(f"SELECT {value} FROM ({relation}) WHERE {value} IS NOT NULL LIMIT {FEW}")
    if not are_identifiers(text for (text,) in few.fetchall()):
        return False
    every = con.execute(f"SELECT {identifiers_sql(value)} FROM ({relation})").fetchall()
    return bool(every[0][0])


def _possible(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    values: Mapping[str, str],
    decimal: str,
    numbers: Collection[str],
) -> list[tuple[str, str]]:
    """Return the (column, type) pairs that no value of the first rows rules out."""
    texts = ", ".join(f"left({value}, {LONGEST})" for value in values.values())
    few = f"SELECT {texts} FROM ({relation}) LIMIT {max(1, CELLS // len(values))}"
    columns = zip(*con.execute(few).fetchall(), strict=True)
    seen = dict(zip(values, columns, strict=False))  # without rows there are no columns
    swap = str.maketrans(",.", ".,") if decimal == "," else {}
    exact = {
        (kind, is_number): re.compile(_pattern(kind, is_number), re.ASCII).fullmatch
        for kind in PROVEN
        for is_number in (False, True)
    }
    found = [
        (name, kind)
        for name in values
        for kind in PROVEN
        if all(
            value is None
            or exact[kind, name in numbers](
                value.translate(swap) if kind == "float" and name not in numbers else value
            )
            for value in seen.get(name, ())
        )
    ]
    floats = [name for name, kind in found if kind == "float" and name not in numbers]
    return found + [
        (name, kind)
        for name in floats
        for kind in SOME
        if not (kind == CODES and is_measured(name))
        if may_be(kind, [value.translate(swap) for value in seen.get(name, ()) if value])
    ]


def _pattern(kind: str, is_number: bool) -> str:
    return PROVEN[kind] + (EXPONENT if kind == "float" and is_number else "")


def _every_sql(value: str, kind: str, decimal: str, is_number: bool) -> str:
    """Return an aggregate: is every value of a column of a type? NULL where there is no value."""
    sign = "." if is_number else decimal
    text = number_sql(value, sign) if kind == "float" else value
    cast = cast_sql(value, "timestamp" if kind == ZONED else kind, sign)
    proven = f"{matches(text, _pattern(kind, is_number))} AND ({cast}) IS NOT NULL"
    return f"bool_and({proven}) FILTER (WHERE {value} IS NOT NULL)"
