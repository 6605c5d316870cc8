"""Points at 0, 0: where programs put what has no coordinates. They are told loudly."""

import struct

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.rows import Watcher

WKB = b"\x01\x01\x00\x00\x00" + bytes(16)  # of POINT (0 0), in the order of all that we write
ENDS = struct.pack("=2i", 0, len(WKB))
# by its buffers: `pa.scalar` and `pa.array` import pandas
AT_ZERO = pa.Array.from_buffers(pa.binary(), 1, [None, pa.py_buffer(ENDS), pa.py_buffer(WKB)])[0]


class NullIsland(Watcher):
    """Counts such points."""

    def begin(self, schema: pa.Schema) -> None:
        self._rows = self._points = 0
        self._has_shapes = "geometry" in schema.names and pa.types.is_binary(
            schema.field("geometry").type
        )

    def look(self, batch: pa.RecordBatch) -> None:
        if self._has_shapes:
            self._rows += batch.num_rows
            self._points += pc.sum(pc.equal(batch["geometry"], AT_ZERO)).as_py() or 0

    def alerts(self) -> list[str]:
        """Return how many there are; nothing where all points are there."""
        if not 0 < self._points < self._rows:
            return []
        what = "1 point lies" if self._points == 1 else f"{self._points:,} points lie"
        return [f"{what} at 0, 0, where coordinates that are not known are put, it seems"]
