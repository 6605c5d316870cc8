"""Files of which only what is looked at is read."""

import mmap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    """Open a file as bytes of memory.

    Raises:
        ValueError: it is empty.
    """
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as data:
        yield data
