"""Read files of SAS, Stata and SPSS by pyreadstat, chunk by chunk.

Values are the codes that are stored, unless labels are asked for; what an author declared missing
is no value, and is told. Dates are read from numbers here, as pyreadstat makes slow objects.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from diffusion.convert.given import Given
from diffusion.convert.json.waiting import Keep
from diffusion.convert.names import RENAME, composed, distinct, note_on, without_twins
from diffusion.convert.relation import OURS, Held, Named, RawTable, Told, Types
from diffusion.convert.scan import Scan
from diffusion.convert.statistics.formats import NUMBER, SYSTEMS, meaning_of
from diffusion.convert.statistics.package import UNTAGGED, NotInEncoding, read_stored
from diffusion.convert.statistics.values import MOST_TOLD, SHOWN, WHOLE_TYPES, Variable, told_of
from diffusion.errors import StatisticsError
from diffusion.files.statistics import RECORD, states_encoding, transport_of_one, transport_tables
from diffusion.tables.sql import identifier

CELLS = 2_000_000  # of a chunk
UNTOLD = "{:,} numbers are missing: kinds of missing values, if there are, are not told apart"
TEXTS = ("string", "string_ref")
OWN = {pa.float32(): "FLOAT", pa.float64(): "DOUBLE", pa.date32(): "DATE"} | {
    pa.timestamp("us"): "TIMESTAMP"
}
SUFFIX = "_label"  # of the column with the labels of another
LABEL_OF = f"{OURS}label of "  # of the same, where it waits
FALLBACK = "WINDOWS-1252"
DECLARED_NUMBERS = ("int", "float", "decimal")


def read_statistics(given: Given, keep: Keep) -> RawTable:
    """Return a file as a relation; memory does not grow beyond what ``keep`` has room for.

    A date that is declared a number stays one.

    Args:
        given: its format is sas7bdat, xpt, dta, sav or por.

    Raises:
        DiffusionError: several tables and none named, text in another encoding, a damaged file.
    """
    if given.form == "xpt":
        given = replace(given, path=_one_table(given))
    wanted = given.encoding
    encodings = _encodings(given.path, given.form, wanted)
    for encoding in encodings:
        try:
            file = _File(given, encoding)
            scan, kept = keep(file.batches(), file.schema)
        except NotInEncoding:
            continue
        return file.table(scan, kept, is_guess=encoding == FALLBACK and wanted == "auto")
    tried = " and ".join(encoding or "the encoding that it states" for encoding in encodings)
    fix = "state it: `encoding: …` (cp1252, cp850, mac_roman, utf-8 …)"
    raise StatisticsError(given.label, f"its text cannot be read as {tried}", fix)


def _encodings(path: Path, form: str, wanted: str) -> list[str | None]:
    """Return the encodings to try, one after the other."""
    if wanted != "auto":
        return [wanted]
    return [None] if form == "por" or states_encoding(path, form) else ["UTF-8", FALLBACK]


def _one_table(given: Given) -> Path:
    """Return a transport file that has the wanted table alone."""
    path, wanted, label = given.path, given.read.table, given.label
    if path.stat().st_size % RECORD:
        fix = "fetch it again under a new `vintage`"
        raise StatisticsError(label, f"is cut off: its records are of {RECORD} bytes", fix)
    known = transport_tables(path)
    if wanted is None and len(known) < 2:
        return path
    if wanted not in known:
        found = f"tables: {', '.join(known)}"
        found = f"there is no table `{wanted}`; {found}" if wanted else f"holds several {found}"
        raise StatisticsError(label, found, "write the name of one: `table: …`")
    return transport_of_one(path, known[wanted], given.place / "one.xpt")


class _File:
    """A file that is read in one encoding."""

    def __init__(self, given: Given, encoding: str | None):
        self._path, self._label, self._form = given.path, given.label, given.form
        self._encoding, self._labels, convert = encoding, given.read.labels, given.convert
        _, meta = self._stored(metadataonly=True)
        names = [composed(name) for name in meta.column_names]
        kept, self._twins = without_twins(names, convert.drop)
        distinct(kept, given.label, RENAME, may_drop=True)
        declared = {spec.source or name: spec.type for name, spec in convert.columns.items()}
        self._variables = {
            own: self._variable(own, name, declared.get(name, ""), meta)
            for own, name in zip(meta.column_names, names, strict=True)
            if name in kept
        }
        self.schema = pa.schema(list(self._fields()))
        rows, self._dropped = meta.number_rows, convert.drop
        is_stated = given.form not in UNTAGGED and rows is not None and rows >= 0
        self._records = rows if is_stated else None
        self._notes = [*note_on(meta.column_names), *_of_variables(meta.column_names_to_labels)]
        self._rows = self._missing = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows; each variable keeps in mind what its values are."""
        size = max(1_000, CELLS // max(1, len(self._variables)))
        came = size
        while came == size:
            chunk, _ = self._stored(row_offset=self._rows, row_limit=size)
            came = len(chunk)
            self._rows += came
            arrays: list[pa.Array] = []
            for given, variable in self._variables.items():
                arrays += variable.arrays(chunk[given], self._label)
                if self._form in UNTAGGED and not variable.is_text:
                    self._missing += int(chunk[given].isna().sum())
            if came:
                yield pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def table(self, scan: Scan, kept: Path, *, is_guess: bool) -> RawTable:
        """Return the table, once all rows have been read.

        Args:
            is_guess: whether the encoding is no statement.
        """
        columns = [column for one in self._variables.values() for column in self._columns(one)]
        selected = ", ".join(f"{sql} AS {identifier(name)}" for name, sql, _ in columns)
        text = frozenset(name for name, _, kind in columns if kind == "VARCHAR")
        own = {name: kind for name, _, kind in columns if kind not in ("VARCHAR", "")}
        notes = told_of(one for one in self._variables.values() if one.name not in self._dropped)
        if self._missing:
            notes.append(UNTOLD.format(self._missing))
        found = f"text in {self._encoding}, which it does not state" if is_guess else ""
        seen, names = frozenset({self._form}), [name for name, _, _ in columns]
        return RawTable(
            *(self._label, kept, replace(scan, selected=selected), names),
            *(Types(text, text, own=own), seen),
            held=Held(self._records),
            named=Named(twins=self._twins),
            told=Told(found, (*self._notes, *notes, *self._of_labels())),
        )

    def _stored(self, **options: object) -> tuple[Any, Any]:
        return read_stored(self._path, self._form, self._encoding, self._label, **options)

    def _variable(self, given: str, name: str, declared: str, meta: Any) -> Variable:
        storage = meta.readstat_variable_types[given]
        system, is_text = SYSTEMS[self._form], storage in TEXTS
        meaning = meaning_of(system, meta.original_variable_types.get(given))
        if is_text or declared.partition("(")[0] in DECLARED_NUMBERS:
            meaning = NUMBER
        labels = meta.variable_value_labels.get(given, {})
        return Variable(
            *(name, "string" if is_text else storage, system, meaning),
            missing=meta.missing_ranges.get(given, ()),
            labels=labels,
            has_labels=bool(self._labels and labels),
        )

    def _fields(self) -> Iterator[pa.Field]:
        names = {one.name.lower() for one in self._variables.values()}
        for one in self._variables.values():
            yield pa.field(one.name, one.kind)
            if one.has_labels:
                yield pa.field(LABEL_OF + one.name, pa.string())
            if one.has_labels and f"{one.name}{SUFFIX}".lower() in names and self._labels == "both":
                found = f"has a column `{one.name}{SUFFIX}`, where the labels would stand"
                raise StatisticsError(self._label, found, "take the labels alone: `labels: true`")

    def _columns(self, one: Variable) -> Iterator[tuple[str, str, str]]:
        """Yield the name of a column, its SQL, and its type by the file."""
        sql, label = identifier(one.name), identifier(LABEL_OF + one.name)
        if one.has_labels and self._labels is True and not one.unlabelled:
            yield one.name, label, "VARCHAR"
            return
        if one.is_plain and one.meaning.digits and one.is_code:
            sql = f"lpad({sql}::BIGINT::VARCHAR, {one.meaning.digits}, '0')"
            yield one.name, sql, "VARCHAR"
        elif one.is_plain and (one.storage in WHOLE_TYPES or (one.is_whole and not one.is_empty)):
            yield one.name, f"{sql}::BIGINT", "BIGINT"
        else:
            yield one.name, sql, "" if one.is_empty else OWN.get(one.kind, "VARCHAR")
        if one.has_labels and self._labels == "both":
            yield f"{one.name}{SUFFIX}", label, "VARCHAR"

    def _of_labels(self) -> Iterator[str]:
        labelled = (one for one in self._variables.values() if one.has_labels)
        for one in labelled:
            if one.name in self._dropped:
                continue
            if one.unlabelled:
                words = "values without a label"
                words += ": it has the codes" if self._labels is True else ""
                yield f"`{one.name}` has {one.unlabelled:,} {words}"
            elif self._labels is True and (twins := one.twins()):
                shown = ", ".join(twins[:SHOWN])
                words = "has codes that have one label, and are one"
                yield f"`{one.name}` {words}: {shown}; `labels: both` keeps them apart"


def _of_variables(labels: Mapping[str, str | None]) -> list[str]:
    """Return one note with the labels of all variables: what each of them is."""
    told = [f"`{name}`: {label}" for name, label in labels.items() if label]
    words = "; ".join(told)
    more = "…" if len(words) > MOST_TOLD else ""
    return [f"variables: {words[:MOST_TOLD]}{more}"] if told else []
