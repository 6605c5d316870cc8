"""Layers of a WFS or of OGC API Features: Géoplateforme, GeoServer, MapServer and others.

WFS 2.0 (OGC 09-025r2) and OGC API Features part 1 (OGC 17-069r4).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.parsers.expat import ExpatError

from diffusion.fetch.descriptions import text_of
from diffusion.files.xml_parser import XmlError, new_parser
from diffusion.propose.asking import Asking
from diffusion.propose.portals.found import Found, Resource, licence_of, meant, one_line

COLLECTION = re.compile(r"(?P<root>.*)/collections(?:/(?P<name>[^/]+)(?:/.*)?)?")
IS_WFS = re.compile(r".*/wfs(?:/.*)?", re.IGNORECASE)
SIZE = 1000
CODE = re.compile(r"(?:EPSG|epsg)[:/]+(?:\d*[:/])?(\d+)$")
LAYER = "FeatureType"
FREE = ("none", "aucune", "aucun", "nofees", "")  # what a server writes where it states nothing


def find(url: str, asking: Asking) -> Found | None:
    """Return the layers of a server, of which the one that was named is alone."""
    parts = urlsplit(url)
    query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
    base = f"{parts.scheme}://{parts.netloc}"
    if query.get("service", "").lower() == "wfs" or IS_WFS.fullmatch(parts.path):
        return _wfs(base + parts.path, query.get("typenames") or query.get("typename", ""), asking)
    if place := COLLECTION.fullmatch(parts.path):
        return _features(base + place["root"], place["name"] or "", asking)
    return None


def _features(root: str, name: str, asking: Asking) -> Found | None:
    known = asking.json(f"{root}/collections" + (f"/{name}" if name else ""), {"f": "json"})
    if not isinstance(known, Mapping):
        return None
    listed = [known] if name else known.get("collections")
    if not isinstance(listed, list) or not all(
        isinstance(i, Mapping) and "id" in i for i in listed
    ):
        return None
    resources = [_collection(root, item) for item in listed]
    alone = listed[0] if len(listed) == 1 else {}
    return Found(
        portal=f"OGC API Features ({urlsplit(root).netloc})",
        resources=resources,
        name=name,
        title=text_of(alone.get("title")),
        description=one_line(alone.get("description")),
        licence=_licence_link(alone) or _licence_link(known),
    )


def _licence_link(item: Mapping[str, Any]) -> str:
    links = item.get("links") or []
    found = (link for link in links if link.get("rel") == "license")
    return next((licence_of(link.get("title"), link.get("href")) for link in found), "")


def _collection(root: str, item: Mapping[str, Any]) -> Resource:
    keys: dict[str, Any] = {"from": "api", "url": f"{root}/collections/{item['id']}/items"}
    keys |= {"format": "geojson", "params": {"limit": SIZE, "f": "json"}}
    keys["pages"] = {"style": "next_url", "next": "links[rel=next].href", "total": "numberMatched"}
    title = text_of(item.get("title")) or str(item["id"])
    return Resource(keys["url"], title, "geojson", None, "", keys, str(item["id"]))


def _wfs(address: str, name: str, asking: Asking) -> Found | None:
    asked = {"service": "WFS", "request": "GetCapabilities", "version": "2.0.0"}
    known = _Capabilities.of(asking.text(address, asked))
    if known is None:
        return None
    resources = meant((_layer(address, layer) for layer in known.layers), name)
    about = known.about
    terms = (about.get("AccessConstraints", ""), about.get("Fees", ""))
    return Found(
        portal=f"WFS ({urlsplit(address).netloc})",
        resources=resources,
        name=name.rpartition(":")[2],
        title=resources[0].title if len(resources) == 1 else "",
        licence=licence_of(*(text for text in terms if text.lower() not in FREE)),
        publisher=about.get("ProviderName", ""),
    )


def _layer(address: str, layer: Mapping[str, str]) -> Resource:
    name = layer.get("Name", "")
    code = CODE.search(layer.get("DefaultCRS") or layer.get("DefaultSRS") or "")
    params = {"service": "WFS", "version": "2.0.0", "request": "GetFeature", "typeNames": name}
    params |= {"outputFormat": "application/json", "srsName": f"EPSG:{code[1] if code else 4326}"}
    pages = {"style": "offset", "param": "startIndex", "size_param": "count", "size": SIZE}
    keys: dict[str, Any] = {"from": "api", "url": address, "format": "geojson", "params": params}
    keys |= {"pages": {**pages, "total": "numberMatched"}}
    keys |= {"geometry": {"crs": params["srsName"]}}
    return Resource(address, layer.get("Title") or name, "geojson", None, "", keys, name)


@dataclass
class _Capabilities:
    """What a WFS says that it has: texts by the names of elements, the first of each.

    Attributes:
        about: of the service.
        layers: of each type of feature.
    """

    about: dict[str, str] = field(default_factory=dict)
    layers: list[dict[str, str]] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _text: str = ""

    @classmethod
    def of(cls, text: str) -> "_Capabilities | None":
        found = cls()
        parser = new_parser(found._start, found._end)
        parser.CharacterDataHandler = found._more
        try:
            parser.Parse(text, True)
        except (ExpatError, XmlError):
            return None
        return found if "WFS_Capabilities" in found.about else None

    def _start(self, tag: str, _: object) -> None:
        name = tag.rpartition(" ")[2]
        if not self._open:
            self.about[name] = ""
        if name == LAYER:
            self.layers.append({})
        self._open.append(name)
        self._text = ""

    def _end(self, _: str) -> None:
        name = self._open.pop()
        into = self.layers[-1] if LAYER in self._open else self.about
        into.setdefault(name, " ".join(self._text.split()))
        self._text = ""

    def _more(self, text: str) -> None:
        self._text += text
