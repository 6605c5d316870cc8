"""Days that some files write in one way and others in another: the column is text, and told."""

import datetime
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.reading import Convert
from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.tables.rows import Watcher

TIME = r"(?P<time>[ T]\d{1,2}:\d\d(:\d\d)?)?(?P<zone>Z|[+-]\d\d:?\d\d)?"
DAY = re.compile(  # or the shape of one, each of its digits a 9
    r"(?P<y>\d{4})(?P<s>[-/.])\d{1,2}(?P=s)\d{1,2}" + TIME + r"|(?P<plain>\d{8})|"
    r"\d{1,2}(?P<sign>[-/.])\d{1,2}(?P=sign)(?P<year>\d{4}|\d\d)"
    + TIME.replace("time", "hour").replace("zone", "z")
)
ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LATE, MONTH, YEAR = r"(1[3-9]|2\d|3[01])", r"(0?[1-9]|1[0-2])", r"\d{4}\b"
DAY_FIRST, MONTH_FIRST = (
    rf"^{one}[-/.]{other}[-/.]{YEAR}" for one, other in ((LATE, MONTH), (MONTH, LATE))
)
ZONE = "%z"
PLAIN = ("%Y%m%d", "%d%m%Y")
MOST = 4  # ways that are told
LOOKED = 1000  # values, for one that has a digit


@dataclass(frozen=True)
class _Shown:
    """A value, and where it stands."""

    value: str
    place: str

    def __str__(self) -> str:
        return f"`{self.value}`{self.place}"


@dataclass
class _Seen:
    """What came of a column: format → a value; values that show what stands first; one no day.

    ``shapes``: those of values that are known to be days.
    """

    ways: dict[str, _Shown] = field(default_factory=dict)
    shapes: set[str] = field(default_factory=set)
    orders: dict[str, _Shown] = field(default_factory=dict)
    no_day: str = ""


class MixedDays(Watcher):
    """Looks for days of several forms in columns of text that are not declared."""

    def __init__(self, columns: Sequence[Column], convert: Convert, added: Collection[str]):
        self._own = [
            c.name for c in columns if c.raw not in added and c.name not in convert.columns
        ]
        self._proven = {c.name for c in columns if c.kind is None}  # of days they would be dates
        self._by = [c.name for c in columns if c.raw in added]

    def begin(self, schema: pa.Schema) -> None:
        texts = {f.name for f in schema if pa.types.is_string(f.type)}
        self._names = [name for name in self._own if name in texts]
        self._seen: dict[str, _Seen] = {}

    def look(self, batch: pa.RecordBatch) -> None:
        for name in list(self._names):
            if not self._takes(batch, name):
                self._names.remove(name)
                self._seen.pop(name, None)

    def _takes(self, batch: pa.RecordBatch, name: str) -> bool:
        """Look at some values; returns whether all of the column may be days, or words."""
        values = batch[name]
        if name not in self._seen:
            some = [value for value in values[:LOOKED].to_pylist() if value]
            first = next((value for value in some if any(map(str.isdigit, value))), "")
            if not DAY.fullmatch(first):
                return not some  # which may be those of another file
        shapes = pc.replace_substring_regex(values, r"[0-9]", "9")
        for shape in pc.unique(shapes).drop_null():
            if "9" not in shape.as_py():
                continue  # a word for no value
            known = self._seen.setdefault(name, _Seen())
            which = pc.equal(shapes, shape)
            if shape.as_py() not in known.shapes and not self._is_day(batch, values, which, known):
                return False
            known.shapes.add(shape.as_py())
        if (seen := self._seen.get(name)) and any(way.startswith("%d") for way in seen.ways):
            self._order(batch, values, seen)
        if seen and name in self._proven and not seen.no_day:
            days = pc.unique(values).to_pylist()
            seen.no_day = next((day for day in days if day and _is_no_day(day)), "")
        return True

    def _is_day(
        self, batch: pa.RecordBatch, values: pa.Array, which: pa.Array, seen: _Seen
    ) -> bool:
        """Whether one of some values of a shape is a day: its format is noted."""
        for at in pc.indices_nonzero(which)[:LOOKED].to_pylist():
            if way := _format(values[at].as_py()):
                seen.ways.setdefault(way, self._shown(batch, values, at))
                return True
        return False

    def _order(self, batch: pa.RecordBatch, values: pa.Array, seen: _Seen) -> None:
        for order, pattern in (("day", DAY_FIRST), ("month", MONTH_FIRST)):
            if order not in seen.orders:
                matching = pc.match_substring_regex(values, pattern)
                if pc.any(matching).as_py():
                    at = pc.indices_nonzero(matching)[0].as_py()
                    seen.orders[order] = self._shown(batch, values, at)

    def _shown(self, batch: pa.RecordBatch, values: pa.Array, at: int) -> _Shown:
        of = ", ".join(f"`{name}` is `{batch[name][at].as_py()}`" for name in self._by)
        return _Shown(values[at].as_py(), f" (where {of})" if of else "")

    def alerts(self) -> list[str]:
        """Return what is told of such columns."""
        return [words for name, seen in self._seen.items() for words in _words(name, seen)]


