"""The key of a layer's rows, which GDAL takes for the number of a feature and for no column.

GeoPackage has one in each table, and often it is all that tells two rows apart. It is a column of
the table but where it is GDAL's own (by its name) and numbers the rows from 1 on, as when a program
wrote the layer without being asked for a key. Either is told, as it may be otherwise in the next
vintage; what ``columns`` or ``drop`` says of it counts.
"""

from dataclasses import dataclass

import numpy as np

from diffusion.config.reading import Convert
from diffusion.config.remedies import in_line
from diffusion.convert.layers.gdal import pyogrio

# what GDAL calls a key that nobody named, of GeoPackage, of databases, of a File Geodatabase
BY_DEFAULT = ("fid", "ogc_fid", "objectid")
BATCH_ROWS = 100_000


@dataclass(frozen=True)
class Key:
    """``name``: of the column of the key, empty where there is none. ``is_kept``: in the table."""

    name: str = ""
    is_kept: bool = False
    note: str = ""

    @property
    def left_out(self) -> frozenset[str]:
        return frozenset() if self.is_kept or not self.name else frozenset([self.name])


def key_of(name: str, layer: str, convert: Convert) -> Key:
    """Return the key of a layer, and whether it is a column of the table.

    Args:
        name: of the file, for GDAL.
    """
    info = pyogrio.read_info(name, layer=layer)
    key = info["fid_column"]
    declared = {spec.source or column for column, spec in convert.columns.items()}
    if not key or key in info["fields"]:
        return Key()
    if key in declared or key in convert.drop:
        return Key(key, is_kept=True)
    if convert.keep == "declared":
        return Key(key)
    if key.lower() not in BY_DEFAULT:
        return Key(key, is_kept=True)
    if _is_numbering(name, layer):
        note = f"the key `{key}` of the layer numbers its rows from 1 on, and is left out: "
        return Key(key, note=f"{note}`columns: {{{in_line(key)}: int}}` keeps it")
    note = f"`{key}` is the key of the layer: if it means nothing, `drop: [{in_line(key)}]`"
    return Key(key, is_kept=True, note=note)


def _is_numbering(name: str, layer: str) -> bool:
    """Whether keys are 1, 2, 3 … in the order of the rows."""
    given = {"layer": layer, "columns": [], "read_geometry": False, "return_fids": True}
    seen = 0
    with pyogrio.open_arrow(name, **given, batch_size=BATCH_ROWS, use_pyarrow=True) as (_, reader):
        for batch in reader:
            keys = np.from_dlpack(batch.column(0))  # pa.array imports pandas
            if (keys != np.arange(seen + 1, seen + 1 + len(batch))).any():
                return False
            seen += len(batch)
    return True
