"""What the fuzz tests share: how many examples, and how long one may take.

In CI the examples are always the same, so that a run is repeatable. To look for more:

    FUZZ_EXAMPLES=20000 python -m pytest tests/security -k fuzz
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import hypothesis
from hypothesis import HealthCheck

LONG = int(os.environ.get("FUZZ_EXAMPLES", "0"))
SECONDS = 20  # for one example; it takes milliseconds


def fuzz(examples: int) -> hypothesis.settings:
    """Return the settings of a test: so many examples in CI, or as many as the variable says."""
    return hypothesis.settings(
        max_examples=LONG or examples,
        derandomize=not LONG,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def no_hang() -> Iterator[None]:
    """End what does not end."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"still running after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
