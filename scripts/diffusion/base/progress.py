"""Progress while it happens: a bar on a terminal, plain lines in the job's log."""

import logging
import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from tqdm import tqdm

logger = logging.getLogger(__name__)
SECONDS_BETWEEN_LINES = 10


class Progress:
    """Counts up in one unit; shows a bar on a terminal and writes a line now and then.

    Args:
        label: what is going on, e.g. ``dpe commune=01450``.
        unit: ``B`` for bytes, else the name of what is counted.
        total: the final count when it is known.
    """

    def __init__(self, label: str, unit: str, total: int | None = None):
        self.label, self.unit, self.total, self.count = label, unit, total, 0
        self._last_line = time.monotonic()
        terminal = sys.__stderr__  # None where the process has none
        self._bar = self._shown_on(terminal) if terminal and terminal.isatty() else None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, failed: type | None, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
        self._log("stopped at" if failed else "done:")

    def add(self, count: int) -> None:
        """Count some more."""
        self.count += count
        if self._bar is not None:
            self._bar.update(count)
        if time.monotonic() - self._last_line > SECONDS_BETWEEN_LINES:
            self._log("at")

    def expect(self, total: int | None) -> None:
        """Set the final count once it is known."""
        if total and total != self.total:
            self.total = total
            if self._bar is not None:
                self._bar.total = total
                self._bar.refresh()

    def _shown_on(self, terminal: TextIO) -> "tqdm":
        from tqdm import tqdm  # only where a bar is shown

        return tqdm(
            desc=self.label,
            unit=self.unit,
            unit_scale=True,
            total=self.total,
            leave=False,
            dynamic_ncols=True,
            file=terminal,
        )

    def _log(self, state: str) -> None:
        self._last_line = time.monotonic()
        of = f" of {self.total:,}" if self.total else ""
        logger.info("%s: %s %s%s %s", self.label, state, f"{self.count:,}", of, self.unit)
