"""What the tests of `diffusion source` share: a project, and what is added to it."""

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from diffusion.config.load import load_config
from diffusion.config.model import Source
from diffusion.convert.stages import convert_table
from diffusion.fetch.sample import fetch_sample
from diffusion.run.cli import main
from diffusion.tables.limits import Limits

BEFORE = """\
# mine
project: {name: p}
vintage: "2026"
sources:
  old: # stays
    from: file
    url: "old.csv"

derive: {}  # none
"""


class Added:
    """A project, and what `diffusion source` adds to it."""

    def __init__(self, folder: Path, scratch: Path, capsys: pytest.CaptureFixture):
        self.folder, self.scratch, self.capsys = folder, scratch, capsys
        self.path = folder / "config/config.yaml"
        self.path.write_text(BEFORE)

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Type `diffusion source …`; returns exit code and words. Only the entry is new."""
        before = self.path.read_text()
        code = main(["source", *arguments], self.folder)
        told = self.capsys.readouterr()
        after = self.path.read_text()
        head, tail = before.split("\nderive:")
        assert after.startswith(head) and after.endswith("\nderive:" + tail)
        assert (after != before) == (code == 0 and "--dry-run" not in arguments), told
        assert list(self.scratch.iterdir()) == []
        return code, told.out + told.err

    def keys(self, name: str) -> dict:
        """Return an entry as it is written."""
        return yaml.safe_load(self.path.read_text())["sources"][name]

    def source(self, name: str) -> Source:
        return load_config([self.path]).sources[name]

    def table(self, name: str) -> pa.Table:
        """Return the table that a run would make of the entry, and all of its data."""
        source = self.source(name)
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "sample").mkdir()
            sample = fetch_sample(name, source, "all", place / "sample", whole=True)
            table, limits = place / "t.parquet", Limits(1000, 2, place / "scratch")
            convert_table(name, source, [sample.as_input("all", source)], table, limits)
            return pq.read_table(table)
