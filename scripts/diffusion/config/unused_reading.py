"""Options of reading and of columns that have no effect, as declared or once data are seen."""

from collections.abc import Collection, Iterator

from diffusion.base.globs import is_glob
from diffusion.config.fetching import ApiFetch
from diffusion.config.model import Source
from diffusion.config.no_effect import no_effect, place_in, set_for_format, set_options
from diffusion.config.reading import (
    TEMPORAL_TYPES,
    TEXT_TYPES,
    WORKBOOKS,
    AnyRead,
    ColumnSpec,
    Convert,
    FileRead,
    ManyRead,
)
from diffusion.config.vector_formats import LAYERS
from diffusion.errors import DiffusionError

# options of reading: the formats that use them
FORMATS = {
    "csv": ("csv",),
    "encoding": (
        *("csv", "json", "ndjson", "sqlite", "fixed", "dbf", "sas7bdat", "xpt", "dta", "sav"),
        *(name for name, form in LAYERS.items() if form.has_encoding),
    ),
    "xlsx": WORKBOOKS,
    "fixed": ("fixed",),
    "names": ("csv", *WORKBOOKS, "json", "ndjson", "parquet", *LAYERS),
    "json": ("json", "ndjson"),
    "records": ("json", "xml"),
    "separator": ("json", "ndjson", "xml"),
    "layer": tuple(LAYERS),
    "table": ("sqlite", "duckdb", "gdb", "rdata", "xpt"),
    "labels": ("dta", "sav", "por"),
    "geometry": (*LAYERS, "parquet", "arrow", "orc", "sqlite", "duckdb"),
}
# ways of writing a value: the types that are written so
SPELLED = {
    "format": TEMPORAL_TYPES,
    "formats": TEMPORAL_TYPES,
    "decimal": ("int", "float", "decimal"),
    "thousands": ("int", "float", "decimal"),
    "unit": ("int", "float", "decimal"),
    "implied_decimals": ("float", "decimal"),
    "true_values": ("bool",),
    "false_values": ("bool",),
    "pad": ("string", "category"),
    "entities": ("string", "category"),
}


def unused_read_option(where: str, read: AnyRead, seen: Collection[str]) -> DiffusionError | None:
    """Return an error for options of reading that the data, once seen, have no use for.

    Args:
        seen: what the files turned out to be: formats, ``geometry``, ``archive``.
    """
    uses = {name: formats for name, formats in FORMATS.items() if name != "geometry"}
    uses |= {"geometry": ("geometry",), "member": ("archive",), "members": ("archive",)}
    unused = [name for name in set_for_format(read) if not set(uses.get(name, seen)) & set(seen)]
    if not seen or not unused:
        return None
    found = " and ".join(sorted(seen))
    return no_effect(place_in(where, read, unused[0]), f"the data are {found}")


def unused_fill(where: str, convert: Convert, seen: Collection[str]) -> DiffusionError | None:
    """Return an error for columns to be filled in data that are no text and no workbook."""
    filled = next((name for name, spec in convert.columns.items() if spec.fill), "")
    if not filled or not seen or {"csv", *WORKBOOKS} & set(seen):
        return None
    return no_effect(f"{where}.columns.{filled}.fill", f"the data are {' and '.join(sorted(seen))}")


def unused_in_reading(where: str, source: Source) -> Iterator[DiffusionError]:
    """Yield the options of reading that have no effect."""
    read, fetch = source.read, source.fetch
    form = fetch.format if isinstance(fetch, ApiFetch) else getattr(read, "format", "auto")
    is_made = read.shapes.source.is_stated
    if is_made and form in LAYERS:
        yield no_effect(f"{where}.geometry.from", f"the format is `{form}`")
    given = [name for name in set_for_format(read) if not (name == "geometry" and is_made)]
    for name, formats in FORMATS.items():
        if name in given and form != "auto" and form not in formats:
            yield no_effect(place_in(where, read, name), f"the format is `{form}`")
    if isinstance(read, FileRead):
        yield from _csv_and_xlsx(where, read)
    if isinstance(read, ManyRead):
        yield from _members(where, read, _is_many(source))


