"""Zenodo, and other repositories of InvenioRDM: https://developers.zenodo.org/#records."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from diffusion.fetch.descriptions import day_of, text_of
from diffusion.propose.asking import Asking
from diffusion.propose.portals.found import Found, Resource, licence_of, meant, number_of, one_line

PLACE = re.compile(r"(?:/api)?/records?/(\d+)(?:/files/([^/]+)(?:/content)?)?(?:/.*)?")


def find(url: str, asking: Asking) -> Found | None:
    """Return the record whose page, file or API address this is."""
    parts = urlsplit(url)
    place = PLACE.fullmatch(parts.path)
    if not place:
        return None
    base = f"{parts.scheme}://{parts.netloc}"
    data = asking.json(f"{base}/api/records/{place[1]}")
    if not isinstance(data, Mapping) or not isinstance(data.get("metadata"), Mapping):
        return None
    about, listed = data["metadata"], data.get("files")
    files = listed.get("entries") if isinstance(listed, Mapping) else listed
    items = list(files.values()) if isinstance(files, Mapping) else files or []
    changed = day_of(about.get("publication_date"))
    address = f"{base}/api/records/{place[1]}"
    resources = [_resource(item, address, changed) for item in items]
    authors = about.get("creators") or []
    return Found(
        portal=f"Zenodo ({parts.netloc})",
        resources=meant(resources, unquote(place[2] or "")),
        name=text_of(about.get("title")),
        title=text_of(about.get("title")),
        description=one_line(about.get("description")),
        licence=_licence(about),
        publisher=", ".join(filter(None, (text_of(a.get("name")) for a in authors[:3]))),
        homepage=f"https://doi.org/{data['doi']}" if data.get("doi") else url,
        frequency="never",  # a record is one version: a newer one has a number of its own
        changed=changed,
    )


def _licence(about: Mapping[str, Any]) -> str:
    stated = about.get("license") or {}
    rights = about.get("rights") or [{}]
    return licence_of(
        stated.get("id") if isinstance(stated, Mapping) else stated, rights[0].get("id")
    )


def _resource(item: Mapping[str, Any], address: str, changed: str) -> Resource:
    name = text_of(item.get("key") or item.get("filename"))
    url = f"{address}/files/{quote(name)}/content"
    form = name.rpartition(".")[2].lower()
    return Resource(url, name, form, number_of(item.get("size")), changed, ident=name)
