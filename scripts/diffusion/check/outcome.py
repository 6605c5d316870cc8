"""What the results of checks mean for publishing."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from diffusion.errors import DiffusionError


def refuse_failed_checks(name: str, checks: Sequence[Path]) -> None:
    """Stop when a check of any table that is published together with this one failed.

    Raises:
        DiffusionError: which table, which checks, with counts and examples.
    """
    for path in checks:
        if problem := failed_checks(path, name):
            raise problem


def failed_checks(path: Path, name: str) -> DiffusionError | None:
    """Return why a table is not published for the checks in a file; None if they passed."""
    found = json.loads(path.read_text("utf-8"))
    if found["status"] != "failed":
        return None
    failed = [r for r in found["results"] if not r["passed"] and r["level"] == "error"]
    lines = "\n  ".join(
        f"{' '.join(filter(None, (r['check'], r['column'])))}: {r['found']}{_examples(r)}"
        for r in failed
    )
    fix = (
        f"all counts and examples: {path}\ncorrect the source's configuration or its `checks:`, "
        "or set a new `vintage` once the publisher has corrected the data; published data stay as "
        "they were (sources are published together or not at all)"
    )
    return DiffusionError(
        f"{path.stem} failed its checks", f"{name} is not published\n  {lines}", fix
    )


def _examples(result: Mapping) -> str:
    shown = [json.dumps(e, ensure_ascii=False) for e in result["examples"][:3]]
    return f" ({'; '.join(shown)})" if shown else ""
