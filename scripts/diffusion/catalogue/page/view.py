"""What the templates are given: the manifest in the order and the words of the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from diffusion.catalogue.keys import THUMBNAIL, VERSIONS, is_table, key_of, page_key
from diffusion.catalogue.licence_doubts import doubts
from diffusion.catalogue.page.columns import columns_in_words, heads
from diffusion.catalogue.page.lineage import Drawing, lineage
from diffusion.catalogue.page.local import Known
from diffusion.catalogue.page.site import Link, Site, licence_link, web_link
from diffusion.catalogue.page.snippets import Snippet, snippets
from diffusion.catalogue.stac import Picture
from diffusion.catalogue.thumbnail import FINE, HEIGHT, WIDTH

FILES_SHOWN, VERSIONS_SHOWN = 50, 50


@dataclass(frozen=True)
class View:
    """An entry as its page shows it."""

    site: Site
    name: str
    entry: Mapping
    known: Known | None = None
    versions: Sequence[Mapping] = ()
    picture_of_shapes: Picture | None = None
    about: Mapping = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "about", self.entry.get("about", {}))

    @property
    def is_figure(self) -> bool:
        return self.entry.get("kind") == "figure"

    @property
    def title(self) -> str:
        return self.about.get("title") or self.name

    @property
    def text(self) -> str:
        """The language of its words."""
        return self.about.get("language") or self.site.text

    @property
    def page(self) -> str:
        """Its key from the top of the prefix."""
        return page_key(self.name)

    @property
    def description(self) -> str:
        return self.entry.get("description", "")

    @property
    def rows(self) -> str:
        return self.site.number(self.entry["rows"]) if "rows" in self.entry else ""

    @property
    def checks(self) -> str:
        found = self.entry.get("checks", "")
        return found if found in ("passed", "warned") else ""

    @property
    def geo(self) -> Mapping:
        return self.entry.get("geo", {})

    @property
    def size(self) -> int:
        return sum(item["size"] for item in self.entry["objects"])

    @property
    def licence(self) -> Link:
        return licence_link(self.entry.get("licence") or "")

    @property
    def vintage(self) -> str:
        return self.entry.get("vintage", "")

    @property
    def vintages(self) -> str:
        """Its vintage, or those of the sources that it is made from."""
        of_sources = dict.fromkeys(map(str, self.entry.get("vintages", {}).values()))
        return self.vintage or ", ".join(of_sources)

    @property
    def published(self) -> str:
        return self.entry.get("published", "")[:10]

    @property
    def period(self) -> str:
        """The time that it is about, and the column that says so."""
        days, column = self.about.get("temporal", []), self.about.get("temporal_column")
        return " – ".join(days) + (f" ({column})" if column else "")

    @property
    def picture(self) -> str:
        """The key of what a figure looks like; SVG where there is no other."""
        keys = [item["key"] for item in self.entry["objects"]]
        found = [k for ending in (".png", ".svg") for k in keys if k.endswith(ending)]
        return quote(found[0]) if self.is_figure and found else ""

    def columns(self) -> list[dict[str, Any]]:
        """Return each column in words."""
        return list(columns_in_words(self.site, self.entry))

    def heads(self, rows: list[dict[str, Any]], drawn: bool = False) -> list[tuple[str, str]]:
        """Return what is told of any column, with its words."""
        return heads(self.site, rows, drawn)

    def snippets(self) -> list[Snippet]:
        """Return the code that reads it; none for a figure."""
        return [] if self.is_figure else snippets(self.site.place, self.name, self.entry)

    def files(self) -> list[dict[str, Any]]:
        """Return what can be downloaded, of many files the first."""
        return [item | {"url": quote(item["key"])} for item in self.entry["objects"][:FILES_SHOWN]]

    def inputs(self) -> Iterator[Link]:
        """Yield what it is made from, as links to its page where that is published."""
        for found in self.site.made_of(self.entry):
            yield found, f"{quote(found)}.html" if found in self.site.manifest["tables"] else ""

    def lineage(self) -> Drawing | None:
        """Return the drawing of what it is made from."""
        return lineage(self.site, self.name)

    def source(self) -> Link:
        """Return where its raw copies came from; the address of a folder here is nobody's."""
        url = self.entry.get("retrieval", {}).get("url", "")
        link = web_link(url)
        return link if link[1] or url.startswith("s3://") else ("", "")

    def stated(self) -> str:
        """Return what its portal says, each with its word."""
        words, stated = self.site.words, self.entry.get("stated", {})
        known = [(words[key], stated.get(key)) for key in ("publisher", "licence")]
        known = [("", stated.get("title")), *known, (words["changed_on"], stated.get("modified"))]
        told = [f"{word}{self.site.colon} {text}" if word else text for word, text in known if text]
        return " · ".join(told)

    def retrieved(self) -> str:
        """Return when its raw copies came: a day, or the first and the last."""
        given = self.entry.get("retrieval", {})
        days = [given[end][:10] for end in ("first", "last") if given.get(end)]
        return " – ".join(dict.fromkeys(days))

    def citation(self) -> str:
        """Return how it is cited: who, what, which version, where."""
        words, place = self.site.words, self.site.place
        kind = words["figure"].lower() if self.is_figure else words["data"]
        who = self.about.get("publisher") or self.site.project.get("publisher")
        version = [
            f"{words[key].lower()} {value}"
            for key, value in (("vintage", self.vintage), ("published", self.published))
            if value
        ]
        where = f"{place.public}{self.page}" if place.public else ""
        what = ", ".join([f"{self.title} [{kind}]", *version])
        parts = [who, what, self.licence[0], where]
        return ". ".join(part.rstrip(".") for part in parts if part)

    def credits(self) -> list[str]:
        return list(self.entry.get("credits", []))

    @property
    def is_folder(self) -> bool:
        return any("values" in item for item in self.entry["objects"])

    @property
    def versions_key(self) -> str:
        """The key of all its versions; empty for a figure."""
        return quote(key_of(self.name, VERSIONS)) if is_table(self.entry) else ""

    @property
    def map(self) -> str:
        """The key of the picture of its geometries; empty if there is none."""
        return quote(key_of(self.name, THUMBNAIL)) if self.picture_of_shapes else ""

    @property
    def map_size(self) -> tuple[int, int]:
        """Of the frame in which its outlines are drawn."""
        return WIDTH * FINE, HEIGHT * FINE

    @property
    def map_words(self) -> str:
        """What is on that picture, and how much is not."""
        words, shown = self.site.words, self.picture_of_shapes
        if not shown or not shown.outside:
            return words["map"]
        return f"{words['map']} ({words['map_outside']}{self.site.colon} {shown.outside})"

    def doubts(self) -> Iterator[str]:
        """Yield what does not agree in the licences of its sources and its own."""
        for doubt in doubts(self.entry):
            if doubt.source:
                own = doubt.own or self.site.words["not_stated"]
                given = {"source": doubt.source, "licence": doubt.licence, "own": own}
                yield self.site.words[f"doubt_{doubt.kind}"].format(**given)

    def changes(self) -> Iterator[dict[str, str]]:
        """Yield its last versions, the newest first: number, day, vintage, and what changed."""
        words = self.site.words
        for version in reversed(self.versions[-VERSIONS_SHOWN:]):
            lines = version.get("changed", ())
            text = " · ".join(part for line in lines for part in self._changed(line))
            if not text:
                is_first = version is self.versions[0]
                kind = "values_changed" if version["changes"] else "words_changed"
                text = words["first_version" if is_first else kind]
            found = {key: version.get(key, "") for key in ("version", "vintage")}
            yield found | {"day": version["created"][:10], "text": text}

    def _changed(self, change: Mapping) -> Iterator[str]:
        number = self.site.number
        words = {key: f"{text}{self.site.colon}" for key, text in self.site.words.items()}
        if rows := change.get("rows"):
            yield f"{words['rows']} {number(rows[0])} → {number(rows[1])}"
        for key in ("new", "lost", "emptied", "removed", "accepted"):
            if names := change.get(key):
                yield f"{words[key]} {', '.join(names)}"
        for key in ("retyped", "thinned"):
            for name, (before, now) in change.get(key, {}).items():
                yield f"{words[key]} {name}, {number(before)} → {number(now)}"
        for key in ("crs", "geometries"):
            if pair := change.get(key):
                yield f"{words[key]} {pair[0]} → {pair[1]}"
        for kind, count in change.get("keys", {}).items():
            name = "removed_keys" if kind == "removed" else kind
            yield f"{words[name]} {number(count)}"
