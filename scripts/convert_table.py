"""Rule convert_table: raw copies of one batch to a table, typed and counted."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.convert.stages import convert_table
from diffusion.raw.conversion import inputs_of
from diffusion.tables.engine import limits_of


def main() -> None:
    name, target = snakemake.wildcards.single, Path(snakemake.output.table)
    inputs = inputs_of(snakemake.input.receipts, snakemake.params.storage)
    limits = limits_of(snakemake.resources, snakemake.threads)
    convert_table(name, snakemake.params.source, inputs, target, limits)


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"convert_table {snakemake.wildcards.single}"):
        main()
