"""What receipts and the manifest say of tables and figures."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from diffusion.errors import DiffusionError
from diffusion.tables.parquet import describe, read_metadata

NOTED = (
    "vintage",
    "licence",
    "attribution",
    "raw_sha256",
    "inputs",
    "cast_failures",
    "nulls",
    "geometry",
    "workflow",
)


def table_entry(entry: Mapping, table: Path, check: Path, project: Mapping) -> dict:
    """Return the manifest's facts of a table: shape, types, origin, licence, checks."""
    known = read_metadata(table)
    noted = {k: v for k, v in known.items() if k in NOTED and v not in (None, "", {})}
    facts = {"kind": "table", "description": entry["description"], **describe(table), **noted}
    facts["checks"] = json.loads(check.read_text("utf-8"))["status"]
    inherited = [] if entry["attribution"] else known.get("credits", [])
    facts["credits"] = inherited or _credits(entry, project)
    return facts


def spec_hash(*spec: object) -> str:
    """Return the hash of what a publishing job was asked to do; its receipt keeps it."""
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()


def is_published(receipt: Path, made_from: Sequence[Path], spec: str) -> bool:
    """Say whether a table was published as it is now: same files, same configuration."""
    if not (receipt.exists() and all(path.exists() for path in made_from)):
        return False
    newest = max(path.stat().st_mtime for path in made_from)
    same = json.loads(receipt.read_text("utf-8")).get("spec") == spec
    return same and newest <= receipt.stat().st_mtime


def figure_entry(entry: Mapping, inputs: Sequence[Mapping]) -> dict:
    """Return the manifest's facts of a figure."""
    credit = list(dict.fromkeys(line for receipt in inputs for line in receipt["credits"]))
    facts = {"kind": "figure", "description": entry["description"], "credits": credit}
    return facts | {"licence": entry["licence"], "inputs": [receipt["name"] for receipt in inputs]}


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
        "or set a new `vintage` once the publisher has mended the data; published data stay as "
        "they were (sources are published together or not at all)"
    )
    return DiffusionError(
        f"{path.stem} failed its checks", f"{name} is not published\n  {lines}", fix
    )


def _examples(result: Mapping) -> str:
    shown = [json.dumps(e, ensure_ascii=False) for e in result["examples"][:3]]
    return f" ({'; '.join(shown)})" if shown else ""


def _credits(entry: Mapping, project: Mapping) -> list[str]:
    parts = [entry["attribution"] or project["publisher"], entry["licence"]]
    return [" — ".join(part for part in parts if part)] if any(parts) else []
