"""A DuckDB connection with bounds: memory, threads, and a folder of its own to spill to."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from diffusion.errors import DiffusionError

THREAD_MB = 125  # MiB that a thread needs at least, as DuckDB's own guide says
SCRATCH = Path(".diffusion/scratch")
OUTSIDE_DUCKDB = 450  # MiB: Python, its libraries, and the Arrow batches on their way to the file


@dataclass(frozen=True)
class Limits:
    """What a job may use: memory in MiB, threads, and a folder for what it spills."""

    memory_mb: int
    threads: int
    scratch: Path

    @property
    def duckdb_mb(self) -> int:
        """DuckDB's part: half, or what else a small job leaves it."""
        # a quarter does for most, and as fast; 5,000 columns or 10 GB sorted in 1,000 MiB need half
        half = self.memory_mb // 2
        return max(half // 2, min(half, self.memory_mb - OUTSIDE_DUCKDB))


class Resources(Protocol):
    """The resources that Snakemake gives a job, of which memory counts here: MiB."""

    mem_mb: int


def limits_of(resources: Resources, threads: int) -> Limits:
    """Return what a job may use: its Snakemake resources."""
    return Limits(resources.mem_mb, threads, SCRATCH)


def affordable(threads: int, memory_mb: int, each: int = THREAD_MB) -> int:
    """Return how many of some threads the memory is enough for: at least one."""
    return max(1, min(threads, memory_mb // each))


@contextmanager
def engine(limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB for one job; what it spills beyond its memory is removed at the end.

    It has as many of the job's threads as the memory is enough for; results do not depend on it.
    """
    limits.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=limits.scratch, prefix="duckdb-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{limits.duckdb_mb}MiB",
            "threads": affordable(limits.threads, limits.duckdb_mb),
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


@contextmanager
def duckdb_errors(where: str, describe: Callable[[str, str], DiffusionError]) -> Iterator[None]:
    """Turn what DuckDB or Arrow refuses into words that users can act on.

    Args:
        where: the entry, e.g. ``sources.dpe``.
        describe: gives the error for ``where`` and DuckDB's text; a want of memory needs no other words.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the system's own, not DuckDB's through an Arrow stream
        if "Out of Memory Error:" in str(error):
            found = "needs more memory than the job has, or more room on disk to spill"
            fix = "raise the rule's `mem_mb` in the profile"
            raise DiffusionError(where, found, fix) from error
        raise describe(where, str(error)) from error
