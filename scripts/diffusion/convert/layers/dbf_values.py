"""What a .dbf itself has for numbers, days and truth: GDAL takes any text for one of them.

It reads a number up to where it can no more (``1,50`` is 1, ``NULL`` is 0, ``1.5`` is 1 where a
field has no decimals), moves days that do not exist on, keeps 53 bits of long numbers, and loses
the zeros in front of codes (``01001``). So all
values are read here as well, of records of a fixed width (dBASE III's .dbf, as the ESRI shapefile
technical description has it). A field that GDAL would change is one of text in a copy of the file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.reading import Convert
from diffusion.config.remedies import in_line
from diffusion.convert.layers.dbf import Field, fields_of, records_of
from diffusion.convert.layers.geojson_times import Times
from diffusion.convert.layers.layer_text import Texts
from diffusion.errors import DiffusionError, ValuesError

BLANK = " \0"
WHOLE = re.compile(r"[+-]?\d+\.?")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
NO_NUMBER = re.compile(r"(?i)[+-]?(nan|inf|1\.#\w+)")  # of floats, as C writes them
STARS = r"^\*+$"  # for no value, or one that is wider than the field
COMMA = re.compile(r"[+-]?\d+,\d+")
TRUE, UNKNOWN = "^[YyTt1]$", r"^\??$"
TRUTH = "YyTt1NnFf0?"
LONG = 18  # digits: GDAL has floats for longer ones
EXACT = 2**53  # up to it, floats hold each whole number
NO_DAY = "^(0|0{8})?$"
DAY = "(?s)^(.{4})(..)(.*)$"
ANY = "(?s)."
ZEROS = "^0[0-9]"  # in front of a code
MEMOS = "MGBP"  # numbers of blocks of another file
READ = (
    f"CNFLD{MEMOS}"  # later versions of dBASE and FoxPro have binary ones: GDAL has no text of them
)


@dataclass(frozen=True)
class Numbers(Times):
    """The types of fields that come as text: numbers with decimals, and truth."""

    options: Mapping[str, object] = field(default_factory=dict)

    def _typed(self, column: pa.Array, name: str) -> pa.Array:
        kind = self.kinds[name]
        if kind == pa.string():  # a day, as GDAL writes it
            return pc.replace_substring_regex(column, r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3")
        if kind == pa.bool_():
            is_unknown = pc.match_substring_regex(column, UNKNOWN)
            return pc.if_else(is_unknown, None, pc.match_substring_regex(column, TRUE))
        known = pc.if_else(pc.match_substring_regex(column, r"^\**$"), None, column)
        return known.cast(kind)


@dataclass(frozen=True)
class Dbf:
    """What becomes of a .dbf: fields that are text in a copy, the types of some, and notes."""

    as_text: list[Field]
    numbers: Numbers | None
    notes: list[str]


def values_of(path: Path, texts: Texts, convert: Convert) -> Dbf:
    """Look at all values of a .dbf but text.

    Raises:
        DiffusionError: shows a value that is none of its field's kind, unless ``columns`` says
            what becomes of the text, or it is left out.
    """
    declared = {spec.source or name: spec.type for name, spec in convert.columns.items()}
    every = fields_of(path, texts)
    fields = [f for f in every if f.letter != "C" and f.name not in convert.drop]
    if convert.keep == "declared":
        fields = [f for f in fields if f.name in declared]
    for one in fields:
        if one.letter not in READ:
            raise _unread(one, path.name, texts.label)
    for first, rows in records_of(path):
        for one in fields:
            look(one, first, rows)
    for one in fields:
        if one.odd and (one.letter in MEMOS or one.name not in declared):
            raise _refused(one, path.name, texts.label)
    given = [f.name for f in fields_of(path, None)]
    found = [(given[f.number], _kind(f, declared.get(f.name))) for f in fields]
    kinds = {name: kind for name, kind in found if kind is not None}
    changed = [f for f in fields if f.odd or f.kind]
    told = "values of `{}` are asterisks: none, or wider than the field"
    notes = [f"{f.stars:,} {told.format(f.name)}" for f in fields if f.stars]
    zeros = "`{0}` has zeros in front: its values are text, as codes are; `columns: {{{1}: int}}`"
    notes += [
        f"{zeros.format(f.name, in_line(f.name))} makes numbers of them"
        for f in fields
        if f.has_zeros and f.name not in declared
    ]
    return Dbf(changed, Numbers(texts.label, kinds) if kinds else None, notes)


def _kind(one: Field, declared: str | None) -> pa.DataType | None:
    """Return what becomes of a field's text; None if it stays as it is."""
    if one.letter == "D":
        return pa.string() if one.odd else None
    is_text = one.odd or declared in ("string", "category") or one.kind == pa.string()
    return None if is_text else one.kind


