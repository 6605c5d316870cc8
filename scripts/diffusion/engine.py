"""A DuckDB connection with bounds: memory, threads, and a folder of its own to spill to."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

THREAD_MB = 125  # MiB that a thread needs at least, as DuckDB's own guide says


def affordable(threads: int, memory_mb: int, each: int = THREAD_MB) -> int:
    """Return how many of some threads the memory is enough for: at least one."""
    return max(1, min(threads, memory_mb // each))


@contextmanager
def engine(memory_mb: int, threads: int, scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB for one job; what it spills goes to ``scratch`` and is removed.

    Args:
        memory_mb: limit of DuckDB's own memory in MiB; beyond it DuckDB spills.
        threads: threads DuckDB may use, if the memory is enough for them; the result does not
            depend on it.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="duckdb-") as spill:
        settings = {
            "memory_limit": f"{memory_mb}MiB",
            "threads": affordable(threads, memory_mb),
            "temp_directory": spill,
            "autoinstall_known_extensions": False,  # never a download behind the user's back
            "enable_geoparquet_conversion": False,  # geometries stay WKB
            "preserve_insertion_order": True,
            "TimeZone": "UTC",
        }
        con = duckdb.connect(config=settings)
        try:
            con.execute("SET enable_progress_bar = false")
            yield con
        finally:
            con.close()
