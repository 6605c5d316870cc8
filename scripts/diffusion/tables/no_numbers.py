"""Floats that are no numbers: infinite ones, as a division by 0 gives, and NaN. They are told."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.rows import Watcher


@dataclass
class _Seen:
    infinite: int = 0
    nan: int = 0


class NoNumbers(Watcher):
    """Looks for infinite values and NaN in columns of floats."""

    def begin(self, schema: pa.Schema) -> None:
        self._found: dict[str, _Seen] = {}
        self._floats = [f.name for f in schema if pa.types.is_floating(f.type)]

    def look(self, batch: pa.RecordBatch) -> None:
        for name in self._floats:
            odd = batch[name].filter(pc.invert(pc.is_finite(batch[name])))
            if len(odd):
                nan = pc.sum(pc.is_nan(odd)).as_py() or 0
                seen = self._found.setdefault(name, _Seen())
                seen.nan, seen.infinite = seen.nan + nan, seen.infinite + len(odd) - nan

    def alerts(self) -> list[str]:
        """Return what is told of infinite values, then of NaN."""
        found = sorted(self._found.items())
        infinite = [
            f"`{name}` has {_values(seen.infinite)} infinite, as a division by 0 gives"
            for name, seen in found
            if seen.infinite
        ]
        return infinite + [
            f"`{name}` has {_values(seen.nan)} NaN, which is no number and not missing either: "
            "sums and means with it are NaN"
            for name, seen in found
            if seen.nan
        ]


def _values(count: int) -> str:
    return "1 value that is" if count == 1 else f"{count:,} values that are"
