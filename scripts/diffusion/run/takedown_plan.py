"""What there is of a source that is to be taken down, and what must not go by itself."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from diffusion.config.model import Config
from diffusion.config.names import NAME
from diffusion.errors import TakenDownError
from diffusion.publish.before import NOTHING
from diffusion.publish.manifest import read_manifest
from diffusion.publish.ownership import owner_of
from diffusion.publish.untracked import untracked
from diffusion.raw.claims import refuse_others_copies
from diffusion.raw.inputs import CACHE
from diffusion.raw.removal import frozen_files, needed_elsewhere, vintages_of
from diffusion.raw.tombstones import read_stone
from diffusion.storage.places import open_place
from diffusion.storage.store import Store
from diffusion.tables.limits import SCRATCH

FETCH = Path(".diffusion/fetch")
# of all sources: written anew, as a run takes them for the sign that all is well, and shows them;
# examples of values may stand in them
RESULTS = [Path(f"results/{name}.json") for name in ("published", "summary", "run")]


@dataclass(frozen=True)
class Takedown:
    """What is to be taken down.

    Attributes:
        sources, derived: as they are named in the configuration, or were.
        manifest: of what is published.
        raw: objects of the sources' raw copies, by source and vintage.
        files: files and folders of this machine.
        untracked: what was put after it was taken down, and noted nowhere, by published names.
    """

    config: Config
    sources: Sequence[str]
    derived: Sequence[str]
    manifest: Mapping
    raw: Mapping[str, Mapping[str, Mapping[str, int]]]
    files: Sequence[Path] = ()
    untracked: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def published(self) -> list[str]:
        """The published names that are to be withdrawn."""
        there = self.manifest["tables"].keys() | self.manifest.get("unfinished", {}).keys()
        there |= self.untracked.keys()
        return [name for name in self.names if name in there]

    @property
    def names(self) -> list[str]:
        """The names under which all of it is, or was, published; also under other ones before."""
        now = [published_name(self.config, name) for name in (*self.sources, *self.derived)]
        sources = set(self.raw_names)
        before = [
            name
            for name, entry in self.manifest["tables"].items()
            if not entry.get("inputs") and sources & {*entry.get("vintages", ())}
        ]
        return list(dict.fromkeys([*now, *before]))

    @property
    def raw_names(self) -> list[str]:
        """The names below which the raw copies are."""
        return raw_names(self.config, self.sources)

    def count(self, name: str) -> int:
        """Return the number of objects that are published under a name."""
        known = self.manifest["tables"].get(name, NOTHING)["objects"]
        return len(known) + len(self.untracked.get(name, ()))


def planned(config: Config, names: Sequence[str]) -> Takedown:
    """Return what there is of sources, and refuse what must not be taken down by itself."""
    store, raw = open_place(config.storage, "url"), open_place(config.storage, "raw")
    manifest = read_manifest(store)[0] if store else {"tables": {}}
    names = list(dict.fromkeys(names))
    derived = [name for name in names if _is_derived(config, manifest, name)]
    sources = [name for name in names if name not in derived]
    _refuse_former(config, sources)
    copies = {name: vintages_of(raw, name) for name in raw_names(config, sources)} if raw else {}
    for name in sources:
        known = published_name(config, name) in manifest["tables"] or copies.get(name)
        stone = raw and NAME.fullmatch(name) and read_stone(raw, name)
        if not (name in config.sources or known or stone) or not NAME.fullmatch(name):
            fix = f"sources of the configuration: {', '.join(config.sources)}"
            raise TakenDownError(name, "there is nothing of a source of that name", fix)
    if not sources:
        fix = "name the source, too; a derived entry alone is removed by `diffusion withdraw`"
        raise TakenDownError(", ".join(names) or "takedown", "no source is named", fix)
    plan = Takedown(config, sources, derived, manifest, copies)
    if store:
        more = untracked(store, manifest, plan.names, config.project.name)
        plan = replace(plan, untracked=more)
    _refuse_readers(plan)
    _refuse_others(plan)
    if raw:
        for name, vintages in copies.items():
            every = {key: size for objects in vintages.values() for key, size in objects.items()}
            refuse_others_copies(raw, name, every, config.project.name)
        _refuse_sharers(plan, raw)
    hashes = _hashes(raw, copies) if raw else []
    return replace(plan, files=_files_of(plan, hashes))


def raw_names(config: Config, sources: Sequence[str]) -> list[str]:
    """Return the names below which the raw copies of sources are, also those that they had."""
    known = config.sources
    former = [old for name in sources if name in known for old in known[name].former_names]
    return list(dict.fromkeys([*sources, *(old for old in former if old not in known)]))


def _refuse_former(config: Config, sources: Sequence[str]) -> None:
    """Refuse the former name of a source that is still read."""
    for name, source in config.sources.items():
        if name not in sources and (old := set(source.former_names) & set(sources)):
            found = f"`{name}` is made from its raw copies (`was:`)"
            raise TakenDownError(", ".join(old), found, f"name `{name}`")


def published_name(config: Config, name: str) -> str:
    """Return the name under which an entry is published, or was."""
    entry = config.sources.get(name) or config.derive.get(name)
    return entry.publish.publish_as if entry else name


def _is_derived(config: Config, manifest: Mapping, name: str) -> bool:
    entry = manifest["tables"].get(name, {})
    is_source = name in config.sources
    return name in config.derive or (not is_source and bool(entry.get("inputs")))


def _refuse_readers(plan: Takedown) -> None:
    """Refuse while something that is published was made from what goes, and stays."""
    tables, config = plan.manifest["tables"], plan.config
    known = {entry.publish.publish_as: name for name, entry in config.derive.items()}
    reads = {name: set(entry.get("inputs", ())) for name, entry in tables.items()}
    for entry in config.derive.values():
        if entry.publish.publish_as in tables:
            reads[entry.publish.publish_as] |= set(entry.inputs)
    named = {*plan.sources, *plan.derived}
    gone = named | {*plan.names}
    readers: list[str] = []
    while more := [n for n, inputs in reads.items() if inputs & gone and n not in gone]:
        readers += [known.get(name, name) for name in more]
        gone |= {*more, *(known.get(name, name) for name in more)}
    if readers:
        found = f"published, and made from it: {', '.join(readers)}"
        every = " ".join([*plan.sources, *plan.derived, *readers])
        fix = f"take them down with it:\ndiffusion takedown {every} --reason … --yes"
        raise TakenDownError(", ".join(plan.sources), found, fix)


def _refuse_others(plan: Takedown) -> None:
    for name in plan.published:
        owner = owner_of(plan.manifest, name)
        if owner not in ("", plan.config.project.name):
            fix = "let that project withdraw it"
            raise TakenDownError(name, f"what is published is of the project `{owner}`", fix)


def _refuse_sharers(plan: Takedown, raw: Store) -> None:
    """Refuse while the raw copies of another source have the same bytes, and stay."""
    folders = [f"{name}/{vintage}" for name, vintages in plan.raw.items() for vintage in vintages]
    needed = needed_elsewhere(raw, folders) if folders else {}
    borrowers = {place.split("/")[0] for places in needed.values() for place in places}
    names = sorted(borrowers | _lenders(plan, raw))
    if names:
        found = f"its bytes are the raw copies of {', '.join(names)}, too: they asked for the same"
        every = " ".join([*plan.sources, *plan.derived, *names])
        fix = f"take them down with it:\ndiffusion takedown {every} --reason … --yes"
        raise TakenDownError(", ".join(plan.sources), found, fix)


def _lenders(plan: Takedown, raw: Store) -> set[str]:
    """Return the other sources below whose names the bytes of these lie."""
    objects = [found for vintages in plan.raw.values() for found in vintages.values()]
    files = [file for each in objects for file in frozen_files(raw, each)]
    return {str(file.get("key", "/")).split("/")[0] for file in files} - {*plan.raw, ""}


def _hashes(raw: Store, copies: Mapping[str, Mapping[str, Mapping[str, int]]]) -> list[str]:
    """Return the hashes of all files that were frozen, also of those that are gone already."""
    files: list[dict] = []
    for source, vintages in copies.items():
        for vintage, objects in vintages.items():
            stone = read_stone(raw, f"{source}/{vintage}") or {}
            files += [*frozen_files(raw, objects), *stone.get("files", ())]
    return sorted({file["sha256"] for file in files})


def _files_of(plan: Takedown, hashes: Collection[str]) -> list[Path]:
    """Return what this machine has: caches, downloads, results and the logs of their jobs."""
    found = [CACHE / digest for digest in hashes if re.fullmatch("[0-9a-f]{64}", digest)]
    found += [FETCH / name for name in plan.raw_names] + [SCRATCH, *RESULTS]
    found += Path("logs").glob("*.log")
    for name in (*plan.raw_names, *plan.derived):
        for folder in ("results", "logs"):
            found += [*Path(folder).glob(f"*/{name}"), *Path(folder).glob(f"*/{name}.*")]
    return [path for path in found if path.exists()]
