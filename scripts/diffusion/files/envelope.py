"""What stands around the records of a JSON file; the records themselves are not kept."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

from diffusion.base.json_path import Step, name_step, parse_path, place_of
from diffusion.files.json_one import steps_in
from diffusion.files.json_walk import STARTS, PathError, Walk, skip

IN_LIST = re.compile(r"\[\d\]")  # the name of what stands in a list around the records
FIRST = 3  # elements of a list around the records that are looked into
TAIL = 64 * 1024  # bytes at the end in which what follows the records is looked for


def around_records(path: Path, records: str) -> dict[str, Any]:
    """Return a JSON document without its records: what stands before, and what after them.

    Args:
        records: the path that leads to them; a list around them is given as ``{"[0]": …}``.

    Returns:
        empty where the file is no JSON in UTF-8, or has nothing at that path.
    """
    import ijson

    steps, is_list = place_of(records), place_of(records) == parse_path(records)
    brackets, start = ("[", "]"), "start_array"
    if not is_list:
        brackets, start = ("{", "}"), "start_map"
    builder, here = ijson.ObjectBuilder(), _Place()
    try:
        with _opened(path) as file:
            for event, value in ijson.basic_parse(file):
                if here.at(event, value) == steps and event == start:
                    after = _after(path, steps, brackets)
                    return _by_name(_merged(getattr(builder, "value", None), after))
                builder.event(event, value)
    except (ijson.JSONError, UnicodeDecodeError):
        pass  # the conversion says where
    return {}


class _Place:
    """Where in a document a value stands, as the events of its reading come."""

    def __init__(self) -> None:
        self._steps: list[str | int] = []
        self._lists: list[bool] = []

    def at(self, event: str, value: Any) -> tuple[str | int, ...] | None:
        """Return the steps to the value that begins, None where none does."""
        if event == "map_key":
            self._steps[-1] = value
            return None
        if event in ("end_map", "end_array"):
            self._steps.pop()
            self._lists.pop()
            return None
        if self._lists and self._lists[-1]:
            self._steps[-1] = int(self._steps[-1]) + 1
        found = tuple(self._steps)
        if event in STARTS:
            self._lists.append(event == "start_array")
            self._steps.append(-1)
        return found


def count_records(path: Path, records: str) -> int:
    """Return the number of records at a path of a JSON document; 0 where it does not lead to any.

    Raises:
        ijson.JSONError: it is damaged.
    """
    count = 0
    with _opened(path) as file, suppress(PathError):  # the conversion says it
        for _ in Walk(file, steps_in(file, records), skip):
            count += 1
    return count


def leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the paths of the values of a document as text; empty for null and nothing.

    Of a list, only a link to the next page is told, as ``links[rel=next].href``.
    """
    if isinstance(value, Mapping):
        for name, below in value.items():
            step = name if not path and IN_LIST.fullmatch(name) else name_step(name)
            yield from leaves(below, f"{path}.{step}" if path else step)
    elif isinstance(value, list):
        links = [item for item in value if isinstance(item, Mapping) and item.get("rel") == "next"]
        for link in links[:1]:
            yield f"{path}[rel=next].href", str(link.get("href") or "")
    elif path:
        yield path, str(value).lower() if isinstance(value, bool) else str(value or "")


def _opened(path: Path) -> IO[bytes]:
    file = path.open("rb")
    if file.read(3) != codecs.BOM_UTF8:
        file.seek(0)
    return file


def _after(path: Path, steps: Sequence[Step], brackets: tuple[str, str]) -> Any:
    """Return what follows the records, as if they were none; empty where that is longer than TAIL.

    From the bracket that ends them on, a document goes on as one whose list is empty does; any
    bracket before it leaves too much.
    """
    with path.open("rb") as file:
        file.seek(max(file.seek(0, 2) - TAIL, 0))
        tail = file.read().decode("utf-8", "replace")
    before = "".join(
        "[" + "null, " * step if isinstance(step, int) else f"{{{json.dumps(step)}: "
        for step in steps
    )
    before += brackets[0]
    at = tail.find(brackets[1])
    while at >= 0:
        try:
            return json.loads(before + tail[at:])
        except (ValueError, RecursionError):
            at = tail.find(brackets[1], at + 1)
    return {}


def _by_name(found: Any) -> dict[str, Any]:
    """Return a document as a mapping: World Bank's and others' put counts in a list."""
    if isinstance(found, list):
        found = {f"[{number}]": value for number, value in enumerate(found[:FIRST])}
    return found if isinstance(found, dict) else {}


def _merged(first: Any, second: Any) -> Any:
    if isinstance(first, list) and isinstance(second, list):
        return [_merged(*both) for both in zip_longest(first, second)]
    if not isinstance(first, dict) or not isinstance(second, dict):
        return second if second else first
    both = {name: _merged(first[name], second[name]) for name in first.keys() & second.keys()}
    return first | second | both
