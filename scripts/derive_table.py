"""Rule derive_table: a table from published tables, by the user's SQL or Python."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.derive.changing import refuse_changing
from diffusion.derive.inputs import made_from, open_inputs
from diffusion.derive.spark import queried_by_spark
from diffusion.derive.table import derive_by_spark, derive_script, derive_sql, query_text
from diffusion.publish.licences import licences_of_inputs
from diffusion.publish.origin import origin_of_inputs
from diffusion.publish.taken_down import vintages_of_inputs
from diffusion.run.derivation import published_inputs
from diffusion.run.facts import Checking, write_facts
from diffusion.run.job import derivation_of, storage_of
from diffusion.storage.connection import storage_connection
from diffusion.tables.engine import engine
from diffusion.tables.facts import facts_of
from diffusion.tables.limits import limits_of


def main() -> None:
    name, entry = snakemake.wildcards.derived, derivation_of(snakemake.params)
    project, target = Path(snakemake.config["project_folder"]), Path(snakemake.output.table)
    receipts = published_inputs(snakemake.input, entry.derive.inputs)
    storage = storage_of(snakemake.config)
    inputs = open_inputs(receipts, storage)
    limits = limits_of(snakemake.resources, threads=1)
    # one thread: sums of floats depend on their order, and the bytes must not
    with engine(limits) as con:
        if entry.derive.engine == "spark":
            query, link = query_text(entry, project), storage_connection(storage)
            where = f"derive.{name}.sql"
            refuse_changing(con, query, inputs, where, "spark")
            shared = limits_of(snakemake.resources, snakemake.threads)
            with queried_by_spark(where, query, inputs, link, shared) as rows:
                distinct = derive_by_spark(con, name, entry, inputs, rows, target)
        else:
            run = derive_sql if entry.derive.sql else derive_script
            distinct = run(con, name, entry, inputs, project, target)
    facts = facts_of(target, distinct) | {"made_from": made_from(receipts)}
    facts["origin"] = origin_of_inputs(receipts.values())
    facts["vintages"] = vintages_of_inputs(receipts)
    facts["licences"] = licences_of_inputs(receipts)
    checking = Checking.of(snakemake.config, name)
    write_facts(facts, Path(snakemake.output.facts), checking, target, limits)


if __name__ == "__main__":
    with job_log(
        snakemake.log[0], f"derive_table {snakemake.wildcards.derived}", snakemake.config["sources"]
    ):
        main()
