"""Read JSON and NDJSON as DuckDB relations; nested objects are flattened."""

import codecs
import os
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import duckdb

from diffusion.convert.json.records import (
    NUMBERS,
    Structure,
    flatten,
    has_empty_key,
    json_structure,
    objects_in,
    sql_type,
    verify_keys,
)
from diffusion.convert.json.wide import wide_note
from diffusion.convert.names import composed, distinct, note_on, without_twins
from diffusion.convert.reading_errors import reading_error
from diffusion.convert.relation import Named as NamedApart
from diffusion.convert.relation import Nested, RawTable, Scan, Told, Types
from diffusion.convert.spelling import Named, spelled_name, spelled_names
from diffusion.errors import DiffusionError
from diffusion.files.json_lists import lists_words
from diffusion.tables.engine import duckdb_errors
from diffusion.tables.sql import file_literal, identifier, literal

JSON_THREAD = 300  # MiB: its buffers have 32 MiB each, and sorting leaves them no room
HEAD = 64  # bytes before which a document begins
MAX_OBJECT = 16 * 1024 * 1024  # bytes of the longest record; DuckDB takes twice that a thread


def read_json(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    label: str,
    form: str,
    separator: str,
    json_columns: Collection[str],
    compression: str,
    dropped: Collection[str],
    spelling: str = "as_is",
) -> RawTable:
    """Read JSON records: the columns of all of them, objects flattened, lists as JSON text.

    Args:
        form: ``array`` or ``newline_delimited``.
        separator: joins the names of nested keys.
        json_columns: columns to leave as JSON.
        compression: ``zstd`` (our own file of records) or ``none``; never guessed by the name.
        dropped: columns that will not be in the table.
        spelling: of the names of columns, ``json_columns`` and ``dropped`` among them.
    """
    json_columns, dropped = Named(json_columns, spelling), Named(dropped, spelling)
    seen = frozenset({"json" if form == "array" else "ndjson"})
    options = f"format={literal(form)}, maximum_object_size={MAX_OBJECT}"
    options += f", compression={literal(compression)}, hive_partitioning=false"
    structure = _structure(con, f"read_json_objects({file_literal(path)}, {options})", label)
    if not structure:
        return RawTable(label, path, Scan("", ""), [], Types(), seen=seen)
    structure, twins = _without_twins(structure, dropped, json_columns, label)
    every = list(flatten(structure, (), separator, json_columns))
    names = spelled_names([composed(name) for name, _, _ in every], spelling, label)
    leaves = [(name, sql, kind) for name, (_, sql, kind) in zip(names, every, strict=True)]
    fix = "choose another `separator`, or have the publisher name the keys"
    distinct(names, label, fix, may_drop=set(names) <= structure.keys())
    keys = ((key, sql_type(key, v, separator, json_columns)) for key, v in structure.items())
    listed = ", ".join(f"{literal(key)}: {literal(kind)}" for key, kind in keys)
    selected = ", ".join(f"{expression} AS {identifier(name)}" for name, expression, _ in leaves)
    scan = Scan("read_json", f"{options}, columns={{{listed}}}", selected)
    strings = frozenset(name for name, _, kind in leaves if kind == "VARCHAR")
    numbers = frozenset(name for name, _, kind in leaves if kind in NUMBERS)
    notes = (*note_on(n for n, _, _ in every), wide_note(structure, len(names), separator))
    told = Told(notes=tuple(filter(None, notes)))
    objects = objects_in(structure, (), separator, json_columns)
    nested = Nested(
        frozenset(spelled_name(composed(name), spelling) for name in objects),
        frozenset(name for name, _, kind in leaves if kind in ("NULL", {})),
    )
    types = Types(frozenset(names), strings, numbers)
    raw = RawTable(label, path, scan, names, types, seen, nested)
    return replace(raw, named=NamedApart(twins=twins), told=told, thread_mb=JSON_THREAD)


def _without_twins(
    structure: dict[str, Structure],
    dropped: Collection[str],
    json_columns: Collection[str],
    label: str,
) -> tuple[dict[str, Structure], frozenset[str]]:
    """Return the keys of all records that have names of their own, and those left out.

    Raises:
        DiffusionError: a key is empty, or two are alike.
    """
    if has_empty_key(structure):
        fix = "have the publisher name it, and once that is there set a new `vintage`"
        raise DiffusionError(label, "a column without a name: an object has an empty key", fix)
    kept, twins = without_twins(structure, dropped)
    fix = "have the publisher name them apart, and once they are set a new `vintage`"
    distinct([composed(name) for name in kept], label, fix, may_drop=True)
    for name in (name for name in kept if name not in json_columns):
        verify_keys(structure[name], name, f"{label}: {name}", into_lists=False)
    return {name: structure[name] for name in kept}, twins


def _structure(con: duckdb.DuckDBPyConnection, records: str, label: str) -> dict[str, Structure]:
    """Return the structure of all records, empty where there is none."""
    with duckdb_errors(label, reading_error):
        structure = json_structure(con, "json", records)
    if structure != "NULL" and not isinstance(structure, dict):
        fix = "each record must be an object {…}; see `records:`. Lists of values are read by "
        fix += "`json: {shape: arrays, names: …}`, plain values by `json: {shape: values}`"
        raise DiffusionError(label, "the records are not objects", fix)
    return structure if isinstance(structure, dict) else {}


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
        if not file.read(HEAD).lstrip().startswith(b"{"):
            return
    fix = 'say where its records are: `records: …`. Of an object keyed by values, `records: "*"` '
    fix += "takes all; one of columns is `json: {shape: columns}`, JSON-stat `{shape: jsonstat}`"
    found = "the file is one JSON object, not an array of records"
    raise DiffusionError(label, found, _lists(path) or fix)


def _lists(path: Path) -> str:
    with path.open("rb") as file:
        return lists_words(file, "records: PATH")
