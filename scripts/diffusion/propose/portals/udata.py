"""udata, the software of data.gouv.fr: https://doc.data.gouv.fr/api/reference/ (API v1)."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

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

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
BY_RESOURCE = re.compile(rf"/(?:[a-z]{{2}}/|api/1/)?datasets/r/({UUID})/?")
PAGE = re.compile(r"/(?:[a-z]{2}/|api/[12]/)?datasets/([A-Za-z0-9_-]+)(?:/.*)?")
RESOURCE = re.compile(rf"/?resources?/({UUID})")


def find(url: str, asking: Asking) -> Found | None:
    """Return the dataset whose page, API address or stable link of a resource this is."""
    parts = urlsplit(url)
    base = f"{parts.scheme}://{parts.netloc}"
    resource = ""
    if by_resource := BY_RESOURCE.fullmatch(parts.path):
        resource = by_resource[1]
        known = asking.json(f"{base}/api/2/datasets/resources/{resource}/")
        name = known.get("dataset_id") if isinstance(known, Mapping) else None
    else:
        page = PAGE.fullmatch(parts.path)
        name = page and page[1]
        told = RESOURCE.search(f"{parts.path}#{parts.fragment}")
        query = parse_qs(parts.query).get("resource_id", [""])
        resource = told[1] if told else query[0]
    data = asking.json(f"{base}/api/1/datasets/{name}/") if name else None
    if not isinstance(data, Mapping) or not isinstance(data.get("resources"), list):
        return None
    return _found(data, base, resource, asking)


def _found(data: Mapping[str, Any], base: str, resource: str, asking: Asking) -> Found:
    stated = described(data) or Description()
    return Found(
        portal=f"udata ({urlsplit(base).netloc})",
        resources=meant(map(_resource, with_address(data["resources"])), resource),
        name=text_of(data.get("slug")),
        title=stated.title,
        description=one_line(data.get("description_short") or data.get("description")),
        licence=_licence(data.get("license"), base, asking),
        publisher=stated.publisher,
        homepage=text_of(data.get("page")),
        frequency=stated.frequency,
        changed=stated.modified,
        described_at=f"{base}/api/1/datasets/{data.get('slug', '')}/",
    )


def _licence(ident: object, base: str, asking: Asking) -> str:
    """Return the title of a licence, of which a dataset has the identifier."""
    known = asking.json(f"{base}/api/1/datasets/licenses/")
    listed = known if isinstance(known, list) else []
    titles = {item.get("id"): item.get("title") for item in listed if isinstance(item, Mapping)}
    return licence_of(titles.get(ident), ident) if licence_of(ident) else ""


def _resource(item: Mapping[str, Any]) -> Resource:
    size = item.get("filesize") or (item.get("checksum") or {}).get("size")
    return Resource(
        url=item.get("latest") or item["url"],
        title=text_of(item.get("title")),
        form=text_of(item.get("format")).lower(),
        size=number_of(size),
        changed=day_of(item.get("last_modified") or item.get("published")),
        ident=text_of(item.get("id")),
    )
