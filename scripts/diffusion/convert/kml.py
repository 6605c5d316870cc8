"""What a KML has beside the layer that is read: folders of the same name, and links to files."""

import mmap
import re
from contextlib import closing
from pathlib import Path

from diffusion.convert.gdal import pyogrio

LINK = re.compile(rb"<(?:\w+:)?NetworkLink[\s>]")


def namesakes(name: str, layer: str) -> list[str]:
    """Return a note where other folders have the name of a layer: GDAL numbers theirs.

    Args:
        name: of the file, for GDAL.
    """
    layers = [str(each) for each, _ in pyogrio.list_layers(name)]
    others = [f"`{each}`" for each in layers if each.startswith(f"{layer} (#")]
    if not others:
        return []
    return [f"other folders are called `{layer}`, too, and are other layers: {', '.join(others)}"]


def links_of(path: Path) -> list[str]:
    """Return a note where a KML names other files (OGC KML 2.3, ``NetworkLink``)."""
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as data:
        links = sum(1 for _ in LINK.finditer(data))
    if not links:
        return []
    return [f"{links:,} links lead to other files (`NetworkLink`), of which nothing is read"]
