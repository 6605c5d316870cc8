"""Publish checked tables: all that are given, or none."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from diffusion.config.parts import Project
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
    here = {t.name: _kept_here(t, target.project) for t in tables if t.publication.is_private}
    tables, all_of_them = [t for t in tables if t.name not in here], tables
    known, left = _published(read_manifest(store)[0])
    kept = {t.name for t in tables if t.name not in left and _is_published(store, known, t)}
    new = [t for t in tables if t.name not in kept]
    entries = [_entry(t, target.project, limits, scratch) for t in new]
    shrink = {t.name: t.publication.shrink for t in new}
    entries = _noting_changes(target, known, entries, shrink)
    published = publish(target, entries, LOCKS)
    receipts = {n: {"name": n, "url": store.url, **known[n]} for n in kept} | published
    return [(receipts | here)[table.name] for table in all_of_them]


def _kept_here(table: CheckedTable, project: Project) -> dict:
    """Return the receipt of a table that is not published, which derived entries read here."""
    facts = table.facts
    item = {"key": table.path.name, "size": facts["size"], "sha256": facts["sha256"]}
    entry = table_entry(table.publication, facts, table.status, project) | {"objects": [item]}
    return {"name": table.name, "url": str(table.path.parent), "private": True, **entry}


def _published(manifest: Mapping) -> tuple[Mapping[str, Mapping], Collection[str]]:
    """Return the entries of the manifest, and the names of those that were left unfinished."""
    return manifest["tables"], manifest.get("unfinished", {})


def _entry(table: CheckedTable, project: Project, limits: Limits, scratch: Path) -> Entry:
    facts = table_entry(table.publication, table.facts, table.status, project)
    return Entry(table.name, _uploads(table, limits, scratch), facts)


def _noting_changes(
    target: Target,
    known: Mapping[str, Mapping],
    entries: Sequence[Entry],
    shrink: Mapping[str, float],
) -> list[Entry]:
    """Add to what is to be noted how it differs from what was; refuse what is suspicious.

    What is made otherwise from the same bytes, the user has changed: that is noted only.
    """
    before = {e.name: known[e.name] for e in entries if e.name in known}
    changes = {
        e.name: change_between(before[e.name], e.facts, {upload.key for upload in e.uploads})
        for e in entries
        if e.name in before
    }
    refuse_suspicious(
        {
            e.name: changes[e.name]
            for e in entries
            if e.name in before and not is_of_same_origin(before[e.name], e.facts)
        },
        shrink,
        target.consents,
    )
    noted = []
    for entry in entries:
        given = [c for c in target.consents if c.partition(":")[0] == entry.name]
        vintage = entry.facts.get("vintage", "")
        change = changes.get(entry.name)
        lines = history(before[entry.name], change, vintage, given) if change else []
        noted.append(replace(entry, facts={**entry.facts, **({"changes": lines} if lines else {})}))
    return noted


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
