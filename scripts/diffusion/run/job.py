"""What the scripts of the rules share: parts of the configuration, and stores."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from diffusion.config.fetching import expanded, fetch_from_text
from diffusion.config.model import Conversion, Derivation, Fetching
from diffusion.config.parts import ArchiveLimits, Credit, Derive, Project, Storage, Write, from_text
from diffusion.config.reading import Convert, read_from_text

if TYPE_CHECKING:
    import datetime

    from diffusion.publish.ownership import Target
    from diffusion.raw.claims import Claim
    from diffusion.storage.store import Store


class FetchParams(Protocol):
    """The parameters of the rule fetch_raw: parts of a source as text (``as_text``)."""

    vintage: str
    fetch: str
    limits: str


class DerivationParams(Protocol):
    """The parameters of the rule derive_table: parts of a derived entry as text."""

    derive: str
    write: str
    credit: str


class ConversionParams(Protocol):
    """The parameters of the rules that convert: parts of a source as text."""

    vintage: str
    read: str
    convert: str
    write: str
    credit: str


def storage_of(config: Mapping[str, Any]) -> Storage:
    """Return ``storage:`` of the resolved configuration, which Snakemake hands to each script.

    It is no parameter of a rule: the spelling of a place changes no table.
    """
    return msgspec.convert(config.get("storage", {}), Storage)


def open_store(config: Mapping[str, Any], key: str) -> "Store":
    """Open ``storage.url`` or ``storage.raw``."""
    from diffusion.storage.connection import storage_connection
    from diffusion.storage.store import Store

    storage = storage_of(config)
    return Store(getattr(storage, key), storage_connection(storage))


def claim_of(config: Mapping[str, Any]) -> "Claim":
    """Return the project that asks for raw copies, with the consents of this run."""
    from diffusion.raw.claims import Claim

    return Claim(config["project"]["name"], frozenset(config.get("accept", ())))


def since_of(config: Mapping[str, Any], name: str) -> Callable[[], "datetime.datetime | None"]:
    """Return what asks when a source was reinstated: only a job that shares raw copies has to."""

    def since() -> "datetime.datetime | None":
        from diffusion.publish.taken_down import reinstated_on
        from diffusion.storage.places import open_place

        published, former = (
            open_place(storage_of(config), "url"),
            config["sources"][name].get("was"),
        )
        return reinstated_on(published, open_store(config, "raw"), filter(None, (name, former)))

    return since


def target_of(config: Mapping[str, Any], project: str) -> "Target":
    """Return where tables and figures are published, by whom, with the consents of this run."""
    from diffusion.publish.ownership import Target
    from diffusion.publish.taken_down import Origins
    from diffusion.run.commit import commit_of

    consents = frozenset(config.get("accept", ()))
    sources = config["sources"].items()
    former = {name: [source["was"]] for name, source in sources if source.get("was")}
    origins = Origins(open_store(config, "raw"), former)
    who, commit = from_text(project, Project), commit_of(Path(config["project_folder"]))
    return Target(open_store(config, "url"), who, consents, origins, commit)


def fetching_of(params: FetchParams, config: Mapping[str, Any], name: str) -> Fetching:
    """Return the parts of a source that a fetch job is given, its variables replaced.

    Where records stand decides no raw bytes, and is no parameter of the rule.
    """
    records = config["sources"][name].get("records", "")
    limits = from_text(params.limits, ArchiveLimits)
    fetch = expanded(fetch_from_text(params.fetch))
    return Fetching(vintage=params.vintage, fetch=fetch, limits=limits, records=records)


def conversion_of(params: ConversionParams) -> Conversion:
    """Return the parts of a source that a conversion is given."""
    return Conversion(
        vintage=params.vintage,
        read=read_from_text(params.read),
        convert=from_text(params.convert, Convert),
        write=from_text(params.write, Write),
        credit=from_text(params.credit, Credit),
    )


def derivation_of(params: DerivationParams) -> Derivation:
    """Return the parts of a derived entry that its job is given."""
    return Derivation(
        derive=from_text(params.derive, Derive),
        write=from_text(params.write, Write),
        credit=from_text(params.credit, Credit),
    )
