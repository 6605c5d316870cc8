"""OpenDataSoft: https://help.opendatasoft.com/apis/ods-explore-v2/ (Explore API 2.1).

`/records` give 10,000 rows at most; the whole of a dataset is an export.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from diffusion.fetch.descriptions import Description, described, text_of
from diffusion.propose.asking import Asking
from diffusion.propose.portals.found import Found, Resource, licence_of, one_line

PLACE = re.compile(
    r"(?:/.*)?/(?:explore/(?:embed/)?dataset|explore/v2\.[01]/catalog/datasets)/([^/]+)(?:/.*)?"
)
API = "/api/explore/v2.1/catalog/datasets/"
SHAPE = "geo_shape"  # type of a field


def find(url: str, asking: Asking) -> Found | None:
    """Return the dataset whose page or API address this is."""
    parts = urlsplit(url)
    place = PLACE.fullmatch(parts.path)
    if not place:
        return None
    base = f"{parts.scheme}://{parts.netloc}"
    address = f"{base}{API}{place[1]}"
    data = asking.json(address)
    if not isinstance(data, Mapping) or not {"dataset_id", "metas"} <= data.keys():
        return None
    metas, stated = data["metas"].get("default") or {}, described(data) or Description()
    return Found(
        portal=f"OpenDataSoft ({parts.netloc})",
        resources=[_export(address, data.get("fields") or [], stated.modified)],
        name=place[1],
        title=stated.title,
        description=one_line(metas.get("description")),
        licence=licence_of(*stated.licences),
        publisher=stated.publisher,
        homepage=f"{base}/explore/dataset/{place[1]}/",
        frequency=stated.frequency,
        changed=stated.modified,
        described_at=address,
    )


def _export(address: str, fields: list[Mapping[str, Any]], changed: str) -> Resource:
    """Return the export that keeps the types: layers as GeoJSON, all else as CSV."""
    if any(field.get("type") == SHAPE for field in fields):
        keys: dict[str, Any] = {"from": "file", "url": f"{address}/exports/geojson"}
        return Resource(keys["url"], "all of it, as GeoJSON", "geojson", None, changed, keys)
    keys = {"from": "file", "url": f"{address}/exports/csv"}
    keys |= {"params": {"use_labels": False, "delimiter": ";"}, "csv": {"delimiter": ";"}}
    types = {text_of(f.get("name")): f.get("type") for f in fields}
    texts = [name for name, kind in types.items() if kind == "text"]
    keys |= {"columns": dict.fromkeys(texts, "string")} if texts else {}
    return Resource(keys["url"], "all of it, as CSV", "csv", None, changed, keys)