def _format(value: str) -> str:
    """Return the format of a day, the day before the month where nothing shows which; or none."""
    if not (day := DAY.fullmatch(value)):
        return ""
    time = day["time"] or day["hour"] or ""
    clock = (time[:1] + ("%H:%M:%S" if time.count(":") > 1 else "%H:%M")) if time else ""
    clock += ZONE if time and (day["zone"] or day["z"]) else ""
    if day["plain"]:
        return next((way for way in PLAIN if _reads(value, way)), "")
    if sign := day["s"]:
        way = f"%Y{sign}%m{sign}%d{clock}"
        return way if _reads(value, way) else ""
    year, sign = "%Y" if len(day["year"]) == 4 else "%y", day["sign"]
    way, other = (f"{first}{sign}{year}{clock}" for first in (f"%d{sign}%m", f"%m{sign}%d"))
    return way if _reads(value, way) or _reads(value, other) else ""


def _reads(value: str, way: str) -> bool:
    try:
        datetime.datetime.strptime(value, way)
    except ValueError:
        return False
    return True


def _is_no_day(text: str) -> bool:
    """Whether a text is written as a day of ISO, and is none: 0000-00-00, 2023-02-30."""
    if not ISO.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return True
    return False


def _words(name: str, seen: _Seen) -> Iterator[str]:
    if len(seen.orders) > 1:
        day, month = seen.orders["day"], seen.orders["month"]
        yield (
            f"`{name}` is text: the day stands before the month in {day}, and behind it in "
            f"{month}; have files of each kind in a source of their own"
        )
    elif len({way.endswith(ZONE) for way in seen.ways}) > 1:
        stated = {way.endswith(ZONE): value for way, value in seen.ways.items()}
        yield (
            f"`{name}` is text: some moments state their zone, as {stated[True]}, and others "
            f"do not, as {stated[False]}; those may be UTC or local time: make moments "
            "of them in SQL"
        )
    elif len(seen.ways) > 1:
        shown = " and as ".join(map(str, list(seen.ways.values())[:MOST]))
        spec, more = _declaration(seen)
        yield (
            f"`{name}` is text, as days are written as {shown}; declare `columns: "
            f"{{{in_line(name)}: {spec}}}`{more}"
        )
    elif seen.no_day:
        nulls = in_line({name: {"type": "date", "nulls": [seen.no_day]}})
        yield (
            f"`{name}` is text, as `{seen.no_day}` is no day; if it stands for none, `columns: "
            f"{nulls}` makes dates of the others"
        )


def _declaration(seen: _Seen) -> tuple[str, str]:
    """Return the declaration that reads days of several forms, and what else may be meant."""
    ways = list(seen.ways)
    if "month" in seen.orders:
        ways = [re.sub(r"^%d(.)%m", r"%m\1%d", way) for way in ways]
    kind = "timestamp" if any("%H" in way for way in ways) else "date"
    if all(way.startswith("%Y-%m-%d") for way in ways):  # days, and moments, of ISO
        return kind, ""
    unsure = any(way.startswith("%d") for way in ways) and not seen.orders
    more = "; where the month stands first, with `%m` before `%d`" if unsure else ""
    forms = ", ".join(f'"{way}"' for way in ways)
    return f"{{type: {kind}, formats: [{forms}]}}", more
