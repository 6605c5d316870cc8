"""Datasets of JSON-stat as lines of objects: a row for each cell with a value or a status.

Source of the format: JSON-stat 2.0, https://json-stat.org/full/ (1.x has `id` and `size` among the
dimensions). Values are read one after the other, in a second pass over the document.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import msgspec

from diffusion.base.json_path import Each, place_of
from diffusion.convert.json.lines import Lines, Records
from diffusion.files.json_walk import VALUE, Event, Keys, PathError, Walk, built, skip

STATUS = "status"
LABEL = "_label"
FIX = "ask its publisher for a dataset of JSON-stat 2.0; see `records:` and `json.shape`"


@dataclass(frozen=True)
class Dimension:
    """A dimension: its codes in their order, and what each is called, where that is known."""

    name: str
    codes: list[str]
    labels: Mapping[str, str]


def stat_to_lines(path: Path, records: str, target: Path, *, labels: bool) -> Records:
    """Write the cells of a dataset as lines; cells that have neither value nor status are none.

    Args:
        records: the path of the dataset, empty for the whole document.
        labels: whether each dimension has a column of labels, too.

    Raises:
        PathError: it is no dataset, or its parts contradict each other.
    """
    head = _head(path, records)
    dimensions = _dimensions(head)
    names = [d.name for d in dimensions]
    names += [d.name + LABEL for d in dimensions] if labels else []
    taken = [name.lower() for name in (*names, VALUE, STATUS)]
    if twice := sorted({name for name in taken if taken.count(name) > 1}):
        raise PathError(f"two columns would be named {', '.join(twice)}", FIX)
    cells = prod(len(dimension.codes) for dimension in dimensions)
    left = _statuses(head.get(STATUS), cells)
    row = Row(dimensions, labels, has_status=bool(left))
    came = 0
    with Lines(target) as lines, path.open("rb") as file:
        walk = Walk(file, (*place_of(records), VALUE, Each()), _plain)
        for keys, value in walk:
            at = _place(keys[-1][1] if keys else str(came), cells)
            came += 1
            if value is not None:
                lines.write_text(row.text(at, value, left.pop(at, None)))
        _verify_all(head, came, cells)
        for at, status in sorted(left.items()):
            lines.write_text(row.text(at, None, status))
    none = cells - lines.count
    told = f"{none:,} of its {cells:,} cells have neither a value nor a status: they are no rows"
    return lines.records(*([told] if none else []))


class Row:
    """Makes the JSON of a cell of the texts of its codes, each written once."""

    def __init__(self, dimensions: Sequence[Dimension], labels: bool, *, has_status: bool):
        self._encoder = msgspec.json.Encoder(decimal_format="number")
        self._texts = [list(self._codes(dimension, labels)) for dimension in dimensions]
        self._has_status = has_status

    def text(self, at: int, value: Any, status: str | None) -> bytes:
        """Return the row of a cell: the last dimension varies fastest."""
        parts = [b'"value":' + self._encoder.encode(value)]
        if self._has_status:
            parts.append(b'"status":' + self._encoder.encode(status))
        for codes in reversed(self._texts):
            at, code = divmod(at, len(codes))
            parts.insert(0, codes[code])
        return b"{" + b",".join(parts) + b"}"

    def _codes(self, dimension: Dimension, labels: bool) -> Iterator[bytes]:
        for code in dimension.codes:
            fields: dict[str, str | None] = {dimension.name: code}
            if labels:
                fields[dimension.name + LABEL] = dimension.labels.get(code)
            yield self._encoder.encode(fields)[1:-1]


def _head(path: Path, records: str) -> dict[str, Any]:
    """Return a dataset without its values."""
    found: dict[str, Any] = {}

    def take(events: Iterator[Event], event: str, value: Any, keys: Keys) -> None:
        name = keys[-1][1] if keys else ""
        if name == VALUE:
            found[name] = event
            skip(events, event)
        else:
            found[name] = built(events, event, value)

    with path.open("rb") as file:
        walk = Walk(file, (*place_of(records), Each()), take)
        for _ in walk:
            pass
    if not walk.reached:
        raise PathError("is not there", "see `records:`")
    missing = [name for name in ("dimension", VALUE) if name not in found]
    if missing or found.get("class", "dataset") != "dataset":
        inner = [name for name, value in found.items() if isinstance(value, dict)]
        near = f"its dataset may be at `records: {inner[0]}`" if inner and missing else FIX
        what = f"class `{found['class']}`" if not missing else f"no `{missing[0]}`"
        raise PathError(f"is no dataset of JSON-stat: it has {what}", near)
    return found


def _dimensions(head: Mapping[str, Any]) -> list[Dimension]:
    """Return the dimensions in the order of the cells, each as long as `size` says."""
    given = head["dimension"]
    names, sizes = (head.get(key, given.get(key)) for key in ("id", "size"))
    if not isinstance(names, list) or not isinstance(sizes, list) or len(names) != len(sizes):
        raise PathError("its `id` and `size` are not two lists of one length", FIX)
    found = [_dimension(str(name), given.get(name)) for name in names]
    for dimension, size in zip(found, sizes, strict=True):
        if len(dimension.codes) != size:
            told = f"dimension `{dimension.name}` has {len(dimension.codes):,} categories, and "
            raise PathError(f"{told}`size` says {size}", FIX)
    return found


def _dimension(name: str, given: Any) -> Dimension:
    category = given.get("category") if isinstance(given, dict) else None
    category = category if isinstance(category, dict) else {}
    labels = category.get("label") or {}
    index = category.get("index")
    if index is None and len(labels) == 1:  # one category needs no place
        index = list(labels)
    if isinstance(index, dict):
        codes = sorted(index, key=lambda code: int(index[code]))
        if [int(index[code]) for code in codes] != list(range(len(codes))):
            raise PathError(f"the places of dimension `{name}` are not 0, 1, 2 …", FIX)
    elif isinstance(index, list):
        codes = [str(code) for code in index]
    else:
        raise PathError(f"dimension `{name}` has no categories", FIX)
    if len(set(codes)) < len(codes):
        raise PathError(f"a category of dimension `{name}` comes twice", FIX)
    return Dimension(name, codes, labels)


def _statuses(given: Any, cells: int) -> dict[int, str]:
    """Return the status of each cell that has one."""
    if isinstance(given, str):
        return dict.fromkeys(range(cells), given) if given else {}
    if isinstance(given, list):
        if len(given) not in (1, cells):
            raise PathError(f"there are {len(given):,} statuses for {cells:,} cells", FIX)
        given = given * cells if len(given) == 1 else given
        return {at: str(status) for at, status in enumerate(given) if status not in (None, "")}
    pairs = given.items() if isinstance(given, dict) else ()
    return {_place(at, cells): str(status) for at, status in pairs if status not in (None, "")}


def _place(at: str, cells: int) -> int:
    if not at.isdecimal() or int(at) >= cells:
        raise PathError(f"`{at}` is no place among {cells:,} cells", FIX)
    return int(at)


def _plain(events: Iterator[Event], event: str, value: Any, keys: Keys) -> Any:
    if event not in ("null", "number", "string"):
        raise PathError(f"a value is a {event}", FIX)
    return value


def _verify_all(head: Mapping[str, Any], came: int, cells: int) -> None:
    """Refuse a list of values that is not as long as the dimensions say."""
    if head[VALUE] == "start_array" and came != cells:
        raise PathError(f"it has {came:,} values, and `size` says {cells:,}", FIX)
