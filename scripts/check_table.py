"""Rule check_table: run the declared checks on a table; write counts and examples as JSON.

A failed check does not fail this job, so that its result is kept; it stops publishing.
"""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.base.json_files import write_json
from diffusion.run.facts import Checking, check
from diffusion.tables.facts import facts_of
from diffusion.tables.limits import limits_of


def main() -> None:
    params = snakemake.params
    others = dict(zip(params.others, map(Path, snakemake.input.others), strict=True))
    limits = limits_of(snakemake.resources, snakemake.threads)
    table, name = Path(snakemake.input.table), snakemake.wildcards.table
    checking = Checking.of(snakemake.config, name)
    found = check(facts_of(table), checking, table, others, limits)
    write_json(Path(snakemake.output.result), found)


if __name__ == "__main__":
    with job_log(
        snakemake.log[0], f"check_table {snakemake.wildcards.table}", snakemake.config["sources"]
    ):
        main()
