"""Rule publish_figure: put a figure's PNG and SVG to storage.url and write the receipt."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.config.parts import Credit, Project, PublishFigure, from_text
from diffusion.publish.entries import figure_entry
from diffusion.publish.objects import Upload, publish
from diffusion.run.job import open_store, read_json, write_json


def main() -> None:
    params = snakemake.params
    entry, credit = from_text(params.publish, PublishFigure), from_text(params.credit, Credit)
    project, name = from_text(params.project, Project), entry.publish_as
    paths = (Path(snakemake.input.png), Path(snakemake.input.svg))
    uploads = [Upload(f"{name}{path.suffix}", path) for path in paths]
    inputs = [read_json(path) for path in snakemake.input.inputs]
    facts = figure_entry(entry, credit, inputs, params.code)
    store = open_store(snakemake.config, "url")
    receipt = publish(store, project, name, uploads, facts, Path(".diffusion"))
    write_json(snakemake.output.receipt, receipt)


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"publish_figure {snakemake.wildcards.figure}"):
        main()
