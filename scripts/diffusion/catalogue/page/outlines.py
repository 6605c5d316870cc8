"""The map of a geographic table: the outline of each row, simplified, as paths of SVG.

It is made where the table is, in the frame of its thumbnail; a page that is written elsewhere
keeps those that are on it. Of many or very fine shapes there are none: the thumbnail shows them.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffusion.catalogue.thumbnail import GEOMETRY, MOST_BYTES, Frame, is_small, near_box

if TYPE_CHECKING:
    import pyarrow.parquet as pq

MOST_SHAPES = 3_000
MOST_WRITTEN = 300_000  # bytes of paths
FINEST, COARSEST = 0.5, 4.0  # how far a line may be from where it was, in units of the frame
PATHS = re.compile(r'<path d="([MmlhzZ0-9 -]+)"/>')  # as this module writes them
DOT = "h0"  # a line of no length has round ends; a path that ends so is drawn with a thick pen


def outlines(table: Path, geo: Mapping) -> list[str]:
    """Return a path for each row that has a geometry; none where there would be too much.

    Args:
        table: a GeoParquet file of this project.
        geo: of its entry in the manifest.
    """
    import pyarrow.parquet as pq
    import shapely

    with pq.ParquetFile(table) as file:
        if not is_small(file, MOST_SHAPES, MOST_BYTES):
            return []
        wkb = [value for value in _geometries(file) if value]
        frame = Frame.of(geo, near_box(file)[0])
    drawn = shapely.transform(shapely.force_2d(shapely.from_wkb(wkb)), frame.placed)
    distance = FINEST
    while distance <= COARSEST:
        paths = ["".join(_in_order(_path(shape))) for shape in shapely.simplify(drawn, distance)]
        if sum(map(len, paths)) <= MOST_WRITTEN:
            return list(map(str, filter(None, paths)))
        distance *= 2
    return []


def _geometries(file: "pq.ParquetFile") -> list[bytes | None]:
    found: list[bytes | None] = file.read([GEOMETRY], use_threads=False).column(0).to_pylist()
    return found


def outlines_in(page: str) -> list[str]:
    """Return the paths of the map on a page of ours."""
    return PATHS.findall(page)


def _in_order(lines: Iterator[str]) -> list[str]:
    """Return dots first: an island too small for an outline makes none of its mainland thick."""
    return sorted(lines, key=lambda line: not line.endswith(DOT))


def _path(shape: Any) -> Iterator[str]:
    """Yield the path of each part of a geometry, in whole units, each point from the last one."""
    import shapely

    for part in shapely.get_parts(shapely.get_parts(shape)):  # collections have collections
        is_area = part.geom_type == "Polygon"
        first, *holes = [part.exterior, *part.interiors] if is_area else [part]
        if not first.is_empty:
            yield _line(shapely.get_coordinates(first), is_area)
        inner = (_line(shapely.get_coordinates(hole), is_area) for hole in holes)
        yield from (line for line in inner if not line.endswith(DOT))


def _line(points: Any, closed: bool) -> str:
    import numpy as np

    whole = np.rint(points).astype(int)
    steps = np.diff(whole, axis=0)
    steps = steps[steps.any(axis=1)]
    start = f"M{whole[0][0]} {whole[0][1]}"
    if not len(steps):
        return start + DOT
    moves = "l" + " ".join(f"{x} {y}" for x, y in (steps[:-1] if closed else steps).tolist())
    return start + moves + ("z" if closed else "")
