"""Moments of a layer as they are written, where GDAL would change them.

GDAL keeps milliseconds, and takes a column in which some moments state their zone for one in which
none does; of FlatGeobuf and XML it takes all for such. Then it is asked for their text, and what
becomes of it is decided here. It moves days that do not exist on (30 February is 1 March), too.
"""

import mmap
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.reading import Convert, declared_texts
from diffusion.config.remedies import in_line
from diffusion.convert.layers.gdal import pyogrio
from diffusion.errors import ValuesError
from diffusion.files.mapped import mapped
from diffusion.tables.types import ZONE

STAMP = re.compile(
    rb'"(?P<day>\d{4}[-/]\d\d[-/]\d\d)?'
    rb'([T ]?\d\d:\d\d(:\d\d([.,](?P<part>\d+))?)?\s?(?P<zone>Z|[+-]\d\d(:?\d\d)?)?)?"'
)
DAY_LENGTH = 10  # characters
KEPT_DIGITS = 3  # of a second, by GDAL
# GDAL's option of GeoJSON, which changes nothing of them; lines of GeoJSON have none
AS_TEXT = {"DATE_AS_STRING": "YES"}
# pyogrio's, of any format: their zone is kept, and what is finer than milliseconds is not
ZONES_KEPT = {"datetime_as_string": True}
_FINER = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d{3}\d*[1-9]"
_ELEMENT = rb">\s*(?P<found>" + _FINER + rb")"  # no attribute, such as when a server answered
XML_DAY = re.compile(rb"<(?:[\w.-]+:)?(?P<name>\w+)(?:\s[^<>]*)?>\s*(?P<day>\d{4}-\d\d-\d\d)")
# formats whose zones GDAL leaves out, with what is finer than it keeps
ZONES_LOST = {
    "fgb": re.compile(rb"(?P<found>" + _FINER + rb")"),
    "gml": re.compile(_ELEMENT),
    "gpx": re.compile(_ELEMENT),
    "kml": re.compile(_ELEMENT),
}
MOMENT, ZONED = pa.timestamp("us"), pa.timestamp("us", "UTC")
KINDS = {
    "OFTDate": pa.date32(),
    "OFTTime": pa.time64("us"),
    "OFTDateTime": MOMENT,
}


def may_change_times(data: mmap.mmap) -> bool:
    """Whether GDAL might change a moment: it is finer, or some have a zone and others have none.

    Or a day does not exist.
    """
    zones, days = set(), set()
    for match in STAMP.finditer(data):
        if len(match["part"] or b"") > KEPT_DIGITS:
            return True
        if match["day"]:
            zones.add(match["zone"] is not None)
            days.add(match["day"])
        if len(zones) > 1:
            return True
    return any(not is_day(day.decode()) for day in days)


def has_days(data: mmap.mmap) -> bool:
    """Whether a text begins as a day does: GDAL makes days and moments of such columns."""
    return any(match["day"] for match in STAMP.finditer(data))


