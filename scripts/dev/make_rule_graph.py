"""The graph of the rules in docs/how-it-works.md, from Snakemake's own: `make docs`.

It is that of the worked example, with one source dealt to batches, so that every rule of a run is
in it. Mermaid is text, which forges draw: no picture to keep. A test says whether it is in step.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "how-it-works.md"
EXAMPLE = PROJECT / "config" / "examples" / "chapter" / "config.yaml"
BATCHES = "sources: {dpe: {batches: 2}}\n"
MARKED = re.compile(r"(<!-- rules -->\n).*?(<!-- end -->)", re.DOTALL)


def rule_graph() -> str:
    """Return the graph as Mermaid: an edge a line, from a rule to what needs it."""
    with tempfile.TemporaryDirectory() as folder:
        batches = Path(folder) / "batches.yaml"
        batches.write_text(BATCHES, "utf-8")
        command = [sys.executable, "-m", "snakemake", "--configfile", str(EXAMPLE), str(batches)]
        command += ["-s", str(PROJECT / "workflow" / "Snakefile"), "--directory", folder]
        command += ["--rulegraph", "mermaid-js"]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", done.stdout))
    edges = re.findall(r"(id\d+) --> (id\d+)", done.stdout)
    lines = sorted(f"    {names[start]} --> {names[end]}" for start, end in edges)
    return "\n".join(["flowchart TB", *lines]) + "\n"


def page_with(graph: str) -> str:
    """Return the page with a graph in it."""
    text = PAGE.read_text("utf-8")
    return MARKED.sub(lambda found: f"{found[1]}```mermaid\n{graph}```\n{found[2]}", text)


if __name__ == "__main__":
    PAGE.write_text(page_with(rule_graph()), "utf-8")