def look(one: Field, first: int, rows: np.ndarray) -> None:
    """Look at the values of some records: the first that is none of its kind is noted."""
    if one.odd or not one.width:
        return
    there = np.flatnonzero(rows[:, 0] != ord("*"))  # records that are not deleted
    cells = np.ascontiguousarray(rows[there, one.start : one.start + one.width])
    if _is_plain(one, cells):
        return
    for number, raw in zip(there, cells, strict=True):
        text = raw.tobytes().decode("latin-1").strip(BLANK)
        if not _take(one, text):
            one.odd = (first + int(number) + 1, text)
            return


def _is_plain(one: Field, cells: np.ndarray) -> bool:
    """Whether all values are what GDAL reads right: for most fields that is all to be seen."""
    if one.letter in MEMOS:
        return not (cells > ord(" ")).any()
    if one.letter == "L":
        return bool(np.isin(cells[:, 0], list(b"YyTtNnFf? \0")).all())
    if ((cells > ord("9")) & (cells != ord("e")) & (cells != ord("E"))).any():
        return False  # such as the letters of hexadecimal digits
    buffers = [None, pa.py_buffer(cells)]  # pa.array imports pandas
    raw = pa.FixedSizeBinaryArray.from_buffers(pa.binary(one.width), len(cells), buffers)
    text = pc.ascii_trim(raw.cast(pa.binary()).cast(pa.string()), BLANK)
    known = text.filter(pc.match_substring_regex(text, ANY))  # a comparison imports pandas
    if one.letter != "D" and (cells == ord("*")).any():
        is_none = pc.match_substring_regex(known, STARS)
        one.stars += pc.sum(is_none).as_py()
        known = known.filter(pc.invert(is_none))
    return _are_days(known) if one.letter == "D" else _are_numbers(known, one)


def _are_numbers(known: pa.Array, one: Field) -> bool:
    try:
        if one.decimals:
            known.cast(pa.float64())
            return True
        whole = known.cast(pa.int64())
    except pa.ArrowInvalid:
        return False
    if pc.any(pc.match_substring_regex(known, ZEROS)).as_py():
        one.has_zeros, one.kind = True, pa.string()
    if one.width <= LONG or not len(whole):
        return True
    most = pc.min_max(whole)
    return max(abs(most["min"].as_py()), abs(most["max"].as_py())) <= EXACT


def _are_days(known: pa.Array) -> bool:
    days = pc.unique(known)
    days = days.filter(pc.invert(pc.match_substring_regex(days, NO_DAY)))
    # not by pc.binary_join_element_wise: it imports pandas for the hyphen
    as_iso = pc.replace_substring_regex(days, pattern=DAY, replacement=r"\1-\2-\3")
    try:
        as_iso.cast(pa.date32())
    except pa.ArrowInvalid:
        return False
    return not pc.any(pc.starts_with(days, "0000")).as_py()


def _take(one: Field, text: str) -> bool:
    """Take a value that is looked at alone; False if it is none of the field's kind."""
    if not text:
        return True
    if one.letter == "L":
        one.kind = pa.bool_() if text in "10" else one.kind
        return text in TRUTH
    if one.letter == "D":
        return re.match(NO_DAY, text) is not None or _is_day(text)
    if one.letter in MEMOS:
        return False
    if re.match(STARS, text):
        return True
    if one.decimals:
        return (NUMBER.fullmatch(text) or NO_NUMBER.fullmatch(text)) is not None
    if WHOLE.fullmatch(text):
        if re.match(ZEROS, text):
            one.has_zeros, one.kind = True, pa.string()
        if one.width > LONG and abs(int(text.rstrip("."))) > EXACT:
            one.kind = pa.string()
        return True
    one.kind = one.kind or pa.float64()
    return (NUMBER.fullmatch(text) or NO_NUMBER.fullmatch(text)) is not None


def _is_day(text: str) -> bool:
    try:
        return len(text) == 8 and bool(datetime.strptime(text, "%Y%m%d"))
    except ValueError:
        return False


def _unread(one: Field, file: str, label: str) -> DiffusionError:
    found = f"the field `{one.name}` of {file} is of type {one.letter!r}, whose values are binary"
    fix = f"leave it out, `drop: [{in_line(one.name)}]`; or ask its publisher for CSV or GeoPackage"
    return ValuesError(label, found, fix)


def _refused(one: Field, file: str, label: str) -> DiffusionError:
    record, text = one.odd or (0, "")
    where = f"`{one.name}` of record {record:,} of {file}"
    if one.letter in MEMOS:
        found = f"{where} is {text}, the number of a block of a memo file, which is not read"
        fix = f"leave it out, `drop: [{in_line(one.name)}]`; or ask its publisher for GeoPackage"
        return ValuesError(label, found, fix)
    kind = {"L": "no truth value", "D": "no day"}.get(one.letter, "no number")
    if COMMA.fullmatch(text):
        kind += ", or has a decimal comma, which such a file never has"
    fix = "take it as it is written, and make values of it in SQL: "
    fix += f"`columns: {{{in_line(one.name)}: string}}`; leave it out, `drop: "
    fix += f"[{in_line(one.name)}]`; or ask its "
    fix += "publisher to correct it"
    return ValuesError(label, f"{where} is {text!r}: {kind}", fix)
