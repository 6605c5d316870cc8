"""Rule publish_table: put a checked table to storage.url and write the receipt."""

import tempfile
from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.check.outcome import refuse_failed_checks
from diffusion.config.parts import Credit, Project, Publish, Write, from_text
from diffusion.config.reading import ArchiveRead
from diffusion.publish.entries import table_entry
from diffusion.publish.layout import member_uploads, table_uploads
from diffusion.publish.objects import publish
from diffusion.raw.inputs import inputs_of
from diffusion.run.job import open_store, storage_of, write_json
from diffusion.tables.engine import SCRATCH, engine, limits_of


def main() -> None:
    params, table, config = snakemake.params, Path(snakemake.input.table), snakemake.config
    refuse_failed_checks(snakemake.wildcards.table, list(map(Path, snakemake.input.all_checks)))
    entry, credit = from_text(params.publish, Publish), from_text(params.credit, Credit)
    project, name = from_text(params.project, Project), entry.publish_as
    check = Path(snakemake.input.check)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        folder = Path(scratch)
        with engine(limits_of(snakemake.resources, snakemake.threads)) as con:
            uploads = table_uploads(con, entry, from_text(params.write, Write), table, folder)
        if params.members:
            read = from_text(params.members, ArchiveRead)
            inputs = inputs_of(snakemake.input.receipts, storage_of(config))
            uploads += member_uploads(name, read, inputs, folder)
        facts = table_entry(entry, credit, table, check, project, params.code)
        store = open_store(config, "url")
        receipt = publish(store, project, name, uploads, facts, Path(".diffusion"))
    write_json(snakemake.output.receipt, receipt | {"spec": params.spec})


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"publish_table {snakemake.wildcards.table}"):
        main()
