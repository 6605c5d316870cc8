"""Read raw files as DuckDB relations whose columns are text (or typed, where the file is).

Each raw file becomes one SELECT; several files are put together by column name.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from diffusion.errors import DiffusionError
from diffusion.types import identifier, literal

MAX_OBJECT = (
    32 * 1024 * 1024
)  # bytes of the longest JSON record; DuckDB sets twice that aside a thread
MAX_LINE = 32 * 1024 * 1024  # bytes of the longest line of delimited text
ENCODINGS = {"auto": "utf-8", "utf-8": "utf-8", "latin-1": "latin-1", "utf-16": "utf-16"}


@dataclass(frozen=True)
class RawTable:
    """One raw file as SQL.

    ``text``: the columns that are text. ``strings``: those of them that are text by the file's own
    types (a quoted JSON value, a Parquet string), and so are never proven to be something else.
    ``geo``: what is known of its geometries.
    """

    label: str
    sql: str
    columns: list[str]
    text: frozenset[str]
    strings: frozenset[str] = frozenset()
    geo: Mapping | None = None


def read_csv(con: duckdb.DuckDBPyConnection, path: Path, source: Mapping, label: str) -> RawTable:
    """Read delimited text; every column is text.

    Raises:
        DiffusionError: not in the declared encoding, no header, or two columns of one name.
    """
    options = source["csv"]
    encoding = ENCODINGS[options["encoding"]]
    delimiter = options["delimiter"] or _delimiter(con, path, options, label)
    names = _header(path, options, encoding, delimiter, label)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    sql = f"""SELECT * FROM read_csv({literal(str(path))}, columns={{{columns}}}, header=false,
        skip={options["header"]}, delim={literal(delimiter)}, quote={literal(options["quote"])},
        escape={literal(options["quote"])}, encoding={literal(encoding)}, auto_detect=false,
        max_line_size={MAX_LINE}, nullstr='', null_padding=false)"""
    return RawTable(label, sql, names, frozenset(names))


def _delimiter(con: duckdb.DuckDBPyConnection, path: Path, options: Mapping, label: str) -> str:
    encoding = ENCODINGS[options["encoding"]]
    try:
        found = con.execute(
            "SELECT delimiter FROM sniff_csv(?, quote=?, encoding=?, skip=?, all_varchar=true)",
            [str(path), options["quote"], encoding, max(options["header"] - 1, 0)],
        ).fetchall()[0]
    except duckdb.Error as error:
        raise unreadable(label, error) from error
    return found[0]


def _header(path: Path, options: Mapping, encoding: str, delimiter: str, label: str) -> list[str]:
    """Return the names of the columns, read by Python's csv module."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    quoting = {"quotechar": options["quote"]} if options["quote"] else {"quoting": csv.QUOTE_NONE}
    try:
        with path.open(encoding=codec, newline="") as file:
            lines = csv.reader(file, delimiter=delimiter, **quoting)
            row = next(islice(lines, max(options["header"] - 1, 0), None), None)
    except UnicodeDecodeError as error:
        found = f"not {encoding} (byte {error.start})"
        raise DiffusionError(label, found, "declare `csv: {encoding: latin-1}`") from error
    if not row:
        raise DiffusionError(label, "there is no header row", "see `csv.header`")
    if options["header"] == 0:
        return [f"c{number}" for number in range(1, len(row) + 1)]
    names = [name.strip() or f"c{number}" for number, name in enumerate(row, 1)]
    return _distinct(
        names, label, "rename them at the source, or read without header: `csv: {header: 0}`"
    )


