"""Rule fetch_raw: freeze, or find frozen, the partitions of one batch; write the receipt.

Edit scripts/diffusion/fetch/batch.py to change how; this file only passes on what Snakemake gives.
"""

import json
from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.fetch.batch import fetch_batch
from diffusion.raw.inputs import objects_by_partition
from diffusion.raw.lock import read_lock
from diffusion.storage.connection import storage_link
from diffusion.storage.store import Store


def main() -> None:
    name, params = snakemake.wildcards.source, snakemake.params
    storage = params.storage
    objects = list(snakemake.input.objects)
    receipt = fetch_batch(
        name,
        params.source,
        params.partitions,
        Store(storage["raw"], storage_link(storage)),
        Path(".diffusion/fetch"),
        lock={} if name in snakemake.config.get("accept", []) else read_lock(),
        offline=snakemake.config.get("offline", False),
        retrieved=objects_by_partition(params.source, params.partitions, objects)
        if objects
        else {},
    )
    Path(snakemake.output.receipt).write_text(
        json.dumps(receipt, indent=1, ensure_ascii=False), "utf-8"
    )


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"fetch_raw {snakemake.wildcards.source}"):
        main()
