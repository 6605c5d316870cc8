"""Fetch and convert what a database holds, as the workflow does, without it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from backports import zstd

from diffusion.config.model import Source
from diffusion.config.partitions import partitions_of
from diffusion.config.resolve import resolve_config
from diffusion.convert.stages import combine_parts, convert_part, convert_table
from diffusion.fetch.batch import fetch_batch
from diffusion.raw.inputs import raw_inputs
from diffusion.storage.store import Store
from diffusion.tables.limits import Limits


def source_of(**keys: object) -> Source:
    """Return a source as the configuration gives it."""
    source = {"from": "database", "vintage": "2025-03-19", "retries": 0} | keys
    return resolve_config({"project": {"name": "t"}, "sources": {"t": source}}).sources["t"]


class Tables:
    """Raw copies and tables in a folder; ``base``: keys that all sources of it have."""

    def __init__(self, folder: Path, base: Mapping[str, object]):
        self.folder, self.base = folder, dict(base)
        self.target = folder / "t.parquet"
        self.limits = Limits(1000, 2, folder / "scratch")

    @property
    def store(self) -> Store:
        return Store(str(self.folder / "raw"), None)

    def source(self, **keys: object) -> Source:
        return source_of(**self.base | keys)

    def fetch(self, *partitions: str, offline: bool = False, **keys: object) -> dict:
        """Freeze all partitions, or some; returns the receipt."""
        source = self.source(**keys)
        names = partitions or list(partitions_of(source.partitions))
        scratch = self.folder / "fetch"
        return fetch_batch("t", source, names, self.store, scratch, lock={}, offline=offline)

    def raw(self, receipt: Mapping) -> str:
        """Return the text of the only raw copy of a receipt."""
        (provenance,) = receipt["partitions"].values()
        path = self.folder / "raw" / provenance["files"][0]["key"]
        return zstd.decompress(path.read_bytes()).decode()

    def table(self, **keys: object) -> pa.Table:
        """Fetch, convert, and return the table."""
        source, receipt = self.source(**keys), self.fetch(**keys)
        inputs = raw_inputs(receipt, self.store, self.folder / "cache")
        convert_table("t", source, inputs, self.target, self.limits)
        return pq.read_table(self.target)

    def combined(self, **keys: object) -> pa.Table:
        """The same, each partition as a batch of its own."""
        source, receipt = self.source(**keys), self.fetch(**keys)
        inputs = raw_inputs(receipt, self.store, self.folder / "cache")
        parts = [self.folder / f"part-{number}.parquet" for number in range(len(inputs))]
        for item, part in zip(inputs, parts, strict=True):
            convert_part("t", source, [item], part, self.limits)
        combine_parts("t", source, parts, self.target, self.limits)
        return pq.read_table(self.target)

    def everything(self) -> str:
        """Return all that was written here, as text: to look for what must not be there."""
        found = []
        for path in self.folder.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                data = zstd.decompress(data) if path.suffix == ".zst" else data
                found.append(f"{path} {data.decode('latin-1')}")
        return json.dumps(found)
