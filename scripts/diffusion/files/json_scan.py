"""The structure of a JSON text, read from its bytes alone: how many elements, how deep.

Independent of the reader that makes a table of it, so that both counts can be compared; and deep
nesting, which readers take memory for, is known before any of them sees it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from diffusion.errors import DiffusionError, JsonError

CHUNK = 1 << 20
DEEPEST = 100  # levels; DuckDB's own limit lies just beyond
QUOTE, COMMA = ord('"'), ord(",")
STEP = np.zeros(256, np.int8)
STEP[[ord("["), ord("{")]], STEP[[ord("]"), ord("}")]] = 1, -1
IS_SIGN = np.zeros(256, bool)
IS_SIGN[list(b'",[]{}')] = True
OTHERS = bytes(sorted(set(range(256)) - set(b'",[]{}')))
NO_OPENING = bytes(sorted(set(range(256)) - set(b"\n[{")))


@dataclass
class JsonScan:
    """``elements``: of the outermost array. ``depth``: levels at most.

    ``first``, ``last``: offsets after the bracket that opens it, and before its last element.
    """

    elements: int = 0
    depth: int = 0
    first: int = 0
    last: int = 0


def scan_json(path: Path, label: str) -> JsonScan:
    """Count the elements of the outermost array.

    Raises:
        DiffusionError: it is nested more deeply than any reader takes.
    """
    found, level, quoted, start = JsonScan(), 0, 0, 0
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            while data.endswith(b"\\") and (more := file.read(1)):
                data += more
            if b"\\" in data:
                data = data.replace(b"\\\\", b"  ").replace(b'\\"', b"  ")
            signs = np.frombuffer(data.translate(None, OTHERS), np.uint8)
            inside = (np.cumsum(signs == QUOTE, dtype=np.int32) + quoted) & 1
            steps = STEP[signs] * (inside == 0)
            levels = np.cumsum(steps, dtype=np.int32) + level
            if len(levels):
                commas = (signs == COMMA) & (levels == 1) & (inside == 0)
                found.elements += int(np.count_nonzero(commas))
                if not found.first:
                    found.first = found.last = start + _offset(data, 0)
                if commas.any():
                    found.last = start + _offset(data, int(np.flatnonzero(commas)[-1]))
                found.depth = max(found.depth, int(levels.max()))
                level, quoted = int(levels[-1]), int(inside[-1])
            start = file.tell()
            if found.depth > DEEPEST:
                raise _too_deep(label, found.depth)
    found.elements += found.depth > 1 or found.elements > 0  # the last has no comma after it
    return found


def verify_depth(path: Path, label: str) -> None:
    """Refuse lines of JSON that are nested more deeply than any reader takes.

    A line is no deeper than it has opening brackets, which costs a fifth of ``scan_json``.

    Raises:
        DiffusionError: one is.
    """
    rest = 0  # brackets since the last line end
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            signs = np.frombuffer(data.translate(None, NO_OPENING), np.uint8)
            ends = np.flatnonzero(signs == ord("\n"))
            opened = np.diff(ends, prepend=-1) - 1  # in each line that ends here
            if len(opened):
                opened[0] += rest
            rest = len(signs) - 1 - int(ends[-1]) if len(ends) else rest + len(signs)
            if max(int(opened.max(initial=0)), rest) > DEEPEST:
                scan_json(path, label)
                return


def _offset(data: bytes, number: int) -> int:
    """Return the offset after one of the signs of JSON, by its number among them."""
    is_sign = IS_SIGN[np.frombuffer(data, np.uint8)]
    return int(np.flatnonzero(is_sign)[number]) + 1


def _too_deep(label: str, depth: int) -> DiffusionError:
    fix = "have its publisher give flat records, and once they are there set a new `vintage`"
    found = f"its JSON is nested {depth:,} levels deep or more, at most {DEEPEST} are read"
    return JsonError(label, found, fix)
