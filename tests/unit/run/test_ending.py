"""What a run says of jobs that failed: their own words, or that something killed them."""

import logging

import pytest

from diffusion.base.joblog import TOLD_BY_RUN, job_log
from diffusion.errors import DiffusionError
from diffusion.run.console import Console, Job
from diffusion.run.ending import failures


@pytest.fixture
def console(monkeypatch, tmp_path):
    monkeypatch.setenv(TOLD_BY_RUN, "1")
    console = Console(logging.NullHandler(), shows=True, dry=False)
    log = str(tmp_path / "job.log")
    console.failed[1] = Job(1, "convert_table", "dpe", "", [log], "")
    return console


def test_a_job_is_told_in_its_own_words(console, capsys):
    (log,) = console.failed[1].logs
    with pytest.raises(SystemExit), job_log(log, "convert_table dpe"):
        raise DiffusionError("sources.dpe", "no record at all", "check `url`")
    (failure,) = failures(console, {})
    title, found, fix = failure.words.strip().splitlines()
    assert title == "✗ convert_table dpe"
    assert found == "  sources.dpe: no record at all" and fix == "    → check `url`"
    assert capsys.readouterr().err == "", "the run tells it, last"


def test_a_job_elsewhere_tells_it_itself(console, capsys, monkeypatch):
    monkeypatch.delenv(TOLD_BY_RUN)
    (log,) = console.failed[1].logs
    with pytest.raises(SystemExit), job_log(log, "convert_table dpe"):
        raise DiffusionError("sources.dpe", "no record at all")
    assert "✗ convert_table dpe\n  sources.dpe: no record" in capsys.readouterr().err


def test_a_job_that_was_killed_says_nothing(console):
    (failure,) = failures(console, {})
    assert "the job was killed before it could say why" in failure.words
    assert "--set-resources convert_table:mem_mb=8000" in failure.words
