"""Fixtures that note what became of a fault; a table of them all is printed at the end."""

import shutil
from pathlib import Path

import pytest

from faults.keeper import Keeper
from faults.report import Note, figures, lines, markdown, told_by
from faults.rows import Row
from faults.trial import Trial

ORDER = ("HTTP", "Archives", "Data", "S3", "Machine")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every fault here costs runs of Snakemake, and some wait for minutes."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("slow")


@pytest.fixture
def told(record_property):
    """Note what one run with a fault ended with, then check its words."""

    def check(group: str, fault: str, keeper: Keeper, output: str = "", *words: str) -> None:
        lost = keeper.look()
        message = told_by(output) if output else ""
        note = Note(group, fault, message, lost, len(keeper.known))
        record_property("fault", list(note))  # a plain list: it travels between processes
        for word in words:
            assert word in message, output
        assert lost == []

    return check


@pytest.fixture
def noted(record_property):
    """Note the outcome of one row of a trial, then check it."""

    def check(trial: Trial, row: Row) -> None:
        note = Note(trial.group, row.fault, trial.told(row), trial.lost, len(trial.keeper.known))
        record_property("fault", list(note))
        trial.check(row)

    return check


def pytest_terminal_summary(terminalreporter, config) -> None:
    """Print one line a fault, then the figures; write the page if asked for."""
    stats = terminalreporter.stats
    failed = _notes(stats.get("failed", []))
    everything = _notes(stats.get("passed", []) + stats.get("failed", []))
    if not everything:
        return
    terminalreporter.section("faults, and what became of the run")
    for line in lines(everything, failed, shutil.get_terminal_size().columns):
        terminalreporter.write_line(line)
    terminalreporter.write_line(figures(everything))
    if config.getoption("--faults-page"):
        server = {"minio": "MinIO", "embedded": "the embedded S3 server"}
        page = markdown(everything, server[config.getoption("--s3")])
        Path(__file__).with_name("README.md").write_text(page, "utf-8")


def _notes(reports: list) -> list[Note]:
    """Return the notes of the tests in the order of their files, whichever process was first."""
    found = [
        (ORDER.index(value[0]), report.location[1], report.nodeid.rpartition("::")[0], Note(*value))
        for report in reports
        for key, value in report.user_properties
        if key == "fault"
    ]
    return [note for *_, note in sorted(found, key=lambda item: item[:-1])]
