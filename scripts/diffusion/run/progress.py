"""How far a job is: the last line of its log that says so."""

import re
from collections.abc import Iterable
from pathlib import Path

TAIL = 65_536  # bytes: other lines stand between
# of ``base.progress``; of who waits for a host, and of who asks a server again
LINE = re.compile(
    r"^\S+ \S+ (?:INFO (?:\w+(?:: | (?=\S+=))|[^\n]*?: )(?=[^ \n]* ?at \d)|INFO now: "
    r"|WARNING (?=waiting: )|WARNING (?=[^\n]*(?:trying|asking) again))([^\n]+)$",
    re.MULTILINE,
)


def last_progress(logs: Iterable[str]) -> str | None:
    """Return what a job is at by the first log that can be read here.

    For example ``at 12,000 of 40,000 rows (30%)``, ``commune=01450: at 300 rows``, ``sorting``.
    """
    for path in map(Path, logs):
        if path.is_file():
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - TAIL))
                found = LINE.findall(file.read().decode("utf-8", "replace"))
            return found[-1] if found else None
    return None
