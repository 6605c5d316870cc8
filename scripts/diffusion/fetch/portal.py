"""What a portal states of a data set: asked once by a job that fetches, and frozen with the bytes.

The descriptions of data-fair, Opendatasoft (Explore 2.1), udata (data.gouv.fr) and CKAN are known.
These are words for readers, which decide no byte: whatever goes wrong is noted with them, told at
the end of the run, and stops nothing.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import requests

from diffusion.config.fetching import AnyFetch, FileFetch
from diffusion.errors import DiffusionError, PortalError
from diffusion.fetch.client import Client
from diffusion.fetch.hosts import only_one_asks

LONGEST, LARGEST = 300, 5_000_000  # characters of a text, bytes of an answer
SECONDS, TRIES, MINUTES = 30, 1, 0.5  # no run waits long for words
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# how often there are new data, by this project's words: how portals and DCAT write it
_WRITTEN = {
    "continuous": "continuous continual cont update_cont hourly temps_reel",
    "daily": "daily quotidienne quotidien",
    "weekly": "weekly hebdomadaire",
    "monthly": "monthly mensuelle mensuel",
    "quarterly": "quarterly trimestrielle trimestriel",
    "semiannual": "semiannual annual_2 semestrielle semestriel",
    "annual": "annual annuelle annuel yearly",
    "biennial": "biennial biennale",
    "irregular": "irregular irreg irrégulière asneeded",
    "never": "never jamais notplanned punctual ponctuelle",
}
FREQUENCIES = {word: name for name, words in _WRITTEN.items() for word in words.split()}


def frequency_of(text: str) -> str:
    """Return how often there are new data, of a word or the address of one; empty if not known."""
    return FREQUENCIES.get(text.lower().rpartition("/")[2], "")


class Portal:
    """The description of a source's data set on a portal, asked at most once."""

    def __init__(self, fetch: AnyFetch, where: str):
        """Args: what is fetched, with ``portal``; how errors name the source."""
        self._fetch, self._where = fetch, f"{where}.portal"

    @cached_property
    def stated(self) -> dict[str, str]:
        """What it states: ``portal``, and as far as known ``title``, ``publisher``, ``licence``,
        ``frequency`` and ``modified``; or ``failed``, why nothing is known. Empty without one.
        """
        url = self._fetch.portal
        if not url:
            return {}
        try:
            return {"portal": url} | _described(self._answer(url), self._where)
        except DiffusionError as error:
            return {"portal": url, "failed": error.found}

    def _answer(self, url: str) -> Any:
        asked = FileFetch(url=url, timeout=SECONDS, retries=TRIES, wait_minutes=MINUTES)
        with only_one_asks(url):
            response = Client(asked, url, self._where).get(url)
        if len(response.content) > LARGEST:
            raise PortalError(self._where, f"its answer has more than {LARGEST:,} bytes")
        try:
            return response.json()
        except requests.exceptions.JSONDecodeError:
            kind = response.headers.get("Content-Type", "of no kind")
            raise PortalError(self._where, f"its answer is no JSON, but {kind}") from None


def _described(answer: Any, where: str) -> dict[str, str]:
    """Return what a description says.

    Raises:
        DiffusionError: it is none of the known ones.
    """
    for read in (_opendatasoft, _ckan, _udata, _data_fair):
        if isinstance(answer, Mapping) and (found := read(answer)):
            texts = {key: _text(value) for key, value in found.items()}
            texts["frequency"] = frequency_of(texts["frequency"])
            day = DAY.match(texts["modified"])
            texts["modified"] = day[0] if day else ""
            return {key: text for key, text in texts.items() if text}
    known = "data-fair, Opendatasoft, udata and CKAN"
    raise PortalError(where, f"its answer is no description as {known} write it")


def _opendatasoft(answer: Mapping) -> dict[str, Any]:
    metas = answer.get("metas")
    if not isinstance(metas, Mapping) or not isinstance(metas.get("default"), Mapping):
        return {}
    default, dcat = metas["default"], metas.get("dcat")
    named = {key: default.get(key) for key in ("title", "publisher", "modified")}
    named |= {"licence": default.get("license") or default.get("license_url")}
    often = dcat.get("accrualperiodicity") if isinstance(dcat, Mapping) else ""
    return named | {"frequency": often}


def _ckan(answer: Mapping) -> dict[str, Any]:
    found = answer.get("result")
    if not isinstance(found, Mapping) or not found.keys() & {"license_id", "license_title"}:
        return {}
    return {
        "title": found.get("title"),
        "publisher": found.get("organization") or found.get("author"),
        "licence": found.get("license_title") or found.get("license_id"),
        "frequency": found.get("frequency"),
        "modified": found.get("metadata_modified"),
    }


def _udata(answer: Mapping) -> dict[str, Any]:
    if not answer.keys() >= {"organization", "license", "resources"}:
        return {}
    found = {key: answer.get(key) for key in ("title", "frequency")}
    found |= {"publisher": answer["organization"] or answer.get("owner")}
    modified = answer.get("last_update") or answer.get("last_modified")
    return found | {"licence": answer["license"], "modified": modified}


def _data_fair(answer: Mapping) -> dict[str, Any]:
    if "schema" not in answer or not answer.keys() & {"license", "dataUpdatedAt", "finalizedAt"}:
        return {}
    modified = (answer.get(key) for key in ("dataUpdatedAt", "finalizedAt", "updatedAt"))
    return {
        "title": answer.get("title"),
        "publisher": answer.get("creator") or answer.get("owner"),
        "licence": answer.get("license"),
        "frequency": answer.get("frequency"),
        "modified": next(filter(None, modified), ""),
    }


def _text(value: Any) -> str:
    """Return a value as a line of text: of an object its title, or its name."""
    if isinstance(value, Mapping):
        named = (value.get(key) for key in ("title", "name", "href", "slug"))
        value = next((text for text in named if text and isinstance(text, str)), "")
    return " ".join(value.split())[:LONGEST] if isinstance(value, str) else ""
