"""The path language of `pages:`: where a value stands in an answer.

data.items          names, joined by dots
"@odata.nextLink"   a name that holds dots, in double quotes
data[0] data[-1]    an element of a list, from its beginning or its end
links[rel=next]     the first element whose field has that value
header:X-Total      a header of the answer
"""

import re
from dataclasses import dataclass

HEADER = "header:"
STEP = re.compile(
    r"""
    "(?P<quoted>[^"]+)" | \[(?P<index>-?\d+)\] | \[(?P<field>[^\[\]=]+)=(?P<value>[^\]]*)\]
    | (?P<name>[^."\[\]][^."\[]*)
    """,
    re.VERBOSE,
)
SYNTAX = 'names joined by dots, "…" around a name with dots, [0], [-1], [rel=next], header:NAME'


@dataclass(frozen=True)
class Where:
    """A step to the first element of a list whose ``field`` has that value, written as text."""

    field: str
    value: str


Step = str | int | Where


def parse_path(path: str) -> tuple[Step, ...]:
    """Return the steps of a path; none for the empty one, which is the whole body.

    Raises:
        ValueError: it is no path; the text says where it ends to be one.
    """
    steps: list[Step] = []
    at = 0
    while at < len(path):
        if steps and path[at] == ".":
            at += 1
        elif steps and path[at] != "[":
            raise ValueError(f"a dot is missing before `{path[at:]}`")
        found = STEP.match(path, at)
        if not found or (at and path[at - 1] == "." and path[at] == "["):
            raise ValueError(f"`{path[at:] or '.'}` is no step of a path")
        steps.append(_step(found))
        at = found.end()
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    if found["index"] is not None:
        return int(found["index"])
    if found["field"] is not None:
        return Where(found["field"], found["value"].strip('"'))
    return found["quoted"] or found["name"]


def name_step(name: str) -> str:
    """Return a name as a path writes it."""
    return f'"{name}"' if re.search(r'[."\[\]]', name) or not name else name
