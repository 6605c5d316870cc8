"""Rule publish_table: put a checked table to storage.url and write the receipt."""

import json
import tempfile
from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.publish.layout import table_uploads
from diffusion.publish.objects import publish
from diffusion.publish.receipts import refuse_failed_checks, spec_hash, table_entry
from diffusion.raw.conversion import inputs_of
from diffusion.storage.connection import storage_link
from diffusion.storage.store import Store
from diffusion.tables.engine import SCRATCH, engine, limits_of


def main() -> None:
    params, table = snakemake.params, Path(snakemake.input.table)
    name, storage, entry = snakemake.wildcards.table, params.storage, params.entry
    refuse_failed_checks(name, [Path(path) for path in snakemake.input.all_checks])
    store = Store(storage["url"], storage_link(storage))
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        inputs = inputs_of(snakemake.input.receipts, storage)
        with engine(limits_of(snakemake.resources, snakemake.threads)) as con:
            uploads = table_uploads(con, entry, table, inputs, Path(folder))
        facts = table_entry(entry, table, Path(snakemake.input.check), params.project)
        receipt = publish(
            store, params.project, entry["publish_as"], uploads, facts, Path(".diffusion")
        )
    receipt["spec"] = spec_hash(entry, params.project, storage)
    Path(snakemake.output.receipt).write_text(
        json.dumps(receipt, indent=1, ensure_ascii=False), "utf-8"
    )


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"publish_table {snakemake.wildcards.table}"):
        main()
