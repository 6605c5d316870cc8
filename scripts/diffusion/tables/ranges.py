"""The lowest and highest value of each column, as the statistics of the row groups say."""

import datetime
import decimal
import json
import math
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

LONGEST = 100  # characters of a text that is noted


def ranges(metadata: pq.FileMetaData) -> dict[str, dict]:
    """Return ``min`` and ``max`` of the plain columns whose values have an order, as JSON has them.

    Dates, moments and decimals are text. A column without a value has neither; nor has one with
    values that JSON has no words for, or with texts that are long.
    """
    found = {}
    for n in range(metadata.num_columns):
        column = metadata.schema.column(n)
        if "." in column.path or column.max_repetition_level:
            continue
        if limits := _limits(metadata, n):
            low, high = as_json(min(limits)), as_json(max(limits))
            if low is not None and high is not None:
                found[column.path] = {"min": low, "max": high}
    return found


def _limits(metadata: pq.FileMetaData, n: int) -> list[Any]:
    """Return both ends of a column's values in each row group; none where one does not tell."""
    limits: list[Any] = []
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        column = group.column(n)
        known = column.statistics
        if known is None or not known.has_min_max:
            if known is None or known.null_count != column.num_values:
                return []
            continue
        limits += [known.min, known.max]
    return limits


def as_json(value: Any) -> bool | int | float | str | None:
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None  # of zeros, statistics name -0.0
    if isinstance(value, datetime.date | datetime.time):  # a moment is a date, too
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, str):
        return value if len(value) <= LONGEST else None
    return value if isinstance(value, bool | int) else None


def extent(schema: pa.Schema) -> dict:
    """Return the ``bbox`` of a GeoParquet file, and the same in degrees as ``bbox_wgs84``.

    West, south, east, north; of heights the lowest stands after south, the highest at the end, and
    only in ``bbox``. West is above east where it crosses the 180th meridian.
    """
    geo = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    column = geo["columns"][geo["primary_column"]] if geo else {}
    if not (bbox := column.get("bbox")):
        return {}
    from pyproj import CRS, Transformer

    half = len(bbox) // 2
    ground = [*bbox[:2], *bbox[half : half + 2]]
    crs = CRS(column["crs"]) if column.get("crs") else CRS("OGC:CRS84")
    to_degrees = Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    degrees = ground if crs.is_geographic else to_degrees.transform_bounds(*ground)
    if not all(map(math.isfinite, degrees)):
        return {"bbox": bbox}
    return {"bbox": bbox, "bbox_wgs84": [round(side, 7) for side in degrees]}
