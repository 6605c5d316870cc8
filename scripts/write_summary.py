"""Rule write_summary: list what is published, and the resolved configuration beside it."""

import sys
from pathlib import Path

import yaml

from diffusion.base.joblog import job_log
from diffusion.publish.summary import format_summary, summarise
from diffusion.run.job import read_json, write_json


def main() -> None:
    summary = summarise([read_json(path) for path in snakemake.input.receipts])
    config = yaml.safe_dump(dict(snakemake.config), sort_keys=False, allow_unicode=True)
    Path(snakemake.output.config).write_text(config, "utf-8")
    write_json(snakemake.output.summary, summary)
    print(format_summary(summary), file=sys.stderr)


if __name__ == "__main__":
    with job_log(snakemake.log[0], "write_summary"):
        main()
