"""What a KML names and does not have: other files, of which nothing is read."""

import mmap
import re
from contextlib import closing
from pathlib import Path

LINK = re.compile(rb"<(?:\w+:)?NetworkLink[\s>]")


def links_of(path: Path) -> list[str]:
    """Return a note where a KML names other files (OGC KML 2.3, ``NetworkLink``)."""
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as data:
        links = sum(1 for _ in LINK.finditer(data))
    if not links:
        return []
    return [f"{links:,} links lead to other files (`NetworkLink`), of which nothing is read"]
