"""Rule publish_sources: put the checked tables of all sources to storage.url, or none of them."""

from diffusion.base.joblog import job_log
from diffusion.run.job import write_json
from diffusion.run.publishing import Made, publish_made
from diffusion.tables.limits import limits_of


def main() -> None:
    params, limits = snakemake.params, limits_of(snakemake.resources, snakemake.threads)
    made, config = Made.of(snakemake.input), snakemake.config
    receipts = publish_made(made, params.publications, params.project, config, limits)
    write_json(snakemake.output.receipts, receipts)


if __name__ == "__main__":
    with job_log(snakemake.log[0], "publish_sources"):
        main()
