"""Published tables as inputs: lazy, read in place from S3 or a folder."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs

from diffusion.config.parts import Storage
from diffusion.errors import PublishedError
from diffusion.storage.connection import Connection, storage_connection
from diffusion.storage.noted import is_noted
from diffusion.storage.ranges import PublishedFiles, filesystem_of, paths_of, rows_among
from diffusion.storage.store import Store
from diffusion.tables.sql import identifier

if TYPE_CHECKING:
    import pyarrow.dataset as ds
    from duckdb import DuckDBPyRelation
    from geopandas import GeoDataFrame
    from pandas import DataFrame

AT_ONCE = 32  # files whose state is requested from a server at once


class Readable(Protocol):
    """Parquet files that a query reads in place: see ``PublishedTable``."""

    @property
    def filesystem(self) -> pyarrow.fs.FileSystem: ...

    @property
    def files(self) -> Mapping[str, int]: ...


FORMS = "read it by .frame() (pandas), .arrow(), .sql() (DuckDB) or .geo() (GeoPandas)"


class PublishedTable:
    """One published table. ``inputs["dpe"].frame(columns=[…])`` is what most scripts need."""

    def __init__(self, receipt: Mapping, link: Connection | None):
        """Describe the table by its receipt; nothing is read yet."""
        self.name, self.receipt, self._link = receipt["name"], receipt, link
        objects = receipt["objects"]
        self._objects = objects if receipt.get("private") else rows_among(self.name, objects)

    def __repr__(self) -> str:
        """Say what it is, in a notebook."""
        rows = f"{self.receipt['rows']:,} rows, " if "rows" in self.receipt else ""
        told = f"{self.name}: {rows}{len(self.columns)} columns, {self.receipt['url']}"
        return f"<table {told}; {FORMS}>"

    if not TYPE_CHECKING:  # or whoever checks types would find no misspelt name

        def __getattr__(self, name):
            """Say which forms there are, to whoever takes it for a DataFrame."""
            if hasattr(type(self), name):  # a property that fails by itself: in its own words
                return object.__getattribute__(self, name)
            raise AttributeError(f"a published table has no `{name}`; {FORMS}")

        def __getitem__(self, key):
            """Say the same of columns and rows."""
            raise TypeError(f"a published table gives no {key!r}; {FORMS}")

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

    @cached_property
    def filesystem(self) -> pyarrow.fs.FileSystem:
        """Where the table's files are, with the settings and keys of its server."""
        return filesystem_of(self.receipt["url"], self._link)

    @property
    def files(self) -> dict[str, int]:
        """Path in ``filesystem`` and size in bytes of each of its files."""
        return paths_of(self.receipt["url"], self._objects)

    def verify(self) -> None:
        """Refuse a table that is not, or no longer, what its receipt states: its bytes are read.

        On S3 the server's hash or ETag stands for them.

        Raises:
            DiffusionError: a file is missing, or is another one (see ``is_noted``), or cannot be
                accessed.
        """
        store = Store(self.receipt["url"], self._link)

        def check(item: Mapping) -> None:
            head = store.head(item["key"])
            if is_noted(store, item, head, thorough=True):
                return
            done, fix = "published", "publish it again: snakemake --forcerun publish_sources"
            fix += " publish_derived"
            if self.receipt.get("private"):  # not published: made here, from the raw copies
                done, fix = "made and checked", "run `snakemake` again: it is made once more"
                fix = f"remove it, and {fix}" if head else fix
            found = f"another file than the one that was {done}: it was replaced since"
            if not head:
                found = f"there is no such file, though it was {done}"
            raise PublishedError(store.address(item["key"]), found, fix)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(check, self._objects))

    def dataset(self) -> "ds.Dataset":
        """Return a lazy pyarrow dataset: columns and filters are pushed down to it."""
        import pyarrow.dataset as ds  # it imports pandas, which a query does not need

        files = list(self.files)
        return ds.dataset(files, filesystem=self.filesystem, format="parquet", partitioning=None)

    def frame(
        self, columns: Sequence[str] | None = None, filter: pc.Expression | None = None
    ) -> "DataFrame":
        """Return a pandas DataFrame of some columns and rows (``pyarrow.compute`` expression)."""
        return self.arrow(columns, filter).to_pandas()

    def arrow(
        self, columns: Sequence[str] | None = None, filter: pc.Expression | None = None
    ) -> pa.Table:
        """Return an Arrow table of some columns and rows (``pyarrow.compute`` expression)."""
        return self.dataset().to_table(columns=columns, filter=filter)

    def sql(self, query: str) -> "DuckDBPyRelation":
        """Return what a SELECT gives of the table, under its own name, as a DuckDB relation.

        Only the columns and row groups that the query needs are read, when its rows are asked for.
        Geometries are WKB. One thread: sums of floats depend on their order.
        """
        import duckdb

        settings: dict[str, str | bool | int | float | list[str]]
        settings = {"threads": 1, "enable_geoparquet_conversion": False, "TimeZone": "UTC"}
        settings["autoinstall_known_extensions"] = False
        con = duckdb.connect(config=settings)
        known = PublishedFiles()
        con.register_filesystem(known)
        paths = [known.add(self.filesystem, path, size) for path, size in self.files.items()]
        rows = f"read_parquet({paths}, hive_partitioning = false)"
        con.execute(f"CREATE VIEW {identifier(self.name)} AS SELECT * FROM {rows}")
        return con.sql(query)

    def geo(
        self, columns: Sequence[str] | None = None, bbox: Sequence[float] | None = None
    ) -> "GeoDataFrame":
        """Return a GeoDataFrame of some columns, of what touches ``bbox`` (in the table's CRS)."""
        import geopandas

        chosen = None if columns is None else [*columns, "geometry"]
        table = self.dataset().to_table(columns=chosen, filter=_touches(bbox))
        table = table.drop_columns([n for n in ("bbox",) if n in table.column_names])
        frame = table.replace_schema_metadata().to_pandas()
        shapes = geopandas.GeoSeries.from_wkb(frame["geometry"], crs=self.crs)
        return geopandas.GeoDataFrame(frame, geometry=shapes)

    @cached_property
    def crs(self) -> Mapping | None:
        """The CRS of its geometries as PROJJSON; None if it has none."""
        geo = (self.dataset().schema.metadata or {}).get(b"geo")
        return json.loads(geo)["columns"]["geometry"]["crs"] if geo else None


