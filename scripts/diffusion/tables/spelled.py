"""Casts of text that is written in a way of its own, as its column says: units, thousands, dates.

What is not written in that way is not read, never guessed: the cast is NULL, which is counted.
"""

import html
import re
from collections.abc import Iterable, Sequence

import duckdb
import msgspec

from diffusion.config.reading import ColumnSpec
from diffusion.config.time_formats import has_short_years
from diffusion.tables.forms import form_sql
from diffusion.tables.sql import literal
from diffusion.tables.types import (
    SQL_TYPES,
    cast_sql,
    is_numeric,
    matches,
    number_sql,
)

APOSTROPHES = "['\u2019]"  # of typewriters, and of typesetters
BLANKS = r"[ \x{A0}\x{2009}\x{202F}]"  # ordinary, no-break, thin, narrow no-break
# days from which Excel's serial numbers count, beyond the 29th of February 1900 that it has
EXCEL_ZERO, EXCEL_FIRST, EXCEL_LAST = "1899-12-30", 61, 2958465
EPOCHS = {"epoch": 6, "epoch_ms": 3}  # decimals that a microsecond is
HTML_TEXT = "text_of_html"  # a function that ``with_entities`` makes known
ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
YEARS = "'0001-01-01'::TIMESTAMP AND '9999-12-31 23:59:59.999999'::TIMESTAMP"


def with_entities(con: duckdb.DuckDBPyConnection, specs: Iterable[ColumnSpec]) -> None:
    """Let a connection read text with signs as HTML writes them, if a column has such."""
    if any(spec.entities for spec in specs):
        con.create_function(HTML_TEXT, _text_of_html, ["VARCHAR"], "VARCHAR")


def _text_of_html(text: str) -> str:
    """Decode once, and only what ends in a semicolon: `R&D` and `&amp` are no signs of HTML."""
    return ENTITY.sub(lambda sign: html.unescape(sign[0]), text)


def spelled_sql(value: str, spec: ColumnSpec, decimal: str = ".") -> str:
    """Return SQL that turns the text ``value`` into the type of a column, or NULL where it cannot.

    Args:
        decimal: the decimal separator of the source.
    """
    kind, decimal = spec.type, spec.decimal or decimal
    if spec.entities:
        value = f"{HTML_TEXT}({value})"
    if spec.split:
        return _split_sql(value, spec, decimal)
    if spec.implied_decimals:
        digits = _pointed(_number_sql(value, spec, "."), spec.implied_decimals)
        return cast_sql(digits, kind)
    if is_numeric(kind):
        return cast_sql(_number_sql(value, spec, decimal), kind, decimal)
    if kind in SQL_TYPES and spec.forms:
        return _forms_sql(f"trim({value})", spec, decimal)
    if spec.true_values or spec.false_values:
        return _bool_sql(value, spec)
    if spec.lengths:
        return _padded_sql(f"trim({value})", spec.lengths)
    return cast_sql(value, kind, decimal)


def _number_sql(value: str, spec: ColumnSpec, decimal: str) -> str:
    """Return SQL of a number's text without its unit and what stands between its thousands."""
    if spec.unit:
        value = _without_unit(f"trim({value})", spec.unit)
    if not spec.thousands:
        return value
    value = f"replace({value}, '\u2212', '-')"
    between = BLANKS if spec.thousands.isspace() else re.escape(spec.thousands)
    between = APOSTROPHES if spec.thousands in ("'", "\u2019") else between
    grouped = rf"[+-]?(\d{{1,3}}({between}\d{{3}})+|\d*)({re.escape(decimal)}\d*)?"
    plain = f"regexp_replace(trim({value}), {literal(between)}, '', 'g')"
    return f"CASE WHEN {matches(f'trim({value})', grouped)} THEN {plain} END"


def _pointed(number: str, places: int) -> str:
    """Put a point before the last digits; a number that has one already is none of its kind."""
    text = f"trim({number})"
    digits = f"('{'0' * (places + 1)}' || ltrim({text}, '+-'))"
    sign = f"CASE WHEN starts_with({text}, '-') THEN '-' ELSE '' END"
    pointed = f"{sign} || left({digits}, -{places}) || '.' || right({digits}, {places})"
    return f"CASE WHEN {matches(text, '[+-]?[0-9]+')} THEN {pointed} END"


def _without_unit(text: str, unit: str) -> str:
    """The unit stands before or after the number; without it, it is another quantity."""
    sign = literal(unit)
    cut = f"CASE WHEN ends_with({text}, {sign}) THEN left({text}, -length({sign})) "
    cut += f"WHEN starts_with({text}, {sign}) THEN substr({text}, length({sign}) + 1) END"
    return f"regexp_replace({cut}, '^{BLANKS}+|{BLANKS}+$', '', 'g')"


