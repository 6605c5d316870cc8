"""Drafts are in nobody's way: not fetched or published by a run of all, nor by what is wrong in
them."""

import pytest
import yaml

from diffusion.config.resolve import ConfigError
from diffusion.errors import DiffusionError
from diffusion.run.asked_for import Asked
from diffusion.run.jobs import Jobs
from projects import REPOSITORY

CONFIG = """
project: {name: x}
vintage: "1"
sources:
  a: {from: file, url: a.csv}
  b: {from: file, url: b.csv, draft: true, publish_as: published_b}
  c: {from: file, url: c.csv, draft: true, checks: {foreign_keys: {n: b.n}}}
derive:
  d: {sql: "SELECT * FROM a", inputs: [a]}
  e: {sql: "SELECT * FROM a", inputs: [a], draft: true}
"""


def jobs(*names: str, alone: bool = True, is_main: bool = True, **sources: dict) -> Jobs:
    """Return the jobs of a run that is asked for names, after a change of some sources."""
    config = yaml.safe_load(CONFIG)
    for name, change in sources.items():
        config["sources"][name] |= change
    asked = Asked(names, alone and bool(names))
    return Jobs.from_config(config, [], REPOSITORY, is_main, asked)


def test_a_run_of_all_leaves_drafts_out():
    found = jobs()
    assert found.entries == ["a", "d"]
    assert found.published == ["a", "d", "published_b", "c", "e"], "configured, all of them"
    assert found.drafts.words == "Drafts, left out: b, c, e; `snakemake NAME` runs one"
    assert found.pattern(found.sources) == "a"
    assert set(jobs(is_main=False).entries) == {*"abcde"}, "a job elsewhere may be a draft's"


def test_a_draft_runs_alone_with_what_it_is_checked_against():
    found = jobs("c")
    assert set(found.reached) == {"b", "c"}
    assert found.pattern(found.sources) == "b|c"
    assert found.pattern(found.derived_tables) == "(?!)"
    with pytest.raises(DiffusionError, match="type it alone: `snakemake b`"):
        jobs("b", alone=False)


def test_what_is_wrong_in_a_draft_stops_none_but_its_own_run():
    wrong = {"urll": "x"}
    assert jobs(b=wrong).drafts.mistakes == 1
    assert jobs("a", b=wrong).reached == ["a"]
    with pytest.raises(ConfigError, match=r"sources\.b\.urll"):
        jobs("b", b=wrong)
    with pytest.raises(ConfigError, match=r"sources\.a\.urll.*\n.*\n.*\n.*sources\.b\.urll"):
        jobs(a=wrong, b=wrong)


def test_nothing_but_drafts():
    with pytest.raises(DiffusionError, match="there is nothing to publish"):
        Jobs.from_config(
            {
                "project": {"name": "x"},
                "vintage": "1",
                "sources": {"a": {"from": "file", "url": "a.csv", "draft": True}},
            },
            [],
            REPOSITORY,
        )
