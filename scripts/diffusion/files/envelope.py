"""What stands around the records of a JSON file; the records themselves are not kept."""

import codecs
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

TAIL = 64 * 1024  # bytes at the end in which what follows the records is looked for


def around_records(path: Path, records: str) -> dict[str, Any]:
    """Return a JSON document without its records: what stands before, and what after them.

    Args:
        records: names that lead to them, joined by dots.

    Returns:
        empty where the file is no JSON in UTF-8, or has no list at that path.
    """
    import ijson

    builder = ijson.ObjectBuilder()
    try:
        with _opened(path) as file:
            for prefix, event, value in ijson.parse(file):
                if (prefix, event) == (records, "start_array"):
                    return _merged(builder.value, _after(path, records.split(".")))
                builder.event(event, value)
    except (ijson.JSONError, UnicodeDecodeError):
        pass  # the conversion says where
    return {}


def count_records(path: Path, records: str) -> int:
    """Return the number of records at a path of a JSON document.

    Raises:
        ijson.JSONError: it is damaged.
    """
    import ijson

    with _opened(path) as file:
        return sum(1 for _ in ijson.items(file, f"{records}.item"))


def leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the paths of the values of a document as text; empty for null and nothing.

    Of a list, only a link to the next page is told, as ``links[rel=next].href``.
    """
    from diffusion.base.json_path import name_step

    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from leaves(below, f"{path}.{name_step(name)}" if path else name_step(name))
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


def _after(path: Path, names: list[str]) -> dict[str, Any]:
    """Return what follows the records, as if they were none; empty where that is longer than TAIL.

    From the bracket that ends them on, a document goes on as one whose list is empty does; any
    bracket before it leaves too much.
    """
    with path.open("rb") as file:
        file.seek(max(file.seek(0, 2) - TAIL, 0))
        tail = file.read().decode("utf-8", "replace")
    before = "".join(f"{{{json.dumps(name)}: " for name in names) + "["
    at = tail.find("]")
    while at >= 0:
        try:
            found = json.loads(before + tail[at:])
        except (ValueError, RecursionError):
            at = tail.find("]", at + 1)
            continue
        return found if isinstance(found, dict) else {}
    return {}


def _merged(first: Any, second: Any) -> Any:
    if not isinstance(first, dict) or not isinstance(second, dict):
        return second if second else first
    both = {name: _merged(first[name], second[name]) for name in first.keys() & second.keys()}
    return first | second | both
