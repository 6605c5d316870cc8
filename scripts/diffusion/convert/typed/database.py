"""Read the raw copy of a database: a CSV of our own form, whose types the server stated.

An undeclared column is of its server's type. A declared one is read as every other text, where a
value of the server's type may be none of ours (dates of "infinity", numbers that are NaN).
"""

import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from backports import zstd

from diffusion.config.model import Conversion
from diffusion.config.partitions import axes_of
from diffusion.config.parts import Geometry
from diffusion.config.reading import DatabaseRead
from diffusion.convert.json.waiting import Waiting
from diffusion.convert.layers.geoparquet import bare_column
from diffusion.convert.names import composed, distinct, without_twins
from diffusion.convert.reading_errors import UNFIT
from diffusion.convert.relation import OURS, RawTable, Types
from diffusion.convert.same_columns import ONE_STATEMENT
from diffusion.convert.scan import Scan
from diffusion.convert.typed.columnar import read_parquet
from diffusion.convert.typed.database_types import (
    BYTES,
    MOMENT,
    NOTHING,
    NUMBER,
    PADDED,
    SHAPES,
    TEXT,
    held_as,
    note_on,
)
from diffusion.errors import FileFormatError
from diffusion.files.lines import LONGEST
from diffusion.raw.inputs import RawInput
from diffusion.tables.sql import file_literal, identifier, literal

RENAME = "name the columns in `query`, and give each a name of its own; then set a new `vintage`"
HAS_SRID = 0x20000000  # of the type of a geometry in EWKB
MOMENTS = ("DATE", "TIMESTAMP", MOMENT)
CSV = f"""header=false, skip=1, delim=',', quote='"', escape='"', new_line='\\n', encoding='utf-8',
    auto_detect=false, compression='none', nullstr='', allow_quoted_nulls=false,
    null_padding=false, hive_partitioning=false, max_line_size={LONGEST},
    buffer_size={2 * LONGEST}"""


@dataclass(frozen=True)
class _Column:
    """``kind``: what holds its values; ``is_text``: it is read as text, to be cast as declared."""

    name: str
    kind: str
    is_text: bool
    database: str

    @property
    def is_typed(self) -> bool:
        return not self.is_text and self.kind not in (TEXT, PADDED, NUMBER)

    @property
    def stated(self) -> str:
        """The type by which it is compared with that of other partitions."""
        return TEXT if self.kind in (PADDED, NUMBER) else self.kind

    @property
    def sql(self) -> str:
        """The value: of its type, or an error that shows it."""
        text = identifier(self.name)
        if self.kind == NOTHING:
            return "NULL"  # of any type that it has elsewhere
        if self.kind == PADDED:
            return f"rtrim({text}, ' ')"
        if self.kind in (BYTES, SHAPES):
            return f"unhex({self._hex(text)})"
        if not self.is_typed:
            return text
        cast = f"try_cast({text} AS {self.kind})"
        if self.kind == "DATE":  # DuckDB takes 0044-03-15 BC for a day of our era
            cast = f"CASE WHEN strlen({text}) = 10 THEN {cast} END"
        elif self.kind in MOMENTS:
            is_finite = f"left({text}, 1) BETWEEN '0' AND '9' AND right({text}, 2) <> 'BC'"
            cast = f"CASE WHEN {is_finite} THEN {cast} END"
        shown = literal(f"{UNFIT}{self.name}{OURS}{self.kind}{OURS}")
        unfit = f"error({shown} || left({text}, 100))::{self.kind}"
        return f"CASE WHEN {text} IS NOT NULL THEN coalesce({cast}, {unfit}) END"

    def _hex(self, text: str) -> str:
        """SQL of the hexadecimal digits; of shapes as PostGIS writes them (EWKB)."""
        if self.kind == BYTES or self.database != "mysql":
            return f"substr({text}, 3)" if self.kind == BYTES else text
        # MySQL: four bytes of the SRID, then WKB, which is little-endian
        # (https://dev.mysql.com/doc/refman/8.0/en/gis-data-formats.html)
        srid, wkb = f"substr({text}, 3, 8)", f"substr({text}, 11)"
        return f"substr({wkb}, 1, 8) || '20' || {srid} || substr({wkb}, 11)"


