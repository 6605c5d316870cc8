"""The path language of `pages:`: where a value stands in an answer.

data.items          names, joined by dots
"@odata.nextLink"   a name that holds dots, in double quotes
data[0] data[-1]    an element of a list, from its beginning or its end
links[rel=next]     the first element whose field has that value
data.*  data.*:dep  all values of a mapping, their keys in a column `key`, or `dep`; of a list, all
                    elements; where the records stand
header:X-Total      a header of the answer
"""

import re
from dataclasses import dataclass
from itertools import takewhile

HEADER = "header:"
STEP = re.compile(
    r"""
    "(?P<quoted>[^"]+)" | \[(?P<index>-?\d+)\] | \[(?P<field>[^\[\]=]+)=(?P<value>[^\]]*)\]
    | \*(?P<each>(?::(?:"[^"]+"|[^."\[\]*]+))?)(?=[.\[]|$) | (?P<name>[^."\[\]*][^."\[]*)
    """,
    re.VERBOSE,
)
SYNTAX = (
    'names joined by dots, "…" around a name with dots, [0], [-1], [rel=next], .* (of `records`), '
    "header:NAME"
)
KEY = "key"  # the column of a mapping's keys, unless it is named


@dataclass(frozen=True)
class Where:
    """A step to the first element of a list whose ``field`` has that value, written as text."""

    field: str
    value: str


@dataclass(frozen=True)
class Each:
    """A step to all values of a mapping; ``name``: of the column that has their keys.

    Of a list, it leads to all elements, which have no keys: a name that is given is an error then.
    """

    name: str = ""

    @property
    def column(self) -> str:
        """The name of the column of keys."""
        return self.name or KEY


Step = str | int | Where | Each


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
    names = [step.column for step in steps if isinstance(step, Each)]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"two columns of keys are named `{twice}`: name them, `*:NAME`")
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    if found["index"] is not None:
        return int(found["index"])
    if found["field"] is not None:
        return Where(found["field"], found["value"].strip('"'))
    if found["each"] is not None:
        return Each(found["each"].removeprefix(":").strip('"'))
    return found["quoted"] or found["name"]


def place_of(path: str) -> tuple[Step, ...]:
    """Return the steps to what holds the records: the list, or the outermost mapping."""
    return tuple(takewhile(lambda step: not isinstance(step, Each), parse_path(path)))


def steps_to_records(path: str) -> tuple[Step, ...]:
    """Return the steps to each record: a path ends at their list, or takes each of a mapping."""
    steps = parse_path(path)
    return steps if steps and isinstance(steps[-1], Each) else (*steps, Each())


def needs_all(step: Step) -> bool:
    """Return whether a step can only be taken once a whole list was read."""
    return isinstance(step, Where) or (isinstance(step, int) and step < 0)


def name_step(name: str) -> str:
    """Return a name as a path writes it."""
    return f'"{name}"' if re.search(r'[."\[\]*]', name) or not name else name


def in_yaml(path: str) -> str:
    """Return a path as it is written in a line of YAML."""
    quoted = path.replace("'", "''")
    return f"'{quoted}'" if re.search(r"[\[\]{}\"':,#*]", path) else path
