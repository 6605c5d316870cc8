"""Rule convert_part: raw copies of one batch to a part, typed and counted."""

from pathlib import Path

from diffusion.conversion import inputs_of
from diffusion.convert import convert_part
from diffusion.engine import limits_of
from diffusion.joblog import job_log


def main() -> None:
    name, target = snakemake.wildcards.dealt, Path(snakemake.output.table)
    inputs = inputs_of([snakemake.input.receipts], snakemake.params.storage)
    limits = limits_of(snakemake.resources, snakemake.threads)
    convert_part(name, snakemake.params.source, inputs, target, limits)


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"convert_part {snakemake.wildcards.dealt}"):
        main()
