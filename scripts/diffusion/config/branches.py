"""Validation by the branch of the schema that is meant, where a kind of entry has several."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import jsonschema

ELSEWHERE = "elsewhere"  # noted on an error: the branches that know a key this one does not


class _Validator(Protocol):
    """The validator handed to a keyword; jsonschema's own protocol lacks ``descend``."""

    def descend(
        self, instance: object, schema: Mapping, path: str | None = None
    ) -> Iterator[jsonschema.ValidationError]: ...


def _pattern(
    validator: _Validator, pattern: str, value: object, _: Mapping
) -> Iterator[jsonschema.ValidationError]:
    """JSON Schema's ``$`` is the end of the text; Python's also matches before a final newline."""
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield jsonschema.ValidationError(f"{value!r} does not match {pattern!r}")


def branch_of(schema: Mapping, value: Mapping) -> Mapping:
    """Return the branch of an ``anyOf`` that a mapping means; without such branches, the schema.

    Branches are distinguished by a constant: kinds of sources by ``from``, figures by ``figure``.
    """
    key, branches = _branches(schema.get("anyOf", ()))
    if not key:
        return next((b for b in schema.get("anyOf", ()) if "properties" in b), schema)
    return _chosen(key, branches, value) or {}


def _branches(schemas: Iterable[Mapping]) -> tuple[str, list[tuple[object, Mapping]]]:
    """Return the key that distinguishes the branches, and (constant, branch) pairs."""
    found = [
        (key, sub["const"], branch)
        for branch in schemas
        for key, sub in branch.get("properties", {}).items()
        if "const" in sub
    ]
    return (found[0][0] if found else ""), [(const, branch) for _, const, branch in found]


def _chosen(key: str, branches: list[tuple[object, Mapping]], value: Mapping) -> Mapping | None:
    for const, branch in branches:
        given = value.get(key, branch["properties"][key].get("default"))
        if type(given) is type(const) and given == const:
            return branch
    return None


def _any_of(
    validator: _Validator, schemas: list, value: object, schema: Mapping
) -> Iterator[jsonschema.ValidationError]:
    """Validate by the branch that is meant, so that errors are about that one and no other."""
    key, branches = _branches(schemas)
    if not key:
        yield from jsonschema.Draft202012Validator.VALIDATORS["anyOf"](
            validator, schemas, value, schema
        )
    elif not isinstance(value, dict):
        yield from validator.descend(value, {"type": "object"})
    elif branch := _chosen(key, branches, value):
        for error in validator.descend(value, branch):
            vars(error)[ELSEWHERE] = {} if error.path else _kinds_with_key(key, branches)
            yield error
    elif key not in value:
        kinds = "one of " + ", ".join(str(const) for const, _ in branches)
        yield from validator.descend(
            value, {"required": [key], "properties": {key: {"description": kinds}}}
        )
    else:
        constants = [const for const, _ in branches]
        rule = {"type": "boolean"} if isinstance(constants[0], bool) else {"enum": constants}
        yield from validator.descend(value[key], rule, path=key)


def _kinds_with_key(key: str, branches: list[tuple[object, Mapping]]) -> dict[str, list[str]]:
    """Return the branches that know each key, as a user writes them: ``from: archive``."""
    kinds: dict[str, list[str]] = {}
    for constant, branch in branches:
        const = str(constant).lower() if isinstance(constant, bool) else constant
        for name in branch["properties"]:
            kinds.setdefault(name, []).append(f"`{key}: {const}`")
    return kinds


Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator, {"pattern": _pattern, "anyOf": _any_of}
)
