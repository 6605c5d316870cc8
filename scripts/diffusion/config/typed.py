"""From the flat mappings of YAML to typed structs, and back."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from diffusion.config.about import with_words, without_words
from diffusion.config.model import ArchiveSource, Config, DerivedTable, Figure, Source
from diffusion.config.parts import Part, Project, Section, Storage


def typed_config(config: Mapping[str, Any]) -> Config:
    """Return the structs of a configuration that the schema has found valid.

    What an entry leaves out and its project states is taken from there: the vintage of a source,
    the licence of what is derived. Of what others publish, a project can state none. The name
    under which an entry is published is its own name.
    """
    project = msgspec.convert(config["project"], Project)
    sources = {
        name: _source({"vintage": config.get("vintage") or "", **_set(entry)}, name)
        for name, entry in config["sources"].items()
    }
    derive = {
        name: _derived({"licence": project.licence, **_set(entry)}, name)
        for name, entry in config.get("derive", {}).items()
    }
    plain = {key: config[key] for key in ("vintage", "offline", "accept") if key in config}
    storage = msgspec.convert(config.get("storage", {}), Storage)
    return Config(project=project, sources=sources, derive=derive, storage=storage, **plain)


def flat_config(config: Config) -> dict[str, Any]:
    """Return the configuration as it could be written in YAML, without what is left at defaults."""
    entries = {
        section: {name: flat_entry(entry) for name, entry in getattr(config, section).items()}
        for section in ("sources", "derive")
    }
    return _plain(config) | entries


def part_types(kind: type[Section]) -> Iterator[tuple[str, tuple[type[Part], ...]]]:
    """Yield the fields of an entry that are parts, with their possible types."""
    for field in msgspec.structs.fields(kind):
        found = getattr(field.type, "__args__", (field.type,))
        if all(isinstance(item, type) and issubclass(item, Part) for item in found):
            yield field.name, found


def keys_of(part: type[Part]) -> set[str]:
    """Return the keys of YAML that a part holds."""
    tag = part.__struct_config__.tag_field
    return set(part.__struct_encode_fields__) | ({tag} if tag else set())


def _set(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value not in (None, "")}


def _source(entry: dict[str, Any], name: str) -> Source:
    entry = {"publish_as": name, **entry}
    if isinstance(entry.get("auth"), dict):  # one secret is written without a list
        entry["auth"] = [entry["auth"]]
    if entry.get("format") == "geojson" and entry["from"] == "api":
        entry["pages"] = {"records": "features"} | entry.get("pages", {})
    _name_sql(entry)
    if "columns" in entry:
        declared, entry["described"] = without_words(entry["columns"])
        entry["columns"] = {
            column: {"type": given} if isinstance(given, str) else given
            for column, given in declared.items()
        }
    return msgspec.convert(_nested(entry, source_kind(entry["from"])), source_kind(entry["from"]))


def _name_sql(entry: dict[str, Any]) -> None:
    """Write checks of one's own as mappings: a text is a condition of rows."""
    checks = entry.get("checks") or {}
    if "sql" in checks:
        given = {n: {"rows": c} if isinstance(c, str) else c for n, c in checks["sql"].items()}
        entry["checks"] = {**checks, "sql": given}


def source_kind(kind: str) -> type[Source]:
    """Return the struct of a source by its ``from``."""
    return ArchiveSource if kind == "archive" else Source


def _derived(entry: dict[str, Any], name: str) -> DerivedTable | Figure:
    entry = dict(entry)
    _name_sql(entry)
    if "columns" in entry:
        entry["described"] = entry.pop("columns")
    kind: type[DerivedTable | Figure] = Figure if entry.get("figure") else DerivedTable
    return msgspec.convert(_nested({"publish_as": name, **entry}, kind), kind)


def _nested(entry: Mapping[str, Any], kind: type[Section]) -> dict[str, Any]:
    """Distribute the keys of a flat entry over its parts; msgspec refuses what belongs to none."""
    nested: dict[str, Any] = {}
    left = dict(entry)
    for name, types in part_types(kind):
        # a kind of source has its own fetch and read parts
        own = [t for t in types if t.__struct_config__.tag in (None, entry.get("from"))]
        keys = set().union(*map(keys_of, own))
        nested[name] = {key: value for key, value in entry.items() if key in keys}
        left = {key: value for key, value in left.items() if key not in keys}
    return nested | left


def _plain(section: Section) -> dict[str, Any]:
    return msgspec.json.decode(msgspec.json.encode(section))  # by JSON, which has no tuples


def flat_entry(entry: Section) -> dict[str, Any]:
    """Return an entry as it could be written in YAML, without what is left at defaults."""
    parts = {name for name, _ in part_types(type(entry))}
    flat: dict[str, Any] = {}
    for name, value in _plain(entry).items():
        flat |= value if name in parts else {name: value}
    return with_words(flat)
