"""One page of an API as a proposal sees it: what stands around the records, and these."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from xml.parsers import expat

import requests

from diffusion.base.json_path import HEADER, name_step
from diffusion.errors import DiffusionError
from diffusion.fetch.body import Body
from diffusion.fetch.content import as_json, unpacked
from diffusion.fetch.links import link_to
from diffusion.fetch.said import said_in
from diffusion.fetch.text_pages import rows_of
from diffusion.fetch.xml_pages import xml_page
from diffusion.files.announced import NEXT, OF_ALL, OF_PAGES, name_of
from diffusion.propose.answers import At, records_of, shape_of, total_of

DEEPEST = 6  # levels of XML below which no record is looked for


class Seen(NamedTuple):
    """A page.

    Attributes:
        body: what stands around the records, as JSON; of text its headers, by their paths.
        records: where they are, and these.
        link: of its header, to the next page; empty where there is none.
        form: as ``format:`` states it.
    """

    body: Any
    records: At
    link: str
    form: str

    @property
    def is_collection(self) -> bool:
        """Whether it is GeoJSON."""
        return isinstance(self.body, dict) and self.body.get("type") == "FeatureCollection"


def seen(response: requests.Response, form: str, path: str = "") -> Seen | None:
    """Return what a page holds; None where it is none of that form.

    Args:
        form: ``json``, ``csv`` or ``xml``.
        path: of the records of XML; empty: what comes most often.
    """
    content, link = unpacked(response, response.url), link_to(response, "next")
    with suppress(DiffusionError, ValueError):
        if form == "csv":
            _, rows = rows_of(content, "csv", response.url)
            return Seen(_headers(response), At("", "", rows), link, form)
        if form == "xml":
            path = path or record_path(content)
            page = xml_page(content, path, response.url)
            around = {**json.loads(page.around), **_headers(response)}
            return Seen(around, At(path, path.rpartition(".")[2], page.records or []), link, form)
        body = json.loads(as_json(content))
        found = None if shape_of(body) else records_of(body)
        return Seen(body, found, link, form) if found else None
    return None


def single_of(response: requests.Response) -> str | None:
    """Return the path of what is one record of JSON: the answer itself, or its only object.

    None where it is a list, an error, a mapping of records, or a table of another shape.
    """
    body = Body(response, response.url, as_json(unpacked(response, response.url)))
    try:
        top = json.loads(as_json(unpacked(response, response.url)))
    except ValueError:
        return None
    if not isinstance(top, dict) or shape_of(top) or said_in(body)[1]:
        return None
    total = total_of(top, 0)
    inner = [name for name, value in top.items() if isinstance(value, dict) and _has_values(value)]
    if total is not None and total.value == 1 and len(inner) == 1:
        return name_step(inner[0])
    return "" if _has_values(top) else None


def _has_values(found: dict) -> bool:
    return any(isinstance(value, str | int | float) for value in found.values())


def record_path(content: bytes) -> str:
    """Return the path of the element that comes most often in XML, the outermost of such.

    Raises:
        ValueError: nothing comes twice.
    """
    here, times = list[str](), Counter[str]()

    def start(tag: str, _: Mapping[str, str]) -> None:
        here.append(tag.rpartition(":")[2])
        if 1 < len(here) <= DEEPEST:
            times[".".join(here)] += 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: here.pop()
    with suppress(expat.ExpatError):  # its reader says what is wrong
        parser.Parse(content, True)
    several = {path: count for path, count in times.items() if count > 1}
    if not several:
        raise ValueError("no element comes twice")
    outer = min(path.count(".") for path in several)
    return max((p for p in several if p.count(".") == outer), key=lambda path: several[path])


def _headers(response: requests.Response) -> dict[str, Any]:
    """Return the headers that say how many records there are, or what the next page is."""
    told: dict[str, Any] = {}
    for name, value in response.headers.items():
        path = f"{HEADER}{name}"
        if any(words.fullmatch(name_of(path)) for words in (OF_ALL, OF_PAGES, NEXT)):
            told[path] = int(value) if re.fullmatch(r"\d{1,15}", value) else value
    return told
