"""What all pages share, and how an address becomes a link."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from diffusion.catalogue.keys import is_geographic
from diffusion.catalogue.licences import licence_of
from diffusion.catalogue.made_of import made_of, names_by_hash
from diffusion.catalogue.page.place import Place
from diffusion.catalogue.page.words import NUMBERS, WORDS, number, size, written

MAIL = re.compile(r"[^@\s/:]+@[^@\s/:]+")
CODE = re.compile(r"[a-z][a-z0-9.-]*")  # of a licence, as portals' APIs give them
Link = tuple[str, str]  # text, and address; that is empty where there is none


@dataclass(frozen=True)
class Site:
    """What all pages share.

    Attributes:
        language: of the page's own words.
        text: language of the texts of the project.
    """

    manifest: Mapping
    place: Place
    language: str = "en"
    text: str = "en"

    @classmethod
    def of(cls, manifest: Mapping, place: Place) -> "Site":
        """Return what the pages of a manifest share."""
        text = (manifest.get("project") or {}).get("about", {}).get("language") or "en"
        return cls(manifest, place, text if text in WORDS else "en", text)

    @property
    def words(self) -> Mapping[str, str]:
        """The page's own words."""
        return WORDS[self.language]

    @property
    def project(self) -> Mapping:
        """Whose prefix it is."""
        return self.manifest.get("project") or {}

    @property
    def has_stac(self) -> bool:
        """Whether there is a catalogue of geographic tables."""
        return any(map(is_geographic, self.manifest["tables"].values()))

    @property
    def title(self) -> str:
        """What the prefix is called."""
        return self.project.get("title") or self.project.get("name") or "Diffusion"

    @property
    def licence(self) -> Link:
        """Of all that says no other."""
        return licence_link(self.project.get("licence", ""))

    @property
    def contact(self) -> Link:
        """Whom to ask."""
        return contact_link(self.project.get("about", {}).get("contact", ""))

    @property
    def homepage(self) -> Link:
        """Where more is said."""
        return web_link(self.project.get("about", {}).get("homepage", ""))

    @property
    def colon(self) -> str:
        """The sign, with the blank before it that French has."""
        return "\u00a0:" if self.language == "fr" else ":"

    @cached_property
    def _by_hash(self) -> dict[str, str]:
        return names_by_hash(self.manifest)

    def made_of(self, entry: Mapping) -> list[str]:
        """Return what an entry was made from, by published names."""
        return made_of(entry, self._by_hash)

    def number(self, value: object) -> str:
        """Write a number."""
        return number(value, self.language)

    def written(self, text: str) -> str:
        """Write a number that is text."""
        return written(text, self.language)

    def value(self, value: object, kind: str) -> str:
        """Write a value of a column, by its type as Arrow names it."""
        return self.written(str(value)) if kind.startswith(NUMBERS) else str(value)

    def size(self, count: int) -> str:
        """Write a number of bytes."""
        return size(count, self.language)


def licence_link(text: str) -> Link:
    """Return a licence with the address of its text, where that is known; of a code, its title."""
    known = licence_of(text) if text else None
    if known is None:
        return text, ""
    return known.title if CODE.fullmatch(text) else text, known.url


def web_link(text: str) -> Link:
    """Return an address that can be followed, or the text alone; one with axes is none."""
    is_link = text.startswith(("http://", "https://")) and "{" not in text
    return text, text if is_link else ""


def contact_link(text: str) -> Link:
    """Return how to reach who is responsible."""
    return (text, f"mailto:{text}") if MAIL.fullmatch(text) else web_link(text)
