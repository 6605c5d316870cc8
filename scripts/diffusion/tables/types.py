"""Casts of the text of columns to their types, as SQL.

Timestamps have no time zone: those that state an offset are turned to UTC.
"""

import re

from diffusion.tables.sql import literal

INTEGER = r"[+-]?\d+(\.0*)?"
ISO_DATE = r"\d{4}-\d{2}-\d{2}"
ISO_TIME = r"([T ]+\d{2}:\d{2}(:\d{2}([.,]\d+)?)? ?(Z|UTC|[+-]\d{2}(:?\d{2})?)?)?"
ZONE = r"(Z|UTC|:\d\d([.,]\d+)? ?[+-]\d\d(:?\d\d)?) *$"  # at the end of what states one
EXPONENT = r"([eE][+-]?\d+)?"
FLOAT = r"[+-]?(\d+[.]?\d*|[.]\d+)" + EXPONENT
MICROS = r"\d{1,6}0*"  # behind the seconds: more would be cut, and two moments one
TIME_OF_DAY = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]" + MICROS + ")?)?"
SQL_TYPES = {"date": "DATE", "timestamp": "TIMESTAMP", "time": "TIME"}
DECIMAL = re.compile(r"decimal\((\d+), ?(\d+)\)")
TRUE = ("true", "t", "1", "yes", "y", "oui", "o", "vrai", "v")
FALSE = ("false", "f", "0", "no", "n", "non", "faux")


def is_numeric(kind: str) -> bool:
    """Whether a type of ``columns:`` is one of numbers."""
    return kind in ("int", "float") or DECIMAL.fullmatch(kind) is not None


def cast_sql(value: str, kind: str, decimal: str = ".") -> str:
    """Return SQL that turns the text ``value`` into a type, or NULL where it cannot.

    A struct stays text, as its fields are known only once all rows are.

    Args:
        value: an SQL expression of type VARCHAR.
        kind: one of the types of ``columns:``.
        decimal: the decimal separator of the source.
    """
    text = f"trim({value})"
    if kind.startswith("list["):
        return _list_sql(value, kind[5:-1], decimal)
    if kind in ("int", "float"):
        number = _with_hyphen(number_sql(text, decimal))
        is_int = kind == "int"
        return _int_sql(value, number) if is_int else _float_sql(value, number, decimal)
    if size := DECIMAL.fullmatch(kind):
        return _decimal_sql(_with_hyphen(number_sql(text, decimal)), int(size[1]), int(size[2]))
    casts = {
        "bool": _bool_sql(text),
        "date": _plain_sql(value, "DATE", 10)
        + f" WHEN {matches(text, ISO_DATE + ISO_TIME)} THEN try_cast(left({text}, 10) AS DATE) END",
        "timestamp": _plain_sql(value, "TIMESTAMP", 19)
        + f" WHEN {matches(text, f'{ISO_DATE}.*')} THEN "
        f"try_cast({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END",
        "time": f"CASE WHEN {matches(text, TIME_OF_DAY)} THEN "
        f"try_cast(replace({text}, ',', '.') AS TIME) END",
        "json": f"CASE WHEN json_valid({value}) THEN {value} END",
        "struct": f"CASE WHEN try(json_type({value})) = 'OBJECT' THEN {value} END",
    }
    return casts.get(kind, value)


def states_zone(value: str) -> str:
    """Return SQL: whether the text of a moment ends in its zone."""
    return f"strlen({value}) > 16 AND regexp_matches({value}, {literal(ZONE)})"


def matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def number_sql(text: str, decimal: str) -> str:
    """With a decimal comma ``1.234`` is not a number: it could be 1234 as well."""
    return text if decimal == "." else f"translate({text}, ',.', '.,')"


def _with_hyphen(number: str) -> str:
    """U+2212 is the minus sign of typography, and means nothing else."""
    return f"replace({number}, '\u2212', '-')"


def _plain_sql(value: str, kind: str, length: int | None = None) -> str:
    """Begin a CASE with what is written as DuckDB writes it, as most values are.

    No pattern need be tried on it, which is most of the time of a cast. The length stands within
    the cast: behind an AND, DuckDB would cast once to compare and again for the result.
    """
    text = f"CASE WHEN strlen({value}) = {length} THEN {value} END" if length else value
    cast = f"try_cast({text} AS {kind})"
    return f"CASE WHEN {cast}::VARCHAR = {value} THEN {cast}"


def _int_sql(plain: str, number: str) -> str:
    whole = f"regexp_replace({number}, '\\.0*$', '')"
    rest = f" WHEN {matches(number, INTEGER)} THEN try_cast({whole} AS BIGINT) END"
    return _plain_sql(plain, "BIGINT") + rest


def _float_sql(value: str, number: str, decimal: str) -> str:
    """What begins as a number and is one to DuckDB needs no pattern, which takes twice as long.

    But for ``1_000``: with a sign first it also reads ``+-1``, and in words ``nan`` and ``inf``.
    White space behind a number is passed over, tabs too.
    """
    plain, is_plain = value, f"{value} BETWEEN ',' AND ':' AND NOT contains({value}, '_')"
    if decimal == ",":
        plain = f"replace({value}, ',', '.')"
        is_plain += f" AND NOT contains({value}, '.')"
    cast, other = (f"try_cast({text} AS DOUBLE)" for text in (plain, number))
    rest = f"WHEN {matches(number, FLOAT)} AND isfinite({other}) THEN {other}"
    return f"CASE WHEN isfinite({cast}) AND {is_plain} THEN {cast} {rest} END"


def _decimal_sql(number: str, precision: int, scale: int) -> str:
    """No digit is lost: DuckDB would round those behind the last."""
    digits = rf"[+-]?0*\d{{0,{precision - scale}}}([.]\d{{0,{scale}}}0*)?"
    is_exact = f"{matches(number, digits)} AND {matches(number, '.*[0-9].*')}"
    return f"CASE WHEN {is_exact} THEN try_cast({number} AS DECIMAL({precision}, {scale})) END"


def _bool_sql(text: str) -> str:
    true, false = (", ".join(map(literal, words)) for words in (TRUE, FALSE))
    word = f"lower({text})"
    return f"CASE WHEN {word} IN ({true}) THEN true WHEN {word} IN ({false}) THEN false END"


def _list_sql(value: str, kind: str, decimal: str) -> str:
    """Return SQL of a list; one element that cannot be cast makes the list NULL."""
    texts = f"({value} ->> '$[*]')"
    items = f"list_transform({texts}, lambda x: {cast_sql('x', kind)})"
    if decimal != ".":  # the text of an element may have it, and a number of JSON has a dot
        quoted = cast_sql("json_extract_string(x, '$')", kind, decimal)
        plain = cast_sql("json_extract_string(x, '$')", kind)
        cast = f"CASE WHEN json_type(x) = 'VARCHAR' THEN {quoted} ELSE {plain} END"
        items = f"list_transform(json_extract({value}, '$[*]'), lambda x: {cast})"
    is_whole = f"try(json_type({value})) = 'ARRAY' AND list_count({items}) = list_count({texts})"
    return f"CASE WHEN {is_whole} THEN {items} END"
