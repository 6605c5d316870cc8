"""A small picture of a geographic table, thumbnail.png: its shapes in their own CRS.

It is drawn where the table was made, with Pillow: matplotlib takes longer to begin than all else of
the job. Of a table with very many shapes only the boxes of its row groups are drawn, which its
footer has: memory and time stay bounded.
"""

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow.parquet as pq
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT, MARGIN, FINE = 600, 400, 12, 2  # pixels; drawn so many times larger
PAPER, FILL, LINE = 255, 170, 60  # as it is drawn, in one channel; the palette has the colours
COLOURS = {LINE: (0x2F, 0x5D, 0x85), FILL: (0x9E, 0xC3, 0xE0), PAPER: (0xFF, 0xFF, 0xFF)}
DOT = 2  # pixels, half of a point
MOST_BYTES, MOST_ROWS = 32 * 1024 * 1024, 50_000  # of geometries that are drawn
BATCH = 2_000  # rows
GEOMETRY = "geometry"
SIDES = ("bbox.xmin", "bbox.ymin", "bbox.xmax", "bbox.ymax")  # as Parquet names them
OF = "table"  # noted in the picture: the hash of its table
OUTSIDE = "outside"  # and how many of its shapes are not on it
FEW = 0.1  # share of shapes that may lie outside, and of the ground that the others then cover
PNG = b"\x89PNG\r\n\x1a\n"


def is_of(picture: bytes, sha256: str) -> bool:
    """Say whether a picture is one of ours, of this version of a table."""
    return picture.startswith(PNG) and f"tEXt{OF}\0{sha256}".encode() in picture


def outside_of(picture: bytes) -> int:
    """Return how many shapes of the table are not on a picture of ours."""
    found = re.search(rb"tEXt%s\0(\d+)" % OUTSIDE.encode(), picture)
    return int(found[1]) if found else 0


def is_our_picture(picture: bytes) -> bool:
    """Say whether a picture is of this project's making."""
    return is_of(picture, "")


def drawn(table: Path, sha256: str, geo: Mapping) -> bytes:
    """Return the picture of a table as PNG.

    Args:
        table: a GeoParquet file of this project.
        sha256: of it.
        geo: of its entry in the manifest.
    """
    import pyarrow.parquet as pq
    from PIL import Image, ImageDraw
    from PIL.PngImagePlugin import PngInfo

    image = Image.new("L", (WIDTH * FINE, HEIGHT * FINE), PAPER)
    draw, noted = ImageDraw.Draw(image), PngInfo()
    noted.add_text(OF, sha256)
    with pq.ParquetFile(table) as file:
        few = is_small(file, MOST_ROWS, MOST_BYTES)
        near, outside = near_box(file) if few else (None, 0)
        frame = Frame.of(geo, near)
        if outside:
            noted.add_text(OUTSIDE, str(outside))
        if few:
            for batch in file.iter_batches(BATCH, columns=[GEOMETRY], use_threads=False):
                _draw_shapes(draw, frame, batch.column(0).to_pylist())
        else:
            for box in _boxes(file):
                draw.rectangle(frame.pixels([box[:2], box[2:]]), FILL, LINE)
    target = io.BytesIO()
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    small.putpalette(_palette())
    small.save(target, "PNG", pnginfo=noted)
    return target.getvalue()


def _palette() -> list[int]:
    """Return red, green and blue of each value: those between two colours are between them."""
    import numpy as np

    channels = [[colour[n] for colour in COLOURS.values()] for n in range(3)]
    values = [np.interp(range(256), list(COLOURS), channel) for channel in channels]
    found: list[int] = np.round(np.column_stack(values)).astype(int).ravel().tolist()
    return found


