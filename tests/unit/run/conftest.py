"""The project that `diffusion try` is typed in."""

import tempfile
from pathlib import Path

import pytest

from fetches import record_waits
from trials import SECRET, Tried


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Tried:
    folder, scratch = tmp_path / "project", tmp_path / "scratch"
    (folder / "config").mkdir(parents=True)
    scratch.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("T_KEY", SECRET)
    record_waits(monkeypatch)
    return Tried(folder, scratch, capsys)
