"""Progress while it happens: a line in the job's log now and then; the run tells the last one."""

import logging
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

logger = logging.getLogger(__name__)
SECONDS_BETWEEN_LINES = 5
NOW = "now: "  # begins a line that says which step is under way
Piece = TypeVar("Piece", bound=Sized)
Thing = TypeVar("Thing")


def step(words: str) -> None:
    """Note which step of a job begins, for whoever waits for it."""
    logger.info("%s%s", NOW, words)


class Progress:
    """Counts up in one unit.

    Args:
        label: what is going on, e.g. ``dpe commune=01450``.
        unit: ``B`` for bytes, else the name of what is counted.
        total: the final count when it is known.
    """

    def __init__(self, label: str, unit: str, total: int | None = None):
        self.label, self.unit, self.total, self.count = label, unit, total, 0
        self._began = self._last_line = time.monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, failed: type | None, *_: object) -> None:
        self._log("stopped at" if failed else "done:")

    def add(self, count: int) -> None:
        """Count some more."""
        self.count += count
        now = time.monotonic()
        pause = min(SECONDS_BETWEEN_LINES, 1 + (now - self._began) / 10)  # news, when it is young
        if now - self._last_line > pause:
            self._log("at")

    def counted(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Yield pieces; their bytes, or rows, are counted as they pass."""
        for piece in pieces:
            self.add(len(piece))
            yield piece

    def passed(self, things: Iterable[Thing]) -> Iterator[Thing]:
        """Yield things; each is counted once the next one is asked for."""
        for thing in things:
            yield thing
            self.add(1)

    def expect(self, total: int | None) -> None:
        """Set the final count once it is known."""
        if total and total != self.total:
            self.total = total

    def _log(self, state: str) -> None:
        self._last_line = time.monotonic()
        of = f" of {self.total:,}" if self.total else ""
        amount = f"{self.count:,}{of} {self.unit}"
        if state == "at":
            amount = self._at(amount)
        logger.info("%s: %s %s", self.label, state, amount)

    def _at(self, amount: str) -> str:
        """Return how far it is as a reader takes it in at a glance."""
        if self.unit == "B":
            of = f" of {self.total / 1e6:,.1f}" if self.total else ""
            amount = f"{self.count / 1e6:,.1f}{of} MB"
        part = f" ({min(self.count / self.total, 1):.0%})" if self.total else ""
        return amount + part
