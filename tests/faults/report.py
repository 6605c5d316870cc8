"""What became of each fault: as a table on the terminal, and in README.md beside the tests."""

import re
from collections.abc import Sequence
from typing import NamedTuple

STOPPED = "What is finished is kept"
LOCKED = "Error: Directory cannot be locked."
SPEECHLESS = "(killed: nobody is left to say anything)"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+(/as/\w+)?")  # another one in each run
FOLDER = re.compile(r"/[^ :]*/pytest-[^ :]*?/(?=\.|results|logs|project|disk)")
HEAD = """# What goes wrong, and what becomes of it

Written by `make faults`, which causes each of these, looks at every published object and every
raw copy before and after, and then types the same command again: it ends well, and fetches or
converts nothing a second time.

{figures}, on {server}.
A run that *survives* ends as if nothing had been; in all other cases it ends with a message, and
what is published stays as it was until a run succeeds.

| fault | the run | what the user is told |
|---|---|---|
"""


class Note(NamedTuple):
    """One line of the table; what was lost and how many objects there are, of the whole group."""

    group: str
    fault: str
    told: str
    lost: list[str]
    objects: int

    @property
    def outcome(self) -> str:
        return "ends" if self.told else "survives"


def messages(output: str, title: str = ".*") -> list[str]:
    """Return what jobs said as they failed, as ``base.joblog.print_failure`` prints it."""
    return re.findall(f"^✗ {title}\\n((?:  .*\\n)+)", output, re.MULTILINE)


def told_by(output: str) -> str:
    """Return what a run that failed told its user, out of all that Snakemake says."""
    before_any_job = re.findall(r"^✗ (\S[^\n]*: [^\n]*\n(?:  .*\n)*)", output, re.MULTILINE)
    blocks = before_any_job or messages(output)
    if STOPPED in output:
        return STOPPED
    if LOCKED in output:
        return " ".join(output[output.index(LOCKED) :].split())
    return " ".join(blocks[0].split()) if blocks else SPEECHLESS


def figures(notes: Sequence[Note]) -> str:
    """Return how many faults were tried and survived; and what was lost."""
    told = sum(bool(note.told) for note in notes)
    groups = {note.group: note for note in notes}.values()
    lost, objects = sum(len(n.lost) for n in groups), sum(n.objects for n in groups)
    return (
        f"{len(notes)} faults tried: {len(notes) - told} survived, {told} ended with a message; "
        f"{lost} of {objects} objects lost"
    )


def lines(notes: Sequence[Note], failed: Sequence[Note], wide: int) -> list[str]:
    """Return the table for a terminal so wide."""
    longest = max(len(note.fault) for note in notes)
    return [
        f"{note.group:9}{note.fault:{longest}}  "
        f"{'FAILED' if note in failed else note.outcome:10}{note.told}"[:wide]
        for note in notes
    ]


def markdown(notes: Sequence[Note], server: str) -> str:
    """Return the table as a page."""
    text, group = HEAD.format(figures=figures(notes), server=server), ""
    for note in notes:
        if note.group != group:
            group = note.group
            text += f"| **{group}** | | |\n"
        told = FOLDER.sub("", ADDRESS.sub("http://…", note.told)).replace("|", "\\|")
        told = told[:300] + "…" * (len(told) > 300)
        text += f"| {note.fault} | {note.outcome} | {told} |\n"
    return text
