"""Rule draw_figure: a figure from published tables, by the user's Python, as PNG and SVG."""

from pathlib import Path

from diffusion.base.joblog import job_log
from diffusion.config.names import derive_file
from diffusion.derive.inputs import open_inputs
from diffusion.derive.table import draw_figure


def main() -> None:
    entry, output = snakemake.params.entry, snakemake.output
    inputs = open_inputs(snakemake.input.receipts, entry["inputs"], snakemake.params.storage)
    script = derive_file(Path(snakemake.scriptdir).parent, entry["script"])
    draw_figure(
        snakemake.wildcards.figure, entry, inputs, script, Path(output.png), Path(output.svg)
    )


if __name__ == "__main__":
    with job_log(snakemake.log[0], f"draw_figure {snakemake.wildcards.figure}"):
        main()
