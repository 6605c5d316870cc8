"""How many cores a job is worth: small tables are made side by side, with a core each."""

from collections.abc import Iterable
from pathlib import Path

from diffusion.base.json_files import read_json
from diffusion.errors import DamagedError

MOST = 4  # further ones wait for the disk, and for what sorts
SMALL = 2 * 1024 * 1024  # bytes, often compressed: one core converts them in about a second


def cores_for(paths: Iterable[str]) -> int:
    """Return the cores for a job that reads Parquet files, or the raw copies of fetch receipts.

    Snakemake asks when it plans, too: what is not there yet may be large, and what is damaged is
    told by the job.
    """
    try:
        size = sum(_bytes_of(Path(path)) for path in paths)
    except (FileNotFoundError, DamagedError):
        return MOST
    return 1 if size <= SMALL else MOST


def _bytes_of(path: Path) -> int:
    if path.suffix != ".json":
        return path.stat().st_size
    partitions = read_json(path)["partitions"].values()
    return sum(file["size"] for provenance in partitions for file in provenance["files"])