def _touches(bbox: Sequence[float] | None) -> pc.Expression | None:
    if bbox is None:
        return None
    # boxes are float32, rounded outward: so must be what they are compared with
    outward = np.nextafter(
        np.asarray(bbox, np.float32), np.asarray([-np.inf, -np.inf, np.inf, np.inf], np.float32)
    )
    west, south, east, north = (pa.scalar(side, pa.float32()) for side in outward)
    side = {name: pc.field("bbox", name) for name in ("xmin", "ymin", "xmax", "ymax")}
    across = (side["xmin"] <= east) & (side["xmax"] >= west)
    return across & (side["ymin"] <= north) & (side["ymax"] >= south)


def open_inputs(receipts: Mapping[str, Mapping], storage: Storage) -> dict[str, PublishedTable]:
    """Return the published tables of publishing receipts, by the names that a script knows."""
    link = storage_connection(storage)
    tables = {name: PublishedTable(receipt, link) for name, receipt in receipts.items()}
    for table in tables.values():
        table.verify()
    return tables


def made_from(receipts: Mapping[str, Mapping]) -> dict[str, str]:
    """Return the hash of each input's table, as its maker wrote it."""
    return {name: receipt["table_sha256"] for name, receipt in receipts.items()}


def figure_facts(receipts: Mapping[str, Mapping]) -> dict:
    """Return what is noted of a figure beside its files: inputs, their credits, their hashes."""
    credits = dict.fromkeys(line for receipt in receipts.values() for line in receipt["credits"])
    inputs = [receipt["name"] for receipt in receipts.values()]
    return {"inputs": inputs, "credits": list(credits), "made_from": made_from(receipts)}
