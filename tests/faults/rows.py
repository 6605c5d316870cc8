"""The rows of the table of faults, and how a row's outcome reaches the table.

A row is one thing that goes wrong. Either the run survives it by itself, or it ends with a message;
in both cases nothing published is lost and the next plain run ends well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from standins.faults import Fault
from standins.records import records

STEADY = "steady"  # the source that nothing happens to
OLD, NEW = "2026-01-01", "2026-02-02"  # vintages, before the fault and with it


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
