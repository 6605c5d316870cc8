"""The manifest: one JSON at the top of the published prefix that lists what is published.

    {"version": 1, "project": …,
     "tables": {name: {"objects": [{key, size, sha256}], rows, columns, vintage, …}}}

It is what skip-if-identical and readers rely on, because not every S3 server keeps metadata. It is
put after the objects it lists, each time tables were published; entries of others are kept, and so
are keys that this version does not know.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import msgspec
from filelock import FileLock

from diffusion.config.parts import Project
from diffusion.errors import DiffusionError
from diffusion.storage.store import Store

MANIFEST = "manifest.json"
VERSION = 1  # of this form; a manifest without one is of before it was counted
TRIES = 20


def read_manifest(store: Store) -> tuple[dict, str | None]:
    """Return the manifest (empty when there is none) and its ETag.

    The ETag is None where there is no manifest, and empty where the server gives none.

    Raises:
        DiffusionError: the object there is not a manifest.
    """
    found = store.read(MANIFEST)
    if found is None:
        return {"tables": {}}, None
    try:
        manifest = json.loads(found[0])
        if not isinstance(manifest["tables"], dict):
            raise TypeError("`tables` is not a mapping")
        if not isinstance(manifest.get("version", VERSION), int):
            raise TypeError("`version` is not a number")
    except (ValueError, KeyError, TypeError) as error:
        fix = (
            "put back a good copy, or remove it and list again what this project publishes:\n"
            "snakemake --forcerun publish_sources publish_derived publish_figure"
        )
        raise DiffusionError(store.address(MANIFEST), f"damaged ({error})", fix) from error
    if manifest.get("version", VERSION) > VERSION:
        stated = f"it is of version {manifest['version']}, newer than this project's ({VERSION})"
        fix = "bring this project up to date with the template that published there"
        raise DiffusionError(store.address(MANIFEST), stated, fix)
    return manifest, found[1] or ""


def update_manifest(
    store: Store, project: Project, entries: Mapping[str, Mapping], locks: Path
) -> None:
    """Set some entries of the manifest, by their published names; others are kept.

    A file lock orders the jobs of this machine; between machines the put is conditional on the
    ETag, and is tried again on what the other one wrote (servers that ignore conditions, such as
    the embedded one, serve one machine).
    """
    owner = msgspec.structs.asdict(project)
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / "manifest.lock"):
        for _ in range(TRIES):
            manifest, etag = read_manifest(store)
            tables = dict(sorted((manifest["tables"] | dict(entries)).items()))
            content = manifest | {"version": VERSION, "project": owner, "tables": tables}
            if content == manifest:
                return
            data = json.dumps(content, indent=1, ensure_ascii=False).encode()
            try:
                digest = hashlib.sha256(data).hexdigest()
                known = (etag or "") if store.is_s3 else ""
                store.put(MANIFEST, data, digest, create=etag is None, etag=known)
                return
            except FileExistsError:
                continue  # another machine was faster: read what it wrote
    raise DiffusionError(
        store.address(MANIFEST), "others keep changing it", "run `snakemake` again"
    )
