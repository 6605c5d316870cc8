"""A sign of life of what takes long, in a terminal where nothing else is said meanwhile."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from diffusion.base.progress import NOW

FIRST_WORD, LONGEST_SILENCE = 5.0, 60.0  # seconds
COUNTED = "diffusion.base.progress"


class Heartbeat(logging.Handler):
    """Tells every now and then what is under way, and how far it is where that is counted.

    Attributes:
        doing: what is under way, in words.
    """

    def __init__(self, say: Callable[[str], None]):
        super().__init__(logging.INFO)
        self.doing, self._counted = "", ""
        self._say, self._pause = say, FIRST_WORD
        self._stop, self._is_paused = threading.Event(), False

    def emit(self, record: logging.LogRecord) -> None:
        """Take what progress says: ``t: at 12,000 of 40,000 rows (30%)``, ``now: sorting``."""
        if record.name == COUNTED:
            words = record.getMessage()
            at = words.partition(": at ")[2]
            now = f"at {at}" if at else words.partition(NOW)[2]
            self._counted = f"{now}, " if now else ""

    def beat(self) -> None:
        """Speak until it is stopped, each time after a longer silence."""
        began = time.monotonic()
        while not self._stop.wait(self._pause):
            if self._is_paused:
                continue
            self._pause = min(2 * self._pause, LONGEST_SILENCE)
            words = f"… {self.doing}: {self._counted}{time.monotonic() - began:.0f} s"
            with suppress(OSError):  # nobody reads any more
                self._say(words)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Say nothing while somebody is asked: a line would stand behind the question."""
        self._is_paused = True
        try:
            yield
        finally:
            self._is_paused = False

    def stop(self) -> None:
        """Say no more."""
        self._stop.set()


@contextmanager
def heartbeat(say: Callable[[str], None]) -> Iterator[Heartbeat]:
    """Give signs of life while the context lasts."""
    heart, counts = Heartbeat(say), logging.getLogger(COUNTED)
    before = counts.level
    counts.setLevel(logging.INFO)
    counts.addHandler(heart)
    thread = threading.Thread(target=heart.beat, daemon=True)
    thread.start()
    try:
        yield heart
    finally:
        heart.stop()
        thread.join()
        counts.removeHandler(heart)
        counts.setLevel(before)
