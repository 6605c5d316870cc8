"""Days and moments that are numbers: 20240131, the day that Excel counts as 45322, seconds of 1970.

Who filters such a column by a day, or draws it, has it wrong: it is one only where it is declared.
Told are columns whose name says that they have days, and none of whose values contradicts it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.tables.codes import is_named
from diffusion.tables.ends import ends_of
from diffusion.tables.rows import Watcher

# how names of days begin or end
NAMES = frozenset(
    "date dates datetime dateheure jour jours day days timestamp horodatage horodate moment "
    "datum data fecha dag tag dato paivamaara".split()
)
# of those, what is a number of days, or something else, as well: only days with their digits
OTHERS = frozenset("jour jours day days dag tag moment data".split())
WRITTEN = 18_000_101, 21_991_231
EXCEL = 18_264, 73_050  # the years 1950 to 2099
LATEST = 36_526  # the year 2000: a column that ends before may count days from 1970, or from 1960
EPOCH = 315_532_800, 4_102_444_800  # seconds: the years 1980 to 2099


@dataclass(frozen=True)
class _Way:
    """How a number may mean a day: what it is called, how it is declared, and which numbers do.

    These lie ``within`` some bounds, and ``fits`` says it of all of them.
    """

    words: str
    declared: dict[str, str]
    within: tuple[int, int]
    fits: Callable[[pa.Array], bool] = lambda values: True


def _are_written(values: pa.Array) -> bool:
    """Whether each number has the digits of a day: year, month, day."""
    if not pa.types.is_integer(values.type):
        return False
    numbers = np.from_dlpack(values.cast(pa.int64()))
    years, months, days = numbers // 10_000, numbers // 100 % 100, numbers % 100
    if not (months.min() >= 1 and months.max() <= 12 and days.min() >= 1):
        return False
    begin = (years - 1970).astype("M8[Y]").astype("M8[M]") + (months - 1)
    lengths = ((begin + 1).astype("M8[D]") - begin.astype("M8[D]")).astype(int)
    return bool((days <= lengths).all())


WAYS = (
    _Way(
        "days written as year, month, day",
        {"type": "date", "format": "%Y%m%d"},
        WRITTEN,
        _are_written,
    ),
    _Way("days as Excel counts them", {"type": "date", "format": "excel"}, EXCEL),
    _Way("seconds since 1970", {"type": "timestamp", "format": "epoch"}, EPOCH),
    _Way(
        "milliseconds since 1970",
        {"type": "timestamp", "format": "epoch_ms"},
        (EPOCH[0] * 1000, EPOCH[1] * 1000),
    ),
)


@dataclass
class _Seen:
    """What came of a column: the ways that all values fit, one value, the highest one, and whether
    all are whole.
    """

    ways: list[_Way] = field(default_factory=lambda: list(WAYS))
    example: float | None = None
    highest: float = 0
    are_whole: bool = True


class NumberedDays(Watcher):
    """Looks for such columns among those that are not declared."""

    def __init__(self, columns: Sequence[Column]):
        self._own = {c.name for c in columns if c.kind is None}

    def begin(self, schema: pa.Schema) -> None:
        self._seen = {
            f.name: _Seen()
            for f in schema
            if f.name in self._own
            and _is_number(f.type)
            and is_named(f.name, NAMES, before_numbers=True)
        }

    def look(self, batch: pa.RecordBatch) -> None:
        for name, seen in self._seen.items():
            known = _known(batch[name])
            if not seen.ways or not len(known):
                continue
            low, high = ends_of(known)
            near = (w for w in seen.ways if w.within[0] <= low and high <= w.within[1])
            seen.ways = [way for way in near if way.fits(known)]
            if pa.types.is_floating(known.type):
                whole = pc.all(pc.equal(known, pc.floor(known)))
                seen.are_whole = seen.are_whole and whole.as_py()
            seen.example = known[0].as_py() if seen.example is None else seen.example
            seen.highest = max(seen.highest, high)

    def notes(self) -> list[str]:
        """Return what is told of each column."""
        told = []
        for name, seen in self._seen.items():
            ways = [way for way in seen.ways if _is_sure(name, way, seen.highest)]
            if ways and seen.example is not None:
                told.append(_words(name, ways[0], seen.example, are_whole=seen.are_whole))
        return told


def _known(values: pa.Array) -> pa.Array:
    """Return the values that are there: of a column of pandas, NaN is none."""
    known = values.drop_null()
    return known.filter(pc.invert(pc.is_nan(known))) if pa.types.is_floating(known.type) else known


def _is_sure(name: str, way: _Way, highest: float) -> bool:
    """Whether nothing else that is ordinary has this name and such numbers."""
    if way.fits is _are_written:
        return True
    is_count = way.declared["format"] == "excel" and highest < LATEST
    return not is_count and not is_named(name, OTHERS, before_numbers=True)


def _words(name: str, way: _Way, example: float, *, are_whole: bool) -> str:
    declared = way.declared if are_whole else way.declared | {"type": "timestamp"}
    return (
        f"`{name}` has numbers, such as {example}: {way.words}, it seems "
        f"(`columns: {in_line({name: declared})}` makes them days)"
    )


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)
