"""Read JSON and NDJSON as DuckDB relations; nested objects are flattened."""

import codecs
import json
import os
import re
import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from diffusion.config.reading import Convert, RecordsRead
from diffusion.convert.json.no_records import no_records, note_on_empty
from diffusion.convert.json.records import (
    NUMBERS,
    Structure,
    flatten,
    has_empty_key,
    json_shapes,
    objects_in,
    sql_type,
    structure_of,
    verify_keys,
)
from diffusion.convert.json.wide import nested_columns, wide_note
from diffusion.convert.names import RENAME, composed, distinct, note_on, without_twins
from diffusion.convert.reading_errors import reading_error
from diffusion.convert.relation import OURS, Nested, RawTable, Told, Types
from diffusion.convert.relation import Named as NamedApart
from diffusion.convert.scan import Scan
from diffusion.convert.spelling import Named, spelled_name, spelled_names
from diffusion.errors import JsonError
from diffusion.files.json_lists import lists_words
from diffusion.tables.engine import duckdb_errors
from diffusion.tables.sql import file_literal, identifier, literal

JSON_THREAD = 300  # MiB: its buffers have 32 MiB each, and sorting leaves them no room
LOOKED = 1 << 20  # bytes of a document that tell what it is
ALIKE = "choose another `separator`, or have the publisher name the keys"
LOST = "{} is left out (`drop`), also of records that have it alone, and no other of its letters"
SOCRATA = re.compile(r'\{\s*"meta"\s*:\s*\{\s*"view"\s*:\s*\{')
Leaf = tuple[str, str, Structure]  # a column, the SQL of its values, and what these are
MAX_OBJECT = 16 * 1024 * 1024  # bytes of the longest record; DuckDB takes twice that a thread
# Of many files whose keys have plain types alone DuckDB 2.0.0 keeps a buffer of each, 32 MiB, until
# all are read: a key that no record has, of another type, and it does not.
NO_KEY = f"{literal(OURS)}: 'STRUCT(none JSON)'"


def read_json(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    label: str,
    form: str,
    read: RecordsRead,
    convert: Convert,
    compression: str = "none",
) -> RawTable:
    """Read JSON records: the columns of all of them, objects flattened, lists as JSON text.

    Args:
        form: ``array`` or ``newline_delimited``.
        convert: which columns stay JSON, and which will not be in the table.
        compression: ``zstd`` (our own file of records) or ``none``; never guessed by the name.
    """
    separator, spelling = read.separator, read.names
    json_columns = Named(nested_columns(convert, read.geometry), spelling)
    seen = frozenset({"json" if form == "array" else "ndjson"})
    options = f"format={literal(form)}, maximum_object_size={MAX_OBJECT}"
    options += f", compression={literal(compression)}, hive_partitioning=false"
    records = f"read_json_objects({file_literal(path)}, {options})"
    structure, shapes = _structure(con, records, label)
    if not structure:
        return RawTable(label, path, Scan("", ""), [], Types(), seen=seen)
    may_drop, dropped = not _has_one_of(shapes), Named(convert.drop, spelling)
    structure, twins = _without_twins(structure, dropped, json_columns, label, may_drop=may_drop)
    every = list(flatten(structure, (), separator, json_columns))
    names = spelled_names([composed(name) for name, _, _ in every], spelling, label)
    leaves = [(name, sql, kind) for name, (_, sql, kind) in zip(names, every, strict=True)]
    distinct(names, label, ALIKE, may_drop=set(names) <= structure.keys())
    lost = "" if may_drop or not twins else LOST.format(", ".join(sorted(twins)))
    notes = (*note_on(n for n, _, _ in every), wide_note(structure, len(names), separator), lost)
    inner = objects_in(structure, (), separator, json_columns)
    nested = _nested([spelled_name(composed(name), spelling) for name in inner], leaves)
    scan = _scan(options, structure, leaves, separator, json_columns)
    raw = RawTable(label, path, scan, names, _types(leaves), seen, nested)
    notes = (*notes, note_on_empty(con, records, shapes))
    told = Told("", tuple(filter(None, notes)), no_records(con, records, shapes, spelling, label))
    return replace(raw, named=NamedApart(twins=twins), told=told, thread_mb=JSON_THREAD)


def _nested(objects: Iterable[str], leaves: Iterable[Leaf]) -> Nested:
    """Return which columns are objects, and which never have a value."""
    void = frozenset(name for name, _, kind in leaves if kind in ("NULL", {}))
    return Nested(frozenset(objects), void)


def _scan(
    options: str,
    structure: dict[str, Structure],
    leaves: Sequence[Leaf],
    separator: str,
    json_columns: Collection[str],
) -> Scan:
    """Return how DuckDB reads the leaves of records."""
    keys = ((key, sql_type(key, v, separator, json_columns)) for key, v in structure.items())
    listed = ", ".join([*(f"{literal(key)}: {literal(kind)}" for key, kind in keys), NO_KEY])
    selected = ", ".join(f"{expression} AS {identifier(name)}" for name, expression, _ in leaves)
    return Scan("read_json", f"{options}, columns={{{listed}}}", selected)


