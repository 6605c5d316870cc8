"""Read data frames of R (.rds, .RData): each column by its class, or refused by its name.

A file is read whole: R writes it column after column.
"""

import math
import mmap
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.reading import Convert, FileRead
from diffusion.config.remedies import in_line
from diffusion.convert.json.waiting import Keep
from diffusion.convert.names import composed, distinct, note_on, without_twins
from diffusion.convert.relation import Held, Named, RawTable, Told, Types
from diffusion.errors import DiffusionError, StatisticsError
from diffusion.files.r_objects import NO_INTEGER, RError, RObject, read_objects

MOST_BYTES = 2 << 30  # of a file without compression: memory holds it about twice
BATCH = 100_000  # rows
ROWNAME = "rowname"  # as tibble calls it
PARQUET = 'arrow::write_parquet({}, "x.parquet")'
PLAIN_CLASSES = {"haven_labelled", "vctrs_vctr", "double", "integer", "character", "labelled"}
KINDS = {"nothing": "nothing, or an environment", "pairs": "a function", "list": "a list"}
NO_LONG, EXACT, MOST_SECONDS = -(2**63), 2**53, 2.5e11
OWN = {
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
}
RENAME = "name them apart in R (`names(x)`), or have the publisher do it, and set a new `vintage`"


class _Unfit(ValueError):
    """A column is none of a table; ``fix``: what to do in R."""

    def __init__(self, found: str, fix: str):
        super().__init__(found)
        self.fix = fix


@dataclass(frozen=True)
class _Made:
    """A column: its values, and what readers should know of it."""

    array: pa.Array
    told: str = ""


def read_r(
    path: Path, read: FileRead, label: str, form: str, keep: Keep, convert: Convert
) -> RawTable:
    """Return a data frame as a relation.

    Args:
        form: rds or rdata.
        convert: columns that are left out may be of any class.

    Raises:
        DiffusionError: no data frame, several and none named, a column of a class that no table
            has, or a file that is too large or damaged.
    """
    wanted = read.table if form == "rdata" else None  # of an .rds, it has no effect
    name, frame = _chosen(_objects(path, form, label), wanted, label)
    given = [composed(one) for one in frame.texts("names")]
    names, twins = without_twins(given, convert.drop)
    distinct(names, label, RENAME, may_drop=True)
    made = _columns(frame, twins, convert.drop, label, name)
    rows = _row_names(frame)
    count = len(rows) if isinstance(rows, list) else rows
    if wrong := next((n for n, m in made.items() if len(m.array) != count), None):
        found = f"`{wrong}` has {len(made[wrong].array):,} values, the data frame {count:,} rows"
        raise StatisticsError(label, found, "write it again in R: `saveRDS`")
    schema = pa.schema([(one, column.array.type) for one, column in made.items()])
    table = pa.table({one: column.array for one, column in made.items()}, schema)
    scan, kept = keep(table.to_batches(max_chunksize=BATCH), schema)
    text = frozenset(field.name for field in schema if pa.types.is_string(field.type))
    # a column of no value has the type that another file gives it
    known = [f for f in schema if made[f.name].array.null_count < count or not count]
    own = {f.name: OWN[f.type] for f in known if f.type in OWN}
    notes = [f"`{one}`: {column.told}" for one, column in made.items() if column.told]
    notes += _numbers_of_rows(frame)
    return RawTable(
        *(label, kept, scan, list(made), Types(text, text, own=own), frozenset({form})),
        held=Held(count),
        named=Named(twins=twins),
        told=Told(notes=(*note_on(given), *_labels(frame, made), *notes)),
    )


def _columns(
    frame: RObject, twins: Collection[str], dropped: Collection[str], label: str, name: str
) -> dict[str, _Made]:
    """Return the columns by their names, the names of the rows behind them."""
    rows, made = _row_names(frame), dict[str, _Made]()
    count = len(rows) if isinstance(rows, list) else rows
    for one, column in zip(map(composed, frame.texts("names")), frame.values, strict=True):
        if one in dropped:
            made[one] = _Made(pa.nulls(count, pa.string()))  # of whatever class it is
        elif one not in twins:
            made[one] = _column(column, one, label, name)
    if isinstance(rows, list):
        free = ROWNAME
        while free in made or free in twins:
            free += "_"
        made[free] = _Made(pa.array(rows, pa.string()), "the names of the rows in R")
    if not made:
        raise StatisticsError(
            label, "the data frame has no column", "see `table`, or its publisher"
        )
    return made


