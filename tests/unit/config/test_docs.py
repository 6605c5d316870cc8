"""Schema, its page, the example configuration and the messages say the same."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from diffusion.config.resolve import EXPANDED, ConfigError, resolve_config
from make_config_docs import MARK, OTHER, PAGE, SCHEMA, sections, tables

ROOT = Path(__file__).parents[3]
TEXT = SCHEMA.read_text("utf-8")
LOADED = yaml.safe_load(TEXT)


def nodes(schema: object, path: str = "") -> Iterator[tuple[str, Mapping]]:
    """Yield every schema at every depth, with its path."""
    if isinstance(schema, dict):
        yield path, schema
        for key, sub in schema.get("properties", {}).items():
            yield from nodes(sub, f"{path}.{key}".lstrip("."))
        for sub in (schema.get("additionalProperties"), schema.get("items")):
            yield from nodes(sub, f"{path}.*")
        for sub in schema.get("anyOf", []):  # a column, or one kind of a source
            if sub.get("type") != "array":  # a list of what may stand alone, as secrets
                yield from nodes(sub, path)


NODES = list(nodes(LOADED))
KEYS = [
    (f"{path}.{key}", sub)
    for path, node in NODES
    for key, sub in node.get("properties", {}).items()
]


def test_the_page_is_made_from_the_schema():
    _, mark, written = PAGE.read_text("utf-8").partition(MARK)
    assert mark and written == tables(LOADED), "run: make docs"


@pytest.mark.parametrize("path", [path for path, _ in KEYS])
def test_every_key_is_described(path):
    key = dict(KEYS)[path]
    assert key.get("description", "").strip()
    # editors fail on it when they complete a section that holds such a key (yaml-language-server)
    assert key.get("default", "not set") is not None
    assert key["description"].endswith((".", "…")), "a sentence ends with a full stop"


def test_the_schema_is_closed():
    open_ = [
        path
        for path, n in NODES
        if "properties" in n and n.get("additionalProperties") is not False
    ]
    assert open_ == []


def test_the_schema_needs_no_resolver():
    assert "$ref:" not in TEXT
    assert "$defs" not in LOADED


def test_mappings_have_a_default_so_that_defaults_fill_below_them():
    missing = [p for p, k in KEYS if k.get("type") == "object" and k["default"] != {}]
    assert missing == []


def test_defaults_are_valid():
    """But for what is required, an empty configuration filled with defaults fits the schema."""
    config = {"project": {"name": "x"}, "sources": {"s": {"from": "file", "url": "x"}}}
    config["vintage"] = "1"
    assert resolve_config(config)


def test_every_key_stands_on_the_page():
    page = PAGE.read_text("utf-8")
    for path, section in sections(LOADED, ""):
        if path.startswith("derive.<name>."):
            continue  # shared with sources, and told there
        for key in section["properties"]:
            name = f"{path}.{key.partition(OTHER)[0]}".lstrip(".")
            assert f"| `{name}` |" in page, name


def test_the_tables_are_tables():
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    assert len(rows) > 100
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) in (5, 6), row


def test_the_example_of_an_error_is_what_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("config").mkdir()
    file = Path("config/config.yaml")
    file.write_text(
        "project: {name: x}\nvintage: '1'\nsources: {s: {from: file, url: x}}\nstorage:\n"
        + "\n" * 19
        + "  ulr: published\n"
    )
    with pytest.raises(ConfigError) as caught:
        resolve_config(yaml.safe_load(file.read_text()), [file])
    (problem,) = caught.value.problems
    assert f"```\n{problem}\n```" in PAGE.read_text("utf-8")


def test_the_page_says_where_variables_are_replaced():
    kinds = {
        "storage": ["url", "raw", "public_url", "endpoint", "region"],
        "sources.s": ["url", "endpoint", "region", "portal"],
    }
    replaced = {p for p, _ in KEYS if EXPANDED.fullmatch(p.lstrip(".").replace("*", "s"))}
    assert sorted(replaced) == sorted(
        f"{section.replace('.s', '.*')}.{key}" for section, keys in kinds.items() for key in keys
    )


@pytest.mark.parametrize("file", sorted((ROOT / "config/examples").glob("*.yaml")), ids=str)
def test_the_examples_are_valid(file):
    config = yaml.safe_load(file.read_text("utf-8"))
    config = {"project": {"name": "x"}, "vintage": "1"} | config
    assert resolve_config(config, [file])
