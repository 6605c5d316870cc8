"""Rule derive_table: a table from published tables, by the user's SQL or Python."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.derive.inputs import open_inputs
from diffusion.derive.table import derive_script, derive_sql
from diffusion.run.job import derivation_of, storage_of
from diffusion.tables.engine import engine, limits_of


def main() -> None:
    name, entry = snakemake.wildcards.derived, derivation_of(snakemake.params)
    project, target = Path(snakemake.scriptdir).parent, Path(snakemake.output.table)
    storage = storage_of(snakemake.config)
    inputs = open_inputs(snakemake.input.receipts, entry.derive.inputs, storage)
    # one thread: sums of floats depend on their order, and the bytes must not
    with engine(limits_of(snakemake.resources, threads=1)) as con:
        run = derive_sql if entry.derive.sql else derive_script
        run(con, name, entry, inputs, project, target)


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"derive_table {snakemake.wildcards.derived}"):
        main()
