"""Write the tables of config/README.md: every key with its type, default and description.

    python scripts/dev/make_config_docs.py

They are made from workflow/schemas/config.schema.yaml; a test keeps the two equal. What stands
above them is written by hand.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[2]
SCHEMA = PROJECT / "workflow" / "schemas" / "config.schema.yaml"
PAGE = PROJECT / "config" / "README.md"
CHOSEN = {  # names that users give
    "sources": "<name>",
    "derive": "<name>",
    "columns": "<column>",
    "partitions": "<axis>",
    "sql": "<check>",
}
OTHER = "#"  # between a key and the kind of entry for which it differs
MARK = "<!-- what follows is written by scripts/dev/make_config_docs.py -->\n"


def main() -> None:
    by_hand, mark, _ = PAGE.read_text("utf-8").partition(MARK)
    PAGE.write_text(by_hand + mark + tables(yaml.safe_load(SCHEMA.read_text("utf-8"))), "utf-8")
    print(f"{PAGE} written")


def tables(schema: Mapping) -> str:
    """Return the tables of a schema's keys, each below its heading."""
    parts = [""]
    told: dict[int, str] = {}
    for path, section in sections(schema, ""):
        if id(section) in told:  # a YAML alias: the same keys stand elsewhere
            continue
        told[id(section)] = path
        parts.append(f"### {f'`{path}`' if path else 'Top level'}\n\n{_table(path, section, told)}")
    return "\n".join(parts)


def sections(section: Mapping, path: str) -> Iterator[tuple[str, Mapping]]:
    """Yield (dotted path, schema) of every mapping with known keys, parents first."""
    if "properties" in section:
        yield path, section
    for branch in section.get("anyOf", ()):  # alone, or in a list
        yield from sections(branch, path)
    for key, sub in section.get("properties", {}).items():
        inner = f"{path}.{key}".lstrip(".")
        yield from sections(sub, inner)
        if chosen := chosen_names(sub):
            yield from sections(chosen, f"{inner}.{CHOSEN[key]}")


def chosen_names(section: Mapping) -> Mapping | None:
    """Return the schema below names that users choose, where it has known keys itself."""
    extra = section.get("additionalProperties")
    branches = extra.get("anyOf", [extra]) if isinstance(extra, dict) else []
    known = [branch for branch in branches if "properties" in branch]
    return _together(known) if len(known) > 1 else next(iter(known), None)


def _together(branches: list[Mapping]) -> Mapping:
    """Return kinds of entries as one table: each key says which kinds have it."""
    properties: dict[str, Mapping] = {}
    kinds: dict[str, list[str]] = {}
    named = {_name(branch): branch for branch in branches}
    for name, branch in named.items():
        for key, sub in branch["properties"].items():
            if "const" not in sub and properties.get(key, sub) != sub:
                key += f"{OTHER}{name}"  # the same word, with a default or a meaning of its own
            properties.setdefault(key, sub)
            kinds.setdefault(key, []).append(f"`{name}`")
    consts = {key for key, sub in properties.items() if "const" in sub}
    for key in consts:
        subs = [branch["properties"][key] for branch in branches]
        values = [sub["const"] for sub in subs]
        words = [f"`{v}`: {s['description']}" for v, s in zip(values, subs, strict=True)]
        if isinstance(values[0], bool):
            properties[key] = {**subs[0], "type": "boolean"}
        else:
            properties[key] = {"enum": values, "description": " ".join(words)}
    needing = {
        key: {f"`{name}`" for name, branch in named.items() if key in branch.get("required", [])}
        for key in kinds
    }
    shared = {key for key, names in needing.items() if names and names.issuperset(kinds[key])}
    every = {
        key: "all" if len(kinds[key]) == len(branches) else ", ".join(kinds[key]) for key in kinds
    }
    return {"properties": properties, "required": sorted(shared), "kinds": every}


def _name(branch: Mapping) -> str:
    """Return which kind of entry a branch is for, by its constant."""
    told = next(sub["const"] for sub in branch["properties"].values() if "const" in sub)
    return told if isinstance(told, str) else "figure" if told else "table"


def _table(path: str, section: Mapping, told: Mapping[int, str]) -> str:
    kinds = section.get("kinds", {})
    lines = ["| key | for | type | default | description |", "|---|---|---|---|---|"]
    if not kinds:
        lines = ["| key | type | default | description |", "|---|---|---|---|"]
    required = section.get("required", section.get("x-required", []))
    for key, sub in section["properties"].items():
        name = f"{path}.{key.partition(OTHER)[0]}".lstrip(".")
        default, text = _default(sub.get("default")), sub.get("description", "")
        if "properties" in sub:
            default = "see below"
        if id(sub) in told:
            text += f" Keys: see `{told[id(sub)]}`."
        if key in required:
            default = "**required**"
        cells = [f"`{name}`", *([kinds[key]] if kinds else []), _type(sub), default, text]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    if value is None:
        return "not set"
    if value in ("", [], {}):
        return "empty"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _type(section: Mapping) -> str:
    if "enum" in section:
        return ", ".join(f"`{value}`" for value in section["enum"])
    if "anyOf" in section:
        return " or ".join(_type(branch) for branch in section["anyOf"])
    given = section.get("type", "any")
    names = [name for name in ([given] if isinstance(given, str) else given) if name != "null"]
    words = {"string": "text", "integer": "whole number", "boolean": "true/false"}
    words |= {"object": "mapping", "array": "list"}
    items = section.get("items", {})
    if names == ["array"] and "type" in items and "properties" not in items:
        return f"list of {_type(items)}"
    return " or ".join(words.get(name, name) for name in names)


if __name__ == "__main__":
    main()
