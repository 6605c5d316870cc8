"""Axes whose values are not listed: the codes in a file, and windows of time.

    commune: {file: config/communes.csv, column: code}
    month: {from: "2020-01", to: vintage, every: month}

They become lists as the configuration is read, so that the plan of a run stays static: its
partitions are known before anything is fetched.
"""

import csv
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from diffusion.config.periods import (
    SPELLINGS,
    Period,
    parse_period,
    period_of,
    period_of_vintage,
    periods,
)
from diffusion.config.schema import did_you_mean
from diffusion.errors import AxisError, DiffusionError, NoFileError

FILE, WINDOWS = {"file", "column"}, {"from", "to", "every"}
VINTAGE, UNKNOWN = "vintage", "unset"
DELIMITERS = ",;\t|"


def expand_axes(config: dict[str, Any], broken: Collection[str]) -> list[DiffusionError]:
    """Replace in place the axes that are mappings by the lists of their values.

    Args:
        config: as it was given.
        broken: the places that break the schema; what is below one is left as it is.

    Returns:
        what is wrong, at ``sources.<name>.partitions.<axis>``.
    """
    problems = []
    for name, source in _mappings(config.get("sources")):
        vintage = str(source.get(VINTAGE) or config.get(VINTAGE) or "")
        axes = source.get("partitions") or {}
        for axis, spec in _mappings(axes):
            where = f"sources.{name}.partitions.{axis}"
            if any(f"{where}.".startswith(f"{p}.") or p.startswith(f"{where}.") for p in broken):
                continue
            try:
                axes[axis] = _values(where, spec, vintage)
            except DiffusionError as problem:
                problems.append(problem)
    return problems


def forget_file(config: dict[str, Any], path: Path) -> None:
    """Replace in place the axes that are read from a file by one value: it will be written."""
    for _, source in _mappings(config.get("sources")):
        for axis, spec in _mappings(source.get("partitions")):
            if str(spec.get("file")) == str(path):
                source["partitions"][axis] = [UNKNOWN]


def _mappings(value: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield from ((k, v) for k, v in value.items() if isinstance(v, dict))


def _values(where: str, spec: Mapping[str, str], vintage: str) -> list[str]:
    if spec and spec.keys() <= FILE and "file" in spec:
        return values_of_file(where, Path(spec["file"]), spec.get("column"))
    if spec.keys() == WINDOWS:
        return _windows(where, spec, vintage)
    fix = (
        "write a list of values; or {file: config/communes.csv, column: code}; "
        'or {from: "2020-01", to: vintage, every: month}'
    )
    raise AxisError(where, f"found {', '.join(spec) or 'nothing'}", fix)


def values_of_file(where: str, path: Path, column: str | None) -> list[str]:
    """Return the values of a column of a CSV, in its order.

    Args:
        where: how errors name the axis.
        column: may be left out where there is one only.

    Raises:
        DiffusionError: no such file or column, a row without a value, a value that comes twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _column(where, path, file, column)
    except FileNotFoundError:
        fix = "write it, or have it written: `diffusion partitions TABLE COLUMN --to FILE`"
        raise NoFileError(where, f"there is no file {path}", fix) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        fix = "it must be a CSV in UTF-8 with a header"
        raise AxisError(where, f"{path} cannot be read ({error})", fix) from None


def _column(where: str, path: Path, file: TextIO, column: str | None) -> list[str]:
    header = file.readline().rstrip("\r\n")
    delimiter = max(DELIMITERS, key=header.count)
    names = next(csv.reader([header], delimiter=delimiter), [])
    if column is None and len(names) != 1:
        fix = f"name the one that has the values: column: {names[0] if names else 'code'}"
        raise AxisError(where, f"{path} has {len(names)} columns", fix)
    column = names[0] if column is None else column
    if names.count(column) != 1:
        fix = f"{did_you_mean(column, names)}Its columns: {', '.join(names)}"
        raise AxisError(where, f"{path} has not one column `{column}`", fix)
    place, rows = names.index(column), csv.reader(file, delimiter=delimiter)
    lines: dict[str, int] = {}
    for row in rows:
        line = rows.line_num + 1  # after the header
        value = row[place] if len(row) > place else ""
        if row and not value.strip():
            fix = "remove the row, or fill it in"
            raise AxisError(where, f"{path}, line {line}, has no `{column}`", fix)
        if row and value in lines:
            found = f"`{value}` stands twice in {path}, in lines {lines[value]} and {line}"
            raise AxisError(where, found, "keep one: each value is one partition")
        if row:
            lines[value] = line
    if not lines:
        raise AxisError(where, f"{path} has no row", "an axis has a value at least")
    return list(lines)


def _windows(where: str, spec: Mapping[str, str], vintage: str) -> list[str]:
    kind, first = spec["every"], _bound(where, "from", spec["from"]).first
    if spec["to"] == VINTAGE:
        last = _window_of_vintage(where, vintage, kind)
    else:
        last = _bound(where, "to", spec["to"])
    if last.last < first:
        fix = "the first window comes first"
        raise AxisError(where, f"`to` ({last}) is before `from` ({spec['from']})", fix)
    return [str(period) for period in periods(first, last.last, kind)]


def _bound(where: str, key: str, text: str) -> Period:
    try:
        return parse_period(text)
    except ValueError as error:
        raise AxisError(f"{where}.{key}", str(error), f"write one as {SPELLINGS}") from None


def _window_of_vintage(where: str, vintage: str, kind: str) -> Period:
    """Return the window that holds the vintage's day, or that the vintage itself names."""
    named = period_of_vintage(vintage)
    if named is None or period_of(named.last, kind).first > named.first:
        found = f"the vintage `{vintage}` does not say in which {kind} it is"
        fix = f"write a date as vintage, or the last {kind} in place of `vintage`"
        raise AxisError(f"{where}.to", found, fix)
    return period_of(named.first, kind)
