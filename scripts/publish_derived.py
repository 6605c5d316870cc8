"""Rule publish_derived: put one checked derived table to storage.url and write its receipt."""

from diffusion.base.joblog import job_log
from diffusion.base.json_files import read_json, write_json
from diffusion.config.parts import from_text
from diffusion.publish.made import Made, publish_made
from diffusion.publish.publication import Publication
from diffusion.run.job import storage_of, target_of
from diffusion.tables.limits import limits_of


def main() -> None:
    params, config, name = snakemake.params, snakemake.config, snakemake.wildcards.derived
    told = {name: from_text(params.publication, Publication)}
    target = target_of(config, params.project)
    limits = limits_of(snakemake.resources, snakemake.threads)
    made, storage = Made.of(snakemake.input), storage_of(config)
    receipts = publish_made(made, told, target, storage, limits)
    facts = read_json(made.facts[name])
    known = {key: facts[key] for key in ("sha256", "made_from")}
    write_json(snakemake.output.receipt, receipts[name] | known)


if __name__ == "__main__":
    with job_log(
        snakemake.log[0],
        f"publish_derived {snakemake.wildcards.derived}",
        snakemake.config["sources"],
    ):
        main()
