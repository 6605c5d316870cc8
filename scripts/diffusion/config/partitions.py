"""Partitions of a source, their names, their batches, and the templates they fill.

A partition is one value of each axis; a batch is the partitions that one job handles. The number of
batches follows from what they cost. A job takes half a second to start, and an API is asked for one
partition after the other, whatever the number of jobs: few batches. Files, archives and objects are
worth converting side by side: one each, up to ``MAX_UNBATCHED``. Several partitions are assigned to
their batch by a hash of the name, so that adding one changes only one batch.
"""

import itertools
import math
import re
import zlib
from collections.abc import Mapping
from typing import Any, overload
from urllib.parse import quote, unquote

from diffusion.config.parts import Axes
from diffusion.config.periods import parse_period

ONLY = "all"  # the partition of a source without axes
MAX_UNBATCHED, MOST_BATCHES = 32, 64
API_BATCHES = {128: 1, 512: 4, 2048: 8}  # up to so many partitions: so many batches
# `{axis}`; of a period its days: `{month.first}`, `{month.last}`, and the day after, `{month.next}`
AXIS = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?:\.(first|last|next))?\}")

Partition = dict[str, str]


def count_partitions(axes: Axes) -> int:
    """Return the number of partitions without listing them."""
    return math.prod(len(values) for values in axes.values())


def partitions_of(axes: Axes) -> dict[str, Partition]:
    """Return every partition by its name: ``commune=01450,year=2020``, or ``all`` without axes."""
    combined = (
        dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())
    )
    return {partition_name(partition): partition for partition in combined}


def partition_name(partition: Partition) -> str:
    """Return a name that is safe as a file name and as an S3 key."""
    return ",".join(f"{axis}={quote(value, safe='')}" for axis, value in partition.items()) or ONLY


def place_of_partition(name: str, partition: str) -> str:
    """Return how errors name a partition of a source: ``sources.dpe commune=01450``."""
    return f"sources.{name}" if partition == ONLY else f"sources.{name} {partition}"


def parse_partition(name: str) -> Partition:
    """Return the axes and values of a partition's name."""
    if name == ONLY:
        return {}
    pairs = (part.partition("=") for part in name.split(","))
    return {axis: unquote(value) for axis, _, value in pairs}


def batches_of(axes: Axes, batches: int | None, kind: str) -> dict[str, list[str]]:
    """Return the names of the partitions of each batch, by the name of the batch.

    Args:
        axes: ``partitions:`` of the source.
        batches: how many there are to be; None leaves it to the kind and number of partitions.
        kind: the source's ``from``.
    """
    names = list(partitions_of(axes))
    if batches is None and kind != "api" and len(names) <= MAX_UNBATCHED:
        return {name: [name] for name in names}
    total = batches or (_api_batches(len(names)) if kind == "api" else MOST_BATCHES)
    if total == 1:
        return {"all": names}
    assigned: dict[str, list[str]] = {}
    for name in names:
        number = zlib.crc32(name.encode()) % total
        assigned.setdefault(f"batch-{number:03d}", []).append(name)
    return dict(sorted(assigned.items()))


def _api_batches(count: int) -> int:
    return next((total for most, total in API_BATCHES.items() if count <= most), MOST_BATCHES)


def axes_of(template: object) -> set[str]:
    """Return the axes that a template (text, list or mapping) uses."""
    return {name for name, _ in uses_of(template)}


def uses_of(template: object) -> set[tuple[str, str]]:
    """Return the axes that a template uses, each with what of it: ``first`` …, or nothing."""
    if isinstance(template, str):
        return set(AXIS.findall(template))
    if isinstance(template, Mapping):
        return set().union(*map(uses_of, template.values()))
    return set().union(*map(uses_of, template)) if isinstance(template, list) else set()


@overload
def fill(template: str, partition: Partition, in_url: bool = False) -> str: ...
@overload
def fill(template: dict[str, Any], partition: Partition) -> dict[str, Any]: ...
@overload
def fill(template: None, partition: Partition) -> None: ...
def fill(template: Any, partition: Partition, in_url: bool = False) -> Any:
    """Replace ``{axis}`` by the partition's value; percent-encoded where it goes into a URL.

    Plain replacement, not ``str.format``: a template comes from a config that is not trusted.
    """
    if isinstance(template, str):

        def value(match: re.Match[str]) -> str:
            text = partition.get(match[1], match[0])
            if match[2] and match[1] in partition:
                text = getattr(parse_period(text), match[2]).isoformat()
            return quote(text, safe="") if in_url else text

        return AXIS.sub(value, template)
    if isinstance(template, Mapping):
        return {key: fill(item, partition) for key, item in template.items()}
    return [fill(item, partition) for item in template] if isinstance(template, list) else template
