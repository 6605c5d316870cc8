"""Polygons of one ring, as most are: looked at as the numbers that their WKB holds.

What is proven so needs no library of geometry, which takes ten times as long. A ring around a
point from which each of its edges is seen in turn crosses itself nowhere (it is star-shaped): so
are squares of a grid, parcels, most buildings. Which way a valid ring turns is the sign of its
area. Both are exact: a sign counts only where rounding cannot have made it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.texts import mask_of

POLYGON = b"\x01\x03\0\0\0\x01\0\0\0"  # of one ring, little-endian
# what precedes the number of points, by shapely's type id
HEADERS = {3: POLYGON, 6: b"\x01\x06\0\0\0\x01\0\0\0" + POLYGON}
POINT = 16  # bytes
LEAST = 4  # points of a ring
AT_ONCE = 1 << 16  # points, of more than one ring: what is made of them stays near the processor
# Of the sign of a determinant: by how much rounding may be wrong, as a share of its parts
# (Shewchuk 1997, "ccwerrboundA"), and what it may be where they are next to nothing
ERROR, NOTHING = 3.3306690738754716e-16, 1e-290
STEP = 2.0**-52  # the same of a sum, for each of its parts


@dataclass
class Rings:
    """The rows of a batch that are polygons of one ring.

    Attributes:
        kinds: their type ids of shapely; -1 of all other rows.
        is_valid: whether they are known to be valid.
        turn: 1 counter-clockwise, -1 clockwise, 0 where it is not sure.
        boxes: xmin, ymin, xmax, ymax.
    """

    kinds: np.ndarray
    is_valid: np.ndarray
    turn: np.ndarray
    boxes: np.ndarray

    @property
    def unproven(self) -> np.ndarray:
        """The places of those that need but be valid for all to be known of them."""
        return np.flatnonzero((self.turn != 0) & ~self.is_valid)

    def with_boxes(self, boxes: np.ndarray) -> np.ndarray:
        """Return the boxes of all rows, given those of the others."""
        return np.where(self.is_valid[..., None], self.boxes, boxes)

    def turned(self, wkb: pa.Array) -> pa.Array:
        """Return the rows, those that are valid and turn clockwise the other way round."""
        wrong = self.is_valid & (self.turn < 0)
        if not wrong.any():
            return wkb
        pieces = [
            _reversed(wkb.slice(first, end - first), self.kinds[first:end], wrong[first:end])
            for first, end in _pieces(wkb)
        ]
        return pa.concat_arrays(pieces)


NO_RINGS = Rings(
    np.full((), -1, np.int8), np.zeros((), bool), np.zeros((), np.int8), np.full(4, np.nan)
)


def rings_of(wkb: pa.Array) -> Rings:
    """Return what can be told of the polygons of one ring by their numbers alone."""
    rows = len(wkb)
    kinds = np.full(rows, -1, np.int8)
    is_star, turn = np.zeros(rows, bool), np.zeros(rows, np.int8)
    found = Rings(kinds, is_star, turn, np.full((rows, 4), np.nan))
    for first, end in _pieces(wkb):
        piece = wkb.slice(first, end - first)
        kinds[first:end] = _kinds(piece)
        for kind in HEADERS:
            at = first + np.flatnonzero(kinds[first:end] == kind)
            if len(at):
                points, counts = _points(piece, kinds[first:end] == kind, kind)
                found.boxes[at], turn[at], is_star[at] = _told(points[:, 0], points[:, 1], counts)
    kinds[turn == 0] = -1
    return found


def _offsets(wkb: pa.Array) -> np.ndarray:
    return np.frombuffer(wkb.buffers()[1], np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]


def _pieces(wkb: pa.Array) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of rows that are looked at together."""
    ends, first = _offsets(wkb)[1:], 0
    while first < len(wkb):
        most = int(_offsets(wkb)[first]) + POINT * AT_ONCE
        end = max(first + 1, int(np.searchsorted(ends, most)))
        yield first, end
        first = end


def _kinds(wkb: pa.Array) -> np.ndarray:
    """Return the type ids of rows that are one ring, by their headers and lengths; -1 of others."""
    offsets, data = _offsets(wkb).astype(np.int64), np.frombuffer(wkb.buffers()[2], np.uint8)
    sizes, found = np.diff(offsets), np.full(len(wkb), -1, np.int8)
    if wkb.null_count:
        sizes *= np.from_dlpack(wkb.is_valid().cast(pa.int8()))
    for kind, header in HEADERS.items():
        begin = len(header) + 4
        rows = np.flatnonzero(sizes >= begin + LEAST * POINT)
        heads = data[offsets[rows, None] + np.arange(begin)]
        counts = np.ascontiguousarray(heads[:, len(header) :]).view("<u4")[:, 0]
        is_one = (heads[:, : len(header)] == np.frombuffer(header, np.uint8)).all(axis=1)
        found[rows[is_one & (sizes[rows] == begin + POINT * counts.astype(np.int64))]] = kind
    return found


