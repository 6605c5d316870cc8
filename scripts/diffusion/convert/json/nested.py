"""Files whose records are nested, JSON and XML, as relations."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

from diffusion.config.reading import Convert, FileRead
from diffusion.convert.json.document import document_to_lines, lines_to_lines
from diffusion.convert.json.ends import ends_of_array, ends_of_lines, flat_ends, refuse_broken_off
from diffusion.convert.json.lines import Records
from diffusion.convert.json.odd_records import refuse_bulk, refuse_page
from diffusion.convert.json.reading import plain_json, read_json, refuse_object
from diffusion.convert.json.wide import nested_columns
from diffusion.convert.relation import Held, RawTable, with_note
from diffusion.convert.spelling import spelled_name
from diffusion.convert.xml.rows import xml_to_lines
from diffusion.files.encodings import as_utf8
from diffusion.files.json_scan import scan_json, verify_depth
from diffusion.files.lines import count_lines, survey


def read_nested(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    label: str,
    read: FileRead,
    convert: Convert,
    form: str,
    place: Path,
) -> RawTable:
    """Return a file of JSON, lines of JSON, or XML as a relation.

    Args:
        place: a folder for copies.

    Raises:
        DiffusionError: it is damaged, or nothing says where its records are.
    """
    if form == "xml":
        return _read_xml(con, path, label, read, convert, place)
    path = as_utf8(path, read.encoding_of(label), place, label)
    path = plain_json(path, place / "plain", form)
    path = _neutral(path, place)
    if form == "json":
        raw = _read_json(con, path, label, read, convert, place)
    else:
        raw = _read_lines(con, path, label, read, convert, place)
    return replace(raw, seen=frozenset({form}))


def _read_json(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    label: str,
    read: FileRead,
    convert: Convert,
    place: Path,
) -> RawTable:
    scanned = scan_json(path, label)
    if read.records or read.json.shape != "records":
        records = document_to_lines(path, read, place / "records.ndjson", label)
        return _lines(con, records, label, read, convert)
    refuse_object(path, label)
    ends = ends_of_array(path, scanned)
    refuse_page(ends, label)
    raw = read_json(con, path, label, "array", read, convert)
    return replace(raw, held=Held(scanned.elements, ends=flat_ends(ends, read, raw.columns)))


def _read_lines(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    label: str,
    read: FileRead,
    convert: Convert,
    place: Path,
) -> RawTable:
    verify_depth(path, label)
    if read.json.shape != "records":
        with path.open("rb") as source:
            records = lines_to_lines(source, read.json, place / "records.ndjson", label)
    else:
        refuse_bulk(path, nested_columns(convert, read.geometry), label)
        lines = survey(path, quote="")
        records = Records(path, lines.records, lines.last)
    return _lines(con, records, label, read, convert)


def _read_xml(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    label: str,
    read: FileRead,
    convert: Convert,
    place: Path,
) -> RawTable:
    records = xml_to_lines(path, read, convert, place / "records.ndjson", label)
    raw = _lines(con, records, label, read, convert)
    # all of XML is text: what is a number has to be proven, as in CSV
    types = replace(raw.types, strings=frozenset())
    objects = frozenset(spelled_name(name, read.names) for name in records.objects)
    nested = replace(raw.nested, objects=objects)
    return replace(raw, seen=frozenset({"xml"}), types=types, nested=nested)


def _lines(
    con: duckdb.DuckDBPyConnection, records: Records, label: str, read: FileRead, convert: Convert
) -> RawTable:
    """Return lines of objects as a relation."""
    raw = read_json(con, records.path, label, "newline_delimited", read, convert)
    ends = ends_of_lines(records.path, records.last)
    refuse_broken_off(ends, label)
    both = flat_ends(ends, read, raw.columns)
    held = Held(records.count, partial(count_lines, records.path), both)
    return with_note(replace(raw, held=held), *records.notes)


def _neutral(path: Path, place: Path) -> Path:
    """Return a name that DuckDB takes no hint from: of .geojsonl it reads features."""
    if path.suffix.lower() in (".json", ".ndjson", ".jsonl", ""):
        return path
    link = place / "records.json"
    link.symlink_to(path.absolute())
    return link
