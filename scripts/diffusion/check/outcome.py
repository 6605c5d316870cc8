"""What the results of checks mean for publishing."""

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import indent

from diffusion.errors import DiffusionError

TOGETHER = (
    "correct the source's configuration or its `checks:`, or set a new `vintage` once the "
    "publisher has corrected the data; published data stay as they were (sources are published "
    "together or not at all)"
)


def refuse_failed_checks(results: Mapping[str, Mapping], paths: Mapping[str, Path]) -> None:
    """Stop when a check of any of the tables failed: they are published together or not at all.

    Args:
        results: of the checks of each table, see ``check.checks.summary``.
        paths: the file that holds all counts and examples of a table.

    Raises:
        DiffusionError: which tables, which checks, with counts and examples.
    """
    failed = {name: found for name, found in results.items() if found["status"] == "failed"}
    if not failed:
        return
    found = "\n".join(f"{name}:\n{indent(failures(failed[name]), '  ')}" for name in failed)
    if len(results) > len(failed):
        found += f"\nnot published for that reason either: {_others(results, failed)}"
    where = f"{', '.join(failed)} failed {'its' if len(failed) == 1 else 'their'} checks"
    counts = ", ".join(str(paths[name]) for name in failed)
    raise DiffusionError(where, found, f"{TOGETHER}\nall counts and examples: {counts}")


def failures(found: Mapping) -> str:
    """Return the checks that failed, one a line, with counts and three examples of each."""
    failed = [r for r in found["results"] if not r["passed"] and r["level"] == "error"]
    return "\n".join(
        f"{' '.join(filter(None, (r['check'], r['column'])))}: {r['found']}{_examples(r)}"
        for r in failed
    )


def _others(results: Mapping, failed: Mapping) -> str:
    names = [name for name in results if name not in failed]
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _examples(result: Mapping) -> str:
    shown = [json.dumps(e, ensure_ascii=False) for e in result["examples"][:3]]
    return f" ({'; '.join(shown)})" if shown else ""
