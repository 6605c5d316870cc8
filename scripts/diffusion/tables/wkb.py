"""Geometries as ISO WKB in Arrow; bytes that came as such are kept as they are.

Arrays are made from buffers: ``pa.array`` imports pandas.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from operator import is_

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from diffusion.errors import DiffusionError, GeometryError
from diffusion.tables.texts import mask_of

SHOWN = 12  # bytes that an error shows
# by shapely's type id: the ISO code without heights, and the bytes of what precedes coordinates.
# Those of several parts are left out, as each part has a header of its own.
CODES = {0: (1, 5), 1: (2, 9), 3: (3, 9)}
NONE = np.False_  # of the rows of any batch


def as_binary(wkb: pa.Array) -> pa.Array:
    """Return WKB as plain bytes, whatever type Arrow has for it."""
    wkb = wkb.storage if isinstance(wkb, pa.ExtensionArray) else wkb
    return wkb.cast(pa.binary())


def as_objects(wkb: pa.Array) -> np.ndarray:
    """Return WKB as shapely takes it: bytes or None, in an array of objects."""
    # by a list, as Arrow's to_numpy imports pandas
    return np.array([*wkb.to_pylist(), None], object)[:-1]


def _but(wkb: pa.Array, left_out: np.ndarray) -> np.ndarray:
    objects = np.full(len(wkb), None, object)
    objects[~left_out] = as_objects(wkb.filter(mask_of(~left_out)))
    return objects


@contextmanager
def no_curves(where: str) -> Iterator[None]:
    """Refuse curves among WKB that is read within, of which shapely knows that they are some.

    Raises:
        DiffusionError: there is one.
    """
    try:
        yield
    except NotImplementedError as error:
        fix = "ask the publisher for straight lines, or convert with `ogr2ogr -nlt "
        fix += "CONVERT_TO_LINEAR`, in a query of PostGIS with `ST_CurveToLine`"
        raise GeometryError(where, "holds curves, which GeoParquet does not know", fix) from error


def from_wkb(
    wkb: pa.Array, where: str, before: int = 0, left_out: np.ndarray | None = None
) -> np.ndarray:
    """Return WKB as shapes; null is None, and nothing else is.

    Args:
        before: how many rows came before these.
        left_out: rows that are not read: they are None as well.

    Raises:
        DiffusionError: curves, or bytes that are no geometry.
    """
    given = as_objects(wkb) if left_out is None else _but(wkb, left_out)
    try:
        with no_curves(where):
            # "fix": rings that are not closed are closed; of what cannot be read it makes None
            shapes = shapely.from_wkb(given, on_invalid="fix")
    except shapely.errors.ShapelyError as error:
        raise GeometryError(where, f"a geometry cannot be read: {error}") from error
    known = np.array([value is not None for value in given], bool)
    lost = np.flatnonzero(shapely.is_missing(shapes) & known)
    if len(lost):
        raise _unread(given, lost, where, before)
    return shapes


def _unread(given: np.ndarray, lost: np.ndarray, where: str, before: int) -> DiffusionError:
    value, why = given[lost[0]], "it is another geometry once it is read"
    try:
        shapely.from_wkb(value)
    except shapely.errors.ShapelyError as error:
        why = str(error)
    found = (
        f"record {before + lost[0] + 1:,} is no geometry that can be read ({why}): its bytes begin "
    )
    found += f"{value[:SHOWN].hex(' ')}; {len(lost):,} of {len(given):,} here are like that"
    fix = "they are not missing, but damaged: correct them where they are made, and once they are "
    return GeometryError(where, found, f"{fix}correct set a new `vintage`")


def to_wkb(
    shapes: np.ndarray,
    given: np.ndarray,
    wkb: pa.Array | None,
    kept: np.ndarray | np.bool_ = NONE,
) -> pa.Array:
    """Return shapes as little-endian ISO WKB; None is null.

    Args:
        given: the shapes as they were read; one that is no longer the same object is written anew.
        wkb: what they were read from, if it is at hand.
        kept: rows of ``wkb`` that are so, whose shapes are None.
    """
    if wkb is None or wkb.type != pa.binary():
        return _written(shapes)
    same = np.fromiter(map(is_, shapes, given), bool, len(shapes))
    anew = ~(same & _is_canonical(wkb, shapes)) & ~kept
    if not anew.any():
        return wkb
    return pc.replace_with_mask(wkb, mask_of(anew), _written(shapes[anew]))


def _is_canonical(wkb: pa.Array, shapes: np.ndarray) -> np.ndarray:
    """Say which rows are what would be written: by their header, and by their length.

    The length tells rings that were closed on reading, empty points, and bytes behind the end.
    """
    _, ends, data = wkb.buffers()
    offsets = np.frombuffer(ends, np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]
    kinds, tall = shapely.get_type_id(shapes), shapely.has_z(shapes)
    canonical = np.zeros(len(shapes), bool)
    for kind, (code, header) in CODES.items():
        rows = np.flatnonzero(kinds == kind)
        if not len(rows):
            continue
        heads = np.frombuffer(data, np.uint8)[offsets[rows][:, None] + np.arange(5)]
        codes = np.ascontiguousarray(heads[:, 1:]).view("<u4")[:, 0]
        points = shapely.get_num_coordinates(shapes[rows])
        sizes = header + 8 * points * (2 + tall[rows])
        if kind == 3:
            sizes += 4 * (points > 0) + 4 * shapely.get_num_interior_rings(shapes[rows])
        is_iso = (heads[:, 0] == 1) & (codes == code + 1000 * tall[rows])
        canonical[rows] = is_iso & (np.diff(offsets)[rows] == sizes)
    return canonical


def _written(shapes: np.ndarray) -> pa.Array:
    values = shapely.to_wkb(shapes, output_dimension=3, flavor="iso")
    valid = np.array([value is not None for value in values], bool)
    ends = np.cumsum([len(value or b"") for value in values], dtype=np.int64)
    if len(ends) and ends[-1] > np.iinfo(np.int32).max:
        raise pa.ArrowCapacityError("the geometries of one batch are larger than 2 GiB")
    offsets = pa.py_buffer(np.concatenate([[0], ends]).astype(np.int32))
    data = pa.py_buffer(b"".join(value or b"" for value in values))
    return pa.Array.from_buffers(pa.binary(), len(values), [_bits(valid), offsets, data])


def _bits(values: np.ndarray) -> pa.Buffer:
    return pa.py_buffer(np.packbits(values, bitorder="little"))
