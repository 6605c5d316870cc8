"""Publish checked tables: all that are given, or none."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from diffusion.config.parts import Project
from diffusion.publish.entries import table_entry
from diffusion.publish.manifest import read_manifest
from diffusion.publish.objects import AT_ONCE, LOCKS, Entry, Upload, publish
from diffusion.publish.publication import Publication
from diffusion.raw.inputs import RawInput
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
    store: Store,
    project: Project,
    tables: Sequence[CheckedTable],
    limits: Limits,
    scratch: Path,
) -> list[dict]:
    """Publish tables together: objects side by side, then one change of the manifest.

    Args:
        scratch: an empty folder for files that are made to be published.

    Returns:
        the receipt of each; of what is published as it is already, the manifest's own entry.

    Raises:
        DiffusionError: refused by the server; nothing was changed in the manifest.
    """
    known = read_manifest(store)[0]["tables"]
    kept = {t.name: known[t.name] for t in tables if _is_published(store, known.get(t.name), t)}
    entries = [
        Entry(
            t.name,
            _uploads(t, limits, scratch),
            table_entry(t.publication, t.facts, t.status, project),
        )
        for t in tables
        if t.name not in kept
    ]
    published = publish(store, project, entries, LOCKS)
    receipts = {n: {"name": n, "url": store.url, **e} for n, e in kept.items()} | published
    return [receipts[table.name] for table in tables]


def _is_published(store: Store, known: Mapping | None, table: CheckedTable) -> bool:
    """Return whether a table is published as it is now, with every object in its place."""
    if not known or known.get("spec") != table.publication.spec:
        return False
    if known.get("table_sha256") != table.facts["sha256"]:
        return False

    def is_there(item: Mapping) -> bool:
        head = store.head(item["key"])
        return head is not None and head.fits(item["size"], item["sha256"])

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
