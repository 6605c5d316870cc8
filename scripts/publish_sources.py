"""Rule publish_sources: put the checked tables of all sources to storage.url, or none of them."""

from diffusion.base.joblog import job_log
from diffusion.base.json_files import write_json
from diffusion.config.parts import from_text
from diffusion.publish.made import Made, publish_made
from diffusion.publish.publication import Publication
from diffusion.run.job import storage_of, target_of
from diffusion.tables.limits import limits_of


def main() -> None:
    params, config = snakemake.params, snakemake.config
    told = {name: from_text(text, Publication) for name, text in params.publications.items()}
    target = target_of(config, params.project)
    limits = limits_of(snakemake.resources, snakemake.threads)
    made, storage = Made.of(snakemake.input), storage_of(config)
    receipts = publish_made(made, told, target, storage, limits)
    write_json(snakemake.output.receipts, receipts)


if __name__ == "__main__":
    with job_log(snakemake.log[0], "publish_sources", snakemake.config["sources"]):
        main()
