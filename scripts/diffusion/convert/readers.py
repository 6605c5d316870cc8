"""From the raw files of a partition to relations: archives opened, formats recognised.

Formats are known by their bytes (``sniff``), never by their extension, unless declared. The reader
of each is imported where there is a file of it: together they take as long as a small file.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from diffusion.config.model import Conversion
from diffusion.config.partitions import ONLY
from diffusion.config.reading import (
    R_FILES,
    STATISTICS,
    WORKBOOKS,
    ApiRead,
    DatabaseRead,
    FileRead,
    ManyRead,
)
from diffusion.config.vector_formats import LAYERS
from diffusion.convert.axes import verified_axes
from diffusion.convert.formats import format_of, not_read
from diffusion.convert.given import Given
from diffusion.convert.headers.words import FileHeaderError, FooterError
from diffusion.convert.json.ends import note_on_last
from diffusion.convert.json.one_page import one_page_words, part_words
from diffusion.convert.json.waiting import Keep, Waiting
from diffusion.convert.json.wide import NESTED_FORMATS
from diffusion.convert.layers.geoparquet import (
    GeometryColumn,
    bare_column,
    described_column,
    typed_column,
)
from diffusion.convert.one_of_many import called, for_partition, with_name
from diffusion.convert.reading_errors import reading_error
from diffusion.convert.relation import RawTable, with_note
from diffusion.convert.same_bytes import same_members
from diffusion.convert.spelling import as_in_file, in_snake_case
from diffusion.convert.typed.as_parquet import FORMATS as COPIED
from diffusion.convert.typed.as_parquet import copy_to_parquet
from diffusion.convert.typed.columnar import read_parquet, verify_units
from diffusion.convert.typed.datasets import datasets
from diffusion.convert.typed.hive import hive_keys, verify_keys_of_file
from diffusion.errors import ColumnsError
from diffusion.files.encodings import FileEncodingError
from diffusion.files.held import held
from diffusion.raw.inputs import RawInput
from diffusion.tables.engine import duckdb_errors


def open_raw(waiting: Waiting, item: RawInput, source: Conversion, folder: Path) -> list[RawTable]:
    """Return a relation for each dataset in the raw files of one partition.

    ``waiting`` keeps the rows of layers, and has the connection that reads all others.
    The partition's axes become columns unless the data have columns of these names.
    """
    if isinstance(source.read, DatabaseRead):
        from diffusion.convert.typed.database import read_database

        rows = read_database(waiting, item, source, folder / item.partition)
        return [
            _with_columns(verified_axes(waiting.con, rows, item.axes, source.convert), item.axes)
        ]
    tables = []
    source = for_partition(source, item.partition)
    for index, (name, path) in enumerate(zip(item.names, item.paths, strict=True)):
        place = folder / f"{item.partition}-{index}"
        members = datasets(path, name, source.read, item, place)
        twins = same_members(members)
        for number, (member, file) in enumerate(members):
            # what is copied on the way to a relation has a place of its own: relations are lazy
            try:
                with held(file):
                    raws = _read(waiting, file, member, item, source, place / f"{number}.copy")
            except (FileEncodingError, FooterError, FileHeaderError) as error:
                if len(members) > 1 or len(item.paths) > 1 or item.partition != ONLY:
                    raise error.among_others(called(error.where, len(members), item)) from error
                raise
            seen = frozenset({"archive"} if file != path else ())
            if isinstance(source.read, ManyRead) and source.read.hive:
                for raw in raws:
                    verify_keys_of_file(waiting.con, raw, hive_keys(member, raw.label))
            raws = [verified_axes(waiting.con, raw, item.axes, source.convert) for raw in raws]
            raws = [_in_item(raw, seen, file, member, item, source) for raw in raws]
            raws = [with_name(raw, called(raw.label, len(members), item)) for raw in raws]
            tables += [with_note(raw, twins.get(member, "")) for raw in raws]
    return tables


def _in_item(
    raw: RawTable,
    seen: frozenset[str],
    file: Path,
    member: str,
    item: RawInput,
    source: Conversion,
) -> RawTable:
    """Return a relation with what its partition and its member say of it."""
    records = raw.held.records if raw.held.records is not None else item.records
    came = raw.held.records or 0
    told = []
    if "json" in raw.seen and (at := source.read.records_at):
        told = one_page_words(file, at, came, item)
    elif form := next((form for form in ("geojson", "gml", "xml") if form in raw.seen), ""):
        told = part_words(file, form, source.read.records_at, came)
    raw = with_note(raw, *told, note_on_last(raw.held.ends))
    if seen or records != raw.held.records:
        raw = replace(raw, seen=raw.seen | seen, held=replace(raw.held, records=records))
    extra: dict[str, str | None] = dict(item.axes)
    if isinstance(source.read, ManyRead) and (source.read.takes_many or len(item.paths) > 1):
        if source.read.hive:
            extra |= hive_keys(member, raw.label)
        else:
            extra[source.read.member_column] = member
            _verify_member_column(raw, source.read.member_column)
    return _with_columns(raw, extra)


def _read(
    waiting: Waiting, path: Path, label: str, item: RawInput, source: Conversion, place: Path
) -> list[RawTable]:
    read = source.read
    if isinstance(read, ApiRead):
        from diffusion.convert.json.api_records import read_api

        return [read_api(waiting, path, item, source, read, place)]
    if not isinstance(read, FileRead):
        raise TypeError(read)  # rows of a database have a reader of their own
    form = format_of(path, read, label, place)
    given = Given(path, label, form, read, source.convert, place)
    if raw := _read_text(given):
        return [raw]
    place.mkdir(parents=True, exist_ok=True)
    if form in WORKBOOKS:
        from diffusion.convert.workbooks.spreadsheet import read_workbook

        return read_workbook(given, waiting.keep)
    if form in ("parquet", *COPIED):
        return [_read_typed(waiting, given)]
    if form in NESTED_FORMATS:
        from diffusion.convert.json.nested import read_nested

        return [read_nested(waiting.con, given)]
    if raw := _read_by_others(given, partial(waiting.keep, file=place / "spool.parquet")):
        return [raw]
    raise not_read(path, form, label)


def _read_text(given: Given) -> RawTable | None:
    if given.form == "csv":
        from diffusion.convert.text.delimited import read_csv

        return read_csv(given)
    if given.form == "fixed":
        from diffusion.convert.text.fixed_width import read_fixed

        return read_fixed(given)
    return None


def _read_spelled(waiting: Waiting, given: Given) -> RawTable:
    """Read Parquet, its names in snake_case, as what is declared of them has them."""
    with duckdb_errors(given.label, reading_error):
        names = pq.read_schema(given.path).names
    convert = as_in_file(given.convert, names, given.read.spelling)
    return in_snake_case(_read_parquet(waiting, replace(given, convert=convert)))


def _read_typed(waiting: Waiting, given: Given) -> RawTable:
    """Read a file whose values have types: Parquet, or what is copied to it."""
    if given.form == "parquet":
        is_spelled = given.read.spelling == "snake"
        return _read_spelled(waiting, given) if is_spelled else _read_parquet(waiting, given)
    copied = copy_to_parquet(given)
    raw = _read_parquet(waiting, replace(given, path=copied.path))
    numbers = frozenset(copied.numbers) & raw.types.text
    types = replace(raw.types, numbers=numbers, strings=raw.types.strings - numbers)
    raw = replace(raw, seen=(raw.seen - {"parquet"}) | {given.form}, types=types)
    return with_note(raw, *copied.notes)


def _read_by_others(given: Given, keep: Keep) -> RawTable | None:
    """Read a file by another library than those that write all tables."""
    if given.form in STATISTICS:
        from diffusion.convert.statistics.reading import read_statistics

        return read_statistics(given, keep)
    if given.form in R_FILES:
        from diffusion.convert.statistics.r_files import read_r

        return read_r(given, keep)
    if given.form in (*LAYERS, "dbf"):
        from diffusion.convert.layers.layer_tables import read_layer

        return read_layer(given, keep)
    return None


def _read_parquet(waiting: Waiting, given: Given) -> RawTable:
    path, label, geometry = given.path, given.label, given.read.geometry
    keep, dropped = partial(waiting.keep, file=given.place / "spool.parquet"), given.convert.drop
    with duckdb_errors(label, reading_error):
        schema = pq.read_schema(path)
        verify_units(schema, label, given.convert)
        metadata = schema.metadata or {}
        if b"geo" in metadata:
            column: GeometryColumn | None = described_column(metadata, dropped, label)
        else:
            is_made = geometry.source.is_stated  # of columns: see ``placed``
            column = None if is_made else typed_column(path, dropped, label)
            if column is None and not is_made:
                column = bare_column(path, geometry, dropped, label)
    if column is None:
        return read_parquet(waiting.con, path, label, keep, dropped)
    from diffusion.convert.layers.vectors import (
        read_geoparquet,  # GDAL only where there are geometries
    )

    return read_geoparquet(path, column, geometry, label, keep, dropped)


def _verify_member_column(raw: RawTable, name: str) -> None:
    """Refuse data that have a column called as that of the member: the member would be lost."""
    for column in [*raw.columns, *raw.named.twins]:
        if column.lower() == name.lower():
            found = f"the data have a column `{column}`, and the name of the member is to be "
            found += f"`{name}`"
            fix = f"name it otherwise: `member_column: {name}_name`"
            raise ColumnsError(raw.label, found, fix)


def _with_columns(raw: RawTable, extra: Mapping[str, str | None]) -> RawTable:
    known = {column.lower() for column in raw.columns}
    extra = {name: value for name, value in extra.items() if name.lower() not in known}
    if not extra or not raw.columns:
        return raw
    text, strings = raw.types.text | extra.keys(), raw.types.strings | extra.keys()
    types = replace(raw.types, text=text, strings=strings)
    columns = [*raw.columns, *extra]
    return replace(raw, columns=columns, types=types, added={**raw.added, **extra})
