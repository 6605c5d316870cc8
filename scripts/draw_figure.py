"""Rule draw_figure: a figure from published tables, by the user's Python, as PNG and SVG."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.base.json_files import write_json
from diffusion.config.parts import Credit, Draw, from_text
from diffusion.derive.figure import draw_figure
from diffusion.derive.inputs import figure_facts, open_inputs
from diffusion.publish.licences import licences_of_inputs
from diffusion.publish.taken_down import vintages_of_inputs
from diffusion.run.derivation import published_inputs
from diffusion.run.job import storage_of
from diffusion.run.unstated import unstated_in


def main() -> None:
    params, output = snakemake.params, snakemake.output
    draw, credit = from_text(params.draw, Draw), from_text(params.credit, Credit)
    receipts = published_inputs(snakemake.input, draw.inputs)
    inputs = open_inputs(receipts, storage_of(snakemake.config))
    project = Path(snakemake.config["project_folder"])
    png, svg = Path(output.png), Path(output.svg)
    licences = licences_of_inputs(receipts)
    unstated = unstated_in(licences, params.unstated)
    given = (draw, credit, inputs, project, png, svg, unstated)
    draw_figure(snakemake.wildcards.figure, *given)
    facts = figure_facts(receipts) | {"vintages": vintages_of_inputs(receipts)}
    facts["licences"] = licences
    write_json(output.facts, facts)


if __name__ == "__main__":
    with job_log(
        snakemake.log[0], f"draw_figure {snakemake.wildcards.figure}", snakemake.config["sources"]
    ):
        main()
