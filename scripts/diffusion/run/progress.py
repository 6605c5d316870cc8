"""How far a job is: the last such line of its log."""

import re
from collections.abc import Iterable
from pathlib import Path

TAIL = 4096  # bytes
LINE = re.compile(r"^\S+ \S+ INFO [^\n]*?: (at [\d,]+[^\n]*)$", re.MULTILINE)


def last_progress(logs: Iterable[str]) -> str | None:
    """Return what ``base.progress`` noted last in the first log that can be read here.

    For example ``at 12,000 of 40,000 rows``.
    """
    for path in map(Path, logs):
        if path.is_file():
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - TAIL))
                found = LINE.findall(file.read().decode("utf-8", "replace"))
            return found[-1] if found else None
    return None
