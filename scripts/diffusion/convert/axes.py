"""Axes of partitions that the data have as columns, too: what the data say must be the same."""

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from diffusion.config.reading import Convert
from diffusion.config.remedies import in_line
from diffusion.convert.looks import CODE, shape_of
from diffusion.convert.relation import RawTable, Record, with_note
from diffusion.errors import AxisError, DiffusionError
from diffusion.tables.codes import is_code
from diffusion.tables.engine import first_row
from diffusion.tables.sql import identifier, literal

LOOKED = 100  # other values of a column
TEXTS = ("string", "category", "")  # types that keep the zeros in front


def verified_axes(
    con: duckdb.DuckDBPyConnection, raw: RawTable, axes: Mapping[str, str], convert: Convert
) -> RawTable:
    """Return a table, with a note where a column has the name of an axis, and is something else.

    A column that is named otherwise (`from`) or left out is none of the axis.

    Raises:
        DiffusionError: it has the value of another partition, or has lost the zeros of a code.
    """
    known = {column.lower(): column for column in raw.columns}
    notes: list[str] = []
    for axis, value in axes.items():
        column = known.get(axis.lower())
        if column is None or not _is_kept(column, convert):
            notes += _without_zeros(con, raw, axis, value, convert)
            continue
        others = _others(con, raw, column, value)
        for other in others:
            if _number(other) is not None and _number(other) == _number(value):
                _verify_zeros(raw, column, other, axis, value, convert)
            elif _kind(other) == _kind(value):
                raise _contradiction(raw, column, other, axis, value)
        if any(_number(other) is None or _number(other) != _number(value) for other in others):
            note = f"`{column}` is a column of the data, such as `{others[0]}`: the axis `{axis}` "
            notes.append(note + "is none of the table")
    return with_note(raw, *notes)


def _without_zeros(
    con: duckdb.DuckDBPyConnection, raw: RawTable, axis: str, value: str, convert: Convert
) -> Iterator[str]:
    """Yield notes on columns of codes whose first value is that of an axis, without its zeros."""
    short = value.lstrip("0")
    codes = [name for name in raw.columns if is_code(name) and _is_kept(name, convert)]
    if short == value or not short.isdecimal() or not codes:
        return
    first = raw.held.ends[0] if raw.held.ends else _first_record(con, raw, codes)
    for name in codes:
        pads = any(s.pad for n, s in convert.columns.items() if (s.source or n) == name)
        if first.get(name) == short and not pads:
            yield (
                f"`{name}` is `{short}` where the axis `{axis}` is `{value}`: it seems to have "
                f"lost its zeros; `drop: [{in_line(name)}]` leaves it out"
            )


def _first_record(con: duckdb.DuckDBPyConnection, raw: RawTable, names: Sequence[str]) -> Record:
    listed = ", ".join(f"{identifier(name)}::VARCHAR" for name in names)
    row = first_row(con, f"SELECT {listed} FROM ({raw.sql}) LIMIT 1") or ()
    return dict(zip(names, row, strict=False))


def _is_kept(column: str, convert: Convert) -> bool:
    named = {
        spec.source for name, spec in convert.columns.items() if spec.source and spec.source != name
    }
    return column not in named and convert.takes(column)


def _others(con: duckdb.DuckDBPyConnection, raw: RawTable, column: str, value: str) -> list[str]:
    """Return values that are not written as the axis has it; of a moment its day, month or year."""
    text = f"{identifier(column)}::VARCHAR"
    same = f"lower(trim({text})) = lower({literal(value)}) OR ({text} SIMILAR TO '\\d{{4}}-.*' AND "
    same += f"starts_with({text}, {literal(value)}))"
    query = f"SELECT DISTINCT trim({text}) AS v FROM ({raw.sql}) WHERE NOT ({same}) "
    query += f"AND trim({text}) <> '' ORDER BY v LIMIT {LOOKED}"
    return [row[0] for row in con.execute(query).fetchall()]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _kind(value: str) -> str:
    if CODE.fullmatch(value):
        return "code"
    return shape_of(value) if any(map(str.isdigit, value)) else "text"


def _contradiction(raw: RawTable, column: str, other: str, axis: str, value: str) -> DiffusionError:
    found = f"is of the partition `{axis}={value}`, and has `{column}` = {other!r}"
    fix = f"if it is another one's file, correct `url` or `params`; if `{axis}` is asked for, and "
    return AxisError(raw.label, found, f"{fix}`{column}` something else, {_otherwise(axis)}")


def _otherwise(axis: str) -> str:
    fix = f"call the axis otherwise, such as `asked_{axis}`, under `partitions` and where "
    return f"{fix}`{{{axis}}}` is used: both are columns then"


def _verify_zeros(
    raw: RawTable, column: str, other: str, axis: str, value: str, convert: Convert
) -> None:
    """Refuse `1` where the axis is `01`, unless the zeros are put back or a number is meant."""
    spec = next(
        (spec for name, spec in convert.columns.items() if (spec.source or name) == column), None
    )
    if not value.startswith("0") or (spec and (spec.type not in TEXTS or spec.pad)):
        return
    found = f"has lost the zeros of `{column}`: {other!r}, where the partition says `{value}`"
    fix = f"if all codes have {len(value)} characters, have them put back: `columns: "
    fix += f"{{{in_line(column)}: "
    fix += f"{{type: string, pad: {len(value)}}}}}`; else leave it out, `drop: "
    fix += f"[{in_line(column)}]`, and "
    fix += _otherwise(axis)
    raise AxisError(raw.label, found, fix)
