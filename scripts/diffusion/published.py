"""Published tables as inputs: lazy, read in place from S3 or a folder."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.fs

from diffusion.s3 import Connection, split_url, storage_link


class PublishedTable:
    """One published table. ``inputs["dpe"].frame(columns=[…])`` is what most scripts need."""

    def __init__(self, receipt: Mapping, link: Connection | None):
        """Describe the table by its receipt; nothing is read yet."""
        self.name, self.receipt, self._link = receipt["name"], receipt, link
        self._objects = [o for o in receipt["objects"] if o["key"].endswith(".parquet")]

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [column["name"] for column in self.receipt["columns"]]

    @property
    def sha256(self) -> str:
        """Hash of the table's bytes (of all its files' hashes, when it is a folder)."""
        hashes = [item["sha256"] for item in self._objects]
        return (
            hashes[0]
            if len(hashes) == 1
            else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
        )

    @property
    def credits(self) -> list[str]:
        """What to credit: the table's own attribution and licence, or those of its inputs."""
        return self.receipt["credits"]

    def dataset(self) -> ds.Dataset:
        """Return a lazy pyarrow dataset: columns and filters are pushed down to it."""
        filesystem, root = _filesystem(self.receipt["url"], self._link)
        paths = [f"{root}/{item['key']}" for item in self._objects]
        return ds.dataset(paths, filesystem=filesystem, format="parquet", partitioning=None)

    def frame(self, columns: Sequence[str] | None = None, filter: pc.Expression | None = None):
        """Return a pandas DataFrame of some columns and rows (``pyarrow.compute`` expression)."""
        return self.dataset().to_table(columns=columns, filter=filter).to_pandas()

    def geo(self, columns: Sequence[str] | None = None, bbox: Sequence[float] | None = None):
        """Return a GeoDataFrame of some columns, of what touches ``bbox`` (in the table's CRS)."""
        import geopandas

        chosen = None if columns is None else [*columns, "geometry"]
        table = self.dataset().to_table(columns=chosen, filter=_touches(bbox))
        table = table.drop_columns([n for n in ("bbox",) if n in table.column_names])
        frame = table.replace_schema_metadata().to_pandas()
        shapes = geopandas.GeoSeries.from_wkb(frame["geometry"], crs=self._crs)
        return geopandas.GeoDataFrame(frame, geometry=shapes)

    @cached_property
    def _crs(self) -> Mapping:
        metadata = self.dataset().schema.metadata or {}
        return json.loads(metadata[b"geo"])["columns"]["geometry"]["crs"]


def _touches(bbox: Sequence[float] | None) -> pc.Expression | None:
    if bbox is None:
        return None
    # boxes are float32, rounded outward: so must be what they are compared with
    outward = np.nextafter(np.float32(bbox), np.float32([-np.inf, -np.inf, np.inf, np.inf]))
    west, south, east, north = (pa.scalar(side, pa.float32()) for side in outward)
    side = {name: pc.field("bbox", name) for name in ("xmin", "ymin", "xmax", "ymax")}
    across = (side["xmin"] <= east) & (side["xmax"] >= west)
    return across & (side["ymin"] <= north) & (side["ymax"] >= south)


def _filesystem(url: str, link: Connection | None) -> tuple[pyarrow.fs.FileSystem, str]:
    if not url.startswith("s3://"):
        return pyarrow.fs.LocalFileSystem(), url.rstrip("/")
    bucket, prefix = split_url(url)
    return pyarrow.fs.S3FileSystem(**link.pyarrow()), f"{bucket}/{prefix}".rstrip("/")


def open_inputs(
    receipts: Sequence[str], names: Sequence[str], storage: Mapping
) -> dict[str, PublishedTable]:
    """Return the published tables of publishing receipts, by the names that a script knows."""
    link = storage_link(storage)
    contents = [json.loads(Path(path).read_text("utf-8")) for path in receipts]
    return {name: PublishedTable(r, link) for name, r in zip(names, contents, strict=True)}
