"""How a dataset was made, in the words of W3C PROV: back to the raw copies, and to the code."""

from collections.abc import Iterator, Mapping
from typing import Any

from diffusion.catalogue.made_of import made_of


def origin_of_dataset(
    base: str, name: str, entry: Mapping, by_hash: Mapping[str, str]
) -> dict[str, Any]:
    """Return of what a published entry was made, when, by which code.

    Args:
        base: of addresses, see ``dcat_catalogue``.
        name: under which it is published.
        entry: the manifest's.
        by_hash: see ``made_of``.
    """
    origins = [*_inputs(base, entry, by_hash), *_raw_copies(base, name, entry)]
    end = entry.get("published")
    activity: dict[str, Any] = {
        "@type": "prov:Activity",
        "prov:endedAtTime": end and {"@type": "xsd:dateTime", "@value": end},
        "prov:used": [{"@id": entity["@id"]} for entity in origins],
        "prov:qualifiedAssociation": _association(entry),
    }
    return {
        "prov:wasDerivedFrom": origins,
        "prov:wasGeneratedBy": {key: value for key, value in activity.items() if value},
    }


def _association(entry: Mapping) -> dict[str, Any]:
    """Return the software, and as its plan the rules and scripts of the project as they were."""
    agent = {"@type": "prov:SoftwareAgent", "foaf:name": "Diffusion"}
    agent |= {"owl:versionInfo": entry["workflow"]} if entry.get("workflow") else {}
    found: dict[str, Any] = {"@type": "prov:Association", "prov:agent": agent}
    code = [f"{key} {entry[key]}" for key in ("commit", "code") if entry.get(key)]
    if code:
        found["prov:hadPlan"] = {"@type": "prov:Plan", "dct:identifier": code}
    return found


def _inputs(base: str, entry: Mapping, by_hash: Mapping[str, str]) -> Iterator[dict]:
    """Yield the tables that an entry was derived from; those that are not published by name."""
    for name in made_of(entry, by_hash):
        yield {"@id": f"{base}catalog.jsonld#{name}", "@type": "prov:Entity"}


def _raw_copies(base: str, name: str, entry: Mapping) -> Iterator[dict]:
    """Yield the raw copies of a source: of many partitions one hash stands for all."""
    raw = entry.get("raw_sha256") or {}
    hashes = list(raw.values()) if isinstance(raw, Mapping) else [raw]
    retrieval = entry.get("retrieval", {})
    if not hashes and not retrieval:
        return
    found: dict[str, Any] = {"@id": f"{base}catalog.jsonld#{name}/raw", "@type": "prov:Entity"}
    found |= {"dct:identifier": [f"sha256:{digest}" for digest in sorted(hashes)]}
    if entry.get("vintage"):
        found["owl:versionInfo"] = entry["vintage"]
    if "url" in retrieval:  # `{axis}` may stand in it: a text, and no address
        found["prov:atLocation"] = {"@type": "prov:Location", "rdfs:label": retrieval["url"]}
    if "last" in retrieval:
        moment = {"@type": "xsd:dateTime", "@value": retrieval["last"]}
        found["prov:generatedAtTime"] = moment
    yield {key: value for key, value in found.items() if value}