def is_day(text: str) -> bool:
    """Whether a day exists: year, month and day with a sign between them."""
    try:
        date(*(int(part) for part in re.split("[-/]", text)))
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Times:
    """The types of columns that come as text: moments in UTC, or without a zone, days, times."""

    label: str
    kinds: Mapping[str, pa.DataType]
    options: Mapping[str, object] = field(default_factory=lambda: AS_TEXT)  # for ``open_arrow``
    notes: Sequence[str] = ()

    def schema(self, given: pa.Schema) -> pa.Schema:
        """Return the schema of the batches of ``typed``."""
        return pa.schema([pa.field(f.name, self.kinds.get(f.name, f.type)) for f in given])

    def typed(
        self, batches: Iterable[pa.RecordBatch], given: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches whose texts are moments.

        Raises:
            DiffusionError: a value is none, or is finer than microseconds.
        """
        schema = self.schema(given)
        for batch in batches:
            columns = [
                self._typed(column, name) if name in self.kinds else column
                for name, column in zip(schema.names, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def _typed(self, column: pa.Array, name: str) -> pa.Array:
        plain, kind = pc.replace_substring(column, " ", "T", max_replacements=1), self.kinds[name]
        plain = pc.replace_substring(pc.replace_substring(plain, "/", "-"), ",", ".")
        try:
            if pa.types.is_time(kind):  # no text is cast to it
                plain = pc.replace_substring_regex(plain, "^", "1970-01-01T").cast(MOMENT)
            return plain.cast(kind)
        except pa.ArrowInvalid as error:
            found = f"`{name}`: {error}: microseconds are the finest of a table"
            fix = f"take them as they are written: `columns: {{{in_line(name)}: string}}`"
            raise ValuesError(self.label, found, fix) from error


def zoned_times(
    path: Path, form: str, name: str, layer: str, convert: Convert, label: str
) -> Times | None:
    """Return what becomes of the moments of a format of ``ZONES_LOST``, None where it has none.

    Raises:
        DiffusionError: one is finer than milliseconds, or as for ``times_of``; a day does not
            exist, of which GDAL does not give the text.
    """
    info = pyogrio.read_info(name, layer=layer)
    pairs = zip(info["fields"], info["ogr_types"], strict=True)
    kinds = {str(f): kind for f, kind in pairs if f not in convert.drop}
    verify_days(path, [f for f, kind in kinds.items() if kind == "OFTDate"], label)
    moments = [f for f, kind in kinds.items() if kind == "OFTDateTime"]
    if not moments:
        return None
    with mapped(path) as data:
        finer = ZONES_LOST[form].search(data)
        shown = finer["found"].decode() if finer else ""
    if shown:
        found = f"has a moment finer than milliseconds, {shown}: it would be cut"
        fix = f"leave out the columns of moments, `drop: {in_line(list(moments))}`; or ask its "
        raise ValuesError(label, found, f"{fix}publisher for GeoParquet or CSV")
    return times_of(name, layer, convert, label, ZONES_KEPT)


def verify_days(path: Path, names: Sequence[str], label: str) -> None:
    """Refuse a day of XML that does not exist, in the element of one of the columns.

    Raises:
        DiffusionError: shows it.
    """
    if not names:
        return
    with mapped(path) as data:
        found = {(m["name"].decode(), m["day"].decode()) for m in XML_DAY.finditer(data)}
    for element, day in sorted(found):
        # an element within another one is called by both
        column = next((n for n in names if n == element or n.endswith(f"_{element}")), None)
        if column and not is_day(day):
            fix = f"leave it out, `drop: [{in_line(column)}]`; or ask its publisher to correct "
            fix += "it, and once "
            fix += "it is corrected set a new `vintage`"
            raise ValuesError(label, f"`{column}` has a day that does not exist, {day}", fix)


def times_of(
    name: str,
    layer: str,
    convert: Convert,
    label: str,
    options: Mapping[str, object] = AS_TEXT,
) -> Times:
    """Return what becomes of the columns that GDAL takes for moments, days or times.

    Args:
        name: of a file for GDAL, whose driver knows ``AS_TEXT``.
        layer: empty for the only one.
        options: how the text is asked for; only moments have one with ``ZONES_KEPT``.

    Raises:
        DiffusionError: some values of a column state their zone and others do not, and it is
            to be a column of moments.
    """
    info = pyogrio.read_info(name, layer=layer or None)
    pairs = zip(info["fields"], info["ogr_types"], strict=True)
    known = {"OFTDateTime": MOMENT} if options is ZONES_KEPT else KINDS
    kinds = {str(f): known[kind] for f, kind in pairs if kind in known}
    as_written = declared_texts(convert).union(convert.drop)
    kinds = {f: kind for f, kind in kinds.items() if f not in as_written}
    notes = []
    with_days = [f for f, kind in kinds.items() if not pa.types.is_time(kind)]
    for column, found_in in _found_in(name, layer, with_days, options).items():
        zoned, naive, no_day = found_in.zoned, found_in.naive, found_in.impossible
        if no_day:
            notes.append(f"`{column}` has days that do not exist, {no_day}: it is text")
            del kinds[column]
        elif kinds[column] == MOMENT and zoned and naive:
            found = f"some moments of `{column}` state their zone, and others do not: {zoned}, "
            fix = "take them as they are written, and make moments of them in SQL: "
            fix += f"`columns: {{{in_line(column)}: string}}`"
            raise ValuesError(label, found + naive, fix)
        elif kinds[column] == MOMENT and zoned:
            kinds[column] = ZONED
    return Times(label, kinds, options, notes)


@dataclass
class _FoundIn:
    """A moment of a column that states its zone, one that does not, and a day that is none."""

    zoned: str = ""
    naive: str = ""
    impossible: str = ""


def _found_in(
    name: str, layer: str, fields: list[str], options: Mapping[str, object]
) -> dict[str, _FoundIn]:
    found = {column: _FoundIn() for column in fields}
    if not fields:
        return found
    given = {"layer": layer or None, "columns": fields, "read_geometry": False}
    with pyogrio.open_arrow(name, use_pyarrow=True, **given, **options) as (_, reader):
        for batch in reader:
            for column, known in found.items():
                values = batch.column(column).drop_null()
                is_zoned = pc.match_substring_regex(values, ZONE)
                known.zoned = known.zoned or _first(values.filter(is_zoned))
                known.naive = known.naive or _first(values.filter(pc.invert(is_zoned)))
                known.impossible = known.impossible or _impossible(values)
    return found


def _first(values: pa.Array) -> str:
    return values[0].as_py() if len(values) else ""


def _impossible(values: pa.Array) -> str:
    days = pc.unique(pc.utf8_slice_codeunits(values, 0, DAY_LENGTH)).to_pylist()
    return next((day for day in days if not is_day(day)), "")
