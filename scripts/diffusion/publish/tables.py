"""Publish checked tables: all that are given, or none."""

import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from diffusion.config.parts import Project
from diffusion.errors import PublishedError
from diffusion.publish.before import Entry, Upload
from diffusion.publish.changes import (
    Change,
    change_between,
    history,
    is_of_same_origin,
    refuse_suspicious,
)
from diffusion.publish.entries import table_entry
from diffusion.publish.manifest import read_manifest
from diffusion.publish.objects import AT_ONCE, FORCED, LOCKS, publish
from diffusion.publish.ownership import Target
from diffusion.publish.publication import Publication
from diffusion.raw.inputs import RawInput, read_receipt
from diffusion.storage.hashing import sha256_of
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
        keys: how its keys differ from the published ones, see ``compare_keys``.
        receipts: of fetching its raw copies.
    """

    path: Path
    facts: Mapping
    status: str
    publication: Publication
    inputs: Sequence[RawInput] = field(default=())
    keys: Mapping | None = None
    receipts: Sequence[str] = field(default=())

    @cached_property
    def provenances(self) -> list[dict]:
        """What is noted of its raw copies."""
        found = [read_receipt(Path(path))["partitions"].values() for path in self.receipts]
        return [noted for partitions in found for noted in partitions]

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
    here = {
        t.name: _kept_here(t, target.project) for t in tables if t.publication.publish.is_private
    }
    tables, all_of_them = [t for t in tables if t.name not in here], tables
    manifest = read_manifest(store)[0]
    known, left = manifest["tables"], manifest.get("unfinished", {})
    kept = {t.name for t in tables if t.name not in left and _is_published(store, known, t)}
    new = [t for t in tables if t.name not in kept]
    versions = [_version(target, t, known.get(t.name, {}), limits, scratch) for t in new]
    suspects = [v for v in versions if v.is_suspect]
    refuse_suspicious(
        {v.table.name: v.change for v in suspects if v.change},
        {v.table.name: v.table.publication.shrink for v in suspects},
        target.consents,
    )
    published = publish(target, [v.noted(target.consents) for v in versions], LOCKS, manifest)
    receipts = {n: {"name": n, "url": store.url, **known[n]} for n in kept} | published
    return [(receipts | here)[table.name] for table in all_of_them]


def _kept_here(table: CheckedTable, project: Project) -> dict:
    """Return the receipt of a table that is not published, which derived entries read here."""
    _refuse_altered(table)
    facts = table.facts
    item = {"key": table.path.name, "size": facts["size"], "sha256": facts["sha256"]}
    entry = _entry(table, project) | {"objects": [item]}
    return {"name": table.name, "url": str(table.path.parent), "private": True, **entry}


def _entry(table: CheckedTable, project: Project) -> dict:
    return table_entry(table.publication, table.facts, table.status, project, table.provenances)


@dataclass(frozen=True)
class _Version:
    """A table that is to be published, and how it differs from what is published of it, if any."""

    table: CheckedTable
    entry: Entry
    before: Mapping
    change: Change | None

    @property
    def is_suspect(self) -> bool:
        """Whether its source may have changed it: what is made otherwise from the same bytes is not
        suspicious, as the user changed that.
        """
        return bool(self.change) and not is_of_same_origin(self.before, self.entry.facts)

    def noted(self, consents: Collection[str]) -> Entry:
        """Return what is to be published, with the changes that the manifest is to keep."""
        if self.change is None:
            return self.entry
        given = [c for c in consents if c.partition(":")[0] == self.entry.name]
        vintage = self.entry.facts.get("vintage", "")
        lines = history(self.before, self.change, vintage, given)
        facts = {**self.entry.facts, **({"changes": lines} if lines else {})}
        return replace(self.entry, facts=facts)


def _version(
    target: Target, table: CheckedTable, before: Mapping, limits: Limits, scratch: Path
) -> _Version:
    """Return what is to be published of a table, compared with what is."""
    facts = _entry(table, target.project)
    entry = Entry(table.name, _uploads(table, limits, scratch), facts)
    if not before:
        return _Version(table, entry, before, None)
    keys = _keys(target.store, table, before, limits)
    change = change_between(before, facts, {upload.key for upload in entry.uploads}, keys)
    return _Version(table, entry, before, change)


def _keys(
    store: Store, table: CheckedTable, before: Mapping, limits: Limits
) -> Mapping[str, int] | None:
    """Return how the keys differ; compared here where the check compared with another version."""
    unique, found = table.publication.unique, table.keys
    if unique and (found or {}).get("of") != before.get("table_sha256"):
        from diffusion.publish.keys import compare_keys  # DuckDB only where it is needed

        named = table.name, before, table.path, table.facts, unique
        found = compare_keys(store, *named, limits)
    return found and {kind: count for kind, count in found.items() if kind != "of"}


def _is_published(store: Store, tables: Mapping[str, Mapping], table: CheckedTable) -> bool:
    """Return whether a table is published as it is now, with every object in its place."""
    known = tables.get(table.name)
    if not known or known.get("spec") != table.publication.spec:
        return False
    if known.get("table_sha256") != table.facts["sha256"]:
        return False

    def is_there(item: Mapping) -> bool:
        return is_noted(store, item, store.head(item["key"]), thorough=FORCED in os.environ)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return all(pool.map(is_there, known["objects"]))


def _refuse_altered(table: CheckedTable) -> None:
    if sha256_of(table.path) != table.facts["sha256"]:
        found = "another file than the one that was made and checked: it was changed since"
        fix = "remove it, and run `snakemake` again: it is made once more"
        raise PublishedError(str(table.path), found, fix)


def _uploads(table: CheckedTable, limits: Limits, scratch: Path) -> list[Upload]:
    """Return every object that a table is published as; files that are not there are made.

    Raises:
        DiffusionError: the table is not the one that was checked.
    """
    publication = table.publication
    _refuse_altered(table)
    if not (publication.write.partition_by or publication.publish.also or publication.members):
        # hashed just now: not once more to put it
        return [Upload(f"{table.name}.parquet", table.path, sha256=table.facts["sha256"])]
    # DuckDB and Arrow only where a table is published as more than its own file
    from diffusion.publish.layout import member_uploads, table_uploads
    from diffusion.tables.engine import engine

    folder = scratch / table.name
    with engine(limits) as con:
        uploads = table_uploads(con, publication.publish, publication.write, table.path, folder)
    if publication.members:
        uploads += member_uploads(table.name, publication.members, table.inputs, folder)
    return uploads
