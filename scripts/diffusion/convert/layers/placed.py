"""Geometries made of ordinary columns: coordinates, or shapes as text or bytes.

Rows pass in batches, and the shapes take the way of all others (``shapes``). A row without a value
has no geometry. One whose value is no geometry has none either, and is counted with what could not
be read. The columns stay as they are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import shapely

from diffusion.config.model import Conversion
from diffusion.config.reading import ColumnSpec, tokens_of
from diffusion.convert.columns import Column
from diffusion.convert.json.waiting import Waiting
from diffusion.convert.layers.shape_values import FORMS, Form, read_values
from diffusion.convert.names import distinct
from diffusion.convert.relation import OURS, ROW, RawTable, Types, numbered_sql
from diffusion.convert.typed.own_types import own_types
from diffusion.convert.unread import Unread
from diffusion.errors import GeometryError, NoEffectError
from diffusion.tables.boxes import BBOX, BOX, GEOMETRY
from diffusion.tables.crs import known_crs
from diffusion.tables.dateline import is_in_degrees
from diffusion.tables.shapes import Shapes
from diffusion.tables.sql import identifier

BATCH_ROWS = 10_000
EXAMPLES = 10
GIVEN = f"{OURS}given"
STATE = "state the CRS, `geometry: {crs: …}` (such as EPSG:4326, or EPSG:2154 for Lambert-93)"


@dataclass
class Making:
    """Makes the geometries of one raw file.

    Attributes:
        parts: how many parts a value has.
        srid: what the first value states as its CRS, 0 for nothing.
        values: rows with a value; ``failed``: those of which no geometry came; ``outside``: those
            of them whose coordinates are no degrees.
    """

    work: Shapes
    form: Form
    label: str
    key: str
    parts: int
    srid: int
    values: int = 0
    outside: int = 0
    failed: int = 0
    examples: list[dict] = field(default_factory=list)

    def batches(
        self, given: Iterable[pa.RecordBatch], schema: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        """Yield the columns of a schema: the last two are made here."""
        for batch in given:
            parts = [batch[f"{OURS}part {n}"].to_pylist() for n in range(self.parts)]
            shapes, srids = read_values(self.form, parts, self.label)
            self._verify_srids(srids)
            self._leave_out_no_degrees(shapes)
            is_given = np.array(batch[GIVEN].to_pylist(), bool)
            lost = np.flatnonzero(is_given & shapely.is_missing(shapes))
            self.values, self.failed = self.values + int(is_given.sum()), self.failed + len(lost)
            for at in map(int, lost[: EXAMPLES - len(self.examples)]):
                example = {"file": self.label, "row": batch[ROW.strip('"')][at].as_py()}
                self.examples.append(example | {"value": self.form.words(parts, at)})
            plain = [batch[name] for name in schema.names[:-2]]
            yield pa.RecordBatch.from_arrays([*plain, *self.work.arrays(shapes)], schema=schema)

    def _verify_srids(self, srids: set[int]) -> None:
        if other := srids - {self.srid}:
            found = (
                f"{self.label} has geometries of several CRSs: SRID {self.srid} and {min(other)}"
            )
            fix = (
                "a table has one: take those of one kind with `where:`, and the others as a source "
            )
            raise GeometryError(self.key, found, f"{fix}of their own")

    def _leave_out_no_degrees(self, shapes: np.ndarray) -> None:
        """Coordinates beyond a degree's are none; those of shapes are refused with their file."""
        if self.form.called != "coordinates" or not is_in_degrees(self.work.extent.crs):
            return
        x, y = shapely.get_x(shapes), shapely.get_y(shapes)
        beyond = (np.abs(y) > 90) | ((np.abs(x) > 180) & (not self.work.options.wrap))
        self.outside += int(beyond.sum())
        shapes[beyond] = None

    def verify(self) -> None:
        """Refuse coordinates most of which are no degrees.

        Raises:
            DiffusionError: with one of them.
        """
        if self.outside * 2 > self.values:
            found = f"{self.outside:,} of {self.values:,} coordinates of {self.label} are beyond "
            found += f"±180/±90 degrees, such as {self.examples[0]['value']}"
            fix = f"{STATE}; or name them the other way round, if they are exchanged"
            raise GeometryError(self.key, found, fix)


