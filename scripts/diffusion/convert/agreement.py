"""One column, one type: files of one source whose own types differ are never quietly put together.

Whole numbers of any size agree, and so do floats. Where others differ, a declared column is made of
the text of each value; a column that is not declared is refused with both types.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from diffusion.convert.columns import Column
from diffusion.convert.own_types import BYTES, FLOATS, own_types, text_sql
from diffusion.convert.relation import RawTable
from diffusion.errors import DiffusionError
from diffusion.tables.sql import file_literal, identifier

WHOLE = frozenset("TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER".split())
NUMBERS = WHOLE | FLOATS
ZONED = "TIMESTAMP WITH TIME ZONE"
NOTHING = '"NULL"'  # the type of a column without a value
NAMES = {"VARCHAR": "text", "DOUBLE": "float", "FLOAT": "float", "BIGINT": "int", "INTEGER": "int"}


def agreed(raws: Sequence[RawTable], declared: Collection[str], where: str) -> list[RawTable]:
    """Return raw tables in which each column has one type, or is text.

    Args:
        declared: raw columns whose type is declared.

    Raises:
        DiffusionError: a column that is not declared has several types.
    """
    kinds: dict[str, dict[str, str]] = {}  # column → type → the first file that has it
    for raw in raws:
        for column, kind in raw.kinds.items():
            kinds.setdefault(column, {}).setdefault(kind, raw.label)
    several = {column: found for column, found in kinds.items() if differ(found)}
    for column in several.keys() - set(declared):
        raise disagreement(where, column, several[column])
    return [_as_text(raw, several) if several else raw for raw in raws]


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
            known = raw.kinds if raw.kinds or column.text else own_types(con, raw.sql, raw.columns)
            if known.get(column.raw) == ZONED:
                found = f"`{column.raw}` of {raw.label} holds moments with a time zone, and their "
                found += "days differ by zone"
                fix = f"take the moments, in UTC: `columns: {{{column.name}: timestamp}}`; and "
                fix += "their days in SQL, in the zone that is meant: "
                fix += f"`timezone('Europe/Paris', timezone('UTC', {column.name}))::DATE`"
                raise DiffusionError(f"{where}.columns.{column.name}", found, fix)


def verify_parts_agree(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Path], declared: Collection[str], where: str
) -> None:
    """Refuse parts in which a column that is not declared has several types.

    Raises:
        DiffusionError: names the column, its types, and a part for each.
    """
    kinds: dict[str, dict[str, str]] = {}
    for part in parts:
        sql = f"DESCRIBE SELECT * FROM read_parquet({file_literal(part)}, hive_partitioning=false)"
        for column, kind, *_ in con.execute(sql).fetchall():
            if kind != NOTHING and column not in declared:
                kinds.setdefault(column, {}).setdefault(kind, f"batch {part.stem}")
    for column, found in kinds.items():
        if differ(found):
            raise disagreement(where, column, found)


def differ(kinds: Collection[str]) -> bool:
    """Whether types cannot be put together without changing a value."""
    return len(kinds) > 1 and not (WHOLE.issuperset(kinds) or FLOATS.issuperset(kinds))


def disagreement(where: str, column: str, kinds: Mapping[str, str]) -> DiffusionError:
    """Return the error for a column of several types; ``kinds``: type → a file that has it."""
    listed = " and ".join(f"{NAMES.get(k, k)} ({k}) in {label}" for k, label in kinds.items())
    fix = f"declare which one is meant: `columns: {{{column}: string}}`, or another type"
    if NUMBERS.issuperset(kinds):
        fix = f"declare which one is meant: `columns: {{{column}: float}}`, or `string` if they "
        fix += "are codes"
    return DiffusionError(f"{where}.columns", f"`{column}` is {listed}", fix)


def _as_text(raw: RawTable, several: Mapping[str, Collection[str]]) -> RawTable:
    """Return a table whose columns of several types are text, or its bytes: see ``decoded``."""
    texts = {}
    for name in sorted(raw.kinds.keys() & several):
        kind, column = raw.kinds[name], identifier(name)
        text = column if kind == "VARCHAR" else text_sql(column, kind)
        if BYTES in several[name]:
            text = column if kind == BYTES else f"encode({text})"
        texts[name] = text
    changed = [f"{text} AS {identifier(n)}" for n, text in texts.items() if text != identifier(n)]
    scan = replace(raw.scan, selected=f"* REPLACE ({', '.join(changed)})") if changed else raw.scan
    as_bytes = {name for name in texts if BYTES in several[name]}
    return replace(raw, scan=scan, text=(raw.text | set(texts)) - as_bytes)
