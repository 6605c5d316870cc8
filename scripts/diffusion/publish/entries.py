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
    provenances: Sequence[Mapping] = (),
) -> dict:
    """Return the manifest's facts of a table: shape, types, origin, licence, checks.

    Args:
        facts: see ``facts_of``.
        status: of its checks.
        provenances: of its raw copies.
    """
    stated = _stated(provenances)
    known, credit = facts["noted"], credit_with(publication.credit, stated)
    noted = {k: v for k, v in known.items() if k in FACTS and v not in (None, "", {})}
    noted |= {"vintages": vintages_in(facts), "licences": licences_in(facts)}
    if stated:
        noted["stated"] = stated
        noted["licences"] = {n: text or credit.licence for n, text in noted["licences"].items()}
        noted |= {"licence": credit.licence} if credit.licence else {}
    if origin := facts.get("origin") or origin_of(known):
        noted["origin"] = origin
    entry: dict = {"kind": "table", "description": publication.publish.description}
    entry |= {"rows": facts["rows"], "columns": facts["columns"], "missing": facts["missing"]}
    entry |= {**noted, "partitions": publication.partitions, "checks": status}
    entry |= {key: facts[key] for key in ("geo", "values") if key in facts}
    if retrieval := _retrieval(publication.address, [noted["retrieved"] for noted in provenances]):
        entry["retrieval"] = retrieval
    inherited = [] if credit.attribution else known.get("credits", [])
    entry["credits"] = inherited or _credits(credit, project)
    entry |= {"table_sha256": facts["sha256"], "spec": publication.spec}
    return entry | _made_by(publication.code)


def _stated(provenances: Sequence[Mapping]) -> dict[str, str]:
    """Return what the portal of a source stated when the last of its raw copies came."""
    found = [noted for noted in provenances if noted.get("stated")]
    last = max(found, key=lambda noted: noted["retrieved"], default=None)
    return dict(last["stated"]) if last else {}


def credit_with(credit: Credit, stated: Mapping[str, str]) -> Credit:
    """Return the credit of a source, with what its portal states where it declares nothing."""
    licence, publisher = stated.get("licence", ""), stated.get("publisher", "")
    return Credit(credit.licence or licence, credit.attribution or publisher)


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
