"""Codes that have lost their zeros in some files: `1001` beside `01001`, as number or as text."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from diffusion.config.reading import ColumnSpec
from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.convert.relation import RawTable
from diffusion.errors import DiffusionError, ValuesError
from diffusion.tables.codes import is_code
from diffusion.tables.engine import first_row
from diffusion.tables.ranges import ranges
from diffusion.tables.sql import file_literal, identifier

WHOLE = frozenset("TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT".split())
MOST = 100  # columns without a code's name that are looked at
SHARE = 0.1  # of the codes of a file: fewer that are shorter are codes of another kind
APART = "have files of one kind each in a source of their own"


def verify_zeros(
    con: duckdb.DuckDBPyConnection,
    raws: Sequence[RawTable],
    declared: Mapping[str, ColumnSpec],
    where: str,
) -> None:
    """Refuse a column that is whole in one file, and text that begins with zeros in another.

    As text, one code would have two forms.

    Args:
        declared: what is said of columns, by their names in the files.

    Raises:
        DiffusionError: names the column, and a file of each.
    """
    whole: dict[str, str] = {}
    for raw in raws:
        whole |= {name: raw.label for name, kind in raw.types.own.items() if kind in WHOLE}
    for raw in raws:
        for name in whole.keys() & {n for n, kind in raw.types.own.items() if kind == "VARCHAR"}:
            spec, column = declared.get(name), identifier(name)
            if spec and (spec.pad or spec.type != "string"):
                continue
            begins = f"regexp_matches({column}, '^0[0-9]')"
            sql = f"SELECT {column} FROM ({raw.sql}) WHERE {begins} LIMIT 1"
            if found := first_row(con, sql):
                text = found[0]
                what = f"`{name}` is text in {raw.label} (`{text}`), and whole in {whole[name]}, "
                what += "where zeros in front are lost"
                raise _two_forms(where, what, _put_back(name, "", text, len(text)))


def verify_written_zeros(
    con: duckdb.DuckDBPyConnection,
    table: Path,
    columns: Sequence[Column],
    kinds: Mapping[str, str],
    added: Collection[str],
    where: str,
) -> None:
    """Refuse a column of codes whose zeros are lost in some files, which have values of their own.

    Where others have zeros in front, each shorter code is one that lacks them. Codes are known by
    their names, or by having digits alone.

    Args:
        table: Parquet as it was written; removed if refused.
        columns: all of it.
        kinds: their types.
        added: raw columns that have one value in all of a file, as its partition's.

    Raises:
        DiffusionError: names the column, and a value of each form.
    """
    groups = [identifier(column.name) for column in columns if column.raw in added]
    texts = [c for c in columns if kinds[c.name] in ("string", "category") and not c.spec.pad]
    own = [c for c in texts if c.raw not in added] if groups else []
    for column in _may_lack(own, table):
        is_known = is_code(column.raw)
        if found := _lost(con, table, identifier(column.name), groups, is_known=is_known):
            table.unlink()
            whole, short, place, longest = found
            what = f"`{column.name}` is `{whole}` in some files, and `{short}` where "
            what += f"{place}, which has no zero in front of any"
            named = ", ".join(groups).replace('"', "`")
            fix = f"if {named} says the same, leave it out, `drop: {in_line([column.raw])}`; else "
            if not is_known:
                fix += f"if they are numbers, `columns: {in_line({column.name: 'int'})}`; "
            fix += _put_back(column.name, short, whole, longest)
            raise _two_forms(where, what, fix)


def _may_lack(columns: Sequence[Column], table: Path) -> list[Column]:
    """Return codes by their names, and others that may have zeros in front, by statistics."""
    known = ranges(pq.ParquetFile(table)) if columns else {}
    spans = {c.name: known[c.name] for c in columns if c.name in known}  # long texts have none
    begin = {name for name, of in spans.items() if of["min"] < "0:" and of["max"] >= "00"}
    codes = {column.name: column for column in columns if is_code(column.raw)}
    others = [column for column in columns if column.name in begin and column.name not in codes]
    return [*codes.values(), *others[:MOST]]


def _lost(
    con: duckdb.DuckDBPyConnection, table: Path, code: str, by: Sequence[str], *, is_known: bool
) -> tuple[str, str, str, int] | None:
    """Return a code with zeros, a shorter one, its file in words, and the length of the longest.

    ``is_known``: that they are codes, by their name; others are where all that begin with a digit
    have digits alone.
    """
    files, groups = f"read_parquet({file_literal(table)}, hive_partitioning=false)", ", ".join(by)
    of = [f"{fun}(length({code}))" for fun in ("min", "max")]
    has_zero = f"FILTER (WHERE {code} BETWEEN '00' AND '0:')"  # `:` follows 9
    others = f"FILTER (WHERE {code} BETWEEN '1' AND '9z')"
    # of other names: `12 rue` is none, and words that stand for no value are not looked at
    plain = f"bool_and(regexp_full_match({code}, '[0-9]+')) FILTER (WHERE {code} < ':')"
    are_codes = "" if is_known else f"HAVING coalesce({plain}, true)"
    sql = f"""WITH every AS (SELECT {groups}, {of[0]} {has_zero} AS z, {of[0]} {others} AS s,
        min({code}) {has_zero} AS code, {of[1]} AS longest,
        histogram(length({code})) {others} AS lengths FROM {files} GROUP BY {groups} {are_codes}),
      whole AS (SELECT min(z) AS z, min(code) AS code FROM every
        WHERE z IS NOT NULL AND (s IS NULL OR s >= z)),
      short AS (SELECT every.*, whole.code AS whole, map_entries(lengths) AS known
        , list_sum([e.value FOR e IN known IF e.key < whole.z]) AS count
        FROM every, whole WHERE every.z IS NULL AND s < whole.z)
      SELECT whole, (SELECT max(longest) FROM every), s, {groups} FROM short
      WHERE count >= {SHARE} * list_sum(map_values(lengths)) ORDER BY ALL LIMIT 1"""
    if not (found := first_row(con, sql)):
        return None
    whole, longest, length, *values = found
    is_there = " AND ".join(f"{name} IS NOT DISTINCT FROM ?" for name in by)
    query = f"SELECT min({code}) FROM {files} WHERE {is_there} AND length({code}) = {length} "
    query += f"AND regexp_full_match({code}, '[1-9][0-9]*')"
    (short,) = first_row(con, query, values) or (None,)
    place = ", ".join(f"{name} is {value!r}" for name, value in zip(by, values, strict=True))
    return (whole, short, place.replace('"', "`"), longest) if short else None


def _put_back(name: str, short: str, whole: str, longest: int) -> str:
    """Return what puts zeros back, and what says that codes are meant as they are.

    Args:
        short: a code without zeros in front, where that may be meant.
        longest: characters of the longest code.
    """
    lengths = sorted({len(whole), longest})
    many = " or ".join(map(str, lengths))
    pad = lengths if len(lengths) > 1 else lengths[0]
    fix = f"if all codes have {many} characters, have the zeros put back: `columns: "
    fix += f"{{{in_line(name)}: "
    fix += f"{{type: string, pad: {pad}}}}}`; "
    if short:
        every = [*range(len(short), longest + 1)]
        fix += f"if they are meant as they are, list all lengths, `pad: {every}`; "
    return f"{fix}else {APART}"


def _two_forms(where: str, what: str, fix: str) -> DiffusionError:
    what += ": as text, one code would have two forms"
    return ValuesError(f"{where}.columns", what, fix)
