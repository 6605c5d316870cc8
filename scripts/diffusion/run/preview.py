"""A table at a glance: a line a column, with type, who says so, its gaps, and the first rows."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.config.model import Source

WIDEST = 24  # characters of a value
# types of Arrow by the names that `columns:` gives them
NAMES = {"double": "float", "int64": "int", "date32[day]": "date", "timestamp[us]": "timestamp"}
NAMES |= {"time64[us]": "time"}


def preview(table: Path, source: Source, rows: int, hidden: Callable[[str], str] = str) -> str:
    """Return the columns of a table with their first values, and where its geometries are.

    A type is ``declared``, or ``found``: of the file itself, or proven by every value. The boxes
    that each layer is given are left out.

    Args:
        hidden: takes the secret out of a text; before long values are cut.
    """
    file = pq.ParquetFile(table)
    schema, count = file.schema_arrow, file.metadata.num_rows
    geo = json.loads((schema.metadata or {}).get(b"geo", b"{}")).get("columns", {})
    paths = (c.get("covering", {}).get("bbox", {}).values() for c in geo.values())
    boxes = {path[0] for sides in paths for path in sides}
    fields = [field for field in schema if field.name not in boxes]
    empty, first = _scanned(file, rows)
    lines = [["column", "type", "by", "empty", *(f"row {n + 1}" for n in range(len(first)))]]
    for field in fields:
        values = [shown(row[field.name], field.name in geo, hidden) for row in first]
        kind, by = _type(field, source, geo)
        lines.append([field.name, kind, by, share(empty[field.name], count), *values])
    head = counted(count, len(schema.names), sorted(boxes))
    return "\n".join([head, *aligned(lines), *_places(geo)])


def counted(rows: int, columns: int, left_out: Sequence[str]) -> str:
    """Return how many rows and columns a table has, and which columns are not shown."""
    told = f"{rows:,} row{'s' * (rows != 1)}, {columns:,} column{'s' * (columns != 1)}"
    return told + (f" (not shown: {', '.join(left_out)})" if left_out else "")


def _type(field: pa.Field, source: Source, geo: dict) -> tuple[str, str]:
    """Return the type of a column as `columns:` would name it, and who says so."""
    if declared := source.convert.columns.get(field.name):
        return declared.type, "declared"
    kind = "geometry" if field.name in geo else NAMES.get(str(field.type), str(field.type))
    return kind, "partition" if field.name in source.partitions else "found"


def _scanned(file: pq.ParquetFile, rows: int) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Return how many values of each column are empty, and the first rows."""
    empty = dict.fromkeys(file.schema_arrow.names, 0)
    first: list[dict[str, Any]] = []
    for batch in file.iter_batches():
        for name in empty:
            empty[name] += batch[name].null_count
        if len(first) < rows:
            first += batch.slice(0, rows - len(first)).to_pylist()
    return empty, first


def share(empty: int, count: int) -> str:
    """Return which part of so many values is empty, in words."""
    told = f"{empty / count:.0%}" if count else ""
    return "<1%" if empty and told == "0%" else told


def shown(
    value: object, is_geometry: bool, hidden: Callable[[str], str] = str, widest: int = WIDEST
) -> str:
    """Return a value as a terminal can show it, cut to so many characters; nothing for none."""
    if value is None:
        return ""
    if is_geometry and isinstance(value, bytes):
        import shapely  # only where there are geometries

        text = shapely.from_wkb(value).wkt
    elif isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False, default=str)
    else:
        text = str(value)
    text = _printable(hidden(text))
    return text if len(text) <= widest else text[: widest - 1] + "…"


def _printable(text: str) -> str:
    """Return a text without line breaks and other signs, which a terminal obeys."""
    return "".join(c if c.isprintable() else " " for c in text)


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of words as lines, in columns."""
    rows = [[*map(_printable, line)] for line in lines]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ("  ".join(f"{v:<{w}}" for v, w in zip(row, widths, strict=True)) for row in rows)
    return [line.rstrip() for line in padded]


def _places(geo: dict) -> list[str]:
    found = []
    for name, described in geo.items():
        crs = described.get("crs") or {}
        ident = crs.get("id") or {}
        code = f"{ident['authority']}:{ident['code']}" if ident else crs.get("name", "none")
        kinds = ", ".join(described.get("geometry_types", []))
        bounds = ", ".join(f"{number:,.6g}" for number in described.get("bbox", []))
        found.append(f"· {name}: {kinds}; CRS {code}; bounds {bounds}")
    return found
