"""How fast a host is asked: `limit: 30/min`, kept over all jobs and runs of a user.

A host is asked by one job at a time, which notes when in a file beside the host's lock: at any
time, the last period holds no more requests than the limit.
"""

import logging
import time
from collections import deque
from pathlib import Path

logger = logging.getLogger(__name__)
SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86400}
SAID = 10  # seconds of waiting that are worth a word


class Pace:
    """The requests to one host; held by the one job that asks it."""

    def __init__(self, limit: str, file: Path):
        """Read when the host was asked last.

        Args:
            limit: number and period, such as ``30/min``.
            file: where that is noted, see ``hosts.host_file``.
        """
        number, _, period = limit.partition("/")
        self._limit, self._number, self._seconds = limit, int(number), SECONDS[period]
        self._file = file
        self._asked = deque(_times(self._file)[-self._number :], maxlen=self._number)
        self._file.write_text("".join(f"{at}\n" for at in self._asked))

    def wait(self) -> None:
        """Return when another request may be sent, and note it."""
        now = time.time()
        oldest = self._asked[0] if len(self._asked) == self._number else 0.0
        # a clock that was set back must not make this wait for long
        seconds = min(oldest + self._seconds - now, self._seconds)
        if seconds > 0:
            if seconds > SAID:
                logger.info("waiting %.0f s: `limit: %s`", seconds, self._limit)
            time.sleep(seconds)
        self._asked.append(time.time())
        with self._file.open("a") as file:
            file.write(f"{self._asked[-1]}\n")


def _times(file: Path) -> list[float]:
    """Return the times in a file; none of one that a power cut damaged."""
    try:
        return [float(time) for time in file.read_text().split()]
    except (OSError, ValueError):
        return []
