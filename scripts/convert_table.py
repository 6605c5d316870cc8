"""Rule convert_table: raw copies of one batch to a table, typed and counted."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.config.remedies import remedies_merged
from diffusion.convert.stages import convert_table
from diffusion.raw.inputs import inputs_of
from diffusion.run.facts import Checking, write_facts
from diffusion.run.job import conversion_of, storage_of
from diffusion.tables.facts import facts_of
from diffusion.tables.limits import limits_of


def main() -> None:
    name, target = snakemake.wildcards.unbatched, Path(snakemake.output.table)
    inputs = inputs_of(snakemake.input.receipts, storage_of(snakemake.config))
    limits = limits_of(snakemake.resources, snakemake.threads)
    distinct = convert_table(name, conversion_of(snakemake.params), inputs, target, limits)
    checking = Checking.of(snakemake.config, name)
    facts = facts_of(target, distinct)
    write_facts(facts, Path(snakemake.output.facts), checking, target, limits)


if __name__ == "__main__":
    entry, sources = snakemake.wildcards.unbatched, snakemake.config["sources"]
    with (
        job_log(snakemake.log[0], f"convert_table {entry}", sources),
        remedies_merged(sources[entry]),
    ):
        main()
