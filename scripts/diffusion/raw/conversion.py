"""What the scripts of several rules share: raw inputs, from the receipts Snakemake gives."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from diffusion.raw.inputs import RawInput, raw_inputs, read_receipt
from diffusion.storage.connection import storage_link
from diffusion.storage.store import Store

CACHE = Path(".diffusion/cache")


def inputs_of(receipts: Iterable[str], storage: Mapping) -> list[RawInput]:
    """Return the raw files of fetch receipts, on this machine and verified."""
    store = Store(storage["raw"], storage_link(storage))
    return [
        item for path in receipts for item in raw_inputs(read_receipt(Path(path)), store, CACHE)
    ]
