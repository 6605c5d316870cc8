"""What is noted of a table is told below it."""

import json
import logging
from pathlib import Path

from diffusion.run.console import Console
from diffusion.run.jobs import Jobs
from diffusion.run.notes import notes
from diffusion.run.report import Report
from diffusion.run.speech import Speech
from diffusion.run.state import SOURCES, SUMMARY
from projects import REPOSITORY, small_config


def test_notes_on_the_files_of_a_table():
    noted = {"read": ["CSV, utf-8"], "notes": ["b.csv: holds no record"], "cast_failures": {}}
    assert list(notes("t", noted)) == ["· t: read as CSV, utf-8", "· t: b.csv: holds no record"]
    assert list(notes("t", {})) == []


def test_licences_that_do_not_go_together_are_told_at_the_end(tmp_path, monkeypatch, capsys):
    """What is kept here only is nobody else's business, but what is made of it is."""
    monkeypatch.chdir(tmp_path)
    config = small_config("https://x.example")
    config["sources"]["plain"] |= {"licence": "ODbL 1.0", "publish": False}
    config["derive"] = {"d": {"sql": "SELECT 1 AS n FROM plain", "inputs": ["plain"]}}
    plain = {"name": "plain", "url": "", "objects": [], "licence": "", "private": True}
    known = {"name": "d", "url": "", "objects": [], "licence": "Licence Ouverte 2.0"}
    known |= {"inputs": {"plain": ""}, "licences": {"plain": "ODbL 1.0"}}
    for path, content in (
        (SOURCES, {"plain": plain}),
        ("results/published/d.json", known),
        (SUMMARY, {"published": []}),
    ):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(json.dumps(content))
    jobs = Jobs.from_config(config, [], REPOSITORY)
    console = Console(logging.StreamHandler(), Speech(shows=True, dry=False))
    Report(console, jobs, None, []).nothing_to_do()
    told = capsys.readouterr().err
    assert "! d: it is published under Licence Ouverte 2.0, and made of `plain` under ODbL" in told
    assert "no licence is stated" not in told
