"""Rule write_lock: note hash and size of every raw copy in config/sources.lock.yaml."""

import sys
from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.raw.inputs import read_receipt
from diffusion.raw.lock import lock_entries, write_lock


def main() -> None:
    path = Path(snakemake.params.lock)
    write_lock(lock_entries(read_receipt(Path(file)) for file in snakemake.input.receipts), path)
    print(f"{path} written: commit it", file=sys.stderr)


if __name__ == "__main__":
    with job_log(snakemake.log[0], "write_lock", snakemake.config["sources"]):
        main()
