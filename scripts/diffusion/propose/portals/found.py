"""What a portal says of a dataset, in the same words for all of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diffusion.catalogue.licences import is_stated
from diffusion.fetch.descriptions import text_of

LONGEST = 300  # signs of a description
MARKUP = re.compile(r"<[^>]+>|[*_#`>]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True)
class Resource:
    """A file or an API of a dataset.

    Attributes:
        url: where it is.
        title, form, size: what the portal calls it, its format, its bytes.
        changed: the day it last changed.
        keys: of its entry, where the portal's API is documented: nothing else is to be found then.
        ident: by which the portal knows it.
        is_usual: whether it is taken where nothing else is asked for.
    """

    url: str
    title: str = ""
    form: str = ""
    size: int | None = None
    changed: str = ""
    keys: Mapping[str, Any] = field(default_factory=dict)
    ident: str = ""
    is_usual: bool = False

    @property
    def told(self) -> str:
        """It in words."""
        about = [self.form, f"{self.size:,} bytes" if self.size else "", self.changed]
        known = ", ".join(filter(None, about))
        return (self.title or self.url) + (f" ({known})" if known else "")


@dataclass(frozen=True)
class Found:
    """A dataset of a portal. Empty texts are what it does not state.

    Attributes:
        name: in its addresses.
        described_at: where a run can ask what is stated, see ``portal`` of a source.
    """

    portal: str
    resources: Sequence[Resource]
    name: str = ""
    title: str = ""
    description: str = ""
    licence: str = ""
    publisher: str = ""
    homepage: str = ""
    frequency: str = ""
    changed: str = ""
    described_at: str = ""

    @property
    def told(self) -> str:
        """It in words."""
        licence = self.licence or "no licence is stated"
        about = ", ".join(filter(None, [self.publisher, licence, self.changed]))
        return f"{self.portal}: {self.title or 'a dataset'} ({about})"

    def about(self, resource: Resource) -> dict[str, Any]:
        """Return the keys of an entry that say what the data are; none for what is not stated."""
        credit = ", ".join(dict.fromkeys(filter(None, [self.publisher, self.title])))
        texts = {"title": self.title, "description": self.description, "licence": self.licence}
        texts |= {"attribution": credit, "homepage": self.homepage, "frequency": self.frequency}
        texts |= {"portal": self.described_at}
        return {k: v for k, v in texts.items() if v} | (
            {"vintage": day} if (day := resource.changed or self.changed) else {}
        )


def one_line(text: object) -> str:
    """Return the first words of a description, without its markup."""
    if not isinstance(text, str):
        return ""
    plain = MARKUP.sub("", LINK.sub(r"\1", text))
    first = next((line for line in re.split(r"\n\s*\n|\r\n\r\n", plain) if line.strip()), "")
    words = " ".join(first.split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rpartition(" ")[0] + "…"


def licence_of(*texts: object) -> str:
    """Return the first of several texts that states a licence."""
    return next((t.strip() for t in texts if isinstance(t, str) and is_stated(t)), "")


def number_of(value: object) -> int | None:
    """Return a number of bytes, as a number or as text."""
    text = str(value or "")
    return int(text) if text.isdecimal() else None


def with_address(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the resources that say where they are."""
    return [item for item in items if text_of(item.get("url"))]


def meant(resources: Iterable[Resource], ident: str) -> list[Resource]:
    """Return the resources, of which the one with that identifier is alone where there is one."""
    known = list(resources)
    return [r for r in known if ident and ident in (r.ident, r.url)] or known