def _objects(path: Path, form: str, label: str) -> Mapping[str | None, RObject]:
    size = path.stat().st_size
    if size > MOST_BYTES:
        found = f"is {size:,} bytes without its compression: an R file is read whole, and up to "
        found += f"{MOST_BYTES:,}"
        raise StatisticsError(label, found, f"write it as Parquet in R: `{PARQUET.format('x')}`")
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as data:
        try:
            return read_objects(data, form)
        except RError as error:
            fix = 'write the data frame alone in R: `saveRDS(x, "x.rds")`, or '
            fix += f"`{PARQUET.format('x')}`"
            raise StatisticsError(label, f"cannot be read: {error}", fix) from error


def _chosen(
    objects: Mapping[str | None, RObject], wanted: str | None, label: str
) -> tuple[str, RObject]:
    """Return the wanted data frame, or the only one."""
    frames = {name: one for name, one in objects.items() if one.is_frame}
    if wanted is None and len(frames) == 1:
        name, frame = next(iter(frames.items()))
        return name or "x", frame
    if wanted is not None and wanted in frames:
        return wanted, frames[wanted]
    if wanted in objects and wanted is not None:
        raise _no_frame(label, wanted, objects[wanted])
    if not frames and None in objects:
        raise _no_frame(label, "x", objects[None])
    listed = f"data frames: {', '.join(str(name) for name in frames) or 'none'}"
    others = [str(name) for name in objects if name not in frames]
    listed += f"; other objects: {', '.join(others)}" if others else ""
    found = f"there is no data frame `{wanted}`; {listed}" if wanted else listed
    raise StatisticsError(label, found, "write the name of one: `table: …`")


def _no_frame(label: str, name: str, found: RObject) -> DiffusionError:
    what = "/".join(found.classes) or KINDS.get(found.kind, f"of type {found.kind}")
    made = f"as.data.frame({name})"
    if "ts" in found.classes or "tsp" in found.attributes:  # else its times are lost
        made = f"data.frame(time = as.numeric(time({name})), {made})"
    fix = f'make it one in R: `saveRDS({made}, "x.rds")`'
    shown = f"`{name}`" if name != "x" else "the object"
    return StatisticsError(label, f"{shown} is no data frame but: {what}", fix)


def _row_names(frame: RObject) -> list | int:
    """Return the names of the rows where they are texts, else how many rows there are."""
    names = frame.attributes.get("row.names", RObject("integer", np.array([], "i4")))
    if names.kind == "text":
        is_number = all(text == str(n) for n, text in enumerate(names.values, 1))
        return len(names.values) if is_number else list(names.values)
    values = names.values
    if len(values) == 2 and int(values[0]) == NO_INTEGER:  # R's short form of 1:n
        return abs(int(values[1]))
    return len(values)


def _numbers_of_rows(frame: RObject) -> Iterator[str]:
    """Yield a note where rows are not numbered 1, 2, 3: filtered ones, or years."""
    names = frame.attributes.get("row.names")
    if names is None or names.kind == "text" or names.values[:1] == [NO_INTEGER]:  # 1:n
        return
    numbers = np.asarray(names.values)
    if (numbers != np.arange(1, len(numbers) + 1)).any():
        shown = ", ".join(f"{number:g}" for number in numbers[:3])
        yield f"rows are numbered {shown}, … in R: these numbers are not in the table"


def _labels(frame: RObject, made: Mapping[str, _Made]) -> Iterator[str]:
    """Yield one note on what the columns are, as haven and others keep it."""
    given = zip(map(composed, frame.texts("names")), frame.values, strict=True)
    labels = ((name, one.texts("label")[:1]) for name, one in given if name in made)
    told = [f"`{name}`: {text}" for name, texts in labels for text in texts]
    if told:
        yield f"variables: {'; '.join(told)}"[:2000]


def _column(column: RObject, name: str, label: str, frame: str) -> _Made:
    try:
        return _made(column)
    except _Unfit as error:
        place = f"{frame}${name}"
        fix = f"{error.fix.format(place)}; or leave it out: `drop: [{in_line(name)}]`"
        raise StatisticsError(label, f"`{name}` {error}", fix) from error


