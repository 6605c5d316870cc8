"""Which table `diffusion show` shows: the one that was made here last, else the published one."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diffusion.base.json_files import read_json
from diffusion.config.load import load_storage, read_all
from diffusion.config.parts import Storage
from diffusion.config.resolve import ConfigError
from diffusion.config.typed import flat_entry
from diffusion.errors import DiffusionError, NotMadeError
from diffusion.publish.manifest import read_manifest
from diffusion.publish.opened import published_entry, tables_of
from diffusion.run.asked_for import Asked
from diffusion.run.drafts import UNPUBLISHED, resolve_drafts
from diffusion.run.preview import aligned
from diffusion.run.showing import Shown, local_rows, published_rows, read_facts
from diffusion.run.state import SOURCES
from diffusion.storage.connection import storage_connection
from diffusion.storage.places import open_place

TABLES, CHECKS = Path("results/tables"), Path("results/checks")


@dataclass(frozen=True)
class Look:
    """What is to be looked at.

    Attributes:
        files: configuration files.
        name: of the configuration, or published.
        rows: how many of the first rows.
        published: look at what is published, whatever was made here.
    """

    files: Sequence[Path]
    name: str
    rows: int
    published: bool = False


def find_table(look: Look) -> Shown:
    """Return the table that is meant.

    Raises:
        DiffusionError: there is none; or the configuration or the storage cannot be read.
    """
    storage, names = load_storage(look.files)
    owners = {published: name for name, published in names.items()}
    name = look.name if look.name in names else owners.get(look.name, look.name)
    declared = _declared(look.files, name)
    path, facts = TABLES / f"{name}.parquet", read_facts(TABLES / f"{name}.json")
    if look.published or not facts or not path.is_file():
        return _published(storage, names, look, declared)
    told = f"made {_when(path)}{_vintage(facts['noted'])}; {_known(name, facts, declared)}"
    place = f"{path}\n{told}"
    first, apart = local_rows(path, look.rows), CHECKS / f"{name}.json"
    if apart.is_file() and apart.stat().st_mtime >= path.stat().st_mtime:
        facts["checks"] = read_facts(apart)  # by a job of their own
    return Shown(name, place, facts, facts["noted"], first, declared)


def tables_there(files: Sequence[Path]) -> str:
    """Return what can be looked at: what the configuration names, and what else is published.

    Raises:
        DiffusionError: a file, or ``storage:``, is wrong. A place that cannot be read is told.
    """
    storage, names = load_storage(files)
    derive = read_all(files).get("derive")
    given = derive.items() if isinstance(derive, Mapping) else ()
    figures = {n for n, e in given if isinstance(e, Mapping) and e.get("figure") is True}
    told = ""
    published: Mapping[str, Mapping] = {}
    try:
        place = open_place(storage, "url")
        published = tables_of(read_manifest(place)[0]) if place else {}
    except DiffusionError as error:
        told = f"\n! what is published cannot be told: {error}"
    lines = [["table", "made here", "published"]]
    for name in (name for name in names if name not in figures):
        path = TABLES / f"{name}.parquet"
        here = _when(path) if path.is_file() and read_facts(path.with_suffix(".json")) else ""
        lines.append([name, here, names[name] if names[name] in published else ""])
    lines += [[name, "", name] for name in published if name not in names.values()]
    return "\n".join(aligned(lines)) + told + "\n\nto see one: diffusion show NAME"


def _published(
    storage: Storage, names: Mapping[str, str], look: Look, declared: Mapping[str, Any]
) -> Shown:
    try:
        entry, name = published_entry(storage, look.name, names)
    except DiffusionError as error:
        if look.published or look.name not in names or "published in" not in error.found:
            raise
        found = f"no table of it was made here, and none is published in {storage.url}"
        raise NotMadeError(look.name, found, f"make it: `snakemake {look.name}`") from None
    link, url = storage_connection(storage), storage.url.rstrip("/")
    files = f" ({len(entry['objects'])} files)" if len(entry["objects"]) > 1 else ""
    told = _vintage(entry) + (f"; published {entry['published']}" if "published" in entry else "")
    place = f"{url}/{entry['objects'][0]['key']}{files}\n{told.removeprefix('; ')}"
    first = published_rows(name, url, entry, link, look.rows)
    return Shown(name, place, entry, entry, first, declared)


def _declared(files: Sequence[Path], name: str) -> dict[str, Any]:
    """Return what is declared of an entry; nothing where the configuration has mistakes."""
    config = read_all(files)
    try:
        known = resolve_drafts(config, [str(f) for f in files], None, Asked((name,), True))[0]
    except ConfigError:  # a run tells them; what was made can be looked at
        return {}
    entry = known.sources.get(name) or known.derive.get(name)
    return flat_entry(entry) if entry else {}


def _known(name: str, facts: Mapping, declared: Mapping[str, Any]) -> str:
    """Say whether a table that was made here is the one that this folder published last."""
    sources, own = Path(SOURCES), Path(f"results/published/{name}.json")
    receipt = read_json(sources).get(name, {}) if sources.is_file() else {}
    receipt = receipt or (read_json(own) if own.is_file() else {})
    if declared.get("draft"):
        return UNPUBLISHED
    if receipt.get("table_sha256") != facts["sha256"]:
        return "not published: `snakemake` does it"
    return "kept here (`publish: false`)" if receipt.get("private") else "published as it is"


def _vintage(noted: Mapping) -> str:
    return f"; vintage {noted['vintage']}" if noted.get("vintage") else ""


def _when(path: Path) -> str:
    made = datetime.datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return f"{made:%Y-%m-%d %H:%M}"
