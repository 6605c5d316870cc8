"""Publish checked tables: all that are given, or none."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from diffusion.publish.before import Entry, Upload
from diffusion.publish.changes import (
    change_between,
    history,
    is_of_same_origin,
    refuse_suspicious,
)
from diffusion.publish.entries import table_entry
from diffusion.publish.manifest import read_manifest
from diffusion.publish.objects import AT_ONCE, LOCKS, publish
from diffusion.publish.ownership import Target
from diffusion.publish.publication import Publication
from diffusion.raw.inputs import RawInput
from diffusion.storage.noted import is_noted
from diffusion.storage.store import Store
from diffusion.tables.limits import Limits


@dataclass(frozen=True)
class CheckedTable:
    """A table that may be published.

    Attributes:
        facts: see ``facts_of``.
        status: of its checks: passed, or warned.
        inputs: the raw files, where the members of an archive are published too.
    """

    path: Path
    facts: Mapping
    status: str
    publication: Publication
    inputs: Sequence[RawInput] = field(default=())

    @property
    def name(self) -> str:
        """The name under which it is published."""
        return self.publication.publish.publish_as


def publish_tables(
    target: Target, tables: Sequence[CheckedTable], limits: Limits, scratch: Path
) -> list[dict]:
    """Publish tables together: objects side by side, then one change of the manifest.

    Args:
        scratch: an empty folder for files that are made to be published.

    Returns:
        the receipt of each; of what is published as it is already, the manifest's own entry.

    Raises:
        DiffusionError: refused by the server; nothing was changed in the manifest.
    """
    store = target.store
    known, left = _published(read_manifest(store)[0])
    kept = {t.name for t in tables if t.name not in left and _is_published(store, known, t)}
    new = [t for t in tables if t.name not in kept]
    noted = {t.name: table_entry(t.publication, t.facts, t.status, target.project) for t in new}
    _note_changes(target, known, noted, {t.name: t.publication.shrink for t in new})
    entries = [Entry(t.name, _uploads(t, limits, scratch), noted[t.name]) for t in new]
    published = publish(target, entries, LOCKS)
    receipts = {n: {"name": n, "url": store.url, **known[n]} for n in kept} | published
    return [receipts[table.name] for table in tables]


def _published(manifest: Mapping) -> tuple[Mapping[str, Mapping], Collection[str]]:
    """Return the entries of the manifest, and the names of those that were left unfinished."""
    return manifest["tables"], manifest.get("unfinished", {})


def _note_changes(
    target: Target,
    known: Mapping[str, Mapping],
    noted: Mapping[str, dict],
    shrink: Mapping[str, float],
) -> None:
    """Add to what is to be noted how it differs from what was; refuse what is suspicious.

    What is made otherwise from the same bytes, the user has changed: that is noted only.
    """
    both = {name: (known[name], entry) for name, entry in noted.items() if name in known}
    changes = {name: change_between(*pair) for name, pair in both.items()}
    others = {n: c for n, c in changes.items() if not is_of_same_origin(*both[n])}
    refuse_suspicious(others, shrink, target.consents)
    for name, change in changes.items():
        given = [c for c in target.consents if c.partition(":")[0] == name]
        now = noted[name]
        if lines := history(known[name], change, now.get("vintage", ""), given):
            now["changes"] = lines


def _is_published(store: Store, tables: Mapping[str, Mapping], table: CheckedTable) -> bool:
    """Return whether a table is published as it is now, with every object in its place."""
    known = tables.get(table.name)
    if not known or known.get("spec") != table.publication.spec:
        return False
    if known.get("table_sha256") != table.facts["sha256"]:
        return False

    def is_there(item: Mapping) -> bool:
        return is_noted(store, item, store.head(item["key"]))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return all(pool.map(is_there, known["objects"]))


def _uploads(table: CheckedTable, limits: Limits, scratch: Path) -> list[Upload]:
    """Return every object that a table is published as; files that are not there are made."""
    publication = table.publication
    if not (publication.write.partition_by or publication.publish.also or publication.members):
        return [Upload(f"{table.name}.parquet", table.path)]
    # DuckDB and Arrow only where a table is published as more than its own file
    from diffusion.publish.layout import member_uploads, table_uploads
    from diffusion.tables.engine import engine

    folder = scratch / table.name
    with engine(limits) as con:
        uploads = table_uploads(con, publication.publish, publication.write, table.path, folder)
    if publication.members:
        uploads += member_uploads(table.name, publication.members, table.inputs, folder)
    return uploads