def read_database(waiting: Waiting, item: RawInput, source: Conversion, place: Path) -> RawTable:
    """Read the rows of one partition.

    Args:
        place: folder for copies.

    Raises:
        DiffusionError: two columns of one name, or geometries that are none, or of several CRS.
    """
    label, dropped = item.partition if item.axes else item.url, source.convert.drop
    columns = _columns(item, source)
    names, twins = without_twins([column.name for column in columns], dropped)
    distinct(names, label, RENAME, may_drop=True)
    kept = [column for column in columns if column.name not in twins]
    path = _unpacked(item.paths[0], place)
    header = ", ".join(f"{literal(column.name)}: 'VARCHAR'" for column in columns)
    selected = ", ".join(f"{column.sql} AS {identifier(column.name)}" for column in kept)
    scan = Scan("read_csv", f"columns={{{header}}}, {CSV}", selected)
    text = frozenset(c.name for c in kept if not c.is_typed)
    raw = RawTable(label, path, scan, names, Types(text))
    if any(c.kind in (BYTES, SHAPES) and c.name not in dropped for c in kept):
        raw = _with_bytes(waiting, raw, kept, source, place)
    text = raw.types.text
    types = Types(
        text,
        strings=frozenset(c.name for c in kept if c.kind in (TEXT, PADDED)) & text,
        numbers=frozenset(c.name for c in kept if c.kind == NUMBER and not c.is_text) & text,
        own={c.name: c.stated for c in kept if c.name in raw.columns and c.kind != NOTHING},
    )
    notes = [note_on(column["name"], item.database, column["type"]) for column in item.columns]
    return replace(
        raw,
        types=types,
        named=replace(raw.named, twins=twins | raw.named.twins),
        seen=(raw.seen - {"parquet"}) | {_seen(item)},
        held=replace(raw.held, records=item.records),
        told=replace(raw.told, notes=(*raw.told.notes, *filter(None, notes))),
    )


def _seen(item: RawInput) -> str:
    """Return what the rows are: of the one table of all partitions, or of one a partition."""
    has_axes = any(axes_of(item.request.get(key)) for key in ("url", "table"))
    return "rows of several tables" if has_axes else ONE_STATEMENT


def _columns(item: RawInput, source: Conversion) -> list[_Column]:
    declared = {spec.source or name for name, spec in source.convert.columns.items()}
    found = []
    for column in item.columns:
        name, kind = composed(column["name"]), held_as(item.database, column["type"])
        # what is declared is cast of text where the server's type has values that ours has not
        is_text = name in declared and (kind in (*MOMENTS, NUMBER) or kind.startswith("DECIMAL"))
        found.append(_Column(name, kind, is_text, item.database))
    return found


def _unpacked(path: Path, place: Path) -> Path:
    """Return the file without its compression: DuckDB reads that by one thread alone."""
    place.mkdir(parents=True, exist_ok=True)
    target = place / "rows.csv"
    with zstd.open(path, "rb") as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain, 1 << 20)
    return target


def _with_bytes(
    waiting: Waiting, raw: RawTable, columns: Sequence[_Column], source: Conversion, place: Path
) -> RawTable:
    """Read rows that hold bytes or geometries as those of a Parquet file: by the same rules."""
    con, label, dropped = waiting.con, raw.label, source.convert.drop
    file, keep = place / "rows.parquet", partial(waiting.keep, file=place / "spool.parquet")
    con.execute(f"COPY ({raw.sql}) TO {file_literal(file)} (FORMAT parquet)")
    shapes = [c.name for c in columns if c.kind == SHAPES and c.name not in dropped]
    for name in shapes:
        _verify_one_srid(waiting, file, name, label)
    options = source.read.geometry if isinstance(source.read, DatabaseRead) else Geometry()
    column = bare_column(file, options, dropped, label)
    if column is None:
        return read_parquet(con, file, label, keep, dropped)
    from diffusion.convert.layers.vectors import (
        read_geoparquet,  # GDAL only where there are geometries
    )

    return read_geoparquet(file, column, options, label, keep, dropped)


def _verify_one_srid(waiting: Waiting, file: Path, name: str, label: str) -> None:
    """Refuse geometries of several systems of coordinates: a table has one."""
    head = f"hex({identifier(name)})[1:18]"
    query = f"SELECT DISTINCT {head} FROM read_parquet({file_literal(file)}) WHERE {head} <> ''"
    found = {_srid(row[0]) for row in waiting.con.execute(query).fetchall()}
    if len(found) > 1:
        listed = " and ".join(str(srid) if srid else "none" for srid in sorted(found))
        fix = f"take one of them in the query: `ST_Transform({name}, 4326)`; then set a new "
        fix += "`vintage`"
        raise FileFormatError(label, f"`{name}` has geometries of several SRIDs: {listed}", fix)


def _srid(head: str) -> int:
    """Return the SRID at the beginning of EWKB, 0 where it states none."""
    order = "<" if head[:2] == "01" else ">"
    kind, srid = struct.unpack(f"{order}II", bytes.fromhex(head[2:18].ljust(16, "0")))
    return int(srid) if kind & HAS_SRID else 0
