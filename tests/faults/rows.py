"""The rows of the table of faults, and how a row's outcome reaches the table.

A row is one thing that goes wrong. Either the run survives it by itself, or it ends with a message;
in both cases nothing published is lost and the next plain run ends well.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from standins.faults import Fault
from standins.records import records

BLOCK = r"^✗ {stage} {name}\n((?:  .*\n)+)"  # what diffusion.joblog prints when a job fails


@dataclass(frozen=True)
class Row:
    """One source that goes wrong in a project of many.

    Args:
        name: of the source, and of the row.
        fault: what goes wrong, in the words of the table.
        source: its configuration; ``{url}`` is where it is served.
        faults: what the server does to its requests, one after the other.
        words: of the message that ends the job; none: the job survives.
        stage: the rule that ends.
        repair: what the message tells the user to change, laid over ``source``.
        expected: the published table once all is well; None where another test looks at it.
        kept: the first page has come and is never asked again.
    """

    name: str
    fault: str
    source: Mapping
    faults: list[Fault | None] = field(default_factory=list)
    words: tuple[str, ...] = ()
    stage: str = "fetch_raw"
    repair: Mapping = field(default_factory=dict)
    expected: list[dict] | None = field(default_factory=lambda: communes())
    kept: bool = False

    def __str__(self) -> str:
        return self.name


def communes() -> list[dict]:
    """The stand-ins' communes as a table has them."""
    return [{"code": row["code"], "population": row["population"]} for row in records()]


def message(words: str, stage: str, name: str) -> str:
    """Return what the terminal said when a job failed; "" when it did not fail."""
    found = re.search(BLOCK.format(stage=stage, name=re.escape(name)), words, re.MULTILINE)
    return " ".join(found[1].split()) if found else ""
