"""The project that `diffusion source` is typed in."""

import tempfile
from pathlib import Path

import pytest

from added import Added
from fetches import record_waits


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Added:
    folder, scratch = tmp_path / "project", tmp_path / "scratch"
    (folder / "config").mkdir(parents=True)
    scratch.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    record_waits(monkeypatch)
    return Added(folder, scratch, capsys)
