"""Rule combine_parts: the parts of all batches of a source to its table."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.config.remedies import remedies_merged
from diffusion.convert.stages import combine_parts
from diffusion.run.facts import Checking, write_facts
from diffusion.run.job import conversion_of
from diffusion.tables.facts import facts_of
from diffusion.tables.limits import limits_of


def main() -> None:
    name, target = snakemake.wildcards.batched, Path(snakemake.output.table)
    parts = [Path(part) for part in snakemake.input.parts]
    limits = limits_of(snakemake.resources, snakemake.threads)
    distinct = combine_parts(name, conversion_of(snakemake.params), parts, target, limits)
    checking = Checking.of(snakemake.config, name)
    facts = facts_of(target, distinct)
    write_facts(facts, Path(snakemake.output.facts), checking, target, limits)


if __name__ == "__main__":
    entry, sources = snakemake.wildcards.batched, snakemake.config["sources"]
    with (
        job_log(snakemake.log[0], f"combine_parts {entry}", sources),
        remedies_merged(sources[entry]),
    ):
        main()
