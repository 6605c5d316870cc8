"""Moments that are midnights of a zone, and so the evening before in UTC: days, most likely.

`2024-01-01T00:00:00+01:00` is 23:00 of the 31st of December in UTC, and who takes the day of that
has another one than its publisher. Told are columns each moment of which is such a midnight: where
nothing says that the data state a zone, in winter and in summer. West of Greenwich midnight is of
the same day in UTC.
"""

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.remedies import in_line
from diffusion.tables.rows import Watcher
from diffusion.tables.sql import identifier

ZONES = ("Europe/Paris", "Europe/London", "Europe/Helsinki")
FEWEST = 2  # moments


class Midnights(Watcher):
    """Looks for such columns."""

    def begin(self, schema: pa.Schema) -> None:
        kinds = {field.name: field.type for field in schema if pa.types.is_timestamp(field.type)}
        self._zoned = {name: kind.tz is not None for name, kind in kinds.items()}
        self._left = {name: list(ZONES) for name in kinds}  # zones that all fit so far
        self._hours: dict[str, set[int]] = {name: set() for name in kinds}  # of UTC
        self._count, self._example = dict.fromkeys(kinds, 0), dict[str, pa.Scalar]()

    def look(self, batch: pa.RecordBatch) -> None:
        for name, zones in self._left.items():
            if not zones:
                continue
            known = batch[name].drop_null()
            moments = known.cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
            self._left[name] = [zone for zone in zones if _are_midnights(moments, zone)]
            if not len(moments) or not self._left[name]:
                continue
            hours = pc.hour(moments)
            self._hours[name] |= set(pc.unique(hours).to_pylist())
            self._count[name] += len(moments)
            if len(other := moments.filter(hours.cast(pa.bool_()))):
                self._example.setdefault(name, other[0])

    def alerts(self) -> list[str]:
        """Return what is told of each column."""
        return [
            self._words(name, zones[0])
            for name, zones in self._left.items()
            if zones and self._count[name] >= FEWEST and self._shows(name)
        ]

    def _shows(self, name: str) -> bool:
        """Whether the moments are other hours in UTC; of no zone, of both seasons."""
        hours = self._hours[name]
        return not hours <= {0} and (self._zoned[name] or len(hours) > 1)

    def _words(self, name: str, zone: str) -> str:
        utc = identifier(name) if self._zoned[name] else f"timezone('UTC', {identifier(name)})"
        moment = self._example[name]
        shown = _shown(moment, "%Y-%m-%d %H:%M")
        local = _shown(moment.cast(pa.timestamp("us", zone)), "%Y-%m-%dT%H:%M%z")
        return (
            f"`{name}`: moments are midnights in {zone}, such as {shown} (UTC), which is {local}: "
            "days, it seems, and in UTC the days before. In SQL they are "
            f"`timezone('{zone}', {utc})::DATE`; if the file's texts are of the zone, as "
            f"`{local}`, `columns: {in_line({name: 'date'})}` takes their days, and else it does "
            "not: of 23:00 it takes the day before"
        )


def _shown(moment: pa.Scalar, form: str) -> str:
    return str(pc.strftime(moment, format=form, locale="C").as_py())


def _are_midnights(moments: pa.Array, zone: str) -> bool:
    local = pc.local_timestamp(moments.cast(pa.timestamp("us", zone)))
    is_midnight = pc.equal(local, pc.floor_temporal(local, unit="day"))
    return bool(pc.all(is_midnight).as_py() is not False)
