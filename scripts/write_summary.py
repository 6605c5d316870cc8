"""Rule write_summary: list what is published, and the resolved configuration beside it.

It writes the catalogue, too: it is the last job of a run, and one more would be one more Python.
"""

from pathlib import Path

import yaml

from diffusion.base.joblog import job_log
from diffusion.base.json_files import read_json, write_json
from diffusion.catalogue.files import write_catalogue
from diffusion.config.typed import typed_config
from diffusion.publish.objects import LOCKS
from diffusion.publish.summary import summarise
from diffusion.run.job import open_store


def main() -> None:
    given = snakemake.input
    receipts = [receipt for path in given.sources for receipt in read_json(path).values()]
    receipts += [read_json(path) for path in given.derived]
    # what common.smk adds of the run is no configuration
    config = {
        key: value
        for key, value in snakemake.config.items()
        if key not in ("converts_here", "project_folder", "siblings")
    }
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    Path(snakemake.output.config).write_text(text, "utf-8")
    write_json(snakemake.output.summary, summarise(receipts))
    write_catalogue(open_store(config, "url"), typed_config(config), LOCKS)


if __name__ == "__main__":
    with job_log(snakemake.log[0], "write_summary", snakemake.config["sources"]):
        main()
