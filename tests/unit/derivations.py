"""Derived tables for tests: an entry, where it is stored, and a query over published tables."""

import pyarrow.parquet as pq

from diffusion.derive.table import derive_sql
from diffusion.tables.engine import Limits, engine

ANYWHERE = {"endpoint": None, "region": None, "path_style": None}
ENTRY = {
    "sql": None,
    "script": None,
    "params": {},
    "sort_by": [],
    "partition_by": [],
    "row_group_rows": 100_000,
    "licence": "",
    "attribution": "",
    "geometry": {"to_crs": None, "repair": True, "family": "any"},
}


def derived(inputs: dict, folder, sql: str, memory_mb: int = 1000) -> list:
    target = folder / "out.parquet"
    with engine(Limits(memory_mb, 1, folder / "scratch")) as con:
        derive_sql(con, "mine", ENTRY | {"sql": sql}, inputs, folder, target)
    return pq.ParquetFile(target).read_row_group(0).slice(0, 9).to_pylist()


def local(folder) -> dict:
    return {"url": str(folder / "published"), "raw": str(folder / "raw"), **ANYWHERE}
