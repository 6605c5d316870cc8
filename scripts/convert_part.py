"""Rule convert_part: raw copies of one batch to a part, typed and counted."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.config.remedies import remedies_merged
from diffusion.convert.stages import convert_part
from diffusion.raw.inputs import inputs_of
from diffusion.run.job import conversion_of, storage_of
from diffusion.tables.limits import limits_of


def main() -> None:
    name, target = snakemake.wildcards.batched, Path(snakemake.output.table)
    inputs = inputs_of([snakemake.input.receipts], storage_of(snakemake.config))
    limits = limits_of(snakemake.resources, snakemake.threads)
    convert_part(name, conversion_of(snakemake.params), inputs, target, limits)


if __name__ == "__main__":
    entry, sources = snakemake.wildcards.batched, snakemake.config["sources"]
    with (
        job_log(snakemake.log[0], f"convert_part {entry}", sources),
        remedies_merged(sources[entry]),
    ):
        main()
