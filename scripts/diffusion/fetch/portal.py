"""What a portal states of a data set: asked once by a job that fetches, and frozen with the bytes.

These are words for readers, which decide no byte: whatever goes wrong is noted with them, told at
the end of the run, and stops nothing. How each portal writes them: ``descriptions``.
"""

from functools import cached_property
from typing import Any

from diffusion.config.fetching import AnyFetch, FileFetch
from diffusion.errors import DiffusionError, PortalError
from diffusion.fetch.descriptions import described
from diffusion.fetch.hosts import only_one_asks

LONGEST, LARGEST = 300, 5_000_000  # characters of a text, bytes of an answer
SECONDS, TRIES, MINUTES = 30, 1, 0.5  # no run waits long for words


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
            return {"portal": url} | _stated(self._answer(url), self._where)
        except DiffusionError as error:
            return {"portal": url, "failed": error.found}

    def _answer(self, url: str) -> Any:
        import requests  # few jobs ask a portal

        from diffusion.fetch.client import Client

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


def _stated(answer: object, where: str) -> dict[str, str]:
    """Return what a description says.

    Raises:
        DiffusionError: it is none of the known ones.
    """
    if (found := described(answer)) is None:
        known = "data-fair, Opendatasoft, udata and CKAN"
        raise PortalError(where, f"its answer is no description as {known} write it")
    texts = {
        "title": found.title,
        "publisher": found.publisher,
        "licence": next(iter(found.licences), ""),
        "frequency": found.frequency,
        "modified": found.modified,
    }
    return {key: text[:LONGEST] for key, text in texts.items() if text}
