"""INSEE's Melodi: https://portail-api.insee.fr (Melodi, version 1.2); 30 requests a minute."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from diffusion.propose.asking import Asking
from diffusion.propose.portals.found import (
    Found,
    Resource,
    day_of,
    frequency_of,
    licence_of,
    one_line,
    text_of,
)

PLACE = re.compile(
    r"(?P<root>.*/melodi)/(?:data|catalog|file|range)/(?P<name>DS_[A-Z0-9_]+)(?:/.*)?"
)
PAGE = re.compile(r".*/catalogue/recherche/(?P<name>DS_[A-Z0-9_]+)/?")
API = "https://api.insee.fr/melodi"
SIZE = 10_000


def find(url: str, asking: Asking) -> Found | None:
    """Return the dataset whose page or API address this is."""
    parts = urlsplit(url)
    if place := PLACE.fullmatch(parts.path):
        root, name = f"{parts.scheme}://{parts.netloc}{place['root']}", place["name"]
    elif page := PAGE.fullmatch(parts.path):
        root, name = API, page["name"]
    else:
        return None
    data = asking.json(f"{root}/catalog/{name}")
    if not isinstance(data, Mapping) or data.get("identifier") != name:
        return None
    keys: dict[str, Any] = {"from": "api", "url": f"{root}/data/{name}", "limit": "30/min"}
    keys |= {"params": {"maxResult": SIZE}}
    pages = {"style": "next_url", "records": "observations", "next": "paging.next"}
    keys |= {"pages": {**pages, "last": "paging.isLast"}}
    changed = day_of(data.get("modified"))
    publisher = data.get("publisher") or {}
    return Found(
        portal=f"Melodi ({urlsplit(root).netloc})",
        resources=[Resource(keys["url"], "its observations", "json", None, changed, keys)],
        title=text_of(data.get("title")),
        description=one_line(text_of(data.get("abstract") or data.get("description"))),
        licence=licence_of(data.get("license")),
        publisher=text_of(publisher.get("label") if isinstance(publisher, Mapping) else publisher),
        homepage=text_of(data.get("landingPage")),
        frequency=frequency_of(data.get("accrualPeriodicity")),
        changed=changed,
    )