@dataclass(frozen=True)
class Frame:
    """How coordinates become pixels.

    Attributes:
        scale: pixels of each unit, eastward and northward.
        turn: coordinates west of ``west`` are beyond the 180th meridian.
    """

    west: float
    north: float
    scale: tuple[float, float]
    start: tuple[float, float]
    turn: bool = False

    @classmethod
    def of(cls, geo: Mapping, near: Sequence[float] | None = None) -> "Frame":
        """Return the frame that a table's geometries fill, with equal scales on the ground.

        Args:
            near: the box of those that are shown, if not of all.
        """
        bbox, degrees = geo["bbox"], geo["bbox_wgs84"]
        half = len(bbox) // 2
        (west, south), (east, north) = bbox[:2], bbox[half : half + 2]
        is_degrees = max(map(abs, (west, east))) <= 180 and abs(north - degrees[3]) < 1e-3
        if turn := is_degrees and degrees[0] > degrees[2]:
            west, east = degrees[0], degrees[2] + 360
        elif near:
            west, south, east, north = near
        wide = max(math.cos(math.radians((south + north) / 2)), 0.05) if is_degrees else 1.0
        room = (WIDTH - 2 * MARGIN) * FINE, (HEIGHT - 2 * MARGIN) * FINE
        spans = (east - west) * wide, north - south
        scale: float = min(r / s if s else math.inf for r, s in zip(room, spans, strict=True))
        scale = scale if math.isfinite(scale) else 1.0
        left, top = ((r - s * scale) / 2 for r, s in zip(room, spans, strict=True))
        start = MARGIN * FINE + left, MARGIN * FINE + top
        return cls(west, north, (scale * wide, scale), start, turn)

    def pixels(self, points: Any) -> list[float]:
        """Return coordinates as pixels, one after the other."""
        found: list[float] = self.placed(points).ravel().tolist()
        return found

    def placed(self, points: Any) -> "np.ndarray":
        """Return coordinates as pixels, a point a row."""
        import numpy as np

        given = np.array(points, float)
        if self.turn:
            given[given[:, 0] < self.west, 0] += 360
        x = (given[:, 0] - self.west) * self.scale[0] + self.start[0]
        y = (self.north - given[:, 1]) * self.scale[1] + self.start[1]
        return np.column_stack((x, y))


def is_small(file: "pq.ParquetFile", most_rows: int, most_bytes: int) -> bool:
    """Say whether each shape of a table can be drawn."""
    metadata = file.metadata
    if metadata.num_rows > most_rows:
        return False
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    chunks = (group.column(n) for group in groups for n in range(group.num_columns))
    sizes = [c.total_uncompressed_size for c in chunks if c.path_in_schema == GEOMETRY]
    return sum(sizes) <= most_bytes


def near_box(file: "pq.ParquetFile") -> tuple[list[float] | None, int]:
    """Return the box of all shapes but a few that lie far away, and how many these are.

    None where there are no such few.
    """
    import numpy as np

    if "bbox" not in file.schema_arrow.names:
        return None, 0
    column = file.read(columns=["bbox"], use_threads=False).column("bbox")
    rows = [
        [box[side] for side in ("xmin", "ymin", "xmax", "ymax")]
        for box in column.to_pylist()
        if box
    ]
    boxes = np.array(rows, float).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if len(boxes) < 1 / FEW:
        return None, 0
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    low, high = np.quantile(centres, [FEW, 1 - FEW], axis=0)
    is_near = (np.abs(centres - (low + high) / 2) <= (high - low) * 2).all(axis=1)
    whole, near = ([*b[:, :2].min(axis=0), *b[:, 2:].max(axis=0)] for b in (boxes, boxes[is_near]))
    outside = int(len(boxes) - is_near.sum())
    is_worth_it = outside <= FEW * len(boxes) and _ground(near) < FEW * _ground(whole)
    return ([float(side) for side in near], outside) if outside and is_worth_it else (None, 0)


def _ground(box: Sequence[float]) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))


def _draw_shapes(draw: "ImageDraw", frame: Frame, wkb: Sequence[bytes | None]) -> None:
    """Draw geometries, the largest first: what lies within another stays to be seen."""
    import numpy as np
    import shapely

    shapes = shapely.from_wkb([value for value in wkb if value])
    parts = shapely.get_parts(shapely.get_parts(shapes))  # collections have collections
    for part in parts[np.argsort(-shapely.area(parts), kind="stable")]:
        if part.is_empty:
            continue
        if part.geom_type == "Polygon":
            draw.polygon(_ring(frame, part.exterior), FILL, LINE)
            for hole in part.interiors:
                draw.polygon(_ring(frame, hole), PAPER, LINE)
        elif part.geom_type == "Point":
            x, y = frame.pixels([(part.x, part.y)])
            draw.ellipse((x - DOT, y - DOT, x + DOT, y + DOT), LINE)
        elif part.geom_type in ("LineString", "LinearRing"):
            draw.line(_ring(frame, part), LINE, FINE)


def _ring(frame: Frame, line: Any) -> list[float]:
    import shapely

    return frame.pixels(shapely.get_coordinates(line))


def _boxes(file: "pq.ParquetFile") -> Iterator[tuple[float, float, float, float]]:
    """Yield the box of each row group, where the footer has it."""
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        chunks = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
        found = [chunks[side].statistics for side in SIDES if side in chunks]
        if len(found) == len(SIDES) and all(limits and limits.has_min_max for limits in found):
            west, south, east, north = found
            yield west.min, north.max, east.max, south.min
