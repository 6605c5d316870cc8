"""EsriJSON, the answer of an ArcGIS server: whether it is whole, and how many features it holds."""

import mmap
import re
from contextlib import closing
from pathlib import Path

from diffusion.convert.geojson import TWICE, twice
from diffusion.errors import DiffusionError

ATTRIBUTES = re.compile(rb'"attributes"\s*:\s*(\{)')
CUT = re.compile(rb'"exceededTransferLimit"\s*:\s*true')


def verify_esrijson(path: Path, label: str) -> None:
    """Refuse a part of a layer, and attributes that have a key twice.

    Raises:
        DiffusionError: the server gave no more than its limit; or which key.
    """
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as data:
        is_cut = CUT.search(data) is not None
        doubled = twice(data, ATTRIBUTES)
    if doubled:
        raise DiffusionError(label, doubled, TWICE)
    if is_cut:
        found = "holds a part of the layer: the server says `exceededTransferLimit`"
        fix = "fetch all of it page by page: `from: api`, `pages: {style: offset, param: "
        fix += "resultOffset, records: features}`, with `f: geojson` among `params`"
        raise DiffusionError(label, found, fix)


def count_features(path: Path) -> int:
    """Return how many features there are: each has attributes."""
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as data:
        return sum(1 for _ in ATTRIBUTES.finditer(data))
