"""The records of an API as a relation: as JSON, as features of GeoJSON, or as delimited text."""

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

from backports import zstd

from diffusion.base.json_path import parse_path
from diffusion.config.model import Conversion
from diffusion.config.reading import ApiRead, FileRead
from diffusion.convert.given import Given
from diffusion.convert.json.document import lines_to_lines
from diffusion.convert.json.ends import ends_of_lines, ends_of_zstd, flat_ends
from diffusion.convert.json.nested import read_nested
from diffusion.convert.json.reading import read_json
from diffusion.convert.json.waiting import Waiting
from diffusion.convert.relation import Held, RawTable, Types
from diffusion.convert.scan import Scan
from diffusion.convert.text.delimited import read_csv
from diffusion.files.lines import count_lines
from diffusion.files.xml_elements import within_elements
from diffusion.raw.inputs import RawInput

CHUNK = 1 << 20
PAGES = "pages"  # the root of what is made of pages that are records


def read_api(
    waiting: Waiting, path: Path, item: RawInput, source: Conversion, read: ApiRead, place: Path
) -> RawTable:
    """Return the records that were frozen as a relation.

    Args:
        path: our own file of them: lines, compressed page by page.
        item: the raw copy; its request says what the answers were.
        place: a folder for copies.
    """
    label, form = item.partition, item.request.get("format", "json")
    if form in ("json", "ndjson"):
        return _json(waiting, path, label, source, read, place)
    place.mkdir(parents=True, exist_ok=True)
    if form == "csv":
        text = _plain(path, place / "records.csv")
        if not text.stat().st_size:
            return RawTable(label, path, Scan("", ""), [], Types(), frozenset({"csv"}))
        file = FileRead(format="csv", csv=read.csv, names=read.names)
        return read_csv(Given(text, label, "csv", file, source.convert, place))
    if form == "xml":
        return _xml(waiting, path, item, source, read, place)
    from diffusion.convert.layers.vectors import read_vector  # GDAL only where there are geometries

    layer, keep = place / "records.geojson", partial(waiting.keep, file=place / "spool.parquet")
    _collection(path, layer, item.crs)
    options = FileRead(
        format="geojson", geometry=read.geometry, separator=read.separator, names=read.names
    )
    return read_vector(Given(layer, label, "geojson", options, source.convert, place), keep)


def _json(
    waiting: Waiting, path: Path, label: str, source: Conversion, read: ApiRead, place: Path
) -> RawTable:
    given = (label, "newline_delimited", read, source.convert)
    if read.json.shape == "records":
        raw = read_json(waiting.con, path, *given, compression="zstd")
        both = flat_ends(ends_of_zstd(path), read, raw.columns)
        return replace(raw, held=Held(ends=both if raw.columns else []))
    place.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as file, zstd.ZstdFile(file) as lines:
        made = lines_to_lines(lines, read.json, place / "records.ndjson", label)
    raw = read_json(waiting.con, made.path, *given)
    both = flat_ends(ends_of_lines(made.path, made.last), read, raw.columns)
    held = Held(made.count, partial(count_lines, made.path), both if raw.columns else [])
    return replace(raw, held=held)


def _xml(
    waiting: Waiting, path: Path, item: RawInput, source: Conversion, read: ApiRead, place: Path
) -> RawTable:
    """Read elements, one a line, as a document."""
    text = _plain(path, place / "records")
    if not text.stat().st_size:
        return RawTable(item.partition, path, Scan("", ""), [], Types(), frozenset({"xml"}))
    records, document = item.request["records"], place / "records.xml"
    root, *within = map(str, parse_path(records))
    if not within:  # each page is one record
        root, within, records = PAGES, [root], f"{PAGES}.{records}"
    with text.open("rb") as lines, document.open("wb") as out:
        out.write(f"<{root}>".encode())
        for line in lines:
            out.write(within_elements(line.rstrip(b"\n"), within[:-1]))
        out.write(f"</{root}>".encode())
    file = FileRead(format="xml", records=records, separator=read.separator, geometry=read.geometry)
    given = Given(document, item.partition, "xml", file, source.convert, place)
    return read_nested(waiting.con, given)


def _plain(path: Path, text: Path) -> Path:
    """Write the pages one after the other, decompressed."""
    with path.open("rb") as file, zstd.ZstdFile(file) as pages, text.open("wb") as out:
        shutil.copyfileobj(pages, out, CHUNK)
    return text


def _collection(path: Path, layer: Path, crs: object) -> None:
    """Write lines of features as one collection, with the member ``crs`` that the server sent."""
    with path.open("rb") as file, zstd.ZstdFile(file) as lines, layer.open("wb") as out:
        stated = f', "crs": {json.dumps(crs)}' if crs else ""
        out.write(f'{{"type": "FeatureCollection"{stated}, "features": ['.encode())
        before = b"\n"
        for line in lines:
            out.write(before + line.rstrip(b"\n"))
            before = b",\n"
        out.write(b"\n]}\n")
