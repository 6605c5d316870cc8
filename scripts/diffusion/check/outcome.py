"""What the results of checks mean for publishing."""

import json
from collections.abc import Mapping
from pathlib import Path

from diffusion.errors import DiffusionError


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
    fix = (
        f"all counts and examples: {path}\ncorrect the source's configuration or its `checks:`, "
        "or set a new `vintage` once the publisher has corrected the data; published data stay as "
        "they were (sources are published together or not at all)"
    )
    return DiffusionError(f"{name} failed its checks", f"it is not published\n  {lines}", fix)


def refuse_failed_checks(results: Mapping[str, Mapping]) -> None:
    """Stop when a check of any of the tables failed: they are published together or not at all.

    Raises:
        DiffusionError: which tables; what failed was told when it was found.
    """
    failed = [name for name, found in results.items() if found["status"] == "failed"]
    if failed:
        others = [name for name in results if name not in failed]
        found = "failed their checks" if len(failed) > 1 else "failed its checks"
        more = f"; so nothing is published of {_listed(others)} either" if others else ""
        fix = "mend what is said above of each; what is published stays as it was until then"
        raise DiffusionError(", ".join(failed), found + more, fix)


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _examples(result: Mapping) -> str:
    shown = [json.dumps(e, ensure_ascii=False) for e in result["examples"][:3]]
    return f" ({'; '.join(shown)})" if shown else ""
