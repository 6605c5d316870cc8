"""Validity of the geometries of a GeoParquet file, batch after batch."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow.parquet as pq
import shapely

from diffusion.check.result import Result, inapplicable, result_of, sentence
from diffusion.check.subject import EXAMPLES, CheckError, Table
from diffusion.tables.wkb import as_objects

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


def geometry_results(table: Table, is_valid: bool, share: float | None) -> Iterator[Result]:
    """Check the geometries of a table; ``is_valid`` and ``share`` are the keys of ``checks:``."""
    try:
        column, invalid, missing = geometry_problems(table)
    except CheckError as problem:
        yield inapplicable("valid_geometry", "", str(problem))
        return
    if is_valid:
        found = sentence(invalid.count, table.rows, "geometries", "are", "not valid")
        if invalid.count:
            kinds = sorted(invalid.kinds.items())
            found += f" ({', '.join(f'{count:,} {kind}' for kind, count in kinds)})"
        counts = (invalid.count, table.rows)
        made = result_of("valid_geometry", column, *counts, found, invalid.examples)
        yield _told_of_repairs(made, table)
    yield _missing_geometry(column, missing, table.rows, share)


def _recorded(table: Table) -> dict:
    """Return what the table's maker noted of its geometries; nothing in tables of others."""
    return json.loads(table.metadata.get(b"diffusion", b"{}")).get("geometry", {})


def _told_of_repairs(made: Result, table: Table) -> Result:
    """Warn of geometries that are valid, but not those that came, as their maker recorded it."""
    recorded = _recorded(table)
    count = recorded.get("reshaped", 0)
    if not (made.passed and count):
        return made
    found = f"{count:,} of {recorded['repaired']:,} that were repaired changed their area by more "
    found += "than 1%, or have none any more: compare them with their source (`geometry: {repair: "
    found += "false}` shows which they are)"
    return replace(made, passed=False, level="warn", failed=count, found=f"{made.found}; {found}")


def _missing_geometry(column: str, missing: Problems, rows: int, share: float | None) -> Result:
    """Without a declared share, some rows without a geometry are told, and all are an error."""
    count = missing.count
    found = sentence(count, rows, "rows", "are", "without a geometry")
    if count:
        limit = f"at most {share * 100:g}% may be" if share is not None else "none is expected"
        found += f" ({limit}: `checks: {{missing_geometry: …}}` states the largest share)"
    made = result_of("missing_geometry", column, count, rows, found, missing.examples)
    level: Literal["warn", "error"] = "warn" if share is None and count < rows else "error"
    return replace(made, passed=count <= (share or 0) * rows, level=level)


def geometry_problems(table: Table) -> tuple[str, Problems, Problems]:
    """Return the primary column, what is not valid ("empty", "invalid"), and what is missing.

    Where its maker looked at each shape that it wrote, and found none of them, none is looked at
    again: that is most of the work on a layer.

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
    if _recorded(table).get("unsound") == 0:
        return column, invalid, missing
    for row, kind, reason in _problems(table.path, column):
        (missing if kind == "missing" else invalid).add(row, kind, reason)
    return column, invalid, missing


def _problems(path: Path, column: str) -> Iterator[tuple]:
    """Yield (row, problem, function that returns the reason) of each geometry that is not valid."""
    first = 1
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH, columns=[column]):
            wkb = as_objects(batch.column(0))
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
