"""From the raw files of a partition to relations: archives opened, formats recognised.

Formats are known by their bytes (``sniff``), never by their extension, unless declared.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from diffusion.config.partitions import fill
from diffusion.convert.delimited import read_csv, xlsx_as_csv
from diffusion.convert.relation import RawTable, json_at_path, plain_json, read_json, read_parquet
from diffusion.errors import DiffusionError
from diffusion.files.archive import decompress, extract, is_archive, list_members
from diffusion.files.members import Limits, select_members
from diffusion.files.sniff import COMPRESSED, CONTAINERS, sniff
from diffusion.raw.inputs import RawInput
from diffusion.tables.types import identifier, literal

VECTORS = ("shp", "gpkg", "geojson")


def open_raw(
    con: duckdb.DuckDBPyConnection, item: RawInput, source: Mapping, folder: Path
) -> list[RawTable]:
    """Return a relation for each dataset in the raw files of one partition.

    The partition's axes become columns unless the data have columns of these names.
    """
    tables = []
    for index, (name, path) in enumerate(zip(item.names, item.paths, strict=True)):
        place = folder / f"{item.partition}-{index}"
        for member, file in datasets(path, name, source, item, place):
            raw = _read(con, file, member, source, place)
            extra = {} if len(item.axes) == 0 else dict(item.axes)
            if source["members"] == "many" or len(item.paths) > 1:
                extra[source["member_column"]] = member
            tables.append(_with_columns(raw, extra))
    return tables


def datasets(
    path: Path, name: str, source: Mapping, item: RawInput, place: Path
) -> list[tuple[str, Path]]:
    """Return (name, main file) of each dataset in a raw file; archives open in ``place``."""
    if source["from"] == "api":
        return [(item.partition, path)]
    limits = Limits(source["max_size"], source["max_members"])
    if is_archive(path):
        pattern, many = fill(source["member"], item.axes), source["members"] == "many"
        groups = select_members(list_members(path, limits), pattern, many, item.url)
        extract(path, [member for group in groups for member in group], place, limits)
        return [(group[0].name, place / group[0].name) for group in groups]
    if sniff(path) in COMPRESSED:
        return [(name, decompress(path, place, limits))]
    return [(name, path)]


def _read(
    con: duckdb.DuckDBPyConnection, path: Path, label: str, source: Mapping, place: Path
) -> RawTable:
    form = detect_format(path, source)
    place.mkdir(parents=True, exist_ok=True)
    if source["from"] == "api":
        return read_json(con, path, source, label, "newline_delimited")
    if form == "csv":
        return read_csv(path, source, label, place)
    if form == "xlsx":
        copy = xlsx_as_csv(path, source, place / "sheet.csv", label)
        plain = {"delimiter": ",", "quote": '"', "encoding": "utf-8", "header": 1}
        return read_csv(copy, {**source, "csv": source["csv"] | plain}, label, place)
    if form == "parquet":
        return _read_parquet(con, path, label, source, place)
    if form in ("json", "ndjson"):
        path = plain_json(path, place / "plain", form)
    if form == "json" and source["records"]:
        path = json_at_path(path, source["records"], place / "records.ndjson", label)
        return read_json(con, path, source, label, "newline_delimited")
    if form in ("json", "ndjson"):
        kind = "array" if form == "json" else "newline_delimited"
        return read_json(con, path, source, label, kind)
    if form in VECTORS:
        from diffusion.convert.vectors import read_vector  # GDAL only where there are geometries

        return read_vector(path, source, label, form, place / "spool.parquet")
    if form in (*CONTAINERS, *COMPRESSED):
        fix = "take another `member:`; or ask the publisher for a plain archive, and once it is "
        fix += "there set a new `vintage`"
        raise DiffusionError(label, f"is an archive in an archive ({form}): not opened", fix)
    fix = "declare `format:`; formats: csv, json, ndjson, parquet, xlsx, geojson, gpkg, shp"
    raise DiffusionError(label, f"the format is not known: {form}", fix)


def _read_parquet(
    con: duckdb.DuckDBPyConnection, path: Path, label: str, source: Mapping, place: Path
) -> RawTable:
    if b"geo" not in (pq.read_schema(path).metadata or {}):
        return read_parquet(con, path, label)
    from diffusion.convert.vectors import read_geoparquet  # GDAL only where there are geometries

    return read_geoparquet(path, source, label, place / "spool.parquet")


def detect_format(path: Path, source: Mapping) -> str:
    """Return the declared format, or the one that the bytes show."""
    if source["from"] == "api":
        return "ndjson"
    if source["format"] != "auto":
        return source["format"]
    kind = sniff(path)
    return "csv" if kind == "text" else kind


def _with_columns(raw: RawTable, extra: Mapping[str, str]) -> RawTable:
    known = {column.lower() for column in raw.columns}
    extra = {name: value for name, value in extra.items() if name.lower() not in known}
    if not extra or not raw.columns:
        return raw
    values = ", ".join(f"{literal(value)} AS {identifier(name)}" for name, value in extra.items())
    sql = f"SELECT *, {values} FROM ({raw.sql})"
    added = {"text": raw.text | extra.keys(), "strings": raw.strings | extra.keys()}
    return replace(raw, sql=sql, columns=[*raw.columns, *extra], **added)
