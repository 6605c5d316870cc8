"""Derived tables for tests: an entry, where it is stored, and a query over published tables."""

import pyarrow.parquet as pq

from diffusion.config.model import DerivedTable
from diffusion.config.parts import Storage
from diffusion.config.resolve import resolve_config
from diffusion.derive.table import derive_sql
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits


def entry_of(**keys: object) -> DerivedTable:
    """Return a derived entry as the configuration gives it."""
    sources = {"t": {"from": "file", "url": "data/t.csv"}}
    derive = {"mine": {"inputs": ["t"], "script": None} | keys}
    config = {"project": {"name": "tests"}, "vintage": "1", "sources": sources, "derive": derive}
    return resolve_config(config).derive["mine"]


def derived(inputs: dict, folder, sql: str, memory_mb: int = 1000) -> list:
    target = folder / "out.parquet"
    with engine(Limits(memory_mb, 1, folder / "scratch")) as con:
        derive_sql(con, "mine", entry_of(sql=sql), inputs, folder, target)
    return pq.ParquetFile(target).read_row_group(0).slice(0, 9).to_pylist()


def local(folder) -> Storage:
    return Storage(url=str(folder / "published"), raw=str(folder / "raw"))
