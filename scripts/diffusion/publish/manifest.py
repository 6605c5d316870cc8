"""The manifest: one JSON at the top of the published prefix that lists what is published.

    {"version": 1, "project": …,
     "tables": {name: {"project": …, "objects": [{key, size, sha256, etag}], rows, columns, …}},
     "unfinished": {name: [key]}, "withdrawn": {name: {…}}, "taken_down": {source: {…}},
     "beside": [project]}

``unfinished`` has what was, or was to be, put or removed, and was not noted to be so: the next
publication of that table removes it where it belongs to none. ``withdrawn`` has what was published
and is no more; ``taken_down`` stays for ever, see ``taken_down``. The form is stated by
``workflow/schemas/manifest.schema.json``.

It is what skip-if-identical and readers rely on, because not every S3 server keeps metadata. It is
put after the objects it lists, each time tables were published; entries of others are kept, and so
are keys that this version does not know.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

from diffusion.base.json_files import json_bytes
from diffusion.config.parts import Project
from diffusion.errors import BusyError, PublishedError
from diffusion.storage.store import Store

MANIFEST, LOCK = "manifest.json", ".manifest.lock"
ABOUT = "about"  # key of an entry, and of the project: what a catalogue says of it
PUBLIC_URL = "public_url"
VERSION = 1  # of this form; a manifest without one is of before it was counted
TRIES = 20


def read_manifest(store: Store) -> tuple[dict, str | None]:
    """Return the manifest (empty when there is none) and its ETag.

    The ETag is None where there is no manifest, and empty where the server gives none.

    Raises:
        DiffusionError: the object there is not a manifest, or something lies below its name.
    """
    found = store.read(MANIFEST)
    if found is None:
        _refuse_folder(store)
        return {"tables": {}}, None
    try:
        manifest = json.loads(found[0])
        msgspec.convert(manifest, _Form)
    except ValueError as error:  # msgspec's own is one
        fix = (
            "put back a good copy. If there is none: remove it, take down again what had been (it "
            "is what tells other machines), and list again what this project publishes:\n"
            "snakemake --forcerun publish_sources publish_derived publish_figure"
        )
        raise PublishedError(store.address(MANIFEST), f"damaged ({error})", fix) from error
    if manifest.get("version", VERSION) > VERSION:
        stated = f"it is of version {manifest['version']}, newer than this project's ({VERSION})"
        fix = "bring this project up to date with the template that published there"
        raise PublishedError(store.address(MANIFEST), stated, fix)
    return manifest, found[1] or ""


def _refuse_folder(store: Store) -> None:
    """Refuse what keeps the manifest from being written: a folder, or keys below its name."""
    path, inside = store.local_path(MANIFEST), [key for key, _ in store.list(f"{MANIFEST}/")]
    if inside or (path and path.is_dir()):
        what = f"objects lie below that name, as {inside[0]}" if inside else "a folder is there"
        fix = "move it elsewhere: that is the place of the manifest, which lists what is published"
        raise PublishedError(store.address(MANIFEST), f"{what}, and no manifest", fix)


class _Object(msgspec.Struct):
    key: str
    size: int
    sha256: str


class _Entry(msgspec.Struct):
    objects: list[_Object]


class _Form(msgspec.Struct):
    """What is relied on of a manifest; all else may be of any form."""

    tables: dict[str, _Entry]
    version: int = VERSION
    project: dict | None = None
    unfinished: dict[str, list[str]] = {}
    withdrawn: dict[str, dict] = {}
    taken_down: dict[str, dict] = {}
    beside: list[str] = []


@dataclass(frozen=True)
class Update:
    """What a publication changes in the manifest.

    Attributes:
        entries: what it is to note, by published names.
        unfinished: keys that may be there and belong to no version, by published names; none of
            a name: no longer.
        withdrawn: what is to be noted of entries that are taken out, by published names.
        taken_down: what is to be noted of sources, by their own names; it stays.
        about: what a catalogue says of entries, by published names; of those that are there.
        place: what it says of the prefix: ``about`` of its project, ``public_url``.
        verify: is given the manifest as it stands, and raises where that may not be changed.
    """

    entries: Mapping[str, Mapping] = field(default_factory=dict)
    unfinished: Mapping[str, Sequence[str]] = field(default_factory=dict)
    withdrawn: Mapping[str, Mapping] = field(default_factory=dict)
    taken_down: Mapping[str, Mapping] = field(default_factory=dict)
    about: Mapping[str, Mapping] = field(default_factory=dict)
    place: Mapping[str, Any] | None = None
    verify: Callable[[dict], None] = lambda manifest: None

    def applied(self, manifest: dict, project: Project) -> dict:
        """Return the manifest as it is to be; what is unknown here, and others', is kept."""
        tables = {n: e for n, e in manifest["tables"].items() if n not in self.withdrawn}
        tables = dict(sorted((tables | dict(self.entries)).items()))
        tables = {n: self._said(n, entry) for n, entry in tables.items()}
        stones = manifest.get("withdrawn", {}) | dict(self.withdrawn)
        stones = {name: stone for name, stone in sorted(stones.items()) if name not in tables}
        left = manifest.get("unfinished", {}) | dict(self.unfinished)
        left = {name: sorted(keys) for name, keys in sorted(left.items()) if keys}
        owner = manifest.get("project") or {}
        if is_owner := owner.get("name", project.name) == project.name:
            owner = project.noted | {k: v for k, v in owner.items() if k == ABOUT}
        down = dict(sorted((manifest.get("taken_down", {}) | dict(self.taken_down)).items()))
        lists = {"unfinished": left, "withdrawn": stones, "taken_down": down}
        known = {key: value for key, value in manifest.items() if key not in lists}
        made = known | {"version": VERSION, "project": owner, "tables": tables}
        if owner["name"] != project.name:
            made["beside"] = sorted({*manifest.get("beside", ()), project.name})
        if is_owner and self.place is not None:
            made |= {PUBLIC_URL: self.place.get(PUBLIC_URL), "project": project.noted}
            made["project"] |= {ABOUT: self.place[ABOUT]} if self.place.get(ABOUT) else {}
        made |= lists
        return {key: v for key, v in made.items() if v or key not in (*lists, PUBLIC_URL)}

    def _said(self, name: str, entry: Mapping) -> Mapping:
        """Return an entry with what a catalogue is now to say of it."""
        if name not in self.about:
            return entry
        kept = {key: value for key, value in entry.items() if key != ABOUT}
        return kept | ({ABOUT: self.about[name]} if self.about[name] else {})


def update_manifest(store: Store, project: Project, update: Update, locks: Path) -> None:
    """Change the manifest; entries of others are kept.

    A file lock orders the jobs that see one folder: it lies beside the manifest where that is a
    folder, else in this one. Between machines the put is conditional on the ETag, and is tried
    again on what the other one wrote (servers that ignore conditions, such as the embedded one,
    serve one machine).

    Args:
        locks: the folder of the lock, for S3.

    Raises:
        DiffusionError: the manifest may not be changed so, or others keep changing it.
    """
    beside = store.local_path(LOCK)
    lock = beside or locks / LOCK.lstrip(".")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        for _ in range(TRIES):
            manifest, etag = read_manifest(store)
            update.verify(manifest)
            content = update.applied(manifest, project)
            if content == manifest:
                return
            try:
                known = (etag or "") if store.is_s3 else ""
                store.put(MANIFEST, json_bytes(content), create=etag is None, etag=known)
                return
            except FileExistsError:
                continue  # another machine was faster: read what it wrote
    raise BusyError(store.address(MANIFEST), "others keep changing it", "run `snakemake` again")
