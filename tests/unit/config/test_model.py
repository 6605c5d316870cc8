"""The schema and the structs say the same: every key is one field, with one default."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
import yaml

from diffusion.config.about import ColumnAbout
from diffusion.config.fetching import AnyFetch
from diffusion.config.model import ArchiveSource, Config, DerivedTable, Figure, Source
from diffusion.config.parts import ArchiveLimits, Project, Section, Storage, as_text, from_text
from diffusion.config.reading import ColumnSpec
from diffusion.config.resolve import SCHEMA, resolve_config
from diffusion.config.typed import part_types

LOADED = yaml.safe_load(SCHEMA.read_text("utf-8"))
TOP = LOADED["properties"]
KINDS = {
    kind["properties"]["from"]["const"]: kind["properties"]
    for kind in TOP["sources"]["additionalProperties"]["anyOf"]
}
TABLE, FIGURE = (kind["properties"] for kind in TOP["derive"]["additionalProperties"]["anyOf"])
REQUIRED = "required"
# what an entry takes over from its project or its name has no default of its own
TAKEN_OVER = {"vintage", "publish_as"}


def plain(value: object) -> object:
    return msgspec.json.decode(msgspec.json.encode(value))


def fields(kind: type[Section]) -> dict[str, Any]:
    """Return the keys of a struct with their defaults, as YAML writes them."""
    found = {}
    for field in msgspec.structs.fields(kind):
        default = field.default
        if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if default is msgspec.NODEFAULT:
            default = REQUIRED
        is_part = isinstance(default, Section)
        found[field.encode_name] = fields(type(default)) if is_part else plain(default)
    return found


def keys_of_entry(kind: type[Section], tag: str = "") -> dict[str, Any]:
    """Return the keys that an entry's parts have together; of a tagged part, those of its tag."""
    parts = dict(part_types(kind))
    plain = {name: default for name, default in fields(kind).items() if name not in parts}
    for types in parts.values():
        chosen = [t for t in types if len(types) == 1 or t.__struct_config__.tag == tag]
        assert len(chosen) == 1
        found = fields(chosen[0])
        assert not found.keys() & plain.keys(), "a key belongs to one part"
        plain |= found
    return plain


def defaults(properties: Mapping) -> dict[str, Any]:
    """Return the keys of a part of the schema with their defaults."""
    return {
        key: defaults(sub["properties"]) if "properties" in sub else sub.get("default")
        for key, sub in properties.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_source_has_its_own_keys(kind):
    expected = defaults(KINDS[kind]) | {"from": None}
    struct = ArchiveSource if kind == "archive" else Source
    found = keys_of_entry(struct, kind) | {"from": None}
    del found["described"]  # in YAML among what `columns` declares
    assert found.keys() == expected.keys()
    for key, default in found.items():
        if key not in TAKEN_OVER and default != REQUIRED:
            assert default == expected[key], key


@pytest.mark.parametrize(("struct", "properties"), [(DerivedTable, TABLE), (Figure, FIGURE)])
def test_derived_entries(struct, properties):
    found, expected = keys_of_entry(struct), defaults(properties)
    if "described" in found:
        found["columns"] = found.pop("described")
    assert found.keys() == expected.keys()
    for key, default in found.items():
        if key not in TAKEN_OVER and default != REQUIRED:
            assert default == expected[key], key


def test_columns():
    column = KINDS["file"]["columns"]["additionalProperties"]["anyOf"][1]["properties"]
    assert fields(ColumnSpec) | fields(ColumnAbout) == defaults(column)
    words = TABLE["columns"]["additionalProperties"]["properties"]
    assert fields(ColumnAbout) == defaults(words)


def test_the_other_sections():
    assert fields(Storage) == defaults(TOP["storage"]["properties"])
    project = defaults(TOP["project"]["properties"])
    assert fields(Project) == project | {"name": REQUIRED}
    assert fields(Config).keys() == TOP.keys()
    limits = {key: KINDS["file"][key]["default"] for key in ("max_size", "max_members")}
    taken = {"spent": 0, "listed": 0}  # by archives around one: no keys
    assert fields(ArchiveLimits) == limits | taken


def test_a_part_is_short_text_and_comes_back():
    source = {"from": "api", "url": "https://example.org", "pages": {"style": "page"}}
    config = {"project": {"name": "x"}, "vintage": "1", "sources": {"s": source}}
    fetch = resolve_config(config).sources["s"].fetch
    assert as_text(fetch) == '{"from":"api","url":"https://example.org","pages":{"style":"page"}}'
    assert from_text(as_text(fetch), AnyFetch) == fetch
