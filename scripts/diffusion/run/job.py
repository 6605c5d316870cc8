"""What the scripts of the rules share: parts of the configuration, stores, JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from diffusion.config.model import Conversion, Derivation, Fetching
from diffusion.config.parts import (
    AnyFetch,
    AnyRead,
    ArchiveLimits,
    Convert,
    Credit,
    Derive,
    Storage,
    Write,
    from_text,
)

if TYPE_CHECKING:
    from diffusion.storage.store import Store


def storage_of(config: Mapping[str, Any]) -> Storage:
    """Return ``storage:`` of the resolved configuration, which Snakemake hands to each script.

    It is no parameter of a rule: the spelling of a place changes no table.
    """
    return msgspec.convert(config.get("storage", {}), Storage)


def open_store(config: Mapping[str, Any], key: str) -> "Store":
    """Open ``storage.url`` or ``storage.raw``."""
    from diffusion.storage.connection import storage_link
    from diffusion.storage.store import Store

    storage = storage_of(config)
    return Store(getattr(storage, key), storage_link(storage))


def fetching_of(params: Any) -> Fetching:
    """Return the parts of a source that a fetch job is given."""
    limits = from_text(params.limits, ArchiveLimits)
    fetch = from_text(params.fetch, AnyFetch)
    return Fetching(vintage=params.vintage, fetch=fetch, limits=limits)


def conversion_of(params: Any) -> Conversion:
    """Return the parts of a source that a conversion is given."""
    return Conversion(
        vintage=params.vintage,
        read=from_text(params.read, AnyRead),
        convert=from_text(params.convert, Convert),
        write=from_text(params.write, Write),
        credit=from_text(params.credit, Credit),
    )


def derivation_of(params: Any) -> Derivation:
    """Return the parts of a derived entry that its job is given."""
    return Derivation(
        derive=from_text(params.derive, Derive),
        write=from_text(params.write, Write),
        credit=from_text(params.credit, Credit),
    )


def write_json(path: str | Path, value: object) -> None:
    """Write a receipt, a summary, the results of checks."""
    Path(path).write_text(json.dumps(value, indent=1, ensure_ascii=False), "utf-8")


def read_json(path: str | Path) -> Any:
    """Read what ``write_json`` wrote."""
    return json.loads(Path(path).read_text("utf-8"))
