"""Raw copies from another place, for `diffusion copy-raw`: so that no source is asked again."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from diffusion.base.private import private_folder
from diffusion.base.progress import Progress
from diffusion.config.model import Config
from diffusion.config.partitions import partitions_of
from diffusion.errors import RawCopyError
from diffusion.fetch.batch import frozen_at
from diffusion.fetch.verify import verify_frozen
from diffusion.publish.manifest import read_manifest
from diffusion.publish.taken_down import refuse_sources, reinstated_on
from diffusion.raw.cache import raw_files
from diffusion.raw.claims import NOBODY, PROJECTS, Claim
from diffusion.raw.copies import Received, freeze, raw_folder
from diffusion.raw.lock import read_lock
from diffusion.raw.removal import came_on
from diffusion.raw.tombstones import carry_stones, refuse_removed
from diffusion.storage.connection import connection, storage_connection
from diffusion.storage.places import open_place
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store
from diffusion.tables.limits import SCRATCH


@dataclass(frozen=True)
class Places:
    """Where raw copies come from, where they go, and a folder for those that are on S3."""

    origin: Store
    target: Store
    scratch: Path


def copy_raw(config: Config, origin: str) -> list[str]:
    """Copy the raw copies of the current vintages to ``storage.raw``; return what was done.

    The tombstones of all that was removed go first. Each copy is verified by its hashes, as at a
    fetch, and put before its provenance: what was interrupted is not taken for whole, and the next
    call goes on.

    Args:
        origin: another place of raw copies: a folder, or an S3 prefix of the same server.

    Raises:
        DiffusionError: damaged, of another request, or not what the lock says; or removed on
            request, at either place. What was copied before stays.
    """
    target = Store(config.storage.raw, storage_connection(config.storage))
    link = connection(config.storage.server) if origin.startswith("s3://") else None
    private_folder(SCRATCH)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        places = Places(Store(origin, link), target, Path(scratch))
        _refuse_same(places)
        stones = carry_stones(places.origin, target)
        _refuse_removed(config, target)
        wanted = [
            (name, partition)
            for name, source in config.sources.items()
            for partition in partitions_of(source.partitions)
        ]
        there = _found(config, target, wanted, Claim(config.project.name))
        missing = [key for key in wanted if key not in there]
        found = _found(config, places.origin, missing, NOBODY)
        if not (there or found):
            what = "there is no raw copy of a current vintage"
            fix = "name the place that has <source>/<vintage>/…, as `storage.raw` does"
            raise RawCopyError(places.origin.url, what, fix)
        _verify(config, found)
        _refuse_erased(config, places, found)
        _copy_all(config, places, found)
    carried = [f"tombstones of what was removed: {', '.join(stones)}"] if stones else []
    return [*_told(places, wanted, there, found), *carried, *_taken_over(config, found)]


def _refuse_same(places: Places) -> None:
    def spelled(store: Store) -> str:
        path = store.local_path("")
        return str(path.resolve()) if path else store.url

    if spelled(places.origin) == spelled(places.target):
        fix = "name the place where they are now, and in `storage.raw` the one where they go"
        raise RawCopyError(places.origin.url, "this is `storage.raw` itself", fix)


def _refuse_removed(config: Config, target: Store) -> None:
    """Refuse what was removed at either place, and what was taken down."""
    for name, source in config.sources.items():
        for known in (name, *source.former_names):
            refuse_removed(target, known, source.vintage)
    if published := open_place(config.storage, "url"):
        former = {name: source.former_names for name, source in config.sources.items()}
        refuse_sources(published, read_manifest(published)[0], former)


def _refuse_erased(
    config: Config, places: Places, found: Mapping[tuple[str, str], Mapping]
) -> None:
    """Refuse what came before its source was reinstated: it was taken down."""
    published = open_place(config.storage, "url")
    for name in dict.fromkeys(name for name, _ in found):
        source = config.sources[name]
        since = reinstated_on(published, places.target, (name, *source.former_names))
        first = min(came_on(facts) for (known, _), facts in found.items() if known == name)
        if since and first < since:
            what = f"raw copies of {name} there came before it was reinstated on "
            what += f"{since.isoformat()[:16]}: they were taken down"
            fix = f"set a new `vintage` for {name}, so that it is fetched again. Nothing was copied"
            raise RawCopyError(places.origin.address(name), what, fix)


def _found(config: Config, store: Store, wanted: list[tuple[str, str]], claim: Claim) -> dict:
    """Return the provenance of what is frozen in a place.

    Args:
        claim: refuses what another project froze there.
    """

    def find(key: tuple[str, str]) -> dict | None:
        name, partition = key
        folder, frozen = frozen_at(store, name, config.sources[name].fetching, partition)
        return claim.refuse_foreign(store, name, folder, frozen) if frozen else None

    frozen = side_by_side(find, wanted, lambda _: 0)
    return {key: facts for key, facts in zip(wanted, frozen, strict=True) if facts}


def _verify(config: Config, found: Mapping[tuple[str, str], Mapping]) -> None:
    """Refuse what a run would refuse: a raw copy is never replaced once it is there."""
    lock = read_lock()
    for (name, partition), provenance in found.items():
        verify_frozen(name, config.sources[name].fetching, partition, provenance, lock)


def _copy_all(config: Config, places: Places, found: Mapping[tuple[str, str], dict]) -> None:
    def size(key: tuple[str, str]) -> int:
        return sum(file["size"] for file in found[key]["files"])

    with Progress("raw copies", "B", sum(map(size, found))) as progress:

        def copy(key: tuple[str, str]) -> None:
            name, partition = key
            folder = raw_folder(name, config.sources[name].vintage, partition)
            _copy(places, folder, found[key] | _as_own(config, found[key]))
            progress.add(size(key))

        side_by_side(copy, list(found), size)


def _copy(places: Places, folder: str, provenance: Mapping) -> None:
    """Copy one raw copy, read and verified here on its way."""
    with tempfile.TemporaryDirectory(dir=places.scratch) as scratch:
        paths = raw_files(places.origin, provenance, Path(scratch))
        files = [
            Received(file["name"], path, file["size"], file["sha256"], is_ours=False)
            for file, path in zip(provenance["files"], paths, strict=True)
        ]
        facts = {key: value for key, value in provenance.items() if key != "files"}
        freeze(places.target, folder, files, facts)


def _as_own(config: Config, provenance: Mapping) -> dict:
    """Return what is noted of a raw copy that was another project's."""
    named, own = provenance.get(PROJECTS), Claim(config.project.name)
    return own.noted if named and own.project not in named else {}


def _taken_over(config: Config, found: Mapping[tuple[str, str], Mapping]) -> list[str]:
    """Tell which raw copies were another project's: who names a place means what is there."""
    owners: dict[str, set[str]] = {}
    for (name, _), provenance in found.items():
        if _as_own(config, provenance):
            owners.setdefault(name, set()).update(provenance[PROJECTS])
    return [
        f"{name}: the raw copies are of the project {', '.join(sorted(of))}; these are this one's"
        for name, of in owners.items()
    ]


def _told(places: Places, wanted: Iterable, there: Mapping, found: Mapping) -> list[str]:
    missing: dict[str, int] = {}
    for key in wanted:
        if key not in there and key not in found:
            missing[key[0]] = missing.get(key[0], 0) + 1
    size = sum(file["size"] for facts in found.values() for file in facts["files"])
    lines = [f"copied to {places.target.url}: {len(found):,} raw copies, {size:,} bytes"]
    lines += [f"there already: {len(there):,}"] if there else []
    if missing:
        names = ", ".join(f"{name} ({count:,})" for name, count in missing.items())
        lines.append(
            f"not at {places.origin.url}, of the current vintages: {names}; a run asks the source"
        )
    return lines
