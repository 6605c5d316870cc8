"""INSEE's Melodi: https://portail-api.insee.fr (Melodi, version 1.2); 30 requests a minute."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from diffusion.fetch.descriptions import day_of, frequency_of, text_of
from diffusion.propose.asking import Asking
from diffusion.propose.portals.found import Found, Resource, licence_of, number_of, one_line

PLACE = re.compile(
    r"(?P<root>.*/melodi)/(?:data|catalog|file|range)/(?P<name>DS_[A-Z0-9_]+)(?:/.*)?"
)
PAGE = re.compile(r".*/catalogue/recherche/(?P<name>DS_[A-Z0-9_]+)/?")
API = "https://api.insee.fr/melodi"
PAGES = "https://catalogue-donnees.insee.fr/fr/catalogue/recherche/{}"
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
    publisher, period = data.get("publisher") or {}, data.get("accrualPeriodicity") or {}
    api = Resource(keys["url"], "its observations", "json", None, changed, keys, is_usual=True)
    return Found(
        portal=f"Melodi ({urlsplit(root).netloc})",
        resources=[api, *map(_product, data.get("product") or [])],
        name=name.removeprefix("DS_"),
        title=text_of(data.get("title")),
        description=one_line(text_of(data.get("abstract") or data.get("description"))),
        licence=licence_of(data.get("license")),
        publisher=text_of(publisher.get("label")),
        homepage=PAGES.format(name) if root == API else "",
        frequency=frequency_of(text_of(period.get("label"))),
        changed=changed,
    )


def _product(item: Mapping[str, Any]) -> Resource:
    """Return a file of a whole dataset, in a zip."""
    return Resource(
        url=item["accessURL"],
        title=text_of(item.get("id") or item.get("title")),
        form=f"{item.get('format', '')} in a zip".lower(),
        size=number_of(item.get("byteSize")),
        changed=day_of(item.get("modified")),
        ident=text_of(item.get("id")),
    )
