"""Rule check_table: run the declared checks on a table; write counts and examples as JSON.

A failed check does not fail this job, so that its result is kept; it stops publish_table.
"""

import logging
from pathlib import Path

from diffusion.base.joblog import job_log, print_failure
from diffusion.check.checks import explain, run_checks, summary
from diffusion.check.outcome import failed_checks
from diffusion.config.parts import Checks, from_text
from diffusion.run.job import write_json
from diffusion.tables.engine import limits_of


def main(title: str) -> None:
    params = snakemake.params
    others = dict(zip(params.others, map(Path, snakemake.input.others), strict=True))
    table, limits = Path(snakemake.input.table), limits_of(snakemake.resources, snakemake.threads)
    results = run_checks(table, from_text(params.checks, Checks), others, limits)
    logging.info("%s\n%s", table.stem, explain(results) or "all checks passed")
    result = Path(snakemake.output.result)
    write_json(result, summary(results))
    if problem := failed_checks(result, table.stem):
        print_failure(
            title, problem
        )  # at once: later jobs may fail before publish_table reports it


if __name__ == "__main__":
    title = f"check_table {snakemake.wildcards.table}"
    with job_log(snakemake.log[0], title):
        main(title)
