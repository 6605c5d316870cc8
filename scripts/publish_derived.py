"""Rule publish_derived: put one checked derived table to storage.url and write its receipt."""

from diffusion.base.joblog import job_log
from diffusion.run.job import read_json, write_json
from diffusion.run.publishing import Made, publish_made
from diffusion.tables.limits import limits_of


def main() -> None:
    params, limits = snakemake.params, limits_of(snakemake.resources, snakemake.threads)
    made, name = Made.of(snakemake.input), snakemake.wildcards.derived
    told = {name: params.publication}
    receipts = publish_made(made, told, params.project, snakemake.config, limits)
    facts = read_json(made.facts[name])
    known = {key: facts[key] for key in ("sha256", "made_from")}
    write_json(snakemake.output.receipt, receipts[name] | known)


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"publish_derived {snakemake.wildcards.derived}"):
        main()
