"""What a job may use: memory, threads, and a folder for what it spills."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

THREAD_MB = 125  # MiB that a thread needs at least, by DuckDB's guide to performance
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
        """DuckDB's share in MiB: half; less in a small job, and at least a quarter."""
        # a quarter suffices for most; 5,000 columns, or 10 GB sorted in 1,000 MiB, need half
        half = self.memory_mb // 2
        return max(half // 2, min(half, self.memory_mb - OUTSIDE_DUCKDB))

    @property
    def layers_mb(self) -> int:
        """What is left, in MiB, for geometries on their way to DuckDB; in a small job nothing."""
        return max(0, self.memory_mb - self.duckdb_mb - OUTSIDE_DUCKDB)


class Resources(Protocol):
    """The resources that Snakemake gives a job, of which memory counts here: MiB."""

    mem_mb: int


def limits_of(resources: Resources, threads: int) -> Limits:
    """Return what a job may use, from its Snakemake resources."""
    return Limits(resources.mem_mb, threads, SCRATCH)


def affordable(threads: int, memory_mb: int, each: int = THREAD_MB) -> int:
    """Return how many of the threads the memory suffices for, at least one.

    Args:
        each: MiB that a thread needs.
    """
    return max(1, min(threads, memory_mb // each))
