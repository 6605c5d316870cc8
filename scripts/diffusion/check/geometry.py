"""Validity of the geometries of a GeoParquet file, batch after batch."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely

from diffusion.check.subject import EXAMPLES, CheckError, Table

BATCH = 1_000  # geometries in memory at once


def geometry_problems(table: Table) -> tuple[str, Counter, list[dict]]:
    """Return the primary column, how many geometries have which problem, and examples.

    Args:
        table: a GeoParquet table.

    Returns:
        The column's name; counts by "missing", "empty", "invalid"; up to ten {row, reason}.

    Raises:
        CheckError: the `geo` metadata name no WKB column of the table.
    """
    geo = json.loads(table.metadata[b"geo"])
    column = table.column(geo.get("primary_column", "")).name
    encoding = geo["columns"].get(column, {}).get("encoding")
    if encoding != "WKB":
        raise CheckError(f"`{column}` is encoded as {encoding}; only WKB can be checked")
    found: Counter[str] = Counter()
    examples: list[dict] = []
    for row, problem, reason in _problems(table.path, column):
        found[problem] += 1
        if len(examples) < EXAMPLES:
            examples.append({"row": row, "reason": reason()})
    return column, found, examples


def _problems(path: Path, column: str) -> Iterator[tuple]:
    """Yield (row, problem, function that returns the reason) of each geometry that is not valid."""
    first = 1
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH, columns=[column]):
            wkb = batch.column(0).to_numpy(zero_copy_only=False)
            shapes = shapely.from_wkb(wkb, on_invalid="ignore")
            wrong = ~shapely.is_valid(shapes) | shapely.is_empty(shapes)
            for index in np.flatnonzero(wrong):
                yield first + int(index), *_named(wkb[index], shapes[index])
            first += len(batch)


def _named(wkb: bytes | None, shape: shapely.Geometry | None) -> tuple:
    if wkb is None:
        return "missing", lambda: "no geometry"
    if shape is None:
        return "invalid", lambda: "not readable as WKB"
    if shapely.is_empty(shape):
        return "empty", lambda: f"empty {shape.geom_type}"
    return "invalid", lambda: shapely.is_valid_reason(shape)
