"""Geometries and their bounding boxes, as columns have them."""

import numpy as np
import pyarrow as pa

GEOMETRY, BBOX = "geometry", "bbox"  # columns of every table with geometries
SIDES = ("xmin", "ymin", "xmax", "ymax")
BOX = pa.struct([pa.field(side, pa.float32()) for side in SIDES])


def boxes_of(exact: np.ndarray) -> pa.StructArray:
    """Return bounding boxes as float32, rounded outward so that they always cover.

    Args:
        exact: xmin, ymin, xmax, ymax, one a row; NaN where there is none.
    """
    missing = np.isnan(exact[:, 0])
    near = exact.astype(np.float32)
    near[:, :2] = np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)[:, :2]
    near[:, 2:] = np.where(near < exact, np.nextafter(near, np.float32(np.inf)), near)[:, 2:]
    # from buffers, as pa.array imports pandas
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    sides = [
        pa.Array.from_buffers(pa.float32(), len(near), [valid, pa.py_buffer(side)])
        for side in np.ascontiguousarray(near.T)
    ]
    return pa.Array.from_buffers(BOX, len(near), [valid], children=sides)


def merge_bounds(many: np.ndarray) -> list[float]:
    """Return the bounds of all boxes, one a row: xmin, ymin, xmax, ymax."""
    low, high = np.fmin.reduce(many[:, :2]), np.fmax.reduce(many[:, 2:])
    return [float(side) for side in (*low, *high)]
