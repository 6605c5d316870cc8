"""Rule publish_figure: put a figure's PNG and SVG to storage.url and write the receipt."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.base.json_files import read_json, write_json
from diffusion.config.parts import Credit, PublishFigure, from_text
from diffusion.publish.before import Entry, Upload
from diffusion.publish.entries import figure_entry
from diffusion.publish.objects import LOCKS, publish
from diffusion.run.job import target_of


def main() -> None:
    params, given = snakemake.params, snakemake.input
    entry, credit = from_text(params.publish, PublishFigure), from_text(params.credit, Credit)
    name, facts = entry.publish_as, read_json(given.facts)
    uploads = [Upload(f"{name}{path.suffix}", path) for path in (Path(given.png), Path(given.svg))]
    noted = figure_entry(entry, credit, facts, params.code) | {"spec": params.spec}
    target = target_of(snakemake.config, params.project)
    receipt = publish(target, [Entry(name, uploads, noted)], LOCKS)[name]
    write_json(snakemake.output.receipt, receipt | {"made_from": facts["made_from"]})


if __name__ == "__main__":
    with job_log(
        snakemake.log[0],
        f"publish_figure {snakemake.wildcards.figure}",
        snakemake.config["sources"],
    ):
        main()
