"""What results/run.json says of each entry, and of each error."""

import json
import logging

import pytest

from diffusion.run.console import Console
from diffusion.run.ending import refusal
from diffusion.run.failures import errors_of, failures
from diffusion.run.jobs import Jobs
from diffusion.run.speech import Speech
from diffusion.run.state import SOURCES, State
from diffusion.run.states import Entries
from diffusion.run.told_job import Job
from diffusion.run.waiting import touch_refusal, waiting_tables
from projects import REPOSITORY

CONFIG = {
    "project": {"name": "x"},
    "vintage": "1",
    "sources": {name: {"from": "file", "url": "a.csv"} for name in ("a", "b", "c")},
    "derive": {"d": {"sql": "SELECT * FROM a", "inputs": ["a"]}},
}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Say which jobs there were, and what became of them: rule, entry, where they ended."""
    monkeypatch.chdir(tmp_path)
    jobs = Jobs.from_config(CONFIG, [], REPOSITORY)
    (tmp_path / "results").mkdir()
    receipts = {name: {"spec": jobs.spec(name)} for name in ("a", "b")}
    (tmp_path / SOURCES).write_text(json.dumps(receipts))

    def states(*ended: tuple[str, str, str], failing: tuple[str, ...] = ()) -> dict[str, str]:
        console = Console(logging.NullHandler(), Speech(shows=True, dry=True))
        for number, (rule, entry, end) in enumerate(ended):
            job = console.jobs[number] = Job(number, rule, entry, "", [], "", {})
            if end:
                getattr(console, end)[number] = job
        told = Entries(jobs, console, State(jobs, None), before=receipts).told(failing)
        return {name: entry["state"] for name, entry in told.items()}

    return states


def test_what_was_never_built_is_not_unchanged(run):
    """`c` and `d` were never published; `a` and `b` were, as the configuration wants them."""
    published = {"a": "unchanged", "b": "unchanged"}
    assert run() == published | {"c": "not reached", "d": "not reached"}
    assert run(("fetch_raw", "c", "stopped")) == published | {
        "c": "interrupted",
        "d": "not reached",
    }


def test_what_is_made_and_not_published_is_not_touched(tmp_path, run):
    """`--touch` would let a new vintage do nothing; where all is as it should be, it may."""
    jobs = Jobs.from_config(CONFIG, [], REPOSITORY)

    def write(path: str, found: dict) -> None:
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).write_text(json.dumps(found))

    assert "as the configuration is now: c, d [not-made]\n" in str(
        touch_refusal(jobs, State(jobs, None))
    )
    as_now = {n: {"spec": jobs.spec(n), "table_sha256": n} for n in jobs.entries}
    write(SOURCES, {name: as_now[name] for name in jobs.sources})
    write("results/published/d.json", as_now["d"])
    for name in jobs.entries:
        write(f"results/tables/{name}.json", {"sha256": name})
    assert touch_refusal(jobs, State(jobs, None)) is None
    assert waiting_tables(jobs, State(jobs, None)) == []
    write("results/tables/a.json", {"sha256": "another"})
    assert waiting_tables(jobs, State(jobs, None)) == ["a"]
    newer = Jobs.from_config(CONFIG | {"vintage": "2"}, [], REPOSITORY)
    assert "as the configuration is now: a, b, c" in str(touch_refusal(newer, State(newer, None)))


def test_what_is_published_by_a_run_that_fails_later(run):
    jobs = [
        ("convert_table", "a", ""),
        ("publish_sources", "", ""),
        ("derive_table", "d", "failed"),
    ]
    states = run(*jobs, failing=("d",))
    assert (states["a"], states["b"], states["d"]) == ("published", "unchanged", "failed")


def test_what_is_made_and_waits_for_another(run):
    jobs = [("convert_table", "a", ""), ("fetch_raw", "c", "failed")]
    states = run(*jobs, failing=("c",))
    assert states == {"a": "made", "b": "unchanged", "c": "failed", "d": "not reached"}


def test_each_error_of_a_configuration_by_itself():
    words = (
        "configuration: 2 errors\n\nproject.nam (c.yaml, line 1): unknown key [option]\n  → did "
        "you mean `name`?\n    Or not\n\nsources.dpe.url (c.yaml, line 4): found `x`\n  → "
        "write a URL"
    )
    first, second = errors_of(refusal(words))
    assert first == {
        "entry": "",
        "job": "configuration",
        "code": "option",
        "where": "project.nam (c.yaml, line 1)",
        "error": "unknown key",
        "remedy": "did you mean `name`?\nOr not",
    }
    assert (second["entry"], second["remedy"]) == ("dpe", "write a URL")


def test_a_refused_publication_is_told_by_the_checks_alone():
    console = Console(logging.NullHandler(), Speech(shows=True, dry=True))
    console.failed[1] = Job(1, "publish_sources", "", "", [], "", {})
    assert len(failures(console, {})) == 1
    assert failures(console, {"d": []})[0].words.startswith("\n✗ check_table d")
