"""What could not be read as geometries, where these are made of columns: see ``placed``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST = 10  # examples


@dataclass(frozen=True)
class Unread:
    """Values of which no geometry came: how many of how many, and some with file and row."""

    failed: int
    values: int
    examples: tuple[Mapping, ...] = ()


def unread_of(many: Iterable[Unread | None]) -> dict[str, dict]:
    """Return what could not be read of several files, as ``Tally.counts`` has it of columns."""
    known = [one for one in many if one]
    if not known:
        return {}
    examples = [example for one in known for example in one.examples][:MOST]
    failed, values = sum(one.failed for one in known), sum(one.values for one in known)
    return {"geometry": {"failed": failed, "values": values, "examples": examples}}
