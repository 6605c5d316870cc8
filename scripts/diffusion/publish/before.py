"""What is to be published of an entry, and what is there of it before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diffusion.storage.store import Store

NOTHING: Mapping = {"objects": []}  # the manifest's entry of what is not published


@dataclass(frozen=True)
class Upload:
    """A local file and the key it is published under.

    Attributes:
        values: what the columns have in it that a table is divided by, as text; None for no value.
        sha256: of the file, where it is known.
        dialect: how a CSV of ours is written, in the words of Frictionless.
    """

    key: str
    path: Path
    values: tuple[tuple[str, str | None], ...] = ()
    sha256: str = ""
    dialect: tuple[tuple[str, str | bool], ...] = ()


@dataclass(frozen=True)
class Entry:
    """A table or figure to publish.

    Attributes:
        name: the published name; all keys begin with it.
        uploads: every object of it; others under its name in the manifest are removed.
        facts: rows, columns, vintage, licence, origin: what the manifest is to note.
    """

    name: str
    uploads: Sequence[Upload]
    facts: Mapping


@dataclass(frozen=True)
class Before:
    """What is there of an entry before it is published.

    Attributes:
        known: the manifest's entry.
        left: keys that earlier publications left unfinished.
        listed: what lies in its folder; None where it has none.
    """

    entry: Entry
    known: Mapping
    left: set[str]
    listed: set[str] | None

    @property
    def name(self) -> str:
        """The published name."""
        return self.entry.name

    @property
    def keys(self) -> set[str]:
        """The keys of earlier versions: what is not of the new one is removed."""
        return self.left | {item["key"] for item in self.known["objects"]}

    @property
    def uploaded(self) -> set[str]:
        """The keys of the new version."""
        return {upload.key for upload in self.entry.uploads}

    @property
    def new(self) -> set[str]:
        """Keys in its folder that nothing names yet: a killed run would leave them unknown."""
        return self.uploaded - self.keys if self.listed is not None else set()

    @property
    def missing(self) -> set[str]:
        """Keys in its folder that are not there: one LIST instead of a HEAD for each."""
        inside = {key for key in self.uploaded if key.startswith(f"{self.name}/")}
        return inside - self.listed if self.listed is not None else set()

    @property
    def strangers(self) -> list[str]:
        """What lies in its folder and is of no version of it: it is told, and not touched."""
        return sorted((self.listed or set()) - self.uploaded - self.keys)


def before_publishing(store: Store, manifest: Mapping, entry: Entry) -> Before:
    """Return what is there of an entry."""
    known = manifest["tables"].get(entry.name, NOTHING)
    left = set(manifest.get("unfinished", {}).get(entry.name, ()))
    has_folder = any(upload.key.startswith(f"{entry.name}/") for upload in entry.uploads)
    listed = {key for key, _ in store.list(f"{entry.name}/")} if has_folder else None
    return Before(entry, known, left, listed)
