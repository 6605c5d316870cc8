"""A table as it is, for `diffusion show`: columns, values, first rows, doubts and what mends them.

All but the first rows is in the facts that its job wrote beside it, or in the manifest: nothing is
counted again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.check.outcome import failure_words
from diffusion.config.remedies import merged
from diffusion.run.notes import notes, null_notes
from diffusion.run.preview import NAMES, aligned, counted, share, shown
from diffusion.storage.connection import Connection
from diffusion.storage.ranges import filesystem_of, paths_of, rows_among

NARROWEST, WIDEST = 80, 120  # characters of a line
BESIDE = 52  # characters that are kept for what stands beside the name of a column
LEAST = 14  # of a value of a row, with the blanks before it
TOP = 3  # most frequent values


@dataclass(frozen=True)
class Shown:
    """A table that is to be shown.

    Attributes:
        name: of it.
        place: where it is, in words.
        facts: see ``facts_of``; or its entry of the manifest.
        noted: what its maker recorded.
        declared: what the configuration says of it, see ``typed.flat_entry``.
        first: its first rows.
    """

    name: str
    place: str
    facts: Mapping[str, Any]
    noted: Mapping[str, Any]
    first: pa.Table
    declared: Mapping[str, Any] = field(default_factory=dict)


def words_of(table: Shown, width: int) -> str:
    """Return a table in words, in lines of at most so many characters but for doubts."""
    width = max(NARROWEST, min(width, WIDEST))
    facts, names = table.facts, _columns(table.facts)
    left_out = [c["name"] for c in facts["columns"] if c["name"] not in names]
    head = f"{table.name}: {counted(facts['rows'], len(facts['columns']), left_out)}"
    blocks = [[head, *table.place.splitlines()], _described(facts, width), _places(facts)]
    if table.first.num_rows:
        blocks.append(_first_rows(table.first, names, _is_geo(facts), width))
    blocks.append(list(_doubts(table)))
    return "\n\n".join("\n".join(block) for block in blocks if block)


def local_rows(path: Path, count: int) -> pa.Table:
    """Return the first rows of a table on this machine."""
    with pq.ParquetFile(path) as file:
        return _head(file, count)


def published_rows(name: str, url: str, entry: Mapping, link: Connection | None, count: int) -> Any:
    """Return the first rows of a published table: of its first files."""
    place = filesystem_of(url, link)
    found: list[pa.Table] = []
    for path in paths_of(url, rows_among(name, entry["objects"])):
        with place.open_input_file(path) as source, pq.ParquetFile(source) as file:
            found.append(_head(file, count - sum(part.num_rows for part in found)))
        if sum(part.num_rows for part in found) >= count:
            break
    return pa.concat_tables(found, promote_options="default") if found else pa.table({})


def _head(file: pq.ParquetFile, count: int) -> pa.Table:
    batches = []
    for batch in file.iter_batches(batch_size=max(count, 1)) if count else ():
        batches.append(batch)
        break
    return pa.Table.from_batches(batches, file.schema_arrow.remove_metadata()).slice(0, count)


def _is_geo(facts: Mapping) -> bool:
    return "geo" in facts


def _columns(facts: Mapping) -> list[str]:
    """Return the names of the columns, without the boxes that geometries are given."""
    left_out = {"bbox"} if _is_geo(facts) else set()
    return [c["name"] for c in facts["columns"] if c["name"] not in left_out]


def _described(facts: Mapping, width: int) -> list[str]:
    """Return a line for each column: type, share without a value, different values, which ones."""
    types = {column["name"]: column["type"] for column in facts["columns"]}
    lines = [["column", "type", "empty", "distinct", "values"]]
    for name in _columns(facts):
        values = facts.get("values", {}).get(name, {})
        kind = "geometry" if _is_geo(facts) and name == "geometry" else types[name]
        empty = share(facts.get("missing", {}).get(name, 0), facts["rows"])
        distinct = f"{values['distinct']:,}" if "distinct" in values else ""
        distinct = f"≈ {distinct}" if values.get("approximate") else distinct
        kind = NAMES.get(kind, kind)
        lines.append([_named(name, width), _cut(kind), empty, distinct, _values(values)])
    return [_to(line, width) for line in aligned(lines)]


def _values(values: Mapping) -> str:
    """Return the most frequent values with their counts, else the lowest and the highest one."""
    if top := values.get("top"):
        told = [f"{_cut(value)} ({count:,})" for value, count in top[:TOP]]
        return ", ".join(told) + (", …" if len(top) > TOP or values["distinct"] > len(top) else "")
    if "min" not in values:
        return ""
    low, high = _cut(values["min"]), _cut(values["max"])
    return low if low == high else f"{low} … {high}"


def _places(facts: Mapping) -> list[str]:
    geo = facts.get("geo")
    if not geo:
        return []
    bounds = ", ".join(f"{number:,.6g}" for number in geo.get("bbox", ()))
    told = f"geometry: {', '.join(geo['types'])}; CRS {geo['crs']}"
    return [told + (f"; bounds {bounds}" if bounds else "")]


def _first_rows(first: pa.Table, names: Sequence[str], is_geo: bool, width: int) -> list[str]:
    """Return the first rows side by side, a line a column: a table may have hundreds of these.

    As many rows as fit stand beside each other, the next ones below.
    """
    room = width - max(len(_named(name, width)) for name in names)
    at_once = min(max(room // LEAST, 1), first.num_rows)
    each, told = room // at_once - 2, []
    for start in range(0, first.num_rows, at_once):
        part = first.slice(start, at_once)
        lines = [["first rows", *(f"row {start + n + 1}" for n in range(part.num_rows))]]
        for name in names:
            values = part[name].to_pylist() if name in part.column_names else []
            is_shape = is_geo and name == "geometry"
            cells = (shown(value, is_shape, widest=each) for value in values)
            lines.append([_named(name, width), *cells])
        told += ["", *(_to(line, width) for line in aligned(lines))]
    return told[1:]


def _doubts(table: Shown) -> Iterator[str]:
    """Yield what should be known of it: what could not be read, and the line that mends it."""
    noted, rows = table.noted, table.facts["rows"]
    for note in chain(notes(table.name, noted), null_notes(table.name, noted, rows)):
        yield merged(note, table.declared)
    checks = table.facts.get("checks") or {}
    if isinstance(checks, str):  # of the manifest
        yield f"{'✓' if checks == 'passed' else '!'} checks {checks}"
        return
    failing = [result for result in checks.get("results", ()) if not result["passed"]]
    for result in failing:
        sign = "✗" if result["level"] == "error" else "!"
        yield f"{sign} {result['check']}: {failure_words(result)}"
    if checks and not failing:
        yield "✓ checks passed"


def _cut(text: object) -> str:
    return shown(text, is_geometry=False)


def _named(name: str, width: int) -> str:
    """Return the name of a column: whole, where a line has room for it."""
    return shown(name, is_geometry=False, widest=width - BESIDE)


def _to(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"


def read_facts(path: Path) -> dict:
    """Return the facts of a table that was made here; empty if there are none, or half of them."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
