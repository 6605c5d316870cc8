"""What a GeoPackage holds by its own SQL, beside what GDAL reads of it."""

import re
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from diffusion.convert.names import composed
from diffusion.convert.relation import Record
from diffusion.errors import DiffusionError
from diffusion.tables.sql import identifier, literal

# what GDAL cuts; an offset behind it are no decimals
LONG = "*.[0-9][0-9][0-9][0-9]*"  # for SQLite, which has no patterns but these
FINER = re.compile(r":\d\d\.\d{3}\d*[1-9]")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        yield database


def count_rows(path: Path, layer: str) -> int:
    """Return the number of features of a layer."""
    with _opened(path) as database:
        (count,) = database.execute(f"SELECT count(*) FROM {identifier(layer)}").fetchone()
        return int(count)


def text_ends(path: Path, layer: str) -> list[Record]:
    """Return the first and the last feature, text and missing values: GDAL shows others anew."""
    rows = []
    with _opened(path) as database:
        for way in ("ASC", "DESC"):
            sql = f"SELECT * FROM {identifier(layer)} ORDER BY rowid {way} LIMIT 1"
            try:
                found = database.execute(sql)
            except sqlite3.OperationalError:  # a view has no numbers of rows
                return []
            names = [composed(described[0]) for described in found.description]
            rows += [zip(names, row, strict=True) for row in found.fetchall()]
    return [{n: v if v is None or isinstance(v, str) else ... for n, v in row} for row in rows]


def verify_moments(path: Path, layer: str, dropped: Collection[str], label: str) -> None:
    """Refuse moments that GDAL would cut to milliseconds.

    Format: OGC GeoPackage 1.3, table 1: a DATETIME is text.

    Args:
        dropped: columns that will not be in the table.

    Raises:
        DiffusionError: shows one.
    """
    with _opened(path) as database:
        columns = database.execute(
            f"SELECT name FROM pragma_table_info({literal(layer)}) WHERE upper(type) = 'DATETIME'"
        )
        for (name,) in columns.fetchall():
            column = identifier(name)
            query = f"SELECT {column} FROM {identifier(layer)} WHERE {column} GLOB {literal(LONG)}"
            rows = database.execute(query) if name not in dropped else ()
            if found := next((text for (text,) in rows if FINER.search(str(text))), None):
                what = f"`{name}` has a moment finer than milliseconds, {found}: it would be cut"
                fix = f"leave it out, `drop: [{name}]`; or ask its publisher for GeoParquet or CSV"
                raise DiffusionError(label, what, fix)
