"""Files whose records are nested, JSON and XML, as relations."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

from diffusion.convert.given import Given
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

LINES = "records.ndjson"


def read_nested(con: duckdb.DuckDBPyConnection, given: Given) -> RawTable:
    """Return a file of JSON, lines of JSON, or XML as a relation.

    Raises:
        DiffusionError: it is damaged, or nothing says where its records are.
    """
    if given.form == "xml":
        return _read_xml(con, given)
    path = as_utf8(given.path, given.encoding, given.place, given.label)
    path = plain_json(path, given.place / "plain", given.form)
    given = replace(given, path=_neutral(path, given.place))
    raw = _read_json(con, given) if given.form == "json" else _read_lines(con, given)
    return replace(raw, seen=frozenset({given.form}))


def _read_json(con: duckdb.DuckDBPyConnection, given: Given) -> RawTable:
    path, label, read = given.path, given.label, given.read
    scanned = scan_json(path, label)
    if read.records or read.json.shape != "records":
        return _lines(con, document_to_lines(path, read, given.place / LINES, label), given)
    refuse_object(path, label)
    ends = ends_of_array(path, scanned)
    refuse_page(ends, label)
    raw = read_json(con, path, label, "array", read, given.convert)
    return replace(raw, held=Held(scanned.elements, ends=flat_ends(ends, read, raw.columns)))


def _read_lines(con: duckdb.DuckDBPyConnection, given: Given) -> RawTable:
    path, label, read = given.path, given.label, given.read
    verify_depth(path, label)
    if read.json.shape != "records":
        with path.open("rb") as source:
            records = lines_to_lines(source, read.json, given.place / LINES, label)
    else:
        refuse_bulk(path, nested_columns(given.convert, read.geometry), label)
        lines = survey(path, quote="")
        records = Records(path, lines.records, lines.last)
    return _lines(con, records, given)


def _read_xml(con: duckdb.DuckDBPyConnection, given: Given) -> RawTable:
    records = xml_to_lines(given, given.place / LINES)
    raw = _lines(con, records, given)
    # all of XML is text: what is a number has to be proven, as in CSV
    types = replace(raw.types, strings=frozenset())
    objects = frozenset(spelled_name(name, given.read.names) for name in records.objects)
    nested = replace(raw.nested, objects=objects)
    return replace(raw, seen=frozenset({"xml"}), types=types, nested=nested)


def _lines(con: duckdb.DuckDBPyConnection, records: Records, given: Given) -> RawTable:
    """Return lines of objects as a relation."""
    label, read = given.label, given.read
    raw = read_json(con, records.path, label, "newline_delimited", read, given.convert)
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
