"""Whose raw copies are: those of projects that share one place are told apart.

Provenance names the projects whose raw copy it is: the one that received it, and those that took it
over by a consent. Two projects may have sources of one name, and mean other data. What has no name
of a project, as earlier versions left it, is everybody's.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diffusion.base.json_files import json_bytes
from diffusion.errors import DiffusionError, RawCopyError
from diffusion.raw.copies import PROVENANCE
from diffusion.raw.tombstones import parsed
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store

PROJECTS = "projects"  # key of provenance
ALL = "*:owner"  # the consent for all sources


@dataclass(frozen=True)
class Claim:
    """The project that asks for raw copies, and what it was consented to.

    Attributes:
        project: its name; empty where nobody asks, and everything counts.
        consents: ``NAME:owner`` to take the raw copies of a source over.
    """

    project: str = ""
    consents: frozenset[str] = frozenset()

    @property
    def noted(self) -> dict:
        """What the provenance of a new raw copy notes."""
        return {PROJECTS: [self.project]} if self.project else {}

    def is_ours(self, store: Store, provenance: Mapping) -> bool:
        """Say whether a raw copy may be used unasked."""
        return not self.project or not others_of(store, provenance, self.project)

    def refuse_foreign(self, store: Store, name: str, folder: str, provenance: dict) -> dict:
        """Return the provenance of a raw copy, unless it is another project's.

        Args:
            name: of the source.
            folder: of the raw copy.

        Raises:
            DiffusionError: it is, and nobody consented.
        """
        if not self.is_ours(store, provenance) and not {f"{name}:owner", ALL} & self.consents:
            owners = others_of(store, provenance, self.project)
            raise _foreign(store.address(folder), name, owners, self.project)
        return provenance

    def taken_over(self, store: Store, folder: str, provenance: dict) -> dict:
        """Return the provenance of a raw copy that may be used, with this project's name in it."""
        if self.is_ours(store, provenance):
            return provenance
        owners = others_of(store, provenance, self.project)
        taken = provenance | {PROJECTS: [*owners, self.project]}
        put_provenance(store, folder, taken)
        return taken


NOBODY = Claim()


def others_of(store: Store, provenance: Mapping, project: str) -> list[str]:
    """Return the projects whose raw copy it is, if it is not this one's as well.

    A folder in the project's own is no other one's, whatever the project was called.
    """
    owners = _owners(provenance)
    return [] if project in owners or _is_own_folder(store) else owners


def refuse_others_copies(store: Store, source: str, objects: Iterable[str], project: str) -> None:
    """Refuse to remove raw copies that are another project's, or another's as well.

    Args:
        objects: the keys that would be removed.

    Raises:
        DiffusionError: with the projects.
    """
    places = [key for key in objects if key.endswith(f"/{PROVENANCE}")]
    others: set[str] = set()
    for found in side_by_side(store.read, places, lambda _: 0):
        others |= {*_owners(parsed(found[0] if found else b""))} - {project}
    if others and not _is_own_folder(store):
        whose = ", ".join(f"`{name}`" for name in sorted(others))
        found_there = f"raw copies of `{source}` there are of the project {whose}, too"
        fix = "ask who keeps that project: with a `storage.raw` of its own (`diffusion copy-raw`), "
        fix += f"it needs these no more. Then take its name out of `{PROJECTS}` in their "
        fix += f"{PROVENANCE}. Nothing was removed"
        raise RawCopyError(store.address(source), found_there, fix)


def _owners(provenance: object) -> list[str]:
    named = provenance.get(PROJECTS) if isinstance(provenance, Mapping) else None
    return [str(name) for name in named] if isinstance(named, list) else []


def _is_own_folder(store: Store) -> bool:
    path = store.local_path("")
    return path is not None and path.resolve().is_relative_to(Path.cwd().resolve())


def put_provenance(store: Store, folder: str, provenance: Mapping) -> None:
    """Put a provenance over the one that is there: other projects, the same bytes."""
    store.put(f"{folder}/{PROVENANCE}", json_bytes(dict(provenance)))


def _foreign(where: str, name: str, owners: Sequence[str], project: str) -> DiffusionError:
    whose = ", ".join(f"`{owner}`" for owner in owners)
    found = (
        f"this raw copy is of the project {whose}, and this one is `{project}`: a source of one "
    )
    found += "name may be other data there"
    fix = (
        "end `storage.raw` in `/{project}`, so that each project has its own place. If it is what "
    )
    fix += f"`{name}` means, take it over (`{ALL}`: those of all sources):\n"
    consents = json.dumps([f"{name}:owner"])
    return RawCopyError(where, found, fix + f"snakemake --config 'accept={consents}'")
