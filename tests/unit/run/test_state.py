"""What earlier runs left, where it cannot be read."""

import json
import logging
from pathlib import Path

import pytest

from diffusion.catalogue.files import refresh_catalogue
from diffusion.catalogue.keys import VERSIONS, expected, key_of
from diffusion.errors import DiffusionError
from diffusion.publish.manifest import MANIFEST
from diffusion.run.console import Console
from diffusion.run.jobs import Jobs
from diffusion.run.speech import Speech
from diffusion.run.state import SOURCES, SUMMARY, State
from diffusion.storage.store import Store
from projects import REPOSITORY, small_config


def test_results_that_cannot_be_read_end_the_run(monkeypatch, capsys):
    """Snakemake swallows errors of functions given to `input:`, but no SystemExit."""

    def fail(*_: object) -> None:
        raise DiffusionError("s3://lake/work", "no answer", "try again")

    monkeypatch.setattr(Store, "read", fail)
    jobs = Jobs.from_config(small_config("https://x.example"), [], REPOSITORY)
    console = Console(logging.StreamHandler(), Speech(shows=True, dry=True))
    with pytest.raises(SystemExit):
        State(jobs, "s3://lake/work", console.refuse).checked_apart(["plain"])
    assert "✗ s3://lake/work: no answer\n  → try again" in capsys.readouterr().err


GONE = [*expected({"tables": {}}), key_of("plain", VERSIONS)]


@pytest.mark.parametrize("gone", [None, *GONE])
def test_a_catalogue_that_is_gone_is_written_again(tmp_path, monkeypatch, gone):
    """By the job that makes the summary, which is removed for it; nothing else runs."""
    monkeypatch.chdir(tmp_path)
    jobs = Jobs.from_config(small_config("https://x.example"), [], REPOSITORY)
    published = Store("published", None)
    entry = {"project": "small", "objects": []}
    manifest = {"version": 1, "project": {"name": "small"}, "tables": {"plain": entry}}
    published.put(MANIFEST, json.dumps(manifest).encode(), "")
    refresh_catalogue(published, begin=True)
    receipt = {"name": "plain", "url": "published", **entry}
    for path, content in ((SOURCES, {"plain": receipt}), (SUMMARY, {"published": []})):
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(json.dumps(content))
    if gone:
        published.delete([gone])
    assert State(jobs, None).look_at_published() == []
    assert Path(SUMMARY).exists() == (gone is None)
    assert Path(SOURCES).exists()
