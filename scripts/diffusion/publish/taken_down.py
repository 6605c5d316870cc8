"""What of a source that was taken down may not be published: all of it, or what came before.

A tombstone in the manifest holds for everybody who publishes there, whatever another machine still
has: results, receipts, raw copies at a place of its own. Once the source is reinstated, what was
received since is published again, and nothing that was received before.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from diffusion.errors import TakenDownError
from diffusion.publish.before import Entry
from diffusion.publish.manifest import read_manifest
from diffusion.raw.removal import retrieved_of, vintages_of
from diffusion.raw.tombstones import REINSTATED, read_stone
from diffusion.storage.store import Store

TAKEN_DOWN = "taken_down"  # key of the manifest: tombstones by the names of the sources


class NotToPublishError(TakenDownError):
    """What is of a source that was taken down is not published.

    Attributes:
        name: of the entry, as it would be published.
    """

    name = ""


def stones_of(manifest: Mapping) -> dict[str, dict]:
    """Return the tombstones of sources that were taken down, by the sources' names.

    Those of earlier versions stand among what was withdrawn, by published names.
    """
    known = manifest.get("withdrawn", {}).items()
    earlier = {s[TAKEN_DOWN]: {"as": name, **s} for name, s in known if TAKEN_DOWN in s}
    return earlier | manifest.get(TAKEN_DOWN, {})


def vintages_in(facts: Mapping) -> dict[str, str]:
    """Return the sources of which a table is, or is made, with their vintages.

    Args:
        facts: see ``facts_of``; of a derived table, with ``vintages``.
    """
    noted = facts.get("noted", {})
    own = {noted["source"]: noted["vintage"]} if noted.get("vintage") else {}
    return dict(facts.get("vintages") or own)


def vintages_of_inputs(receipts: Mapping[str, Mapping]) -> dict[str, str]:
    """Return the sources, with their vintages, of which a derived entry is made, however far.

    Args:
        receipts: of what it reads.
    """
    return {
        source: vintage
        for receipt in receipts.values()
        for source, vintage in receipt.get("vintages", {}).items()
    }


@dataclass(frozen=True)
class Origins:
    """Where the raw copies are of which entries are made, which tell when they came.

    Attributes:
        former: the names that sources had before, by those that they have.
    """

    raw: Store
    former: Mapping[str, Sequence[str]] = field(default_factory=dict)


def refuse_taken_down(
    store: Store, manifest: Mapping, entries: Iterable[Entry], origins: Origins | None
) -> None:
    """Refuse what is of a source that was taken down, or made from it.

    Raises:
        DiffusionError: with when and why, and what to do.
    """
    stones = stones_of(manifest)
    for entry in entries if stones else ():
        for source, vintage, stone in _found(entry, stones, origins):
            if REINSTATED not in stone:
                is_made_from = bool(entry.facts.get("inputs"))
                refusal = _down(store.address(entry.name), source, stone, is_made_from)
            elif not _came_since(origins, source, vintage, stone):
                refusal = _erased(store, entry, source, vintage, stone, origins)
            else:
                continue
            refusal.name = entry.name
            raise refusal


def refuse_sources(store: Store, manifest: Mapping, sources: Mapping[str, Sequence[str]]) -> None:
    """Refuse to ask for a source that was taken down: nothing of it would be published.

    Args:
        sources: the former names of each that is configured.

    Raises:
        DiffusionError: with when and why.
    """
    stones = stones_of(manifest)
    for name, former in sources.items():
        for known in (name, *former):
            if known in stones and REINSTATED not in stones[known]:
                raise _down(f"sources.{name}", known, stones[known])


def reinstated_on(
    published: Store | None, raw: Store, names: Iterable[str]
) -> datetime.datetime | None:
    """Return when a source was last reinstated: what came before stays out; None if never.

    Args:
        published, raw: where tombstones are.
        names: that it has, and had.
    """
    stones = stones_of(read_manifest(published)[0]) if published else {}
    every = [stone for name in names for stone in (stones.get(name), read_stone(raw, name))]
    moments = [stone[REINSTATED] for stone in every if stone and REINSTATED in stone]
    return max(map(datetime.datetime.fromisoformat, moments), default=None)


def _found(
    entry: Entry, stones: Mapping[str, Mapping], origins: Origins | None
) -> Iterator[tuple[str, str, Mapping]]:
    """Yield the sources that were taken down of which an entry is, or is made, with vintages."""
    vintages = entry.facts.get("vintages", {})
    for source, vintage in vintages.items():
        for name in _names(origins, source):
            if name in stones:
                yield source, vintage, stones[name]
    named = {entry.name} if vintages else {entry.name, *entry.facts.get("inputs", ())}
    for source, stone in stones.items():  # what does not say from what it is made
        if named & {source, stone.get("as", source)} and not (vintages and REINSTATED in stone):
            yield source, vintages.get(source, ""), stone


def _names(origins: Origins | None, source: str) -> list[str]:
    """Return all names of a source."""
    return [source, *(origins.former.get(source, ()) if origins else ())]


def _came_since(origins: Origins | None, source: str, vintage: str, stone: Mapping) -> bool:
    """Say whether all raw copies of a vintage came after the source was reinstated."""
    if not (origins and vintage):
        return False
    since = datetime.datetime.fromisoformat(stone[REINSTATED])
    names = _names(origins, source)
    found = [moment for name in names for moment in retrieved_of(origins.raw, name, vintage)]
    return bool(found) and min(found) >= since


def _down(where: str, source: str, stone: Mapping, is_made_from: bool = False) -> NotToPublishError:
    why = f"was taken down on {stone['withdrawn'][:10]}: {stone.get('reason')}"
    found = f"it is made from `{source}`, which {why}" if is_made_from else f"`{source}` {why}"
    fix = f"take it out of the configuration. If `{source}` may be published again:\n"
    fix += f"diffusion reinstate {source} --reason …"
    return NotToPublishError(where, found, fix)


def _erased(
    store: Store,
    entry: Entry,
    source: str,
    vintage: str,
    stone: Mapping,
    origins: Origins | None,
) -> NotToPublishError:
    which = f", vintage {vintage}," if vintage else ""
    found = (
        f"the raw copies of `{source}`{which} are not known to have come since it was reinstated "
        f"on {stone[REINSTATED][:16]}; what came before was taken down: {stone.get('reason')}"
    )
    fix = f"set a new `vintage` for {source}, so that it is fetched again"
    if erased := _erased_vintages(origins, source, stone):
        fix += "; then remove here what was taken down:"
        for name, vintages in erased.items():
            listed = " ".join(f"--vintage {vintage}" for vintage in vintages)
            fix += f"\ndiffusion prune {name} {listed} --yes"
    return NotToPublishError(store.address(entry.name), found, fix)


def _erased_vintages(origins: Origins | None, source: str, stone: Mapping) -> dict[str, list[str]]:
    """Return the vintages of which there is something that came before a source was reinstated.

    A newer one may share the bytes of any of them (``reuse:``).
    """
    if origins is None:
        return {}
    since = datetime.datetime.fromisoformat(stone[REINSTATED])
    found: dict[str, list[str]] = {}
    for name in _names(origins, source):
        for vintage in vintages_of(origins.raw, name):
            if any(moment < since for moment in retrieved_of(origins.raw, name, vintage)):
                found.setdefault(name, []).append(vintage)
    return found
