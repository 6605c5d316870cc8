"""What the results of checks mean for publishing."""

import json
from collections.abc import Mapping
from pathlib import Path

from diffusion.errors import DiffusionError

ALL_COUNTS = "all counts and examples"
REMEDY = (
    "correct the source's configuration or its `checks:`, or set a new `vintage` once the "
    "publisher has corrected the data; published data stay as they were (sources are published "
    "together or not at all)"
)


def failed_checks(name: str, results: Mapping, path: Path) -> DiffusionError | None:
    """Return which checks of a table failed, with counts and examples; None if none did.

    Args:
        results: see ``check.checks.summary``.
        path: the file that holds them, with all counts and examples.
    """
    if results["status"] != "failed":
        return None
    failed = [r for r in results["results"] if not r["passed"] and r["level"] == "error"]
    lines = "\n  ".join(
        f"{' '.join(filter(None, (r['check'], r['column'])))}: {r['found']}{_examples(r)}"
        for r in failed
    )
    found = f"it is not published\n  {lines}"
    return DiffusionError(f"{name} failed its checks", found, f"{ALL_COUNTS}: {path}\n{REMEDY}")


def refuse_failed_checks(results: Mapping[str, Mapping], paths: Mapping[str, Path]) -> None:
    """Stop when a check of any of the tables failed: they are published together or not at all.

    Args:
        results: of each table.
        paths: the file that holds all counts and examples of a table.

    Raises:
        DiffusionError: which tables, which checks, with counts and examples.
    """
    problems = {name: failed_checks(name, found, paths[name]) for name, found in results.items()}
    failed = {name: problem for name, problem in problems.items() if problem}
    if not failed:
        return
    found = "\n  ".join(f"{problem.where}: {problem.found}" for problem in failed.values())
    if others := [name for name in results if name not in failed]:
        found += f"\n  nor is anything new of {_listed(others)}"
    counts = ", ".join(str(paths[name]) for name in failed)
    raise DiffusionError("storage.url", found, f"{ALL_COUNTS}: {counts}\n{REMEDY}")


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _examples(result: Mapping) -> str:
    shown = [json.dumps(e, ensure_ascii=False) for e in result["examples"][:3]]
    return f" ({'; '.join(shown)})" if shown else ""