def placed(waiting: Waiting, raw: RawTable, source: Conversion, file: Path, where: str) -> RawTable:
    """Return a raw table with geometries that are made of its columns.

    Args:
        waiting: keeps the rows until they are sorted.
        file: for the rows that memory has no room for.
        where: how errors name the source.

    Raises:
        DiffusionError: no such column, no CRS, several, or coordinates that are no degrees.
    """
    key = f"{where}.geometry.from"
    if raw.geo:
        found = f"has no effect: {raw.label} has geometries of its own"
        raise NoEffectError(key, found, "remove it")
    own = [name for name in raw.columns if name not in raw.added]
    names = {name: name + "_" * (name.lower() in (GEOMETRY, BBOX)) for name in own}
    distinct(list(names.values()), raw.label, "give the columns other names")
    made, query = _making(waiting, raw, source, names, key)
    reader = waiting.con.sql(query).to_arrow_reader(BATCH_ROWS)
    plain = [reader.schema.field(name) for name in names.values()]
    schema = pa.schema([*plain, pa.field(GEOMETRY, pa.binary()), pa.field(BBOX, BOX)])
    scan, path = waiting.keep(made.batches(reader, schema), schema, file)
    made.verify()
    raw = _renamed(raw, names)
    told = replace(raw.told, notes=(*raw.told.notes, *made.work.notes))
    unread = Unread(made.failed, made.values, tuple(made.examples))
    columns = [*names.values(), GEOMETRY, BBOX, *raw.added]
    made_of = replace(raw, scan=scan, path=path, columns=columns, told=told, unread=unread)
    return replace(made_of, geo=made.work.facts(), seen=raw.seen | {"geometry"})


def _making(
    waiting: Waiting,
    raw: RawTable,
    source: Conversion,
    names: Mapping[str, str],
    key: str,
) -> tuple[Making, str]:
    """Return what makes the geometries, and the SELECT of what it makes them of.

    Args:
        names: of the columns, and what they are called in the table.
    """
    options, decimal = source.read.shapes, source.read.decimal
    form = FORMS[options.source.form]
    columns = _columns(waiting, raw, source, form, key)
    values = [c.value(decimal) if form.kind else identifier(c.raw) for c in columns]
    typed = [c.typed(decimal, v) for c, v in zip(columns, values, strict=True)]
    parts, rows = form.parts(values, typed), numbered_sql([raw], with_rows=True)
    srid = _first_srid(waiting, f"SELECT {parts[0]} AS v FROM ({rows})", form, raw.label)
    stated = f"EPSG:{srid}" if srid else None if options.crs else form.crs
    crs = known_crs(stated, options.crs, key, STATE, f"the {form.called} of {raw.label}")
    work = Shapes(options, crs, raw.label, is_stated=not options.crs)
    made = Making(work, form, raw.label, key, len(parts), srid)
    return made, _query(names, values, parts, rows)


def _query(names: Mapping[str, str], values: Sequence[str], parts: Sequence[str], rows: str) -> str:
    selected = [f"{identifier(name)} AS {identifier(new)}" for name, new in names.items()]
    selected += [f'{sql} AS "{OURS}part {n}"' for n, sql in enumerate(parts)]
    is_given = " OR ".join(f"({value}) IS NOT NULL" for value in values)
    return f'SELECT {", ".join(selected)}, ({is_given}) AS "{GIVEN}", {ROW} FROM ({rows})'


def _columns(
    waiting: Waiting, raw: RawTable, source: Conversion, form: Form, key: str
) -> list[Column]:
    """Return the columns that hold the values, as what they are to be read as."""
    wanted, convert = source.read.shapes.source.columns, source.convert
    declared = {spec.source or name: spec for name, spec in convert.columns.items()}
    own = own_types(waiting.con, raw.sql, {name for name in wanted if name not in raw.types.text})
    columns = []
    for name in wanted:
        if name not in raw.columns:
            fix = f"the data have: {', '.join(raw.columns)}"
            raise GeometryError(key, f"there is no column `{name}` in {raw.label}", fix)
        is_text = name in raw.types.text
        if (form.kind == "string" and not is_text) or (not form.kind and own.get(name) != "BLOB"):
            found = f"`{name}` of {raw.label} is {own.get(name, 'text')}, not {form.called}"
            fix = "`wkb` is of bytes, `hex` of their digits as text, `wkt` and `geojson` of text"
            raise GeometryError(key, found, fix)
        spec = declared.get(name, ColumnSpec())
        nulls = tokens_of(convert, spec)
        kind = form.kind or "string"
        spec = msgspec.structs.replace(spec, type=kind, pad=0, split="")
        known = (is_text, name in raw.types.numbers, own.get(name, ""))
        columns.append(Column(name, name, kind, nulls, spec, *known))
    return columns


def _first_srid(waiting: Waiting, sql: str, form: Form, label: str) -> int:
    """Return the CRS that the first value states, by its number; 0 for none."""
    if form.crs:
        return 0
    for (value,) in waiting.con.execute(f"{sql} WHERE v IS NOT NULL LIMIT 100").fetchall():
        _, srids = read_values(form, [[value]], label)
        if srids:
            return srids.pop()
    return 0


def _renamed(raw: RawTable, names: Mapping[str, str]) -> RawTable:
    """Return a raw table whose columns that are called as ours have other names."""

    def new(name: str) -> str:
        return names.get(name, name)

    known = (raw.types.text, raw.types.strings, raw.types.numbers)
    text, strings, numbers = (frozenset(map(new, some)) for some in known)
    own = {new(name): kind for name, kind in raw.types.own.items()}
    types = Types(text, strings, numbers, own)
    ends = [{new(name): value for name, value in end.items()} for end in raw.held.ends]
    return replace(raw, types=types, held=replace(raw.held, ends=ends))
