"""One column, one type: files of one source whose own types differ are never quietly put together.

Whole numbers of any size agree, and so do floats; both together are floats where these hold each
whole number exactly, which is noted. Where others differ, a declared column is made of the text of
each value; a column that is not declared is refused with both types.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.convert.relation import RawTable
from diffusion.convert.typed.own_types import BYTES, FLOATS, own_types, text_sql
from diffusion.errors import DiffusionError, ValuesError
from diffusion.tables.engine import first_row
from diffusion.tables.sql import file_literal, identifier

WHOLE = frozenset("TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER".split())
NUMBERS = WHOLE | FLOATS
EXACT = 2**53  # beyond it, not every whole number is a float
ZONED = "TIMESTAMP WITH TIME ZONE"
NOTHING = '"NULL"'  # the type of a column without a value
NAMES = {"VARCHAR": "text", "DOUBLE": "float", "FLOAT": "float", "BIGINT": "int", "INTEGER": "int"}


def agreed(
    con: duckdb.DuckDBPyConnection,
    raws: Sequence[RawTable],
    declared: Collection[str],
    where: str,
) -> tuple[list[RawTable], list[str]]:
    """Return raw tables in which each column has one type, or is text; and notes on columns.

    Args:
        declared: raw columns whose type is declared.

    Raises:
        DiffusionError: a column that is not declared has several types.
    """
    kinds: dict[str, dict[str, str]] = {}  # column → type → the first file that has it
    for raw in raws:
        for column, kind in raw.types.own.items():
            kinds.setdefault(column, {}).setdefault(kind, raw.label)
    several = {column: found for column, found in kinds.items() if differ(found)}
    floats = set()
    for column in sorted(several.keys() - set(declared)):
        holding = [raw for raw in raws if column in raw.types.own]
        tables = [(raw.label, raw.sql, raw.types.own[column]) for raw in holding]
        verify_floats(con, tables, column, several[column], where)
        floats.add(column)
    texts = {column: found for column, found in several.items() if column not in floats}
    notes = [note_on_floats(column) for column in sorted(floats)]
    return [_converted(raw, texts, floats) if several else raw for raw in raws], notes


def verify_floats(
    con: duckdb.DuckDBPyConnection,
    tables: Iterable[tuple[str, str, str]],
    column: str,
    kinds: Mapping[str, str],
    where: str,
) -> None:
    """Refuse a column of several types, unless all its numbers are exact as floats.

    Args:
        tables: the label of each, its SQL, and its type of the column.
        kinds: type → a file that has it.

    Raises:
        DiffusionError: names the types, or the whole number that no float holds.
    """
    if not NUMBERS.issuperset(kinds):
        raise disagreement(where, column, kinds)
    for label, sql, kind in tables:
        name = identifier(column)
        query = f"SELECT {name} FROM ({sql}) WHERE {name} NOT BETWEEN -{EXACT} AND {EXACT} LIMIT 1"
        if kind in WHOLE and (found := first_row(con, query)):
            raise disagreement(where, column, kinds, f"{found[0]} in {label}")


def note_on_floats(column: str) -> str:
    """Return what is noted of a column that is made of whole numbers and of floats."""
    return f"`{column}` is whole in some files, and float in others: all are floats"


def verify_days(
    con: duckdb.DuckDBPyConnection,
    raws: Sequence[RawTable],
    columns: Iterable[Column],
    where: str,
) -> None:
    """Refuse to take the day of a moment with a time zone: it is another day elsewhere.

    DuckDB gives the day in UTC: midnight of the 6th in Paris is the 5th.

    Raises:
        DiffusionError: names the column and a file.
    """
    for column in columns:
        if column.kind != "date" or column.own in ("DATE", "TIMESTAMP"):
            continue
        for raw in raws:
            known = raw.types.own
            if column.raw not in known and not column.text:  # layers state their numbers only
                known = own_types(con, raw.sql, raw.columns)
            if known.get(column.raw) == ZONED:
                found = f"`{column.raw}` of {raw.label} holds moments with a time zone, and their "
                found += "days differ by zone"
                fix = f"take the moments, in UTC: `columns: {{{in_line(column.name)}: "
                fix += "timestamp}`; and "
                fix += "their days in SQL, in the zone that is meant: "
                fix += f"`timezone('Europe/Paris', timezone('UTC', {column.name}))::DATE`"
                raise ValuesError(f"{where}.columns.{column.name}", found, fix)


def verify_parts_agree(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Path], declared: Collection[str], where: str
) -> list[str]:
    """Refuse parts in which a column that is not declared has several types.

    Returns:
        Notes on columns.

    Raises:
        DiffusionError: names the column, its types, and a part for each.
    """
    kinds: dict[str, dict[str, str]] = {}
    described = []
    for part in parts:
        sql = f"SELECT * FROM read_parquet({file_literal(part)}, hive_partitioning=false)"
        known = {row[0]: row[1] for row in con.execute(f"DESCRIBE {sql}").fetchall()}
        described.append((label := f"batch {part.stem}", sql, known))
        for column, kind in known.items():
            if kind != NOTHING and column not in declared:
                kinds.setdefault(column, {}).setdefault(kind, label)
    notes = []
    for column, found in kinds.items():
        if differ(found):
            holding = [each for each in described if column in each[2]]
            tables = [(part, sql, known[column]) for part, sql, known in holding]
            if "FLOAT" in found:  # DuckDB would make it of whole numbers, too
                raise disagreement(where, column, found)
            verify_floats(con, tables, column, found, where)
            notes.append(note_on_floats(column))
    return notes


def differ(kinds: Collection[str]) -> bool:
    """Whether types cannot be put together without changing a value."""
    return len(kinds) > 1 and not (WHOLE.issuperset(kinds) or FLOATS.issuperset(kinds))


def disagreement(
    where: str, column: str, kinds: Mapping[str, str], inexact: str = ""
) -> DiffusionError:
    """Return the error for a column of several types.

    Args:
        kinds: type → a file that has it.
        inexact: a whole number that no float holds, and its file.
    """
    listed = " and ".join(f"{NAMES.get(k, k)} ({k}) in {label}" for k, label in kinds.items())
    fix = f"declare which one is meant: `columns: {{{in_line(column)}: string}}`, or another type"
    if inexact:
        listed += f", and no float holds {inexact}"
        fix = f"take the digits as they are: `columns: {{{in_line(column)}: string}}`"
    elif kinds.keys() == {"TIMESTAMP", ZONED}:
        fix = "those without a zone may be UTC or local time: take the text, "
        fix += f"`columns: {{{in_line(column)}: string}}`, and make moments of it in SQL"
    elif kinds.keys() == {"DATE", "TIMESTAMP"}:
        fix = f"declare which one is meant: `columns: {{{in_line(column)}: timestamp}}` (a day "
        fix += "is its "
        fix += "midnight), or `date`"
    return ValuesError(f"{where}.columns", f"`{column}` is {listed}", fix)


def _converted(
    raw: RawTable, several: Mapping[str, Collection[str]], floats: Collection[str]
) -> RawTable:
    """Return a table whose columns of several types are text, or its bytes: see ``decoded``.

    Args:
        floats: the columns that are to be floats.
    """
    made = {
        c: f"{identifier(c)}::DOUBLE" for c in floats if raw.types.own.get(c, "DOUBLE") != "DOUBLE"
    }
    texts = {}
    for name in sorted(raw.types.own.keys() & several):
        kind, column = raw.types.own[name], identifier(name)
        text = column if kind == "VARCHAR" else text_sql(column, kind)
        if BYTES in several[name]:
            text = column if kind == BYTES else f"encode({text})"
        texts[name] = text
    made |= {name: text for name, text in texts.items() if text != identifier(name)}
    changed = [f"{sql} AS {identifier(name)}" for name, sql in made.items()]
    scan = replace(raw.scan, selected=f"* REPLACE ({', '.join(changed)})") if changed else raw.scan
    as_bytes = {name for name in texts if BYTES in several[name]}
    are_text = (raw.types.text | set(texts)) - as_bytes
    return replace(raw, scan=scan, types=replace(raw.types, text=are_text))
