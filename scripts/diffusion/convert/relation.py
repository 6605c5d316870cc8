"""Read JSON and Parquet as DuckDB relations whose columns are text, or typed where the file is.

Each raw file becomes one SELECT; several files are put together by column name.
"""

import codecs
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from diffusion.convert.records import find_structure, flat, sql_type
from diffusion.errors import DiffusionError
from diffusion.tables.engine import THREAD_MB, explained
from diffusion.tables.types import file_literal, identifier, literal

JSON_THREAD = 300  # MiB: its buffers have 32 MiB each, and sorting leaves them no room
NESTED = ("json", "struct", "list")
MAX_OBJECT = 16 * 1024 * 1024  # bytes of the longest record; DuckDB takes twice that a thread


@dataclass(frozen=True)
class RawTable:
    """One raw file as SQL.

    ``text``: the columns that are text. ``strings``: those of them that are text by the file's own
    types (a quoted JSON value, a Parquet string), and so are never proven to be something else.
    ``geo``: what is known of its geometries. ``thread_mb``: MiB that a thread needs to read it and
    sort it.
    """

    label: str
    sql: str
    columns: list[str]
    text: frozenset[str]
    strings: frozenset[str] = frozenset()
    geo: Mapping | None = None
    thread_mb: int = THREAD_MB


def distinct(names: list[str], label: str, fix: str) -> list[str]:
    """SQL names do not tell upper from lower case, so neither may a table; and none is empty."""
    if "" in names:
        raise DiffusionError(label, "a column without a name", fix)
    folded = [name.lower() for name in names]
    twice = sorted({name for name, low in zip(names, folded, strict=True) if folded.count(low) > 1})
    if twice:
        raise DiffusionError(label, f"columns of one name: {', '.join(twice)}", fix)
    return names


def read_json(
    con: duckdb.DuckDBPyConnection, path: Path, source: Mapping, label: str, form: str
) -> RawTable:
    """Read JSON records; nested objects are flattened, lists stay JSON text.

    Args:
        form: ``array`` or ``newline_delimited``.

    The columns are those of *all* records: one full pass finds them.
    """
    options = f"format={literal(form)}, maximum_object_size={MAX_OBJECT}"
    # our own file of records is compressed; the names of others say nothing
    options += f", compression='{'zstd' if source['from'] == 'api' else 'none'}'"
    with explained(label, unreadable):
        records = f"read_json_objects({file_literal(path)}, {options})"
        structure = find_structure(con, "json", records)
    if structure != "NULL" and not isinstance(structure, dict):
        fix = "each record must be an object {…}; see `records:`"
        raise DiffusionError(label, "the records are not objects", fix)
    if not structure or structure == "NULL":
        return RawTable(label, "SELECT NULL WHERE false", [], frozenset())
    separator = source["separator"]
    whole = {c["from"] or n for n, c in source["columns"].items() if c["type"].startswith(NESTED)}
    leaves = list(flat(structure, (), separator, whole))
    names = [name for name, _, _ in leaves]
    distinct(names, label, "choose another `separator`, or have the publisher name the keys")
    types = ((key, sql_type(key, value, separator, whole)) for key, value in structure.items())
    columns = ", ".join(f"{literal(key)}: {literal(kind)}" for key, kind in types)
    selected = ", ".join(f"{expression} AS {identifier(name)}" for name, expression, _ in leaves)
    reader = f"read_json({file_literal(path)}, {options}, columns={{{columns}}})"
    strings = frozenset(name for name, _, kind in leaves if kind == "VARCHAR")
    sql = f"SELECT {selected} FROM {reader}"
    return RawTable(label, sql, names, frozenset(names), strings, thread_mb=JSON_THREAD)


def read_parquet(con: duckdb.DuckDBPyConnection, path: Path, label: str) -> RawTable:
    """Read Parquet; columns keep their types."""
    sql = f"SELECT * FROM read_parquet({file_literal(path)}, hive_partitioning=false)"
    with explained(label, unreadable):
        described = con.execute(f"DESCRIBE {sql}").fetchall()
    text = frozenset(row[0] for row in described if row[1] == "VARCHAR")
    return RawTable(label, sql, [row[0] for row in described], text, strings=text)


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


def json_at_path(path: Path, records: str, target: Path, label: str) -> Path:
    """Copy the records at a dotted path of a JSON document to NDJSON, streaming."""
    import ijson
    import msgspec

    encoder = msgspec.json.Encoder(decimal_format="number")
    count = 0
    try:
        with path.open("rb") as source, target.open("wb") as out:
            for record in ijson.items(source, f"{records}.item"):
                out.write(encoder.encode(record) + b"\n")
                count += 1
    except ijson.JSONError as error:
        raise DiffusionError(label, f"not whole JSON: {error}", "fetch it anew") from error
    if not count:
        raise DiffusionError(label, f"there are no records at `{records}`", "see `records:`")
    return target


def unreadable(label: str, text: str) -> DiffusionError:
    """Return what DuckDB said of a raw file in words that users can act on."""
    file = re.search(r"^\s*file = (.+)$", text, re.MULTILINE)
    lines = [line.strip() for line in text.split("Possible")[0].splitlines() if line.strip()]
    found = "cannot be read: " + " ".join(lines[:4])[:400]
    fix = "see `csv:` and `format:` of the source"
    if "nvalid unicode" in text:
        fix = "declare `csv: {encoding: latin-1}`"
    elif "Number of Columns" in text:
        fix = "a row has another number of columns: see `csv.delimiter`, `csv.quote`, `csv.header`"
    elif "top-level JSON array" in text:
        found = "the file is one JSON object, not an array of records"
        fix = "say where its array of records is: `records: …`; if it is a record: `format: ndjson`"
    return DiffusionError(f"{label} ({Path(file[1]).name})" if file else label, found, fix)
