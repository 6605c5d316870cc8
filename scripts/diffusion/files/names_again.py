"""Names of columns that come again in a text, in other letters or in another order.

They are looked for in all of it, as few bytes are looked at: a hundredth of a conversion's time.
"""

from functools import cached_property
from typing import Any

import numpy as np

FEW = 100  # lines of a piece that are looked at one by one


class Names:
    """The names of columns as they stand in a line, to be found in others."""

    def __init__(self, text: bytes, cut: bytes):
        self.text, self.cut, self.bare = text, cut, text.replace(b'"', b"")
        self.size, self.quotes = len(self.bare), 2 * (self.bare.count(cut) + 1)
        self.quoted = self.size + self.quotes

    @cached_property
    def sorted(self) -> list[str]:
        """The names in an order of their own, whatever their letters."""
        return self._sorted(self.bare)

    @cached_property
    def begins(self) -> np.ndarray:
        """Which bytes a line with them may begin with."""
        first = {sign for name in self.sorted for sign in (name[:1], name[:1].upper())}
        found = np.zeros(256, bool)
        found[[ord(sign) for sign in first if sign.isascii() and sign]] = True
        found[128:] = True
        return found

    def sums(self, end: int) -> list[int]:
        """Return what the bytes of a line with them may sum up to."""
        ends = ord("\n") | 32, *([ord("\r") | 32] if end > 1 else [])
        names = sum(byte | 32 for byte in self.bare)
        return [names + sum(ends) + quotes * (ord('"') | 32) for quotes in (0, self.quotes)]

    def are_otherwise(self, line: bytes) -> bool:
        """Whether a line has them in other letters, or in another order."""
        return line != self.text and self._sorted(line.replace(b'"', b"")) == self.sorted

    def _sorted(self, bare: bytes) -> list[str]:
        return sorted(bare.decode("utf-8", "replace").lower().split(self.cut.decode()))


def names_otherwise(data: bytes, feeds: Any, lengths: Any, names: Names) -> int:
    """Count the lines that have the names in other letters, or in another order.

    Only lines of their length are looked at, which may have quotes around each name.
    """
    end = 1 + data.endswith(b"\r\n")
    every, found = np.frombuffer(data, np.uint8), []
    for size, is_quoted in ((names.size, False), (names.quoted, True)):
        near = np.flatnonzero(lengths == size + end)
        if near.size:
            begins = every[feeds[near] + 1]
            found.append(near[begins == ord('"') if is_quoted else names.begins[begins]])
    if not found:
        return 0
    near = np.concatenate(found)
    if near.size > FEW:  # such lines are common: the sum of their bytes is the same in any order
        sums = np.add.reduceat(every | 32, feeds[:-1] + 1, dtype=np.int64)[near]
        near = near[np.isin(sums, names.sums(end))]
    lines = (data[feeds[at] + 1 : feeds[at + 1]].rstrip(b"\r") for at in near.tolist())
    return sum(map(names.are_otherwise, lines))
