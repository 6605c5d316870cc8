"""How all that is published is cited: CITATION.cff, which reference managers and archives read.

Format: Citation File Format 1.2.0 (citation-file-format.github.io). The data set is what the
prefix has; its references are the sources of which it is made, with who made them. Several
licences in that format mean that a reader may choose one: where entries have different ones, none
is stated of the whole.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from diffusion.catalogue.dcat_parts import filled
from diffusion.catalogue.keys import is_table
from diffusion.catalogue.licences import licence_of
from diffusion.catalogue.page.lineage import place_of
from diffusion.catalogue.page.site import Site, web_link

MARK = "# made by Diffusion\n"  # by which the file is known to be of this project's making
MAIL = re.compile(r"\S+@\S+\.\S{2,}")  # as the format has it
NOT_LISTED = ("DL-DE-BY-2.0", "DL-DE-ZERO-2.0")  # names of SPDX that are younger than the format


def is_our_citation(data: bytes) -> bool:
    """Say whether a file is of this project's making."""
    return data.startswith(MARK.encode())


def citation_file(site: Site) -> bytes:
    """Return CITATION.cff of all that a manifest lists."""
    project, entries = site.project, site.manifest["tables"]
    about = project.get("about", {})
    publisher = project.get("publisher") or project.get("name") or site.title
    dates = [entry["published"][:10] for entry in entries.values() if entry.get("published")]
    licences = {
        entry.get("licence") or project.get("licence", "") for entry in entries.values()
    } or {project.get("licence", "")}
    found = {
        "cff-version": "1.2.0",
        "message": site.words["cite_message"],
        "type": "dataset",
        "title": site.title,
        "authors": [filled({"name": publisher, "website": site.homepage[1]})],
        "contact": _contact(publisher, about.get("contact", "")),
        "date-released": max(dates, default=""),
        "version": _only({entry["vintage"] for entry in entries.values() if entry.get("vintage")}),
        "url": site.place.public or site.homepage[1],
        "keywords": list(dict.fromkeys(about.get("keywords", []))),
        **_licence(_only(licences)),
        "references": list(_references(entries)),
    }
    text = yaml.safe_dump(filled(found), sort_keys=False, allow_unicode=True, width=100)
    return (MARK + text).encode()


def _references(entries: Mapping[str, Mapping]) -> Iterator[dict[str, Any]]:
    """Yield the sources of which it is known who made them, or from where they came."""
    for name, entry in entries.items():
        if not is_table(entry) or entry.get("inputs") or not entry.get("retrieval"):
            continue
        retrieval = entry["retrieval"]
        if not (author := entry.get("attribution") or place_of(entry)):
            continue
        yield filled(
            {
                "type": "data",
                "title": entry.get("about", {}).get("title") or name,
                "authors": [{"name": author}],
                "url": web_link(retrieval.get("url", ""))[1],
                "date-downloaded": retrieval.get("last", "")[:10],
                "version": entry.get("vintage"),
                **_licence(entry.get("licence", "")),
            }
        )


def _licence(text: str) -> dict[str, str]:
    known = licence_of(text) if text else None
    if known is None:
        return {}
    is_listed = known.is_spdx and known.name not in NOT_LISTED
    return {"license": known.name} if is_listed else {"license-url": known.url}


def _contact(publisher: str, contact: str) -> list[dict[str, str]]:
    link = web_link(contact)[1]
    way = {"email": contact} if MAIL.fullmatch(contact) and not link else {"website": link}
    return [{"name": publisher, **way}] if any(way.values()) else []


def _only(texts: set[str]) -> str:
    return texts.pop() if len(texts) == 1 else ""
