"""What a run would do, and why, in words of the configuration: one line a table or figure.

Snakemake 9.27 gives its reasons as text; tests/workflow/test_terminal.py shows what each becomes.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

VERBS = {
    "fetch_raw": "fetch",
    "convert_table": "convert",
    "convert_part": "convert",
    "combine_parts": "combine",
    "check_table": "check",
    "derive_table": "derive",
    "draw_figure": "draw",
    "publish_derived": "publish",
    "publish_figure": "publish",
    "publish_sources": "publish",
}
PARAMS = re.compile(
    r"before and now across all output: before: (.*?) now: (.*?) (?:;|$)", re.DOTALL
)
ALL_SOURCES = "all sources"
RESULT = re.compile(r"results/(\w+)/(\w+)[./]")  # or results/published.json, of all sources
OWN = {"raw": "its raw copies", "parts": "its parts", "tables": "its table", "checks": "its checks"}
SHOWN = 5  # keys that changed: a later version of the template may note all of them otherwise


class Planned(Protocol):
    """A job with the reason that Snakemake gives."""

    rule: str
    entry: str
    reason: str


def jobs_line(stats: Mapping[str, int]) -> str:
    """Return the number of jobs of each rule in one line."""
    counts = {rule: count for rule, count in stats.items() if rule not in ("all", "total")}
    listed = ", ".join(f"{rule} {count}" for rule, count in counts.items())
    total = sum(counts.values())
    return f"{total:,} {'job' if total == 1 else 'jobs'}: {listed}"


def plan_words(
    stats: Mapping[str, int], jobs: Iterable[Planned], order: Iterable[str] = ()
) -> list[str]:
    """Return a line for each entry, in this order: what would be done to it, and why."""
    entries: dict[str, list[Planned]] = {name: [] for name in order}
    for job in jobs:
        if job.rule in VERBS:
            name = ALL_SOURCES if job.rule == "publish_sources" else job.entry
            entries.setdefault(name, []).append(job)
    entries = {name: planned for name, planned in entries.items() if planned}
    width = max(map(len, entries), default=0)
    lines = [f"This would run {jobs_line(stats)}"]
    for name, planned in entries.items():
        counts = Counter(VERBS[job.rule] for job in planned)
        verbs = ", ".join(v + (f" × {count:,}" if count > 1 else "") for v, count in counts.items())
        lines.append(f"  {name:<{width}}  {verbs:<24}  {_why(planned)}".rstrip())
    return [*lines, "Nothing was run (-n)."]


def _why(planned: Collection[Planned]) -> str:
    own = [(job.rule, reason) for job in planned for reason in _reasons(job)]
    found = list(dict.fromkeys(reason for _, reason in own if reason))
    if not found and any("updated by another job" in job.reason for job in planned):
        found = ["what it is made of changes"]
    if len(found) > 1 and NEW in found:
        found.remove(NEW)
    if found == [NEW] and {rule for rule, _ in own} == {"check_table"}:  # of a table that is there
        found = ["its `checks` have not run as they are now"]
    return "; ".join(found)


NEW = "not there yet"


def _reasons(job: Planned) -> list[str]:
    """Return what Snakemake's reason for a job means; nothing where only another job is named."""
    reason, found = job.reason, []
    if reason.startswith("Forced"):
        found.append("forced")
    # results of checks are missing also where checks of a table that is there have changed
    is_missing = "Missing output" in reason
    if is_missing and job.rule != "check_table":  # its record may be of an attempt that failed
        return [*found, "it was cut short" if "Incomplete output" in reason else NEW]
    if params := PARAMS.search(reason + " ;"):
        found.append(changed_keys(params[1], params[2]))
    if "Code has changed" in reason:
        found.append("the code of its rule changed")
    if "Software environment" in reason:
        found.append("its environment changed")
    if updated := re.search(r"Updated input files: ([^;]+)", reason):
        found.append(f"newer: {_newer(job.entry, updated[1])}")
    if "Incomplete output" in reason:
        found.append("it was cut short")
    if "Set of input files" in reason:
        found.append("its inputs changed")
    if is_missing and not found and "another job" not in reason:
        found.append(NEW)
    return found


def _newer(entry: str, paths: str) -> str:
    """Return what is newer than what was made of it, in words of the configuration."""
    names = []
    for path in map(str.strip, paths.split(", ")):
        kind, name = match.groups() if (match := RESULT.search(path)) else ("", ALL_SOURCES)
        names.append(OWN.get(kind, name) if name == entry else name)
    names = sorted(set(names))
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def changed_keys(before: str, now: str) -> str:
    """Return which keys of the configuration two lists of parameters differ in.

    Args:
        before, now: Snakemake's texts of the parameters that differ: quoted, separated by commas.
    """
    old, new = _parameters(before), _parameters(now)
    codes = [v for v in (*old, *new) if isinstance(v, str) and v.startswith("code ")]
    maps = [[v for v in side if isinstance(v, dict)] for side in (old, new)]
    was, becomes = ({k: v for one in side for k, v in one.items()} for side in maps)
    keys = [k for k in {**was, **becomes} if was.get(k) != becomes.get(k)]
    words = [f"`{key}` changed" for key in keys[:SHOWN]]
    words += [f"{len(keys) - SHOWN} more keys changed"] if len(keys) > SHOWN else []
    words += _changed_code(codes, [v for v in new if v in codes])
    plain = [[v for v in side if isinstance(v, str) and v not in codes] for side in (old, new)]
    if all(len(side) == 1 for side in plain):
        words.append(f"{plain[0][0]} → {plain[1][0]}")
    return "; ".join(words) or "its configuration changed"


def _changed_code(codes: Iterable[str], new: Iterable[str]) -> list[str]:
    """Return which code differs: that of the rule, or a file of the user's (see ``Jobs.code``)."""
    before = {part for code in codes if code not in new for part in code.split()[1:]}
    now = [part for code in new for part in code.split()[1:] if part not in before]
    words = [
        f"`{part.partition('=')[0]}` changed" if "=" in part else "the code of its rule changed"
        for part in now
    ]
    return words or ["the code of its rule changed"] * bool(codes)


def _parameters(text: str) -> list[Any]:
    try:
        values = ast.literal_eval(f"[{text}]")
    except (ValueError, SyntaxError):  # `<nothing exclusive>`, or what is no literal
        return []
    return [_decoded(value) for value in values]


def _decoded(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("{"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