def _types(leaves: Sequence[Leaf]) -> Types:
    names = frozenset(name for name, _, _ in leaves)
    strings = frozenset(name for name, _, kind in leaves if kind == "VARCHAR")
    return Types(names, strings, frozenset(name for name, _, kind in leaves if kind in NUMBERS))


def _without_twins(
    structure: dict[str, Structure],
    dropped: Collection[str],
    json_columns: Collection[str],
    label: str,
    *,
    may_drop: bool,
) -> tuple[dict[str, Structure], frozenset[str]]:
    """Return the keys of all records that have names of their own, and those left out.

    Args:
        may_drop: of keys that differ by case only, each record has both.

    Raises:
        DiffusionError: a key is empty, or two are alike.
    """
    if has_empty_key(structure):
        fix = "have the publisher name it, and once that is there set a new `vintage`"
        raise JsonError(label, "a column without a name: an object has an empty key", fix)
    kept, twins = without_twins(structure, dropped)
    fix = RENAME
    if not may_drop:
        fix += "; some records have one of them only, whose values `drop` would leave out"
    distinct([composed(name) for name in kept], label, fix, may_drop=may_drop)
    for name in (name for name in kept if name not in json_columns):
        verify_keys(structure[name], name, f"{label}: {name}", into_lists=False)
    return {name: structure[name] for name in kept}, twins


def _has_one_of(shapes: Sequence[Structure]) -> bool:
    """Whether records have one of two keys that differ by case only: to drop it loses its value."""
    keys = [shape.keys() for shape in shapes if isinstance(shape, dict)]
    known = {key for each in keys for key in each}
    twins: dict[str, set[str]] = {}
    for key in known:
        twins.setdefault(key.lower(), set()).add(key)
    alike = [names for names in twins.values() if len(names) > 1]
    return any(0 < len(each & both) < len(both) for both in alike for each in keys)


def _structure(
    con: duckdb.DuckDBPyConnection, records: str, label: str
) -> tuple[dict[str, Structure], list[Structure]]:
    """Return the structure of all records, empty where there is none, and those of single ones."""
    with duckdb_errors(label, reading_error):
        shapes = json_shapes(con, "json", records)
        structure = structure_of(shapes)
    if structure != "NULL" and not isinstance(structure, dict):
        fix = "each record must be an object {…}; see `records:`. Lists of values are read by "
        fix += "`json: {shape: arrays, names: …}`, plain values by `json: {shape: values}`"
        raise JsonError(label, "the records are not objects", fix)
    return (structure if isinstance(structure, dict) else {}), shapes


def plain_json(path: Path, place: Path, form: str) -> Path:
    """Return a JSON file without byte order mark, its last line ended: itself, or a copy.

    Of NDJSON whose last line has no end, DuckDB may give that line first (1 run in 100).
    """
    with path.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
        file.seek(max(file.seek(0, os.SEEK_END) - 1, 0))
        if not marked and (form == "json" or file.read() in (b"\n", b"")):
            return path
        place.mkdir(parents=True, exist_ok=True)
        file.seek(3 if marked else 0)
        with (place / path.name).open("wb") as out:
            shutil.copyfileobj(file, out)
            out.write(b"\n")
    return place / path.name


def refuse_object(path: Path, label: str) -> None:
    """Refuse a JSON document that is one object, where nothing says where its records are.

    Raises:
        DiffusionError: with the paths of the lists that it holds.
    """
    with path.open("rb") as file:
        text = file.read(LOOKED).decode("utf-8", "ignore").lstrip()
    if not text.startswith("{"):
        return
    if re.match(r"\{[^\n]*\},\s*\n\s*\{", text):
        found = "its lines are JSON objects with commas between them, and no brackets around all"
        fix = (
            "leave the commas out: `sed 's/,[[:space:]]*$//' file > lines.ndjson`; publish that as "
        )
        fix += "a file of your own, or ask its publisher for a list `[…]`"
        raise JsonError(label, found, fix)
    if _goes_on(text):
        found = "the file has several JSON objects, one after the other, and not one a line"
        fix = "write each on a line: `jq -c . file > lines.ndjson`; publish that as a file of your "
        raise JsonError(label, found, fix + "own, or ask its publisher for a list `[…]`")
    fix = 'say where its records are: `records: …`. Of an object keyed by values, `records: "*"` '
    fix += "takes all; one of columns is `json: {shape: columns}`, JSON-stat `{shape: jsonstat}`"
    if "\n" not in text.strip() and len(text) < LOOKED:
        fix += "; if it is one record, on a line, `format: ndjson`"
    found = "the file is one JSON object, not an array of records"
    raise JsonError(label, found, _rows_of_socrata(text) or _lists(path) or fix)


def _goes_on(text: str) -> bool:
    """Whether another object follows on the first one, where that ends within what is looked at."""
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return text[end:].lstrip(" \t\r\n\x1e").startswith("{")


def _rows_of_socrata(text: str) -> str:
    """Return the keys that read Socrata's `rows.json`, whose columns stand beside its rows."""
    if not SOCRATA.match(text):
        return ""
    return (
        "these are Socrata's rows: `records: data` with `json: {shape: arrays, names: "
        "meta.view.columns.*.fieldName}`"
    )


def _lists(path: Path) -> str:
    with path.open("rb") as file:
        return lists_words(file, "records: PATH")
