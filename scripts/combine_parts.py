"""Rule combine_parts: the parts of all batches of a source to its table."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.convert.stages import combine_parts
from diffusion.tables.engine import limits_of


def main() -> None:
    name, target = snakemake.wildcards.dealt, Path(snakemake.output.table)
    limits = limits_of(snakemake.resources, snakemake.threads)
    combine_parts(
        name, snakemake.params.source, [Path(p) for p in snakemake.input.parts], target, limits
    )


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"combine_parts {snakemake.wildcards.dealt}"):
        main()
