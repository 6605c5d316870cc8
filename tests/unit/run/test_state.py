"""What earlier runs left, where it cannot be read."""

import logging

import pytest

from diffusion.errors import DiffusionError
from diffusion.run.console import Console
from diffusion.run.jobs import Jobs
from diffusion.run.state import State
from diffusion.storage.store import Store
from projects import REPOSITORY, small_config


def test_results_that_cannot_be_read_end_the_run(monkeypatch, capsys):
    """Snakemake swallows errors of functions given to `input:`, but no SystemExit."""

    def fail(*_: object) -> None:
        raise DiffusionError("s3://lake/work", "no answer", "try again")

    monkeypatch.setattr(Store, "read", fail)
    jobs = Jobs.from_config(small_config("https://x.example"), [], REPOSITORY)
    console = Console(logging.StreamHandler(), shows=True, dry=True)
    with pytest.raises(SystemExit):
        State(jobs, "s3://lake/work", console.refuse).checked_apart(["plain"])
    assert "✗ s3://lake/work: no answer\n  → try again" in capsys.readouterr().err