def _members(where: str, read: ManyRead, is_many: bool) -> Iterator[DiffusionError]:
    given, alone = set_options(read), "there is one member (see `members: many`)"
    if "member_column" in given and not is_many:
        yield no_effect(f"{where}.member_column", alone)
    if "member_column" in given and is_many and read.hive:
        yield no_effect(f"{where}.member_column", "with `hive: true` keys of paths are columns")
    if read.hive and not is_many:
        yield no_effect(f"{where}.hive", alone)


def _is_many(source: Source) -> bool:
    """Say whether several members or objects are read as one table."""
    is_globbed = source.read.kind == "s3" and is_glob(source.fetch.url)
    return is_globbed or (isinstance(source.read, ManyRead) and source.read.takes_many)


def _csv_and_xlsx(where: str, read: FileRead) -> Iterator[DiffusionError]:
    if read.csv.escape and not read.csv.quote:
        yield no_effect(f"{where}.csv.escape", "there are no quotes (`quote`)")
    if read.csv.repeat and (read.csv.names or read.csv.header == 0):
        why = "the names of all columns are stated" if read.csv.names else "there is no header"
        yield no_effect(f"{where}.csv.repeat", why)
    if read.csv.repeat and read.csv.pad:
        yield no_effect(f"{where}.csv.pad", "`repeat` fills rows that have fewer groups")
    if read.xlsx.sheets and read.xlsx.sheet is not None:
        yield no_effect(f"{where}.xlsx.sheet", "`sheets` says which ones are read")
    if not read.xlsx.sheets and "sheet_column" in set_options(read.xlsx):
        yield no_effect(f"{where}.xlsx.sheet_column", "one sheet is read (see `sheets`)")
    if read.spelling != "as_is" and (read.csv.names or read.xlsx.names):
        yield no_effect(f"{where}.names", "the names of all columns are stated")


def unused_in_columns(where: str, source: Source) -> Iterator[DiffusionError]:
    """Yield what is declared of columns, and of what counts them, without effect."""
    convert = source.convert
    if convert.keep == "declared" and set(convert.drop) - {"geometry"}:
        yield no_effect(f"{where}.drop", "`keep: declared` leaves out what is not declared")
    is_file = isinstance(source.read, FileRead)
    for name, column in convert.columns.items():
        yield from _spelling(f"{where}.columns.{name}", column)
        form = getattr(source.read, "format", "auto")
        if column.fill and not (is_file and form in ("auto", "csv", *WORKBOOKS)):
            found = f"the format is `{form}`" if is_file else "the rows are of no text or sheet"
            yield no_effect(f"{where}.columns.{name}.fill", found)
        if (column.source or name) in convert.drop:
            found = f"`columns.{name}` keeps `{column.source or name}`"
            yield no_effect(f"{where}.drop", found)
    is_made = source.read.shapes.source.is_stated
    if is_made and "geometry" in convert.drop:
        yield no_effect(f"{where}.geometry.from", "`drop: [geometry]` leaves out what it makes")
    can_fail = is_made or any(c.type not in TEXT_TYPES or c.pad for c in convert.columns.values())
    if source.checks.cast_failures and not can_fail:
        found = "no column is declared with a type that a value could fail"
        yield no_effect(f"{where}.checks.cast_failures", found)
    if not source.checks.overlap and source.read.kind != "api":
        yield no_effect(f"{where}.checks.overlap", "the source has no pages")
    if not (source.checks.partitions or source.partitions):
        yield no_effect(f"{where}.checks.partitions", "the source has no `partitions`")


def _spelling(where: str, column: ColumnSpec) -> Iterator[DiffusionError]:
    """Yield the ways of writing that values of a column's type, or of its elements, have not."""
    kind = column.type
    if column.split and not kind.startswith("list["):
        yield no_effect(f"{where}.split", f"the type is `{kind}`, not `list[…]`")
    inner = kind[5:-1] if kind.startswith("list[") and column.split else kind
    for name in set_options(column):
        types = SPELLED.get(name)
        if types and inner.partition("(")[0] not in types:
            listed = ", ".join(f"`{each}`" for each in types[:-1])
            listed += f" or `{types[-1]}`" if listed else f"`{types[-1]}`"
            yield no_effect(f"{where}.{name}", f"the type is `{kind}`, not {listed}")
    if column.implied_decimals and column.decimal:
        yield no_effect(f"{where}.decimal", "with `implied_decimals` no number has a decimal sign")
