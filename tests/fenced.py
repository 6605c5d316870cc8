"""The fenced blocks of the documentation: found, named by their heading, and run as they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from projects import REPOSITORY

FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,4} (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One block: its page, the heading above it, which of that heading's it is, and its code."""

    page: str
    heading: str
    number: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """What it is called in lists: the page, the heading, and a number from the second on."""
        place = f"{self.page} § {self.heading}"
        return place if self.number == 1 else f"{place} ({self.number})"


def blocks_of(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in their order."""
    text = (REPOSITORY / page).read_text("utf-8")
    fences = list(FENCE.finditer(text))
    outside = FENCE.sub(lambda found: " " * len(found[0]), text)
    headings = [(found.start(), found[1].strip()) for found in HEADING.finditer(outside)]
    counted: dict[str, int] = {}
    for fence in fences:
        heading = [name for start, name in headings if start < fence.start()][-1]
        counted[heading] = counted.get(heading, 0) + 1
        yield Block(page, heading, counted[heading], fence[1], fence[2])


def block(page: str, heading: str, number: int = 1) -> str:
    """Return the code of one block, as it stands."""
    found = {(b.heading, b.number): b.text for b in blocks_of(page)}
    return found[heading, number]
