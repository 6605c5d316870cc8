"""What a run says of jobs that failed: their own words, or that something killed them."""

import logging

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from diffusion.base.joblog import TOLD_BY_RUN, job_log
from diffusion.errors import DiffusionError
from diffusion.run.console import Console
from diffusion.run.failures import failures
from diffusion.run.speech import Speech
from diffusion.run.told_job import Job, written_at


@pytest.fixture
def console(monkeypatch, tmp_path):
    monkeypatch.setenv(TOLD_BY_RUN, "1")
    console = Console(logging.NullHandler(), Speech(shows=True, dry=False))
    log = str(tmp_path / "job.log")
    console.failed[1] = Job(1, "convert_table", "dpe", "", [log], "", {})
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


def test_a_job_that_could_not_begin_was_not_killed(console):
    """More memory would not help where a module is missing: its traceback stands above."""
    job = console.failed[1]
    job.said = ["Command 'python script.py' returned non-zero exit status 1."]
    (failure,) = failures(console, {})
    assert "its Python ended before the job began" in failure.words
    assert "mem_mb" not in failure.words and "run `make install`" in failure.words
    job.said = ["Command 'python script.py' died with <Signals.SIGKILL: 9>."]
    assert "the job was killed" in failures(console, {})[0].words


def test_words_of_an_earlier_run_are_not_told_again(console):
    (log,) = console.failed[1].logs
    with pytest.raises(SystemExit), job_log(log, "convert_table dpe"):
        raise DiffusionError("sources.dpe", "of yesterday")
    console.failed[1].written = written_at([log])
    (failure,) = failures(console, {})
    assert "killed before it could say why" in failure.words


def test_a_rule_of_a_teams_own_is_told_in_snakemakes_words(console):
    """Whose log has another shape, or which has none."""
    console.failed = {}
    names = {1: "theirs", 2: "others", 3: "apart"}
    console.running = {
        n: Job(n, name, "", "", [f"logs/{name}.log"], "", {}) for n, name in names.items()
    }
    console.jobs, console.shows = dict(console.running), False
    for event in ("said", "failed"):  # they fail at once, each in a thread of Snakemake's
        for number in names:
            if event == "failed":
                tell(console, LogEvent.JOB_ERROR, number, jobid=number, log=[])
            elif number < 3:  # what a process of its own said is not heard
                words = f"CalledProcessError: 'false' returned {number}"
                tell(console, LogEvent.ERROR, number, words, exception="RuleException")
    words = [failure.words.splitlines()[1:] for failure in failures(console, {})]
    assert words == [
        [
            "✗ theirs",
            "  CalledProcessError: 'false' returned 1",
            "    → see logs/theirs.log",
        ],
        ["✗ others", "  CalledProcessError: 'false' returned 2", "    → see logs/others.log"],
        [
            "✗ apart",
            "  it failed in a process of its own: what that said stands above",
            "    → see logs/apart.log",
        ],
    ]


def tell(console, event, thread: int, words: str = "", **given: object) -> None:
    """Tell of an event as Snakemake does, from one of its threads."""
    record = logging.LogRecord("snakemake", logging.ERROR, "", 0, words, (), None)
    record.__dict__ |= {"event": event, "thread": thread, **given}
    console.emit(record)
