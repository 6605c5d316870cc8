"""docs/tutorial.md and docs/derive.md, done as they say, and the terminal compared."""

import os
import re
import subprocess
import sys
from pathlib import Path

import geopandas
import pandas as pd
import pytest
import yaml

from demo import give_filosofi
from fenced import Block, blocks_of
from projects import copy_of_repository, merge

PAGE = "docs/tutorial.md"
SERVER, BUCKET = "http://127.0.0.1:8700", "my-bucket/"  # of scripts/practice.py
NAMED = re.compile(r"(?:#|--) (\S+\.(?:yaml|py|sql))(, changed)?\n")
# what differs from run to run, or with the version of a library: seconds, sizes of files
TIMES = re.compile(r"\b\d+\.\d s\b")
PLACE = re.compile(r"line \d+")
SIZED = re.compile(r"^(\S+\.\w+( [\d,]+ \d+)?) [\d,]+( passed)?$")


def plain(line: str) -> str:
    """Return a line of a terminal without what may differ."""
    words = " ".join(PLACE.sub("line N", TIMES.sub("N s", line)).split())
    return SIZED.sub(r"\1 N\3", words)


class Reader:
    """Someone who does what the page says, in a clone."""

    def __init__(self, folder: Path, server: str, s3: dict[str, str]):
        copy_of_repository(folder)
        self.folder, self.server = folder, server
        self.config = folder / "config" / "config.yaml"
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYTHONPATH"))}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.variables = clean | {"PATH": path, "LINES": "50", "COLUMNS": "120"} | s3

    def does(self, block: Block) -> None:
        text = block.text.replace(SERVER, self.server).replace(BUCKET, "lake/")
        if block.language == "console":
            for command, shown in commands_of(text):
                self.types(command, shown)
        elif named := NAMED.match(text):
            self.writes(named[1], text, changed=bool(named[2]))

    def writes(self, name: str, text: str, changed: bool) -> None:
        path = self.folder / name
        if changed:
            config = merge(yaml.safe_load(path.read_text("utf-8")), yaml.safe_load(text))
            text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
        path.parent.mkdir(exist_ok=True)  # a team may have emptied it: Git keeps no empty folder
        path.write_text(text, "utf-8")

    def types(self, command: str, shown: list[str]) -> None:
        """Run a command; all that the page shows must be on the terminal."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )
        # jobs that run side by side end in any order
        seen = {plain(line) for line in done.stdout.splitlines()} | {"…", ""}
        missing = [line for line in map(plain, shown) if line not in seen]
        assert missing == [], f"$ {command}\n{done.stdout}"
        assert (done.returncode == 0) == (not any("✗" in line for line in shown)), done.stdout


def commands_of(text: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a block, each with the lines that are shown below it."""
    parts = re.split(r"^\$ (.+)\n", text, flags=re.MULTILINE)[1:]
    return [(parts[i], parts[i + 1].splitlines()) for i in range(0, len(parts), 2)]


@pytest.mark.slow  # fourteen commands, nine of them runs
def test_a_reader_gets_what_the_page_shows(tmp_path, standins, s3):
    give_filosofi(s3)
    folder = tmp_path / "clone"
    variables = s3.environment()
    reader = Reader(folder, standins.url, variables)
    for block in blocks_of(PAGE):
        reader.does(block)
    assert (folder / "results/figures/map_fg.png").stat().st_size > 50_000


def test_the_examples_of_derived_tables_run(tmp_path, standins):
    """docs/derive.md, in the project of the tutorial's first steps."""
    reader = Reader(tmp_path / "clone", standins.url, {})
    first = [b for b in blocks_of(PAGE) if b.language == "yaml" and "sources:" in b.text]
    for block in [*first, *blocks_of("docs/derive.md")]:
        reader.does(block)
    reader.types("snakemake", ["✓ surfaces drawn, 1.0 s"])
    published = tmp_path / "clone" / "published"
    assert pd.read_parquet(published / "large.parquet")["surface"].min() >= 300
    assert pd.read_parquet(published / "by_commune.parquet")["commune"].is_monotonic_increasing
    outlines = geopandas.read_parquet(published / "outlines.parquet")
    assert outlines.crs.to_epsg() == 2154 and outlines["dwellings"].gt(0).all()
    assert set(outlines["code_insee"]) >= {"01", "26"}
    assert (published / "surfaces.svg").exists()
