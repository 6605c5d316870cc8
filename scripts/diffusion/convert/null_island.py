"""Points at 0, 0: where programs put what has no coordinates. They are told loudly."""

import struct
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.write import Rows

WKB = b"\x01\x01\x00\x00\x00" + bytes(16)  # of POINT (0 0), in the order of all that we write
ENDS = struct.pack("=2i", 0, len(WKB))
# by its buffers: `pa.scalar` and `pa.array` import pandas
AT_ZERO = pa.Array.from_buffers(pa.binary(), 1, [None, pa.py_buffer(ENDS), pa.py_buffer(WKB)])[0]


class NullIsland:
    """Watches rows on their way to a file."""

    def __init__(self) -> None:
        self._rows = self._points = 0

    def watch(self, rows: Rows) -> Rows:
        """Return the rows; they are looked at as they are read."""
        if "geometry" not in rows.schema.names:
            return rows
        if not pa.types.is_binary(rows.schema.field("geometry").type):
            return rows
        return Rows(rows.schema, self._looked_at(rows))

    def _looked_at(self, rows: Rows) -> Iterator[pa.RecordBatch]:
        self._rows = self._points = 0
        for batch in rows.batches:
            self._rows += batch.num_rows
            shapes = batch["geometry"]
            self._points += pc.sum(pc.equal(shapes, AT_ZERO)).as_py() or 0
            yield batch

    def alerts(self) -> list[str]:
        """Return what is told, once all rows have passed; nothing where all points are there."""
        if not 0 < self._points < self._rows:
            return []
        what = "1 point lies" if self._points == 1 else f"{self._points:,} points lie"
        return [f"{what} at 0, 0, where coordinates that are not known are put, it seems"]