def _distinct(names: list[str], label: str, fix: str) -> list[str]:
    """SQL names do not tell upper from lower case, so neither may a table."""
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
    if path.suffix == ".zst":
        options += ", compression='zstd'"
    reader = f"read_json_objects({literal(str(path))}, {options})"
    try:
        found = con.execute(f"SELECT json_group_structure(json) FROM {reader}").fetchall()[0][0]
    except duckdb.Error as error:
        raise unreadable(label, error) from error
    structure = json.loads(found) if found else {}
    if not isinstance(structure, dict):
        fix = "each record must be an object {…}; see `records:`"
        raise DiffusionError(label, "the records are not objects", fix)
    if not structure:
        return RawTable(label, "SELECT NULL WHERE false", [], frozenset())
    whole = {
        n
        for n, c in source["columns"].items()
        if c["type"] in ("json", "struct") or "[" in c["type"]
    }
    whole = {source["columns"][name]["from"] or name for name in whole}
    leaves = {
        name: (sql, kind) for name, sql, kind in _flat(structure, (), source["separator"], whole)
    }
    fields = {name: sql for name, (sql, _) in leaves.items()}
    strings = frozenset(name for name, (_, kind) in leaves.items() if kind == "VARCHAR")
    _distinct(list(fields), label, "choose another `separator`")
    columns = ", ".join(
        f"{literal(k)}: {literal(_sql_type(k, v, source['separator'], whole))}"
        for k, v in structure.items()
    )
    selected = ", ".join(
        f"{expression} AS {identifier(name)}" for name, expression in fields.items()
    )
    sql = (
        f"SELECT {selected} FROM read_json({literal(str(path))}, {options}, columns={{{columns}}})"
    )
    return RawTable(label, sql, list(fields), frozenset(fields), strings)


def _flat(
    structure: Mapping, path: tuple, separator: str, whole: set
) -> Iterable[tuple[str, str, object]]:
    """Yield (column, SQL expression, kind) of each leaf of a JSON structure."""
    for key, value in structure.items():
        here = (*path, key)
        name = separator.join(here)
        if isinstance(value, dict) and value and name not in whole:
            yield from _flat(value, here, separator, whole)
        else:
            yield name, ".".join(map(identifier, here)) + "::VARCHAR", value


def _sql_type(name: str, value: object, separator: str, whole: set) -> str:
    if isinstance(value, dict) and value and name not in whole:
        inner = ", ".join(
            f"{identifier(k)} {_sql_type(f'{name}{separator}{k}', v, separator, whole)}"
            for k, v in value.items()
        )
        return f"STRUCT({inner})"
    return "VARCHAR" if isinstance(value, str) and value != "JSON" else "JSON"


def read_parquet(
    con: duckdb.DuckDBPyConnection, path: Path, source: Mapping, label: str
) -> RawTable:
    """Read Parquet; columns keep their types."""
    sql = f"SELECT * FROM read_parquet({literal(str(path))}, hive_partitioning=false)"
    try:
        described = con.execute(f"DESCRIBE {sql}").fetchall()
    except duckdb.Error as error:
        raise unreadable(label, error) from error
    text = frozenset(row[0] for row in described if row[1] == "VARCHAR")
    return RawTable(label, sql, [row[0] for row in described], text, strings=text)


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


def xlsx_as_csv(path: Path, source: Mapping, target: Path, label: str) -> Path:
    """Copy one sheet to CSV, streaming; dates become ISO text."""
    import openpyxl

    options = source["xlsx"]
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    name = options["sheet"] or book.sheetnames[0]
    if name not in book.sheetnames or (not options["sheet"] and len(book.sheetnames) > 1):
        found = f"sheets: {', '.join(book.sheetnames)}"
        raise DiffusionError(label, found, "write the name of one: `xlsx: {sheet: …}`")
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        rows = book[name].iter_rows(min_row=options["header"], values_only=True)
        width = 0
        for row in rows:
            texts = [_cell(value) for value in row]
            if not width:
                width = len(texts) - next(
                    (i for i, t in enumerate(reversed(texts)) if t), len(texts)
                )
            if any(texts[:width]):
                writer.writerow(texts[:width])
    return target


def _cell(value: object) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value).lower() if isinstance(value, bool) else str(value)


def unreadable(label: str, error: duckdb.Error) -> DiffusionError:
    """Return DuckDB's refusal in a shape that users can act on."""
    text = str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    fix = "see `csv:` and `format:` of the source"
    if "nvalid unicode" in text or "encoding" in text.lower():
        fix = "declare `csv: {encoding: latin-1}`"
    elif "Expected Number of Columns" in text:
        fix = "a row has another number of columns: check csv.delimiter, csv.quote, csv.header"
    return DiffusionError(label, "cannot be read: " + " ".join(lines[:4])[:400], fix)
