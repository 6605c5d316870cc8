"""Small files, read once for all who look at them: opening one takes longer than reading it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

SMALL = 64 * 1024  # bytes, which are read at once anyway: see ``sniff``
_HELD: ContextVar[tuple[Path | None, bytes]] = ContextVar("held", default=(None, b""))


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the bytes of a file, if it is a small one, for ``open_bytes``."""
    if not path.is_file() or path.stat().st_size > SMALL:
        yield
        return
    before = _HELD.set((path, path.read_bytes()))
    try:
        yield
    finally:
        _HELD.reset(before)


def open_bytes(path: Path) -> BinaryIO:
    """Open a file to read it, or what is held of it."""
    known, data = _HELD.get()
    return io.BytesIO(data) if path is known else path.open("rb")
