"""Rows that `where:` keeps: totals, footnotes and records of another kind are no rows of a table.

The condition is asked of the rows as they are in the file, before anything is typed. What it leaves
out is counted, so that the rows of a table and those left out add up to what its files hold. A row
for which it is neither true nor false, as a value is missing, is in doubt: nothing is left out
because of what is not known.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import duckdb

from diffusion.config.conditions import Condition, parse_condition
from diffusion.convert.relation import FILE, Number, RawTable, Record, numbered_sql
from diffusion.convert.scan import Kept
from diffusion.errors import ColumnsError, DiffusionError, SqlError
from diffusion.tables.sql import identifier, literal

logger = logging.getLogger(__name__)
SHOWN = 5  # values of a row that an error shows
WHOLE = re.compile(r"-?\d{1,15}")


def kept_rows(
    con: duckdb.DuckDBPyConnection, raws: Sequence[RawTable], text: str, where: str
) -> list[RawTable]:
    """Return raw tables with those rows only for which a condition is true.

    Args:
        text: the condition, empty for none.
        where: how errors name the source.

    Raises:
        DiffusionError: a column that no file has, geometries of a layer, or a row in doubt.
    """
    if not text or not raws:
        return list(raws)
    key = f"{where}.where"
    condition = parse_condition(key, text)
    if layer := next((raw for raw in raws if raw.geo), None):
        found = f"{layer.label} has geometries of its own, whose rows are not left out here"
        fix = "leave them out in a derived table: `sql: SELECT * FROM … WHERE …`"
        raise SqlError(key, found, fix)
    _verify_names(condition, raws, key)
    skipped = _skipped(con, raws, condition, key)
    kept = []
    for number, raw in enumerate(raws):
        known = {column.lower() for column in raw.columns}
        absent = tuple(name for name in condition.columns if name.lower() not in known)
        scan = replace(raw.scan, kept=Kept(condition.sql, absent))
        ends = [end for end in raw.held.ends if _is_kept(con, end, raw, condition)]
        held = replace(raw.held, ends=ends)
        kept.append(replace(raw, scan=scan, held=held, skipped=skipped.get(number, 0)))
    return kept


def refuse_no_records(raws: Iterable[RawTable]) -> None:
    """Refuse files with records that are none, unless a condition says which rows are kept.

    Raises:
        DiffusionError: with what they are, and the condition that leaves them out.
    """
    for raw in raws:
        if not (told := raw.told.no_records):
            continue
        is_there = not raw.scan.kept if told.first is None else told.first in raw.held.ends
        if is_there:
            raise told.error


def _verify_names(condition: Condition, raws: Sequence[RawTable], key: str) -> None:
    known = dict.fromkeys(column for raw in raws for column in raw.columns)
    folded = {column.lower() for column in known}
    for name in condition.columns:
        if name.lower() not in folded:
            fix = f"the data have: {', '.join(known)}; names with blanks or accents are written in "
            fix += f"double quotes, and a text in single quotes: `'{name}'`"
            raise ColumnsError(key, f"there is no column `{name}` in the data", fix)


def _skipped(
    con: duckdb.DuckDBPyConnection, raws: Sequence[RawTable], condition: Condition, key: str
) -> dict[int, int]:
    """Return how many rows of each file, by its number, a condition leaves out."""
    rows = numbered_sql(raws)
    query = (
        f"SELECT {FILE}, count(*) FILTER (WHERE NOT {condition.sql}), "
        f"count(*) FILTER (WHERE {condition.sql} IS NULL) FROM ({rows}) GROUP BY {FILE}"
    )
    try:
        counted = con.execute(query).fetchall()
        for number, _, unknown in sorted(counted):
            if unknown:
                raise _doubt(con, raws[number], unknown, condition, rows, key)
    except (duckdb.ConversionException, duckdb.BinderException, duckdb.OutOfRangeException) as e:
        words = " ".join(str(e).split("LINE 1")[0].split())[:300]
        fix = "values are text, as in the file: compare them with text (`annee = '2020'`), or turn "
        fix += "them to numbers with `try_cast(annee AS INTEGER)`"
        raise SqlError(key, f"cannot be asked of the rows: {words}", fix) from e
    return {number: out for number, out, _ in counted}


def _doubt(
    con: duckdb.DuckDBPyConnection,
    raw: RawTable,
    unknown: int,
    condition: Condition,
    rows: str,
    key: str,
) -> DiffusionError:
    names = ", ".join(map(identifier, condition.columns[:SHOWN]))
    query = f"SELECT {names} FROM ({rows}) WHERE {condition.sql} IS NULL LIMIT 1"
    [values] = con.execute(query).fetchall()
    shown = ", ".join(
        f"{name} = {'nothing' if value is None else repr(str(value))}"
        for name, value in zip(condition.columns, values, strict=False)
    )
    found = f"is neither true nor false for {unknown:,} rows of {raw.label}, such as {shown}"
    fix = "say what a missing value means there: `coalesce(…, true)` around the condition keeps "
    fix += "such rows, `coalesce(…, false)` leaves them out; `IS DISTINCT FROM` compares with it"
    return SqlError(key, found, fix)


def _is_kept(
    con: duckdb.DuckDBPyConnection, end: Record, raw: RawTable, condition: Condition
) -> bool:
    """Whether a record that another reader saw stays; False where that reader cannot tell."""
    folded = {name.lower(): value for name, value in {**end, **raw.added}.items()}
    values = {name: folded.get(name.lower()) for name in condition.columns}
    if not all(_is_told(value) for value in values.values()):
        return False
    row = ", ".join(
        f"{'NULL::VARCHAR' if value is None else literal(str(value))} AS {identifier(name)}"
        for name, value in values.items()
    )
    [(answer,)] = con.execute(f"SELECT {condition.sql} FROM (SELECT {row})").fetchall()
    return bool(answer)


def _is_told(value: object) -> bool:
    if isinstance(value, Number):
        return bool(WHOLE.fullmatch(value))
    return value is None or (isinstance(value, str) and "\0" not in value)


def left_out_words(counted: Mapping, text: str, where: str) -> tuple[list[str], dict]:
    """Return a note on the rows that a condition leaves out, and what is recorded of them.

    Args:
        counted: ``skipped`` and ``kept``: rows that are left out, and those that are not.
        text: the condition, empty for none.

    Raises:
        DiffusionError: no row is left.
    """
    out, rows = counted.get("skipped", 0), counted.get("kept", 0)
    if not text:
        return [], {}
    if out and not rows:
        found = f"is true for none of the {out:,} rows: `{text}`"
        fix = "values are compared as they are in the file, in upper and lower case: correct it"
        raise SqlError(f"{where}.where", found, fix)
    note = f"{out:,} of {out + rows:,} rows are left out: `where: {text}`"
    if not out:
        note = f"`where` leaves out no row: it is true for all {rows:,}: `{text}`"
    logger.info("%s", note)
    return [note], {"where": text, "rows": out}


def skipped_of(raws: Iterable[RawTable]) -> int:
    """Return how many rows are left out of all files."""
    return sum(raw.skipped for raw in raws)
