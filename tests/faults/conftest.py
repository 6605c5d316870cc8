"""The table of faults, printed at the end of a run of these tests (`make faults`)."""

import re
import shutil
from typing import NamedTuple

import pytest

from faults.keeper import Keeper
from faults.rows import Row
from faults.trial import Trial


@pytest.fixture
def told(record_property):
    """Note what one run with a fault ended with, then check its words."""

    def check(group: str, fault: str, keeper: Keeper, output: str = "", *words: str) -> None:
        lost = keeper.look()
        message = plain(output)
        record_property("fault", Note(group, fault, message, lost, len(keeper.known)))
        for word in words:
            assert word in message, output
        assert lost == []

    return check


def plain(output: str) -> str:
    """Return what a run told its user, out of all that Snakemake says."""
    blocks = re.findall(r"^✗ .*\n((?:  .*\n)+)", output, re.MULTILINE)
    blocks += re.findall(r"^DiffusionError in file.*\n((?:.+\n)+)", output, re.MULTILINE)
    return " ".join(blocks[0].split()) if blocks else " ".join(output.split())[-300:]


class Note(NamedTuple):
    """One line of the table; what was lost and how many objects there are, of the whole group."""

    group: str
    fault: str
    told: str
    lost: list[str]
    objects: int

    @property
    def outcome(self) -> str:
        return "told" if self.told else "survived"


WIDTHS = (9, 52, 9)  # of the first columns; what the user is told takes the rest of the line


@pytest.fixture
def noted(record_property):
    """Note the outcome of one row for the table, then check it."""

    def check(trial: Trial, row: Row) -> None:
        note = Note(trial.group, row.fault, trial.told(row), trial.lost, len(trial.keeper.known))
        record_property("fault", note)
        trial.check(row)

    return check


def pytest_terminal_summary(terminalreporter) -> None:
    """Print one line a fault, then the figures."""
    notes = [
        (outcome, Note(*value))
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for key, value in report.user_properties
        if key == "fault"
    ]
    if not notes:
        return
    wide = shutil.get_terminal_size().columns
    write = terminalreporter.write_line
    terminalreporter.section("faults, and what became of the run")
    for outcome, note in notes:
        cells = (note.group, note.fault, note.outcome if outcome == "passed" else "FAILED")
        line = "".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
        write(f"{line} {note.told}"[:wide])
    write(figures([note for _, note in notes]))


def figures(notes: list[Note]) -> str:
    """Return how many faults were tried, survived, told; and what was lost."""
    told = sum(bool(note.told) for note in notes)
    groups = {note.group: note for note in notes}.values()
    lost, objects = sum(len(n.lost) for n in groups), sum(n.objects for n in groups)
    return (
        f"{len(notes)} faults tried: {len(notes) - told} survived, {told} ended with a message; "
        f"{lost} of {objects} objects lost"
    )
