"""Where lists of records stand in a JSON text whose top is none: what `records:` may name."""

from contextlib import suppress
from typing import BinaryIO

from diffusion.base.json_path import in_yaml, name_step

MOST = 1 << 24  # bytes that are looked at
SHOWN = 3  # lists, the longest first


class _Beginning:
    """The first bytes of a file."""

    def __init__(self, file: BinaryIO):
        self._file, self._left = file, MOST

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left)) if self._left else b""
        self._left -= len(data)
        return data


def lists_in(file: BinaryIO) -> dict[tuple[str, ...], int]:
    """Return the names that lead to each list of objects, and how many it holds.

    Lists within lists are left out. Of a long text the beginning is looked at.
    """
    import ijson  # only where there are none at the top

    found: dict[tuple[str, ...], int] = {}
    names: list[str] = []  # of what is open, "" for the top
    key, level, outer = "", 0, 0  # level: of brackets; outer: that of the list that is open
    # cut off, or no JSON at all: what came before counts
    with suppress(ijson.JSONError, UnicodeDecodeError):
        for event, value in ijson.basic_parse(_Beginning(file)):
            if event == "map_key":
                key = value
            elif event in ("start_map", "start_array"):
                level += 1
                if outer and level == outer + 1 and event == "start_map":
                    path = tuple(names[1:])
                    found[path] = found.get(path, 0) + 1
                if not outer:
                    names.append(key)
                    outer = level if event == "start_array" else 0
            elif event in ("end_map", "end_array"):
                if not outer or level == outer:
                    names.pop()
                    outer = 0
                level -= 1
    return {path: count for path, count in found.items() if path}


def lists_words(file: BinaryIO, remedy: str) -> str:
    """Return what may be meant by the records of a JSON text, in words; empty if there is no list.

    Args:
        remedy: what to write, with ``PATH`` in place of the path.
    """
    found = sorted(lists_in(file).items(), key=lambda item: -item[1])[:SHOWN]
    told = [
        f"`{remedy.replace('PATH', in_yaml('.'.join(map(name_step, path))))}` "
        f"({count:,} object{'s' * (count != 1)})"
        for path, count in found
    ]
    return f"if these are the records, write {' or '.join(told)}" if told else ""
