"""The first and the last record of a raw file, as another reader sees them, are in its table.

A count does not tell that values were read wrongly: one column further, in another encoding, with
their quotes. Files are odd where they begin and end, and two records cost little to read twice.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from diffusion.convert.column_sql import selected_sql, typed_sql
from diffusion.convert.columns import Column
from diffusion.convert.completeness import readers_disagree
from diffusion.convert.relation import NESTED, OURS, Number, RawTable, Record
from diffusion.errors import DiffusionError
from diffusion.tables.engine import first_row
from diffusion.tables.sql import file_literal, identifier, literal
from diffusion.tables.types import is_numeric

COMPARED = 30  # columns: more tell no more
FEW = 8  # records that are looked for one by one: constants pass most of a table by
PLAIN = re.compile(r"-?\d{1,15}|-?\d{1,7}\.\d{1,7}")
PLACE = f"{OURS}place of the record"
PLACE_SQL = identifier(PLACE)


@dataclass(frozen=True)
class Typing:
    """How raw text becomes what is in the file; ``proven``: types, none of them for a part."""

    columns: Sequence[Column]
    decimal: str
    proven: Mapping[str, str]

    def is_number(self, column: Column) -> bool:
        return is_numeric(self._kind(column) or "")

    def is_same(self, column: Column) -> str:
        """Return SQL: whether rows `t` and `e` have the same value, of text without blanks."""
        sides = [f"{side}.{identifier(column.name)}" for side in "te"]
        if self._kind(column) in ("string", "category"):
            sides = [f"trim({side})" for side in sides]
        return " IS NOT DISTINCT FROM ".join(sides)

    def _kind(self, column: Column) -> str | None:
        return column.kind or self.proven.get(column.name)


def verify_first_and_last(
    con: duckdb.DuckDBPyConnection, raws: Sequence[RawTable], typing: Typing, table: Path
) -> None:
    """Refuse a table that lacks the first or the last record of one of its raw files.

    Args:
        table: Parquet as it was written of these raw files, in any order; removed if refused.

    Raises:
        DiffusionError: names the file, and shows the record.
    """
    shapes: dict[tuple[str, ...], list[tuple[RawTable, Record]]] = {}
    for raw in raws:
        for record in raw.held.ends:
            shapes.setdefault(tuple(raw.columns), []).append((raw, {**record, **raw.added}))
    for names, records in shapes.items():
        columns = [
            column
            for column in typing.columns
            if column.raw in names
            and column.text
            and all(_is_comparable(record.get(column.raw), column, typing) for _, record in records)
        ][:COMPARED]
        if columns and (lacking := _lacking(con, records, columns, typing, table)):
            table.unlink()
            raise lacking


def _is_comparable(value: object, column: Column, typing: Typing) -> bool:
    if isinstance(value, Number):  # as text, a reader may write 1.10 as 1.1, and 1e5 as 100000.0
        return typing.is_number(column) and bool(PLAIN.fullmatch(value))
    if column.kind and column.kind.startswith(NESTED):
        return False
    return value is None or (isinstance(value, str) and "\0" not in value)


def _lacking(
    con: duckdb.DuckDBPyConnection,
    records: Sequence[tuple[RawTable, Record]],
    columns: Sequence[Column],
    typing: Typing,
    table: Path,
) -> DiffusionError | None:
    # lists of values: thousands of records as SQL take time and memory to be planned
    names = list(dict.fromkeys(column.raw for column in columns))
    given = {
        f"v{n}": [_text(record, name) for _, record in records] for n, name in enumerate(names)
    }
    texts = [f"unnest($v{n}::VARCHAR[]) AS {identifier(name)}" for n, name in enumerate(names)]
    raw_rows = f"SELECT {', '.join(texts)}, unnest(range({len(records)})) AS {PLACE_SQL}"
    typed = typed_sql(raw_rows, columns, typing.decimal, [PLACE])
    expected = selected_sql(typed, columns, typing.proven, typing.decimal, [PLACE])
    written = f"read_parquet({file_literal(table)}, hive_partitioning=false)"
    if len(records) <= FEW and _are_there(con, expected, given, columns, written):
        return None
    same = " AND ".join(map(typing.is_same, columns))
    query = f"SELECT e.{PLACE_SQL} FROM ({expected}) e ANTI JOIN {written} t ON {same} "
    query += "ORDER BY 1 LIMIT 1"
    if not (found := first_row(con, query, given)):
        return None
    raw, record = records[found[0]]
    which = "first" if record == {**raw.held.ends[0], **raw.added} else "last"
    shown = json.dumps({column.raw: record.get(column.raw) for column in columns}, default=str)[
        :400
    ]
    return readers_disagree(raw.label, f"its {which} record did not come as it is: {shown}")


def _are_there(
    con: duckdb.DuckDBPyConnection,
    expected: str,
    given: Mapping[str, Sequence[str | None]],
    columns: Sequence[Column],
    written: str,
) -> bool:
    """Whether all records are in a table to the letter; False where they may be nevertheless."""
    names = [identifier(column.name) for column in columns]
    texts = ", ".join(f"{name}::VARCHAR, typeof({name})" for name in names)
    for row in con.execute(f"SELECT {texts} FROM ({expected})", given).fetchall():
        same = [
            f"{name} {'IS NULL' if text is None else f'= {literal(text)}::{kind}'}"
            for name, text, kind in zip(names, row[::2], row[1::2], strict=True)
        ]
        query = f"SELECT 1 FROM {written} WHERE {' AND '.join(same)} LIMIT 1"
        if not first_row(con, query):
            return False
    return True


def _text(record: Record, name: str) -> str | None:
    value = record.get(name)
    return None if value is None else str(value)
