"""Errors of the closed schema, said as a user of YAML would say them."""

import difflib
from collections.abc import Iterator, Mapping

import jsonschema

from diffusion.errors import DiffusionError


def schema_problems(config: Mapping, schema: Mapping) -> list[DiffusionError]:
    """Return every breach of the schema, each with YAML path, what was found, what is allowed."""
    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(
        validator.iter_errors(_without_nulls(config)), key=lambda e: list(map(str, e.path))
    )
    return [problem for error in errors for problem in _explain(error)]


def _without_nulls(value: object) -> object:
    """A key left empty in YAML (null) means "not set", as everywhere else."""
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return value


def _explain(error: jsonschema.ValidationError) -> Iterator[DiffusionError]:
    where = ".".join(map(str, error.absolute_path)) or "configuration"
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        for key in error.instance.keys() - set(known):
            yield _unknown_key(f"{where}.{key}".removeprefix("configuration."), key, known)
    elif error.validator == "required":
        for key in set(error.validator_value) - error.instance.keys():
            text = error.schema["properties"][key].get("description", "")
            yield DiffusionError(f"{where}.{key}".removeprefix("configuration."), "missing", text)
    elif error.validator == "anyOf":
        # a column: text or mapping; the branch of the same type as the value is what was meant
        index = 1 if isinstance(error.instance, dict) else 0
        for sub in error.context:
            if sub.schema_path[0] == index:
                yield from _explain(sub)
    else:
        yield DiffusionError(where, f"found {_shown(error.instance)}", _allowed(error))


def _unknown_key(where: str, key: str, known: list[str]) -> DiffusionError:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    fix = f"did you mean `{near[0]}`? " if near else ""
    return DiffusionError(where, "unknown key", fix + "Allowed here: " + ", ".join(sorted(known)))


def _allowed(error: jsonschema.ValidationError) -> str:
    rule, value = error.validator, error.validator_value
    if rule == "enum":
        near = difflib.get_close_matches(str(error.instance), map(str, value), n=1)
        meant = f"did you mean `{near[0]}`? " if near else ""
        return f"{meant}Allowed: {', '.join(map(str, value))}"
    if rule == "type" and value == "string" and isinstance(error.instance, int | float | bool):
        return 'text is needed: put it in quotes, e.g. "01450" (YAML reads 01450 as the number 808)'
    described = f". {error.schema['description']}" if "description" in error.schema else ""
    texts = {
        "type": f"must be {_names(value)}",
        "pattern": f"must match {value}",
        "minimum": f"must be at least {value}",
        "maximum": f"must be at most {value}",
        "exclusiveMinimum": f"must be above {value}",
        "minItems": f"needs at least {value} item(s)",
        "maxItems": f"takes at most {value} items",
        "minLength": "must not be empty",
        "minProperties": "needs at least one entry",
        "uniqueItems": "must not repeat an item",
    }
    return texts.get(rule, error.message) + described


def _names(types: str | list[str]) -> str:
    words = {"object": "a mapping (key: value)", "array": "a list", "string": "text"}
    words |= {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
    given = [types] if isinstance(types, str) else types
    return " or ".join(words[name] for name in given if name != "null")


def _shown(value: object) -> str:
    kind = {dict: "a mapping", list: "a list"}.get(type(value))
    text = repr(value)
    text = text if len(text) <= 60 else text[:57] + "…"
    return f"{kind} {text}" if kind else text
