"""Kinds of content by how their bytes begin."""

import re
from collections.abc import Sequence
from functools import cached_property


class Magic:
    """Kinds in the order in which they are tried, as one pattern: thousands of files are looked at.

    Args:
        kinds: pairs of a kind and the regular expression of its first bytes, without groups that
            capture. A kind may come several times.
    """

    def __init__(self, *kinds: tuple[str, bytes]):
        self._kinds: Sequence[tuple[str, bytes]] = kinds

    def kind(self, head: bytes) -> str | None:
        """Return the first kind that begins so, or None."""
        found = self._pattern.match(head)
        return self._kinds[found.lastindex - 1][0] if found and found.lastindex else None

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        pattern = re.compile(b"|".join(b"(%b)" % magic for _, magic in self._kinds), re.DOTALL)
        if pattern.groups != len(self._kinds):
            raise ValueError("a group in a pattern would be taken for a kind")
        return pattern
