"""Rule fetch_raw: freeze, or find frozen, the partitions of one batch; write the receipt.

Edit scripts/diffusion/fetch/batch.py to change how; this file only passes on what Snakemake gives.
"""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.base.json_files import write_json
from diffusion.config.remedies import remedies_merged
from diffusion.fetch.batch import fetch_batch
from diffusion.raw.inputs import CACHE
from diffusion.raw.lock import read_lock
from diffusion.run.job import claim_of, fetching_of, open_store, since_of


def main() -> None:
    name, params, config = snakemake.wildcards.source, snakemake.params, snakemake.config
    receipt = fetch_batch(
        name,
        fetching_of(params, config, name),
        params.partitions,
        open_store(config, "raw"),
        Path(".diffusion/fetch"),
        lock={} if f"{name}:raw" in config.get("accept", []) else read_lock(),
        offline=config.get("offline", False),
        cache=CACHE if config["converts_here"] else None,
        siblings=config["siblings"].get(name, []),
        claim=claim_of(config),
        since=since_of(config, name),
    )
    write_json(snakemake.output.receipt, receipt)


if __name__ == "__main__":
    entry, sources = snakemake.wildcards.source, snakemake.config["sources"]
    with job_log(snakemake.log[0], f"fetch_raw {entry}", sources), remedies_merged(sources[entry]):
        main()
