"""Whether the values of a GeoPackage are of the types of their columns.

SQLite takes any value in any column, and GDAL makes of it what it can: ``x1`` is 0, ``1,5`` is 1,
``juillet 2024`` is 1 January 1970, and 5,000,000,000 among 32 bits another number. Columns of a
type that GeoPackage does not know are left out by it.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from diffusion.config.reading import Convert, declared_texts
from diffusion.config.remedies import CORRECT, in_line
from diffusion.convert.layers.gdal import pyogrio
from diffusion.convert.layers.geojson_times import is_day
from diffusion.convert.layers.geopackage import opened
from diffusion.errors import ValuesError
from diffusion.tables.sql import identifier, literal

SHOWN = 40  # characters
OLD = identifier("\x01before")  # a column, for the time of a copy
# what GDAL reads as what it is, beside the form of the format
DAY = r"(?P<day>\d{4}[-/]\d{1,2}[-/]\d{1,2})"
DATE = re.compile(DAY + r"([T ]00:00(:00(\.0*)?)?Z?)?")
MOMENT = re.compile(
    DAY + r"([T ]([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d*)?)?\s?(Z|[+-]\d\d(:?\d\d)?)?)?"
)
# pyogrio's types → SQL for what is none of them; NULL is a value of all. SQLite gives a day that
# does not exist as it is unless it is to reckon with it
_WHOLE = "typeof({0}) NOT IN ('integer', 'null')"
_REAL = "typeof({0}) NOT IN ('real', 'integer', 'null')"
# CASE is lazy, which AND is not: what is in the form of the format asks no function of Python
_DATE = "CASE WHEN {0} IS NULL OR {0} IS date({0}, '+0 days') THEN 0 ELSE NOT is_date({0}) END"
_MOMENT = (
    "CASE WHEN {0} IS NULL OR (datetime({0}) IS NOT NULL AND substr({0}, 12, 2) <> '24' "
    "AND substr({0}, 1, 10) IS date(substr({0}, 1, 10), '+0 days')) THEN 0 "
    "ELSE NOT is_moment({0}) END"
)
WRONG = {
    "bool": f"{_WHOLE} OR {{0}} NOT IN (0, 1)",
    "int16": f"{_WHOLE} OR {{0}} NOT BETWEEN {-(2**15)} AND {2**15 - 1}",
    "int32": f"{_WHOLE} OR {{0}} NOT BETWEEN {-(2**31)} AND {2**31 - 1}",
    "int64": _WHOLE,
    "float32": _REAL,
    "float64": _REAL,
    "datetime64[D]": _DATE,
    "datetime64[ms]": _MOMENT,
    "object": "typeof({0}) = 'blob'",
}
CALLED = {
    "bool": "is no truth value (0 or 1)",
    "int16": "is no whole number of 16 bits",
    "int32": "is no whole number of 32 bits",
    "int64": "is no whole number",
    "float32": "is no number",
    "float64": "is no number",
    "datetime64[D]": "is no day",
    "datetime64[ms]": "is no moment",
    "object": "is no text",
}


def verify_values(path: Path, name: str, layer: str, convert: Convert, label: str) -> list[str]:
    """Refuse a value that is not of its column's type, unless that is declared to be text.

    Args:
        path: of a link: a copy stands in its place where columns are text.
        name: of the file, for GDAL.
        convert: which columns will be in the table.

    Returns:
        Notes on columns that GDAL leaves out.

    Raises:
        DiffusionError: shows the row and the value.
    """
    info = pyogrio.read_info(name, layer=layer)
    kinds = {str(f): str(kind) for f, kind in zip(info["fields"], info["dtypes"], strict=True)}
    is_bytes = {f for f, k in zip(kinds, info["ogr_types"], strict=True) if k == "OFTBinary"}
    declared = {spec.source or column for column, spec in convert.columns.items()}
    wanted = declared if convert.keep == "declared" else kinds.keys()
    known = (wanted & kinds.keys()) - set(convert.drop) - is_bytes
    wrong = {
        f: WRONG[kind].format(identifier(f))
        for f, kind in kinds.items()
        if f in known and kind in WRONG
    }
    with opened(path) as database:
        _teach(database)
        as_text = _verify(database, layer, wrong, kinds, info["fid_column"], convert, label)
        given = database.execute(f"SELECT name, type FROM pragma_table_info({literal(layer)})")
        read = {*kinds, info["fid_column"], info["geometry_name"], *convert.drop}
        notes = [
            f"`{column}` is left out: GeoPackage has no type {kind or 'for it'}"
            for column, kind in given.fetchall()
            if column not in read and (convert.keep == "all" or column in declared)
        ]
    if as_text:
        _write_as_text(path, layer, as_text)
    return notes


def _write_as_text(path: Path, layer: str, columns: Iterable[str]) -> None:
    """Put a copy in the place of a link, whose given columns are text."""
    original = path.resolve()
    path.unlink()
    shutil.copyfile(original, path)
    table = identifier(layer)
    with closing(sqlite3.connect(path)) as database, database:
        found = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (trigger,) in database.execute(found).fetchall():  # they ask for GDAL's own functions
            database.execute(f"DROP TRIGGER {identifier(trigger)}")
        for column in map(identifier, columns):
            database.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO {OLD}")
            database.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT")
            database.execute(f"UPDATE {table} SET {column} = CAST({OLD} AS TEXT)")
            database.execute(f"ALTER TABLE {table} DROP COLUMN {OLD}")


def _teach(database: sqlite3.Connection) -> None:
    """Give SQL the functions for days and moments in another form."""
    for function, form in (("is_date", DATE), ("is_moment", MOMENT)):

        def fits(value: object, form: re.Pattern[str] = form) -> bool:
            found = form.fullmatch(value) if isinstance(value, str) else None
            return found is not None and is_day(found["day"])

        database.create_function(function, 1, fits, deterministic=True)


def _verify(
    database: sqlite3.Connection,
    layer: str,
    wrong: Mapping[str, str],
    kinds: Mapping[str, str],
    key: str,
    convert: Convert,
    label: str,
) -> list[str]:
    """Return the columns that are to be text, as values are none of their types."""
    if not wrong:
        return []
    texts, found_as_text = declared_texts(convert), list[str]()
    firsts = ", ".join(f"max({sql})" for sql in wrong.values())
    found = database.execute(f"SELECT {firsts} FROM {identifier(layer)}").fetchone()
    for (column, sql), is_wrong in zip(wrong.items(), found, strict=True):
        if is_wrong and column in texts and kinds[column] != "object":
            found_as_text.append(column)
        elif is_wrong:
            shown = f"{identifier(column)}, {identifier(key) if key else 'NULL'}"
            query = f"SELECT {shown} FROM {identifier(layer)} WHERE {sql} LIMIT 1"
            value, row = database.execute(query).fetchone()
            where = f"`{column}` of the row {row}" if key else f"`{column}`"
            what = f"{where} is {repr(value)[:SHOWN]}, which {CALLED[kinds[column]]}"
            fix = f"take its text, `columns: {{{in_line(column)}: string}}`; " * (
                kinds[column] != "object"
            )
            raise ValuesError(
                label, what, f"{fix}leave it out, `drop: [{in_line(column)}]`; or {CORRECT}"
            )
    return found_as_text
