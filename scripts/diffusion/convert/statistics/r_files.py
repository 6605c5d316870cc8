"""Read data frames of R (.rds, .RData): each column by its class, or refused by its name.

A file is read whole: R writes it column after column.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from diffusion.config.remedies import in_line
from diffusion.convert.given import Given
from diffusion.convert.json.waiting import Keep
from diffusion.convert.names import composed, distinct, note_on, without_twins
from diffusion.convert.relation import Held, Named, RawTable, Told, Types
from diffusion.convert.statistics.r_columns import MadeColumn, UnfitError, made_column
from diffusion.errors import DiffusionError, StatisticsError
from diffusion.files.mapped import mapped
from diffusion.files.r_objects import RError, RObject, read_objects
from diffusion.files.r_values import NO_INTEGER
from diffusion.tables.texts import text_columns

MOST_BYTES = 2 << 30  # of a file without compression: memory holds it about twice
BATCH = 100_000  # rows
ROWNAME = "rowname"  # as tibble calls it
PARQUET = 'arrow::write_parquet({}, "x.parquet")'
KINDS = {"nothing": "nothing, or an environment", "pairs": "a function", "list": "a list"}
OWN = {
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
}
RENAME = "name them apart in R (`names(x)`), or have the publisher do it, and set a new `vintage`"


def read_r(given: Given, keep: Keep) -> RawTable:
    """Return a data frame as a relation; columns that are left out may be of any class.

    Args:
        given: its format is rds or rdata.

    Raises:
        DiffusionError: no data frame, several and none named, a column of a class that no table
            has, or a file that is too large or damaged.
    """
    label, form, dropped = given.label, given.form, given.convert.drop
    wanted = given.read.table if form == "rdata" else None  # of an .rds, it has no effect
    name, frame = _chosen(_objects(given.path, form, label), wanted, label)
    every = [composed(one) for one in frame.texts("names")]
    names, twins = without_twins(every, dropped)
    distinct(names, label, RENAME, may_drop=True)
    made = _columns(frame, twins, dropped, label, name)
    rows = _row_names(frame)
    count = len(rows) if isinstance(rows, list) else rows
    if wrong := next((n for n, m in made.items() if len(m.array) != count), None):
        found = f"`{wrong}` has {len(made[wrong].array):,} values, the data frame {count:,} rows"
        raise StatisticsError(label, found, "write it again in R: `saveRDS`")
    schema = pa.schema([(one, column.array.type) for one, column in made.items()])
    table = pa.table({one: column.array for one, column in made.items()}, schema)
    scan, kept = keep(table.to_batches(max_chunksize=BATCH), schema)
    text = frozenset(text_columns(schema))
    # a column of no value has the type that another file gives it
    known = [f for f in schema if made[f.name].array.null_count < count or not count]
    own = {f.name: OWN[f.type] for f in known if f.type in OWN}
    notes = [f"`{one}`: {column.told}" for one, column in made.items() if column.told]
    notes += _numbers_of_rows(frame)
    return RawTable(
        *(label, kept, scan, list(made), Types(text, text, own=own), frozenset({form})),
        held=Held(count),
        named=Named(twins=twins),
        told=Told(notes=(*note_on(every), *_labels(frame, made), *notes)),
    )


def _columns(
    frame: RObject, twins: Collection[str], dropped: Collection[str], label: str, name: str
) -> dict[str, MadeColumn]:
    """Return the columns by their names, the names of the rows behind them."""
    rows, made = _row_names(frame), dict[str, MadeColumn]()
    count = len(rows) if isinstance(rows, list) else rows
    for one, column in zip(map(composed, frame.texts("names")), frame.values, strict=True):
        if one in dropped:
            made[one] = MadeColumn(pa.nulls(count, pa.string()))  # of whatever class it is
        elif one not in twins:
            made[one] = _column(column, one, label, name)
    if isinstance(rows, list):
        free = ROWNAME
        while free in made or free in twins:
            free += "_"
        made[free] = MadeColumn(pa.array(rows, pa.string()), "the names of the rows in R")
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
    with mapped(path) as data:
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


def _labels(frame: RObject, made: Mapping[str, MadeColumn]) -> Iterator[str]:
    """Yield one note on what the columns are, as haven and others keep it."""
    given = zip(map(composed, frame.texts("names")), frame.values, strict=True)
    labels = ((name, one.texts("label")[:1]) for name, one in given if name in made)
    told = [f"`{name}`: {text}" for name, texts in labels for text in texts]
    if told:
        yield f"variables: {'; '.join(told)}"[:2000]


def _column(column: RObject, name: str, label: str, frame: str) -> MadeColumn:
    try:
        return made_column(column)
    except UnfitError as error:
        place = f"{frame}${name}"
        fix = f"{error.fix.format(place)}; or leave it out: `drop: [{in_line(name)}]`"
        raise StatisticsError(label, f"`{name}` {error}", fix) from error