def _forms_sql(text: str, spec: ColumnSpec, decimal: str) -> str:
    """Of several formats, one reads the value, or all that do read the same."""
    each = [_form_sql(text, spec, form, decimal) for form in spec.forms]
    if len(each) == 1:
        return each[0]
    read = f"list_distinct([{', '.join(each)}])"  # without NULL
    return f"CASE WHEN len({read}) = 1 THEN {read}[1] END"


def _form_sql(text: str, spec: ColumnSpec, form: str, decimal: str) -> str:
    kind = spec.type
    if form == "excel":
        return _excel_sql(text, kind, decimal)
    if form in EPOCHS:
        return _epoch_sql(text, kind, EPOCHS[form], decimal)
    read = form_sql(text, kind, form)
    if spec.first_year and has_short_years(form):
        return _within_hundred(read, kind, spec.first_year)
    return read


def _within_hundred(moment: str, kind: str, first: int) -> str:
    """Move a moment by hundreds of years, so that it lies in the hundred that begin with ``first``.

    The 29th of February of a year that has none cannot be read.
    """
    years = f"({first} + (year({moment}) - {first} % 100 + 100) % 100 - year({moment}))"
    moved = f"({moment} + to_years({years}::INTEGER))"
    return f"CASE WHEN day({moved}) = day({moment}) THEN {moved}::{SQL_TYPES[kind]} END"


def _epoch_sql(text: str, kind: str, decimals: int, decimal: str) -> str:
    """Seconds, or milliseconds, since 1970 in UTC; a date is one at midnight."""
    number = number_sql(text, decimal)
    pattern = rf"[+-]?\d{{1,15}}([.]\d{{0,{decimals}}}0*)?"
    micros = f"(try_cast({number} AS DECIMAL(30, {decimals})) * 1{'0' * decimals})::BIGINT"
    moment = f"CASE WHEN {matches(number, pattern)} THEN make_timestamp({micros}) END"
    return _of_moment(f"CASE WHEN ({moment}) BETWEEN {YEARS} THEN {moment} END", kind)


def _excel_sql(text: str, kind: str, decimal: str) -> str:
    """Days since 1900, the time as their fraction; cells that are dates are ISO text.

    Excel keeps milliseconds. Numbers below 61 are another day in other programs, as Excel has a
    29th of February 1900.
    """
    number = number_sql(text, decimal)
    days = f"try_cast({number} AS DOUBLE)"
    millis = f"round({days} * 86400000)::BIGINT"
    moment = f"TIMESTAMP '{EXCEL_ZERO}' + to_milliseconds({millis})"
    is_serial = matches(number, r"\d{1,7}([.]\d*)?")
    within = f"{days} >= {EXCEL_FIRST} AND {days} < {EXCEL_LAST + 1}"
    serial = _of_moment(f"CASE WHEN {within} THEN {moment} END", kind)
    return f"CASE WHEN {is_serial} THEN {serial} ELSE {cast_sql(text, kind)} END"


def _of_moment(moment: str, kind: str) -> str:
    """A moment within a day is no date: its time would be lost."""
    if kind == "timestamp":
        return moment
    return f"CASE WHEN ({moment}) = date_trunc('day', {moment}) THEN ({moment})::DATE END"


def _bool_sql(value: str, spec: ColumnSpec) -> str:
    """The values that are stated, and no others, in upper or lower case."""
    word = f"lower(trim({value}))"
    true, false = (
        f"{word} IN ({', '.join(literal(w.strip().lower()) for w in words)})" if words else "false"
        for words in (spec.true_values, spec.false_values)
    )
    return f"CASE WHEN {true} THEN true WHEN {false} THEN false END"


def _padded_sql(text: str, lengths: Sequence[int]) -> str:
    """A code of letters and digits, as long as the next of some lengths; `1001.0` is 1001."""
    text = f"regexp_replace({text}, '^([0-9]+)[.,]0$', '\\1')"
    cases = (
        f"WHEN {matches(text, rf'[0-9A-Za-z]{{1,{length}}}')} THEN lpad({text}, {length}, '0')"
        for length in lengths
    )
    return f"CASE {' '.join(cases)} END"


def _split_sql(value: str, spec: ColumnSpec, decimal: str) -> str:
    """Return SQL of a list; an element without a sign is missing, one that cannot be cast fails."""
    inner = msgspec.structs.replace(spec, type=spec.type[5:-1], split="", entities=False)
    texts = f"list_transform(string_split({value}, {literal(spec.split)}), "
    texts += "lambda x: nullif(trim(x), ''))"
    items = f"list_transform({texts}, lambda x: {spelled_sql('x', inner, decimal)})"
    is_json = f"starts_with(ltrim({value}), '[')"  # which is no text to split
    is_whole = f"NOT {is_json} AND list_count({items}) = list_count({texts})"
    return f"CASE WHEN {is_whole} THEN {items} END"
