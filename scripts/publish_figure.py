"""Rule publish_figure: put a figure's PNG and SVG to storage.url and write the receipt."""

import json
from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.publish.objects import Upload, publish
from diffusion.publish.receipts import figure_entry
from diffusion.storage.connection import storage_link
from diffusion.storage.store import Store


def main() -> None:
    params, entry = snakemake.params, snakemake.params.entry
    name, storage = entry["publish_as"], params.storage
    paths = (Path(snakemake.input.png), Path(snakemake.input.svg))
    uploads = [Upload(f"{name}{path.suffix}", path) for path in paths]
    inputs = [json.loads(Path(path).read_text("utf-8")) for path in snakemake.input.inputs]
    store = Store(storage["url"], storage_link(storage))
    receipt = publish(
        store, params.project, name, uploads, figure_entry(entry, inputs), Path(".diffusion")
    )
    Path(snakemake.output.receipt).write_text(
        json.dumps(receipt, indent=1, ensure_ascii=False), "utf-8"
    )


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"publish_figure {snakemake.wildcards.figure}"):
        main()
