"""What the three conversion scripts share: raw inputs and limits from what Snakemake gives."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from diffusion.convert import Limits
from diffusion.inputs import RawInput, raw_inputs, read_receipt
from diffusion.s3 import storage_link
from diffusion.store import Store

CACHE = Path(".diffusion/cache")
SCRATCH = Path(".diffusion/scratch")


def inputs_of(receipts: Iterable[str], storage: Mapping) -> list[RawInput]:
    """Return the raw files of fetch receipts, on this machine and verified."""
    store = Store(storage["raw"], storage_link(storage))
    return [
        item for path in receipts for item in raw_inputs(read_receipt(Path(path)), store, CACHE)
    ]


def limits_of(resources: object, threads: int) -> Limits:
    """Return what a job may use: its Snakemake resources."""
    return Limits(resources.mem_mb, threads, SCRATCH)
