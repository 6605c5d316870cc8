"""Rule convert_part: raw copies of one batch to a part, typed and counted."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.convert.stages import convert_part
from diffusion.raw.conversion import inputs_of
from diffusion.tables.engine import limits_of


def main() -> None:
    name, target = snakemake.wildcards.dealt, Path(snakemake.output.table)
    inputs = inputs_of([snakemake.input.receipts], snakemake.params.storage)
    limits = limits_of(snakemake.resources, snakemake.threads)
    convert_part(name, snakemake.params.source, inputs, target, limits)


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"convert_part {snakemake.wildcards.dealt}"):
        main()
