"""What raw copies and published tables take, and what of it no configuration names any more.

The storage is asked for listings only: what an object is, its key says.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from operator import attrgetter

from tabulate import tabulate

from diffusion.catalogue.keys import is_of_catalogue
from diffusion.config.model import Config
from diffusion.config.partitions import partitions_of
from diffusion.publish.manifest import LOCK, MANIFEST
from diffusion.raw.tombstones import STONE
from diffusion.storage.places import open_place

CURRENT, OLD, UNNAMED = "current", "another vintage", "not configured"
PARTITIONS = "partitions not configured"
DRAFT = "a draft with mistakes"
OURS = "of the project"  # manifest, catalogue, tombstones
CATALOGUE = "its catalogue"  # no name of an entry has a blank


@dataclass
class Share:
    """What lies under one name.

    Attributes:
        place: raw or published.
        name: of a source, or under which something is published.
        vintage: of raw copies.
        state: whether the configuration names it.
        size: bytes.
    """

    place: str
    name: str
    vintage: str
    state: str
    objects: int = 0
    size: int = 0

    def add(self, size: int) -> None:
        """Count an object."""
        self.objects += 1
        self.size += size


def space(
    config: Config, unread: Collection[str] = (), unread_published: Collection[str] = ()
) -> str:
    """Return a table for the terminal of what is kept, with sums, in bytes and objects.

    Args:
        unread: drafts that cannot be read, and under which names they would be published.

    Raises:
        DiffusionError: a place cannot be listed.
    """
    shares = shares_of(config, unread, unread_published)
    rows = [[s.place, s.name, s.vintage, f"{s.objects:,}", f"{s.size:,}", s.state] for s in shares]
    for words, chosen in (
        ("all", shares),
        ("no configuration names", [s for s in shares if s.state not in (CURRENT, DRAFT, OURS)]),
    ):
        objects, size = sum(s.objects for s in chosen), sum(s.size for s in chosen)
        rows.append(["", words, "", f"{objects:,}", f"{size:,}", ""])
    heads = ("place", "name", "vintage", "objects", "bytes", "state")
    align = ("left", "left", "left", "right", "right", "left")
    table = tabulate(rows, headers=heads, colalign=align, disable_numparse=True)
    return "\n".join([table, *_remedies(shares)])


def shares_of(
    config: Config, unread: Collection[str] = (), unread_published: Collection[str] = ()
) -> list[Share]:
    """Return what is kept, by name and vintage, in the order of names; see ``space``."""
    shares = [*_raw(config, unread), *_published(config, unread_published)]
    return sorted(shares, key=attrgetter("place", "name", "vintage", "state"))


def _raw(config: Config, unread: Collection[str]) -> Iterator[Share]:
    store = open_place(config.storage, "raw")
    sources = config.sources
    former = {name: s for s in sources.values() for name in s.former_names}
    sources = former | sources
    partitions = {name: partitions_of(source.partitions) for name, source in sources.items()}
    found: dict[tuple[str, str, str], Share] = {}
    for key, size in store.list("") if store else ():
        name, vintage, partition = (*key.split("/"), "", "")[:3]
        if key.endswith(f"/{STONE}"):
            vintage, state = "" if vintage == STONE else vintage, OURS
        elif name in unread:
            state = DRAFT
        elif name not in sources:
            state = UNNAMED
        elif vintage != sources[name].vintage:
            state = OLD
        else:
            state = CURRENT if partition in partitions[name] else PARTITIONS
        share = (name, vintage, state)
        found.setdefault(share, Share("raw", *share)).add(size)
    yield from found.values()


def _published(config: Config, unread: Collection[str]) -> Iterator[Share]:
    store, named = open_place(config.storage, "url"), config.published
    found: dict[str, Share] = {}
    for key, size in store.list("") if store else ():
        name = re.split(r"[/.]", key, maxsplit=1)[0] or key
        state = CURRENT if name in named else DRAFT if name in unread else UNNAMED
        if key in (MANIFEST, LOCK):
            name, state = key, OURS
        elif is_of_catalogue(key):
            name, state = CATALOGUE, OURS
        found.setdefault(name, Share("published", name, "", state)).add(size)
    yield from found.values()


def _remedies(shares: list[Share]) -> Iterator[str]:
    """Say what removes what nothing names; nothing is removed by itself."""
    if any(s.place == "raw" and s.state in (OLD, UNNAMED) for s in shares):
        yield "to remove the raw copies of a vintage: diffusion prune SOURCE --vintage V"
    if any(s.place == "published" and s.state == UNNAMED for s in shares):
        yield "to see what of it this project published: diffusion withdraw"
