"""Rule write_summary: list what is published, and the resolved configuration beside it."""

import json
import sys
from pathlib import Path

import yaml

from diffusion.base.joblog import job_log
from diffusion.publish.summary import format_summary, summarise


def main() -> None:
    receipts = [json.loads(Path(path).read_text("utf-8")) for path in snakemake.input.receipts]
    summary = summarise(receipts)
    text = json.dumps(summary, indent=1, ensure_ascii=False)
    config = yaml.safe_dump(dict(snakemake.params.config), sort_keys=False, allow_unicode=True)
    Path(snakemake.output.config).write_text(config, "utf-8")
    Path(snakemake.output.summary).write_text(text, "utf-8")
    print(format_summary(summary), file=sys.stderr)


if __name__ == "__main__":
    with job_log(snakemake.log[0], "write_summary"):
        main()
