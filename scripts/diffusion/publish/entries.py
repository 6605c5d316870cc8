"""What the manifest notes of tables and figures."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from diffusion import VERSION
from diffusion.config.parts import Credit, Project, Publish, PublishFigure
from diffusion.tables.parquet import describe, read_metadata

# taken from the table's own metadata
FACTS = (
    "vintage",
    "licence",
    "attribution",
    "raw_sha256",
    "inputs",
    "cast_failures",
    "nulls",
    "geometry",
)


def table_entry(
    publish: Publish, credit: Credit, table: Path, check: Path, project: Project, code: str
) -> dict:
    """Return the manifest's facts of a table: shape, types, origin, licence, checks.

    Args:
        code: hash of the code that made and published the table.
    """
    known = read_metadata(table)
    noted = {k: v for k, v in known.items() if k in FACTS and v not in (None, "", {})}
    facts = {"kind": "table", "description": publish.description, **describe(table), **noted}
    facts["checks"] = json.loads(check.read_text("utf-8"))["status"]
    inherited = [] if credit.attribution else known.get("credits", [])
    facts["credits"] = inherited or _credits(credit, project)
    return facts | _made_by(code)


def figure_entry(
    publish: PublishFigure, credit: Credit, inputs: Sequence[Mapping], code: str
) -> dict:
    """Return the manifest's facts of a figure."""
    credits = list(dict.fromkeys(line for receipt in inputs for line in receipt["credits"]))
    facts = {"kind": "figure", "description": publish.description, "credits": credits}
    facts |= {"licence": credit.licence, "inputs": [receipt["name"] for receipt in inputs]}
    return facts | _made_by(code)


def _made_by(code: str) -> dict:
    return {"workflow": VERSION, "code": code.removeprefix("code ")}


def _credits(credit: Credit, project: Project) -> list[str]:
    parts = [credit.attribution or project.publisher, credit.licence]
    return [" — ".join(part for part in parts if part)] if any(parts) else []
