"""What the manifest notes of tables and figures."""

from collections.abc import Mapping, Sequence

from diffusion import VERSION
from diffusion.base.redaction import redact_urls
from diffusion.config.parts import Credit, Project, PublishFigure
from diffusion.publish.licences import licences_in
from diffusion.publish.origin import origin_of
from diffusion.publish.publication import Publication
from diffusion.publish.taken_down import vintages_in

# taken from the table's own metadata
FACTS = (
    "vintage",
    "licence",
    "attribution",
    "raw_sha256",
    "read",
    "notes",
    "alerts",
    "left_out",
    "decimal_commas",
    "damaged",
    "missing_words",
    "inputs",
    "cast_failures",
    "nulls",
    "reasons",
    "geometry",
)


def table_entry(
    publication: Publication,
    facts: Mapping,
    status: str,
    project: Project,
    times: Sequence[str] = (),
) -> dict:
    """Return the manifest's facts of a table: shape, types, origin, licence, checks.

    Args:
        facts: see ``facts_of``.
        status: of its checks.
        times: when its raw copies were retrieved.
    """
    known, credit = facts["noted"], publication.credit
    noted = {k: v for k, v in known.items() if k in FACTS and v not in (None, "", {})}
    noted |= {"vintages": vintages_in(facts), "licences": licences_in(facts)}
    if origin := facts.get("origin") or origin_of(known):
        noted["origin"] = origin
    entry: dict = {"kind": "table", "description": publication.publish.description}
    entry |= {"rows": facts["rows"], "columns": facts["columns"], "missing": facts["missing"]}
    entry |= {**noted, "partitions": publication.partitions, "checks": status}
    entry |= {key: facts[key] for key in ("geo", "values") if key in facts}
    if retrieval := _retrieval(publication.address, times):
        entry["retrieval"] = retrieval
    inherited = [] if credit.attribution else known.get("credits", [])
    entry["credits"] = inherited or _credits(credit, project)
    entry |= {"table_sha256": facts["sha256"], "spec": publication.spec}
    return entry | _made_by(publication.code)


def _retrieval(address: str, times: Sequence[str]) -> dict[str, str]:
    """Return where the raw copies of a source came from, and when: the first and the last."""
    found = {"url": redact_urls(address)} if address else {}
    return found | ({"first": min(times), "last": max(times)} if times else {})


def figure_entry(publish: PublishFigure, credit: Credit, facts: Mapping, code: str) -> dict:
    """Return the manifest's facts of a figure.

    Args:
        facts: see ``figure_facts``.
    """
    entry = {"kind": "figure", "description": publish.description, "credits": facts["credits"]}
    entry |= {"licence": credit.licence, "inputs": facts["inputs"], "vintages": facts["vintages"]}
    entry |= {"licences": facts["licences"]}
    return entry | _made_by(code)


def _made_by(code: str) -> dict:
    return {"workflow": VERSION, "code": code.removeprefix("code ")}


def _credits(credit: Credit, project: Project) -> list[str]:
    parts = [credit.attribution or project.publisher, credit.licence]
    return [" — ".join(part for part in parts if part)] if any(parts) else []
