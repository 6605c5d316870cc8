"""Whose a published prefix is, and each entry in it: no other project's is replaced unasked.

The project that publishes first owns the prefix. Another one may publish beside it once that was
consented to; the manifest keeps that.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from diffusion.config.parts import Project
from diffusion.errors import OwnershipError
from diffusion.publish.taken_down import Origins
from diffusion.storage.store import Store

PREFIX = "*:owner"  # the consent to publish beside another project
BESIDE = "beside"  # key of the manifest: projects that may


@dataclass(frozen=True)
class Target:
    """Where something is published, by whom, and what was consented to.

    Attributes:
        store: the published prefix.
        project: the one that publishes.
        consents: see ``accept`` of the configuration: ``TABLE:KIND``.
        origins: where the raw copies are; None where nothing is published.
        commit: of the project's clone; empty where it is none.
    """

    store: Store
    project: Project
    consents: frozenset[str] = frozenset()
    origins: Origins | None = None
    commit: str = ""


def owner_of(manifest: Mapping, name: str) -> str:
    """Return the project that an entry is of; empty if there is none, or that is not known."""
    entry = manifest["tables"].get(name)
    if entry is None:
        return ""
    return entry.get("project") or (manifest.get("project") or {}).get("name", "")


def refuse_other_owner(target: Target, manifest: Mapping, names: Sequence[str]) -> None:
    """Refuse to publish over entries of another project, or into its prefix.

    Args:
        target: its consents may have ``NAME:owner`` to take an entry over, ``*:owner`` to publish
            beside others.
        names: what is to be published.

    Raises:
        DiffusionError: with the project it is, and both remedies.
    """
    project, consents = target.project, target.consents
    owners = {name: owner_of(manifest, name) for name in names}
    taken = {n: o for n, o in owners.items() if o not in ("", project.name)}
    refused = {n: o for n, o in taken.items() if f"{n}:owner" not in consents}
    first = (manifest.get("project") or {}).get("name", project.name)
    is_guest = first != project.name and project.name not in manifest.get(BESIDE, [])
    if not refused and (not is_guest or PREFIX in consents):
        return
    asked = [f"{name}:owner" for name in refused]
    asked += [PREFIX] if is_guest and PREFIX not in consents else []
    told = [f"`{name}` there is of the project `{owner}`" for name, owner in refused.items()]
    told = told or [f"what is published there is of the project `{first}`"]
    fix = "end `storage.url` in `/{project}`, so that each project has its own place.\n"
    fix += "To publish there all the same" + (", over theirs:" if refused else ", beside theirs:")
    fix += f"\nsnakemake --config 'accept={json.dumps([*_given(consents), *asked])}'"
    found = f"{'; '.join(told)}, and this project is `{project.name}`"
    raise OwnershipError(target.store.url, found, fix)


def _given(consents: Collection[str]) -> list[str]:
    return sorted(consent for consent in consents if consent.endswith(":owner"))
