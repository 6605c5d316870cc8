"""What a GeoPackage holds by its own SQL, beside what GDAL reads of it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from diffusion.config.reading import Convert
from diffusion.config.remedies import in_line
from diffusion.convert.names import composed
from diffusion.convert.relation import Record
from diffusion.errors import LayerError
from diffusion.tables.sql import identifier, literal

# what GDAL cuts; an offset behind it are no decimals
LONG = "*.[0-9][0-9][0-9][0-9]*"  # for SQLite, which has no patterns but these
ZONES = ("*Z", "*[+-][0-9][0-9]:[0-9][0-9]")  # ends of moments that state one
FINER = re.compile(r":\d\d\.\d{3}\d*[1-9]")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database to read it; nothing is ever written beside it."""
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        yield database


def count_rows(path: Path, layer: str) -> int:
    """Return the number of features of a layer."""
    with opened(path) as database:
        (count,) = database.execute(f"SELECT count(*) FROM {identifier(layer)}").fetchone()
        return int(count)


def text_ends(path: Path, layer: str) -> list[Record]:
    """Return the first and the last feature, text and missing values: GDAL shows others anew."""
    rows = []
    with opened(path) as database:
        for way in ("ASC", "DESC"):
            sql = f"SELECT * FROM {identifier(layer)} ORDER BY rowid {way} LIMIT 1"
            try:
                found = database.execute(sql)
            except sqlite3.OperationalError:  # a view has no numbers of rows
                return []
            names = [composed(described[0]) for described in found.description]
            rows += [zip(names, row, strict=True) for row in found.fetchall()]
    return [{n: v if v is None or isinstance(v, str) else ... for n, v in row} for row in rows]


def verify_moments(path: Path, layer: str, convert: Convert, label: str) -> list[str]:
    """Refuse moments that GDAL would change: it cuts them to milliseconds, and takes all for UTC.

    Format: OGC GeoPackage 1.3, table 1: a DATETIME is text, in UTC, and ends in ``Z``.

    Args:
        convert: which columns will be in the table.

    Returns:
        Notes on columns without any zone: they are read as the format has it.

    Raises:
        DiffusionError: shows a moment that is finer, or one with a zone and one without.
    """
    notes: list[str] = []
    declared = {s.source or n for n, s in convert.columns.items() if s.type == "timestamp"}
    with opened(path) as database:
        columns = database.execute(
            f"SELECT name FROM pragma_table_info({literal(layer)}) WHERE upper(type) = 'DATETIME'"
        )
        for (name,) in columns.fetchall():
            if name not in convert.drop:
                _verify_fine(database, layer, name, label)
                notes += _verify_zones(database, layer, name, name in declared, label)
    return notes


def _verify_fine(database: sqlite3.Connection, layer: str, name: str, label: str) -> None:
    column = identifier(name)
    query = f"SELECT {column} FROM {identifier(layer)} WHERE {column} GLOB {literal(LONG)}"
    if found := next(
        (text for (text,) in database.execute(query) if FINER.search(str(text))), None
    ):
        what = f"`{name}` has a moment finer than milliseconds, {found}: it would be cut"
        fix = f"leave it out, `drop: [{in_line(name)}]`; or ask its publisher for GeoParquet or CSV"
        raise LayerError(label, what, fix)


def _verify_zones(
    database: sqlite3.Connection, layer: str, name: str, is_declared: bool, label: str
) -> list[str]:
    column = identifier(name)
    has_zone = " OR ".join(f"{column} GLOB {literal(end)}" for end in ZONES)
    firsts = f"max(CASE WHEN {has_zone} THEN {column} END), "
    firsts += f"max(CASE WHEN NOT ({has_zone}) THEN {column} END)"
    zoned, naive = database.execute(f"SELECT {firsts} FROM {identifier(layer)}").fetchone()
    if naive is None or is_declared:
        return []
    if zoned is None:
        return [f"the moments of `{name}` state no zone: they are UTC, as GeoPackage has it"]
    found = f"some moments of `{name}` state their zone, and others do not: {zoned}, {naive}"
    fix = f"if all are UTC, as GeoPackage has it, say so: `columns: {{{in_line(name)}: "
    fix += "timestamp}`; else "
    fix += f"leave them out, `drop: [{in_line(name)}]`, or ask its publisher to correct them"
    raise LayerError(label, found, fix)
