"""data-fair (koumoul.com, data.ademe.fr …): https://data-fair.github.io/3/interoperate/api."""

import re
from urllib.parse import urlsplit

from diffusion.fetch.descriptions import Description, described, text_of
from diffusion.propose.asking import Asking
from diffusion.propose.portals.found import Found, Resource, licence_of, one_line

API = re.compile(r"(?P<root>.*/api/v1)/datasets/(?P<name>[^/]+)(?:/.*)?")
PAGE = re.compile(r"(?P<root>.*?)/(?:[a-z]{2}/)?(?:datasets?|reuses)/(?P<name>[^/]+)(?:/.*)?")
ROOTS = ("/data-fair/api/v1", "/api/v1")
SIZE = 10_000  # records of a page, at most
OWN = ("_i", "_id", "_rand", "_score")  # columns of the portal's own


def find(url: str, asking: Asking) -> Found | None:
    """Return the dataset whose page or API address this is."""
    parts = urlsplit(url)
    base = f"{parts.scheme}://{parts.netloc}"
    place = API.fullmatch(parts.path)
    page = None if place else PAGE.fullmatch(parts.path)
    if not (known := place or page):
        return None
    roots = (known["root"],) if place else tuple(dict.fromkeys((known["root"] + ROOTS[1], *ROOTS)))
    for root in roots:
        address = f"{base}{root}/datasets/{known['name']}"
        data = asking.json(address)
        if isinstance(data, dict) and {"slug", "schema"} <= data.keys():
            return _found(data, address, parts.netloc)
    return None


def _found(data: dict, address: str, host: str) -> Found:
    stated = described(data) or Description()
    keys = {"from": "api", "url": f"{address}/lines", "params": {"size": SIZE}}
    keys |= {"pages": {"style": "next_url", "records": "results", "total": "total"}}
    fields = {text_of(field.get("key")) for field in data["schema"]}
    keys["drop"] = [name for name in OWN if name in fields or name == "_score"]
    return Found(
        portal=f"data-fair ({host})",
        resources=[Resource(f"{address}/lines", "its lines", "json", None, stated.modified, keys)],
        name=text_of(data["slug"]),
        title=stated.title,
        description=one_line(data.get("summary") or data.get("description")),
        licence=licence_of(*stated.licences),
        publisher=stated.publisher,
        homepage=text_of(data.get("page") or data.get("origin")),
        frequency=stated.frequency,
        changed=stated.modified,
        described_at=address,
    )
