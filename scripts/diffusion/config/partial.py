"""What can still be told of a source that breaks the schema: all mistakes are told at once.

What is broken is taken out, and what is left is judged by the rules that need nothing of it.
"""

import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from diffusion.config.databases import is_address
from diffusion.config.names import meant_kind
from diffusion.config.rules_source import own_problems
from diffusion.config.schema import schema_problems
from diffusion.config.typed import typed_config
from diffusion.errors import DiffusionError

OVER_HTTP = ("api", "archive", "file")
UNKNOWN = "unset"  # in place of what is required and broken
WHOLE = {"project": {"name": UNKNOWN}, "vintage": UNKNOWN}


def further_problems(
    config: Mapping[str, Any], broken: Collection[DiffusionError], schema: Mapping
) -> list[DiffusionError]:
    """Return what else is wrong in the sources that break the schema.

    Args:
        config: as it was given, with its variables replaced.
        broken: the breaches that are known.
    """
    sources, found = config.get("sources"), []
    for name, entry in sources.items() if isinstance(sources, dict) else ():
        where = f"sources.{name}"
        of_it = [p.where for p in broken if p.where.startswith(f"{where}.")]
        if of_it and isinstance(entry, dict):
            if f"{where}.from" in of_it:
                found += _of_kind(name, entry, schema)
            else:
                found += _of_rest(name, entry, of_it, schema, bool(config.get("vintage")))
    return found


def _of_kind(name: str, entry: dict[str, Any], schema: Mapping) -> list[DiffusionError]:
    """Return the breaches that there are whatever kind of source is meant."""
    given, url = str(entry.get("from", "")), str(entry.get("url", ""))
    meant = meant_kind(given)
    kinds = [meant] if meant else _kinds_of(url)
    each = []
    for kind in kinds:
        problems = schema_problems(_whole(name, entry | {"from": kind}), schema)
        each.append({(p.where, p.found): p for p in problems})
    common = (key for key in each[0] if all(key in one for one in each))
    return [_alike([one[key] for one in each]) for key in common]


def _kinds_of(url: str) -> Sequence[str]:
    if is_address(url):
        return ["database"]
    return ["s3"] if url.startswith("s3://") else OVER_HTTP


def _alike(problems: Sequence[DiffusionError]) -> DiffusionError:
    """Return what several kinds of sources say of one mistake; the remedy, where they agree."""
    first = problems[0]
    fix = first.fix if len({problem.fix for problem in problems}) == 1 else ""
    return first.restated(fix=fix)


def _of_rest(
    name: str, entry: dict[str, Any], broken: Collection[str], schema: Mapping, has_vintage: bool
) -> Iterator[DiffusionError]:
    """Yield what the rules find in a source without what is broken."""
    rest, where = copy.deepcopy(entry), f"sources.{name}"
    for path in broken:
        _take_out(rest, path.removeprefix(f"{where}.").split("."))
    rest.setdefault("url", UNKNOWN)
    axes = rest.get("partitions")
    if isinstance(axes, dict):  # of a file or windows that are broken, there are no values
        rest["partitions"] = {axis: v for axis, v in axes.items() if not isinstance(v, dict)}
    whole = _whole(name, rest)
    if schema_problems(whole, schema):
        return
    if not has_vintage:
        del whole["vintage"]
    for problem in own_problems(where, typed_config(whole).sources[name]):
        if not any(_within(problem.where, path) or _within(path, problem.where) for path in broken):
            yield problem


def _whole(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    return WHOLE | {"sources": {name: entry}}


def _take_out(entry: dict[str, Any], path: list[str]) -> None:
    """Remove what a path leads to, or the nearest mapping's key above it."""
    inner: Any = entry
    for number, key in enumerate(path):
        below = inner.get(key)
        if number == len(path) - 1 or not isinstance(below, dict):
            inner.pop(key, None)
            return
        inner = below


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}.")
