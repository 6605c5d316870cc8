"""CKAN: https://docs.ckan.org/en/latest/api/ (Action API, version 3)."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from diffusion.fetch.descriptions import Description, day_of, described, text_of
from diffusion.propose.asking import Asking
from diffusion.propose.portals.found import (
    Found,
    Resource,
    licence_of,
    meant,
    number_of,
    one_line,
    with_address,
)

PAGE = re.compile(
    r"(?P<root>.*?)(?:/[a-z]{2})?/dataset/(?P<name>[^/]+)(?:/resource/(?P<resource>[^/]+))?(?:/.*)?"
)
API = re.compile(r"(?P<root>.*?)/api/(?:3/)?action/package_show")


def find(url: str, asking: Asking) -> Found | None:
    """Return the dataset whose page or API address this is."""
    parts = urlsplit(url)
    base = f"{parts.scheme}://{parts.netloc}"
    resource = ""
    if api := API.fullmatch(parts.path):
        root, name = api["root"], parse_qs(parts.query).get("id", [""])[0]
    elif page := PAGE.fullmatch(parts.path):
        root, name, resource = page["root"], page["name"], page["resource"] or ""
    else:
        return None
    answer = asking.json(f"{base}{root}/api/3/action/package_show", {"id": name})
    data = answer.get("result") if isinstance(answer, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(data.get("resources"), list):
        return None
    stated = described(answer) or Description()
    return Found(
        portal=f"CKAN ({parts.netloc})",
        resources=meant(map(_resource, with_address(data["resources"])), resource),
        name=text_of(data.get("name")),
        title=stated.title,
        description=one_line(data.get("notes")),
        licence=licence_of(*stated.licences),
        publisher=stated.publisher,
        homepage=f"{base}{root}/dataset/{data.get('name', name)}",
        frequency=stated.frequency,
        changed=stated.modified,
        described_at=f"{base}{root}/api/3/action/package_show?id={quote(data.get('name', name))}",
    )


def _resource(item: Mapping[str, Any]) -> Resource:
    return Resource(
        url=item["url"],
        title=text_of(item.get("name")),
        form=text_of(item.get("format")).lower(),
        size=number_of(item.get("size")),
        changed=day_of(item.get("last_modified") or item.get("created")),
        ident=text_of(item.get("id")),
    )
