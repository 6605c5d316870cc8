"""The encoding of a text, judged by its bytes: declarations are often wrong."""

import re
from typing import BinaryIO

CHUNK = 1 << 20
MAX_RUNS = 100_000  # runs of bytes to judge from
HIGH = re.compile(rb"[\x80-\xff]+")


def count_utf8(file: BinaryIO) -> tuple[int, int]:
    """Return how many runs of bytes beyond ASCII are UTF-8, and how many are not.

    Latin-1 text with accents is practically never valid UTF-8.
    """
    good = bad = 0
    while data := file.read(CHUNK):
        for run in HIGH.findall(data):
            try:
                run.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
        if good + bad > MAX_RUNS:
            break
    return good, bad
