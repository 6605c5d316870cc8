"""Validity of the geometries of a GeoParquet file, batch after batch."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely

from diffusion.check.subject import EXAMPLES, CheckError, Table

BATCH = 1_000  # geometries in memory at once


@dataclass
class Problems:
    """How many geometries have which problem, and up to ten examples: {row, reason}."""

    kinds: Counter[str] = field(default_factory=Counter)
    examples: list[dict] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many geometries have one."""
        return self.kinds.total()

    def add(self, row: int, kind: str, reason: Callable[[], str]) -> None:
        """Count one more; its reason is asked for only if it is an example."""
        self.kinds[kind] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append({"row": row, "reason": reason()})


def geometry_problems(table: Table) -> tuple[str, Problems, Problems]:
    """Return the primary column, what is not valid ("empty", "invalid"), and what is missing.

    Args:
        table: a GeoParquet table.

    Raises:
        CheckError: the `geo` metadata name no WKB column of the table.
    """
    geo = json.loads(table.metadata[b"geo"])
    column = table.column(geo.get("primary_column", "")).name
    encoding = geo["columns"].get(column, {}).get("encoding")
    if encoding != "WKB":
        raise CheckError(f"`{column}` is encoded as {encoding}; only WKB can be checked")
    invalid, missing = Problems(), Problems()
    for row, kind, reason in _problems(table.path, column):
        (missing if kind == "missing" else invalid).add(row, kind, reason)
    return column, invalid, missing


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
