"""A table at a glance: a line a column, with its type, who says so, its gaps, and the first rows."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from diffusion.config.model import Source

WIDEST = 24  # characters of a value


def preview(table: Path, source: Source, rows: int) -> str:
    """Return the columns of a table with their first values, and the CRS of its geometries."""
    file = pq.ParquetFile(table)
    schema, count = file.schema_arrow, file.metadata.num_rows
    geo = json.loads((schema.metadata or {}).get(b"geo", b"{}")).get("columns", {})
    empty, first = _scanned(file, rows)
    declared = source.convert.columns
    head = ["column", "type", "by", "empty", *(f"row {n + 1}" for n in range(len(first)))]
    lines = [head]
    for field in schema:
        name = field.name
        by = (
            "declared"
            if name in declared
            else "partition"
            if name in source.partitions
            else "found"
        )
        kind = (
            "geometry" if name in geo else declared[name].type if name in declared else field.type
        )
        share = f"{empty[name] / count:.0%}" if count else ""
        share = "<1%" if share == "0%" and empty[name] else share
        values = [_shown(row[name], name in geo) for row in first]
        lines.append([name, str(kind), by, share, *values])
    counted = f"{count:,} row{'s' * (count != 1)}, {len(schema)} column{'s' * (len(schema) != 1)}"
    return "\n".join(["", counted, *_aligned(lines), *_places(geo)])


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


def _shown(value: object, is_geometry: bool) -> str:
    if value is None:
        return ""
    if is_geometry and isinstance(value, bytes):
        import shapely

        text = shapely.from_wkb(value).wkt
    elif isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False, default=str)
    else:
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(f"{v:<{w}}" for v, w in zip(line, widths, strict=True)) for line in lines)
    return [line.rstrip() for line in padded]


def _places(geo: dict) -> list[str]:
    found = []
    for name, described in geo.items():
        crs = described.get("crs") or {}
        ident = crs.get("id") or {}
        code = f"{ident['authority']}:{ident['code']}" if ident else crs.get("name", "none")
        kinds = ", ".join(described.get("geometry_types", []))
        bounds = ", ".join(f"{number:g}" for number in described.get("bbox", []))
        found.append(f"· {name}: {kinds}; CRS {code}; bounds {bounds}")
    return found