def _points(wkb: pa.Array, which: np.ndarray, kind: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of some rows, one a row, and how many each has."""
    chosen = wkb if which.all() else wkb.filter(mask_of(which))
    begin, sizes = len(HEADERS[kind]) + 4, np.diff(_offsets(chosen))
    bare = pc.binary_slice(chosen, begin, int(sizes.max()))
    offsets = _offsets(bare)
    points = np.frombuffer(bare.buffers()[2], np.uint8)[offsets[0] : offsets[-1]]
    return points.view(np.float64).reshape(-1, 2), (sizes - begin) // POINT


def _told(
    x: np.ndarray, y: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return boxes of rings, which way they turn, and whether they are proven valid."""
    x, y = np.ascontiguousarray(x), np.ascontiguousarray(y)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    last = first + counts - 1
    low, high = np.minimum.reduceat, np.maximum.reduceat
    boxes = np.column_stack([low(x, first), low(y, first), high(x, first), high(y, first)])
    with np.errstate(all="ignore"):  # of what is not finite nothing is proven
        turn, is_star = _turns(x, y, counts, first, last)
        is_whole = (x[first] == x[last]) & (y[first] == y[last]) & np.isfinite(boxes).all(axis=1)
    # of zeros, -0.0 may be the lower one
    turn[~is_whole | (boxes == 0).any(axis=1)] = 0
    return boxes, turn, is_star & (turn != 0)


def _turns(
    x: np.ndarray, y: np.ndarray, counts: np.ndarray, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return which way closed rings turn, and whether each goes around a point in one turn.

    An edge goes around a point as it does around the corners of the triangle that both make. Where
    all go the same way, and once upward across the height of the point, there is one turn.
    """
    x = x - np.repeat(np.add.reduceat(x, first) / counts, counts)
    y = y - np.repeat(np.add.reduceat(y, first) / counts, counts)
    one, other = x[:-1] * y[1:], y[:-1] * x[1:]
    twice, size = one - other, np.abs(one) + np.abs(other)
    is_up = (y[:-1] <= 0) & (y[1:] > 0)
    between = last[:-1]  # from the end of a ring to the next one
    twice[between] = size[between] = 0
    is_up[between] = False
    is_sure = np.abs(twice) > ERROR * size + NOTHING
    is_sure[between] = True
    area, total = np.add.reduceat(twice, first), np.add.reduceat(size, first)
    is_known = np.abs(area) > (counts + LEAST) * STEP * total + NOTHING
    is_left = np.minimum.reduceat(twice, first) >= 0
    is_right = np.maximum.reduceat(twice, first) <= 0
    is_star = np.logical_and.reduceat(is_sure, first) & (is_left | is_right)
    is_star &= np.add.reduceat(is_up, first, dtype=np.int64) == 1
    return np.where(is_known, np.sign(area), 0).astype(np.int8), is_star


def _reversed(wkb: pa.Array, kinds: np.ndarray, wrong: np.ndarray) -> pa.Array:
    """Return rows, some of them with their points in the opposite order."""
    for kind, header in HEADERS.items():
        which = wrong & (kinds == kind)
        if not which.any():
            continue
        points, counts = _points(wkb, which, kind)
        first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        order = np.repeat(2 * first + counts - 1, counts) - np.arange(len(points))
        data = np.ascontiguousarray(points).view(np.complex128)[order, 0]  # both at once
        chosen = wkb if which.all() else wkb.filter(mask_of(which))
        heads = pc.binary_slice(chosen, 0, len(header) + 4)
        body, between = _binary(POINT * counts, data), _binary(0 * counts, data)
        anew = pc.binary_join_element_wise(heads, body, between)  # b"" would import pandas
        wkb = anew if which.all() else pc.replace_with_mask(wkb, mask_of(which), anew)
    return wkb


def _binary(sizes: np.ndarray, data: np.ndarray) -> pa.Array:
    ends = pa.py_buffer(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32))
    return pa.Array.from_buffers(pa.binary(), len(sizes), [None, ends, pa.py_buffer(data)])
