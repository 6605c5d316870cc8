"""EsriJSON, the answer of an ArcGIS server: whether it is whole, its features and their values.

GDAL reads a value that is none of its field's type up to where it can: `12,5` is 12, `s` is 0.
"""

import re
from decimal import Decimal
from pathlib import Path

from diffusion.config.reading import Convert
from diffusion.config.remedies import in_line
from diffusion.convert.layers.geojson import TWICE, twice
from diffusion.errors import LayerError
from diffusion.files.mapped import mapped

ATTRIBUTES = re.compile(rb'"attributes"\s*:\s*(\{)')
BITS = {"SmallInteger": 16, "Integer": 32, "OID": 64, "BigInteger": 64, "Date": 64}  # of numbers
NUMBERS = ("Single", "Double")
CUT = re.compile(rb'"exceededTransferLimit"\s*:\s*true')


def verify_esrijson(path: Path, label: str) -> None:
    """Refuse a part of a layer, and attributes that have a key twice.

    Raises:
        DiffusionError: the server gave no more than its limit; or which key.
    """
    with mapped(path) as data:
        is_cut = CUT.search(data) is not None
        doubled = twice(data, ATTRIBUTES)
    if doubled:
        raise LayerError(label, doubled, TWICE)
    if is_cut:
        found = "holds a part of the layer: the server says `exceededTransferLimit`"
        fix = "fetch all of it page by page: `from: api`, `pages: {style: offset, param: "
        fix += "resultOffset, records: features}`, with `f: geojson` among `params`"
        raise LayerError(label, found, fix)


def count_features(path: Path) -> int:
    """Return how many features there are: each has attributes."""
    with mapped(path) as data:
        return sum(1 for _ in ATTRIBUTES.finditer(data))


def verify_attributes(path: Path, convert: Convert, label: str) -> None:
    """Refuse a value that is none of its field's type.

    Args:
        convert: which columns will be in the table.

    Raises:
        DiffusionError: shows the feature and the value.
    """
    import ijson

    with path.open("rb") as file:
        kinds = {
            str(f.get("name")): str(f.get("type")).removeprefix("esriFieldType")
            for f in ijson.items(file, "fields.item")
            if convert.takes(str(f.get("name")))
        }
    with path.open("rb") as file:
        for number, given in enumerate(ijson.items(file, "features.item.attributes"), 1):
            for name, value in (given or {}).items():
                if value is not None and not _fits(value, kinds.get(name, "")):
                    kind = kinds[name]
                    found = f"`{name}` of feature {number:,} is {value!s:.40}, which is no {kind}"
                    fix = f"leave it out, `drop: [{in_line(name)}]`; or ask its publisher to "
                    fix += "correct it, "
                    fix += "and once it is corrected set a new `vintage`"
                    raise LayerError(label, found, fix)


def _fits(value: object, kind: str) -> bool:
    if kind not in (*BITS, *NUMBERS):
        return True
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return kind in NUMBERS or (value == int(value) and abs(int(value)) < 2 ** (BITS[kind] - 1))
