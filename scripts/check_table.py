"""Rule check_table: run the declared checks on a table; write counts and examples as JSON.

A failed check does not fail this job, so that its result is kept; it stops publish_table.
"""

import json
import logging
from pathlib import Path

from diffusion.base.joblog import job_log, tell
from diffusion.check.checks import explain, run_checks, summary
from diffusion.publish.receipts import failed_checks
from diffusion.tables.engine import limits_of


def main(title: str) -> None:
    params = snakemake.params
    others = dict(zip(params.others, map(Path, snakemake.input.others), strict=True))
    table, limits = Path(snakemake.input.table), limits_of(snakemake.resources, snakemake.threads)
    results = run_checks(table, params.checks, others, limits)
    logging.info("%s\n%s", table.stem, explain(results) or "all checks passed")
    text = json.dumps(summary(results), indent=1, ensure_ascii=False)
    result = Path(snakemake.output.result)
    result.write_text(text, "utf-8")
    if problem := failed_checks(result, table.stem):
        tell(title, problem)  # now: nothing is published, and other jobs may fail before that


if __name__ == "__main__":
    title = f"check_table {snakemake.wildcards.table}"
    with job_log(snakemake.log[0], title):
        main(title)