def _made(column: RObject) -> _Made:
    classes, kind = column.classes, column.kind
    if "factor" in classes:
        levels = np.array([None, *column.attributes["levels"].values], dtype=object)
        numbers = np.where(column.values == NO_INTEGER, 0, column.values)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(levels):
            raise _Unfit("is a factor with codes that none of its levels has", "make it anew in R")
        return _Made(pa.array(levels[numbers], pa.string()))
    if "integer64" in classes:
        values = np.asarray(column.values).view("i8")
        return _Made(pa.array(values, pa.int64(), mask=values == NO_LONG))
    if kind in ("integer", "double") and "Date" in classes:
        return _Made(_moments(column, pa.date32(), 1))
    if kind in ("integer", "double") and "POSIXct" in classes:
        zone = next(iter(column.texts("tzone")), "")
        told = f"moments in UTC, which R shows in {zone}" if zone not in ("", "UTC", "GMT") else ""
        return _Made(_moments(column, pa.timestamp("us", "UTC"), 1_000_000), told)
    if "difftime" in classes:
        units = next(iter(column.texts("units")), "secs")
        return _Made(_plain(column), f"a duration, its number of {units}")
    strange = [name for name in classes if name not in PLAIN_CLASSES]
    told = f"of class {'/'.join(strange)}: its values as they are stored" if strange else ""
    if "labels" in column.attributes:
        told = "the codes, whose labels stay in the file"
    return _without_missing(_Made(_plain(column), told), column)


def _without_missing(made: _Made, column: RObject) -> _Made:
    """Return a column without the values that SPSS has for missing ones, as haven keeps them."""
    values, lowest = column.attributes.get("na_values"), column.attributes.get("na_range")
    if values is None and lowest is None:
        return made
    is_none = pa.array([False] * len(made.array))
    if values is not None:
        known = values.values if values.kind == "text" else np.asarray(values.values, "f8")
        of_kind = pa.string() if values.kind == "text" else pa.float64()
        is_none = pc.is_in(made.array.cast(of_kind), value_set=pa.array(known, of_kind))
    if lowest is not None:
        numbers, (least, most) = made.array.cast(pa.float64()), lowest.values
        within = pc.and_(pc.greater_equal(numbers, least), pc.less_equal(numbers, most))
        is_none = pc.or_(is_none, pc.fill_null(within, False))
    count = pc.sum(is_none).as_py() or 0
    words = f"{count:,} values that are declared missing are none" if count else ""
    told = "; ".join(filter(None, (made.told, words)))
    return _Made(pc.if_else(is_none, None, made.array), told)


def _plain(column: RObject) -> pa.Array:
    """Return values as they are stored; whole numbers are, though R has most as floats."""
    kind = column.kind
    if "dim" in column.attributes or kind == "list":
        what = "/".join(column.classes) or ("a matrix" if kind != "list" else "a list")
        if "sfc" in column.classes:
            fix = 'write a layer in R: `sf::st_write(x, "x.gpkg")`'
            raise _Unfit(f"holds geometries ({what})", fix)
        if "POSIXlt" in column.classes:
            raise _Unfit(f"holds moments as lists ({what})", "in R: `{0} <- as.POSIXct({0})`")
        raise _Unfit(f"is {what}, which is no column of a table", "take it apart in R")
    if kind == "text":
        return pa.array(column.values, pa.string())
    if kind == "logical":
        values = np.asarray(column.values)
        return pa.array(values == 1, pa.bool_(), mask=values == NO_INTEGER)
    if kind == "integer":
        values = np.asarray(column.values)
        return pa.array(values.astype("i8"), pa.int64(), mask=values == NO_INTEGER)
    if kind != "double":
        raise _Unfit(f"is of type {kind}, which no table has", "make it numbers or text in R")
    values = np.asarray(column.values)
    array = pa.array(values, pa.float64(), from_pandas=True)  # NA and NaN
    known = values[~np.isnan(values)]
    is_whole = (known == np.floor(known)) & (np.abs(known) < EXACT)
    return array.cast(pa.int64()) if len(known) and is_whole.all() else array


def _moments(column: RObject, kind: pa.DataType, scale: int) -> pa.Array:
    """Return days or moments since 1970, which R stores as integers or floats."""
    values = np.asarray(column.values).astype("f8")
    if column.kind == "integer":
        values[np.asarray(column.values) == NO_INTEGER] = np.nan
    most = MOST_SECONDS / (1 if scale > 1 else 86_400)
    if (beyond := values[np.abs(values) > most]).size:
        shown = f"{beyond[0]:g}" if math.isfinite(beyond[0]) else "Inf"
        raise _Unfit(f"has {shown} among its dates", "in R: `{0}[!is.finite({0})] <- NA`")
    is_none = np.isnan(values)
    numbers = np.where(is_none, 0, values)
    whole = np.floor(numbers) if scale == 1 else np.round(np.round(numbers, 6) * scale)
    stored = pa.int32() if scale == 1 else pa.int64()
    return pa.array(whole.astype("i8"), stored, mask=is_none).cast(kind)
