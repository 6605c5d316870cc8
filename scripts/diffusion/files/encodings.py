"""The encoding of a text, judged by its bytes: declarations are often wrong."""

from typing import BinaryIO

CHUNK = 1 << 20
MAX_RUNS = 100_000  # runs of bytes to judge from
BLANK_ASCII = bytes([0x20] * 0x80 + list(range(0x80, 0x100)))


def count_utf8(file: BinaryIO) -> tuple[int, int]:
    """Return how many runs of bytes beyond ASCII are UTF-8, and how many are not.

    Latin-1 text with accents is practically never valid UTF-8.
    """
    good = bad = 0
    while data := file.read(CHUNK):
        runs = data.translate(BLANK_ASCII).split()
        broken = 0 if _is_utf8(b" ".join(runs)) else sum(not _is_utf8(run) for run in runs)
        good, bad = good + len(runs) - broken, bad + broken
        if good + bad > MAX_RUNS:
            break
    return good, bad


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
