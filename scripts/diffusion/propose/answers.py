"""What one JSON answer of an API shows: where its records are, how many there are, what is next."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from diffusion.base.json_path import HEADER, name_step

DEEPEST = 4
TOTALS = re.compile(
    r"(total|num|number|nb|nombre|record)[_-]?(count|records?|items?|elements?|results?|hits?|rows?|found"
    r"|matched|total|resultats?)?s?|count|n?hits|(count|total|nombre)[_-]?of[_-]?\w+|odata\.?count"
    r"|\w*[_-]?total",
    re.IGNORECASE,
)
# of all records, and not of those on the page
OF_ALL = re.compile(r".*(total|matched|found|n?hits).*", re.IGNORECASE)
NEXT = re.compile(r".*(next|suivant).*", re.IGNORECASE)
TOKEN = re.compile(
    r".*(next|suivant|cursor|curseur|continuation|resumption|scroll_?id|after).*", re.IGNORECASE
)
URL = re.compile(r"(https?:)?//\S+|[/?]\S+")


class At(NamedTuple):
    """A value, and the path that leads to it."""

    path: str
    name: str
    value: Any


def walk(body: object, path: str = "", name: str = "", depth: int = 0) -> Iterator[At]:
    """Yield what a body holds, but for what is in its lists: outermost first."""
    if path:
        yield At(path, name, body)
    elif isinstance(body, list) and not all(isinstance(item, dict) for item in body):
        for number, item in enumerate(body[:DEEPEST]):  # a head, and then the records
            yield from walk(item, f"[{number}]", name, 1)
    if isinstance(body, dict) and depth < DEEPEST:
        for key, value in body.items():
            step = key if key.startswith(HEADER) else name_step(key)
            here = f"{path}.{step}" if path else step
            name = key.removeprefix(HEADER).removeprefix("X-").removeprefix("@")
            yield from walk(value, here, name, depth + 1)


def shape_of(body: object) -> str:
    """Return the shape of a document that is no list of records, by its standard's own words."""
    if not isinstance(body, dict):
        return ""
    results = body.get("results")
    if "head" in body and isinstance(results, dict) and "bindings" in results:
        return "sparql"  # SPARQL 1.1 Query Results JSON
    if {"value", "size", "id"} <= body.keys() and "dimension" in body:
        return "jsonstat"  # JSON-stat 2.0
    return ""


def records_of(body: object) -> At | None:
    """Return the list of records: the longest one of objects; None where there is none."""
    if isinstance(body, list) and _is_table(body):
        return At("", "", body)
    lists = [at for at in walk(body) if isinstance(at.value, list) and _is_table(at.value)]
    return max(lists, key=lambda at: len(at.value), default=None)


def _is_table(items: list) -> bool:
    return bool(items) and all(isinstance(item, dict) for item in items) and not _are_links(items)


def _are_links(items: list) -> bool:
    return all("rel" in item and "href" in item for item in items)


def total_of(body: object, came: int) -> At | None:
    """Return the number of all records: more than came, or as many and called so."""
    numbers = [at._replace(value=int(at.value)) for at in walk(body) if _is_total(at)]
    more = [at for at in numbers if at.value > came]
    same = [at for at in numbers if at.value == came and OF_ALL.fullmatch(at.name)]
    return next(iter([*more, *same]), None)


def _is_total(at: At) -> bool:
    is_number = type(at.value) is int or (isinstance(at.value, str) and at.value.isdecimal())
    parts = at.path.split(".")
    name = parts[-2] if at.name == "value" and len(parts) > 1 else at.name  # of Elasticsearch
    return is_number and TOTALS.fullmatch(name) is not None


def next_url_of(body: object) -> At | None:
    """Return the address of the next page."""
    for at in walk(body):
        if isinstance(at.value, str) and NEXT.fullmatch(at.path) and URL.fullmatch(at.value):
            return at
        if isinstance(at.value, list) and at.value and _has_links(at.value):
            found = next((item for item in at.value if item.get("rel") == "next"), None)
            if found:
                return At(f"{at.path}[rel=next].href", at.name, found["href"])
    return None


def _has_links(items: list) -> bool:
    return all(isinstance(item, dict) for item in items) and _are_links(items)


def tokens_of(body: object) -> Iterator[At]:
    """Yield what may be sent back to be given the next page."""
    for at in walk(body):
        is_text = isinstance(at.value, str) and not URL.fullmatch(at.value)
        if at.value and (is_text or type(at.value) is int) and TOKEN.fullmatch(at.name):
            yield at
