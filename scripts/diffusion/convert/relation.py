"""Raw files as SQL: files of one shape are read by one SELECT, and put together by column name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from diffusion.convert.headers.stated import Stated
from diffusion.convert.scan import Scan
from diffusion.convert.unread import Unread
from diffusion.errors import DiffusionError
from diffusion.tables.limits import THREAD_MB
from diffusion.tables.sql import identifier, literal

NESTED = ("json", "struct", "list")
MOST_LISTED = 256  # values of files in one list of SQL
NUMBER = "file_index"  # DuckDB's name for the number of a file among those of one SELECT
OURS = "\x01"  # begins the names of columns of our own: no source may have such a column
FILE, ROW = f'"{OURS}number of the file"', f'"{OURS}row of the file"'
Record: TypeAlias = Mapping[str, object]  # raw column → text, ``Number``, None, or a nested value
MOST_RUNS = 100  # SELECTs in one query: planning takes time quadratic in their number


class Number(str):
    """A number as its JSON has it: it can be written in other digits."""


@dataclass(frozen=True)
class Types:
    """The types of columns by the file itself.

    Attributes:
        text: the columns that are text.
        strings: those of them that are text by the file's own types (a quoted JSON value, a Parquet
            string), and so are never proven to be something else.
        numbers: columns whose values are numbers by the file's own types.
        own: the file's own types (of DuckDB), where it states them.
    """

    text: frozenset[str] = frozenset()
    strings: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    own: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Nested:
    """Objects in the records of a file, by the names that columns have.

    Attributes:
        objects: those whose keys are columns.
        void: columns in which no record has a value, or each has an object without keys.
    """

    objects: frozenset[str] = frozenset()
    void: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Held:
    """What a file holds, by other means than its reader.

    Attributes:
        records: how many, if known.
        recount: gives them exactly, and takes longer.
        ends: the first and the last record as another reader sees them, where there is one.
    """

    records: int | None = None
    recount: Callable[[], int] | None = None
    ends: Sequence[Record] = ()


@dataclass(frozen=True)
class Named:
    """Names in a file that are no columns of its table as they stand.

    Attributes:
        replaced: those in place of which the configuration gives others.
        stated: what the file shows beside a header that is stated.
        twins: columns that are left out, as SQL does not tell them from those that are not.
        left_out: a key that is none, see ``layer_keys``.
    """

    replaced: Sequence[str] = ()
    stated: Stated | None = None
    twins: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NoRecords:
    """Records that are none, and would be rows of the table.

    Attributes:
        error: that they are, with what helps; where a condition keeps other rows, none.
        first: the first record, if that is the one: it must be left out indeed.
    """

    error: DiffusionError
    first: Record | None = None


@dataclass(frozen=True)
class Told:
    """What readers of the table should know.

    Attributes:
        found: in what way the file is read, where that is not stated but was found.
        notes: all else.
        no_records: values that are none, refused where no condition leaves rows out.
    """

    found: str = ""
    notes: tuple[str, ...] = ()
    no_records: NoRecords | None = None


@dataclass(frozen=True)
class RawTable:
    """One raw file, and how it is read.

    Attributes:
        seen: what the file turned out to be: its format, ``geometry``, ``archive``.
        geo: what is known of its geometries.
        thread_mb: MiB that a thread needs to read it and sort it.
        added: columns that have one value in the whole file, such as the partition's axes.
        skipped: records that `where:` leaves out.
        unread: what could not be read as geometries, where these are made of columns.
    """

    label: str
    path: Path
    scan: Scan
    columns: list[str]
    types: Types
    seen: frozenset[str] = frozenset()
    nested: Nested = Nested()
    geo: Mapping | None = None
    thread_mb: int = THREAD_MB
    added: Mapping[str, str | None] = field(default_factory=dict)
    held: Held = Held()
    named: Named = Named()
    told: Told = Told()
    skipped: int = 0
    unread: Unread | None = None

    @property
    def shape(self) -> tuple:
        """What files that one SELECT reads have in common."""
        # a column of that name would be taken for the number of the file, and behind new names
        # there is none
        alone = bool(self.scan.renamed) or NUMBER in f"{self.scan.options} {self.columns}".lower()
        kinds = tuple(self.types.own.items())  # the first file's types would be those of all
        return self.scan, tuple(self.added), kinds, self.path if alone else None

    @property
    def sql(self) -> str:
        return _select([self])


def with_note(raw: RawTable, *notes: str) -> RawTable:
    """Return a file of which readers should know more; empty notes are none."""
    if not (more := tuple(filter(None, notes))):
        return raw
    return replace(raw, told=replace(raw.told, notes=(*raw.told.notes, *more)))


def ordered_sql(raws: Sequence[RawTable], with_files: bool = False) -> str:
    """Return the SELECT of all files, in their order.

    Args:
        with_files: also the number of each row's file as FILE.
    """
    runs = [list(run) for _, run in groupby(enumerate(raws), lambda pair: pair[1].shape)]
    if len(runs) <= MOST_RUNS:
        return _union(
            _select([raw for _, raw in run], _file_of(n for n, _ in run) if with_files else "")
            for run in runs
        )
    left_out = ROW if with_files else f"{FILE}, {ROW}"
    return f"SELECT * EXCLUDE ({left_out}) FROM ({numbered_sql(raws, True)}) ORDER BY {FILE}, {ROW}"


def numbered_sql(raws: Sequence[RawTable], with_rows: bool = False) -> str:
    """Return a SELECT of all files, in any order, with the number of each row's file as FILE.

    Args:
        with_rows: also a number as ROW that grows from row to row of a file.
    """
    shapes: dict[tuple, list[int]] = {}
    for number, raw in enumerate(raws):
        shapes.setdefault(raw.shape, []).append(number)
    extra = f", row_number() OVER () AS {ROW}" if with_rows else ""
    return _union(
        _select([raws[n] for n in numbers], _file_of(numbers) + extra)
        for numbers in shapes.values()
    )


def _file_of(numbers: Iterable[int]) -> str:
    return f", {_by_file([*numbers])} AS {FILE}"


def _union(selects: Iterable[str]) -> str:
    return " UNION ALL BY NAME ".join(f"({select})" for select in selects)


def _select(raws: Sequence[RawTable], extra: str = "") -> str:
    """Return the SELECT of files of one shape, in their order."""
    scan = raws[0].scan
    values = ((name, [_literal(raw.added[name]) for raw in raws]) for name in raws[0].added)
    added = "".join(f", {_by_file(each)} AS {identifier(name)}" for name, each in values)
    origin = scan.origin(raw.path for raw in raws)
    rows = f" WHERE {scan.where}" if scan.where else ""
    sql = f"SELECT {scan.selected}{added}{extra} FROM {origin}{rows}"
    return scan.kept.of(sql) if scan.kept else sql


def _by_file(values: Sequence[object], first: int = 0) -> str:
    """Return SQL of a value that each file has for all its rows.

    DuckDB makes a list anew for each chunk of rows, and a small file is one: of thousands of values
    it is led to a short one.

    Args:
        values: of each file.
        first: the number of the first one.
    """
    if len(set(values)) == 1:
        return str(values[0])
    if len(values) > MOST_LISTED:
        half = len(values) // 2
        below, above = _by_file(values[:half], first), _by_file(values[half:], first + half)
        return f"CASE WHEN {NUMBER} < {first + half} THEN {below} ELSE {above} END"
    return f"[{', '.join(map(str, values))}][({NUMBER} + {1 - first})::BIGINT]"


def _literal(value: str | None) -> str:
    return "NULL" if value is None else literal(value)
