"""Errors of the closed schema, worded for a user of YAML."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema

from diffusion.config.branches import ELSEWHERE, Validator
from diffusion.config.names import meant_kind
from diffusion.errors import DiffusionError, OptionError

TYPE_NAMES = {
    "object": "a mapping (key: value)",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
TYPES = (
    "Types: string, int, float, bool, date, timestamp, category, json, struct, list[…] of one of "
    "the first six"
)
# words of others for keys, that are spelled otherwise
MOST = 20  # keys that are listed beside the one that is meant
EVERY_KEY = "Every key: config/README.md"
MEANT = dict.fromkeys(("path", "file", "href", "link", "uri"), "url")
# the schema's regular expressions in words
PATTERNS = {
    "^[a-z][a-z0-9_]*$": "lower case letters, digits and _, beginning with a letter",
    "^[a-z][a-z0-9_-]*$": "lower case letters, digits, _ and -, beginning with a letter",
    "^[A-Za-z0-9][A-Za-z0-9._-]*$": "letters, digits, `.`, `_` and `-`, no spaces",
    "^[A-Z][A-Z0-9_]*$": "write the NAME of an environment variable (capitals, digits, _), "
    "never the secret itself",
    "^([1-9][0-9]*/(s|min|h|day))?$": "write a number and s, min, h or day, such as 30/min",
    "^[0-9a-f]{64}$": "64 digits of 0-9 a-f, as `sha256sum` prints them",
    "^[a-z][a-z0-9_]*\\.[^.]+$": "write table.column",
    "^([^@\\s]+@[^@\\s]+|https?://\\S+)?$": "write an e-mail address, or the address of a page "
    "(https://…)",
    "^(https?://\\S+)?$": "write the whole address: https://…",
    "^[^\\w\\s]?$": "must be one sign, and no letter, digit or blank",
}
LIMIT_TEXTS = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be above {}",
    "minItems": "needs at least {} item{}",
    "maxItems": "takes at most {} item{}",
    "minLength": "must not be empty",
    "maxLength": "takes at most {} character{}",
    "minProperties": "needs at least one entry",
    "uniqueItems": "must not repeat an item",
}
VARIABLE = "^[A-Z][A-Z0-9_]*$"


@dataclass(frozen=True)
class _Violation:
    """One breach of the schema.

    Attributes:
        rule, value: the keyword that is violated and its value, e.g. ``type``, ``string``.
        schema: the schema that holds the keyword.
        found: the part of the configuration that breaks it.
        path: where that part is.
    """

    rule: str
    value: Any
    schema: Mapping[str, Any]
    found: Any
    path: list[str]

    @classmethod
    def of(cls, error: jsonschema.ValidationError) -> "_Violation":
        schema = error.schema if isinstance(error.schema, Mapping) else {}
        path = [str(part) for part in error.absolute_path]
        return cls(str(error.validator), error.validator_value, schema, error.instance, path)


def schema_problems(config: Mapping, schema: Mapping) -> list[DiffusionError]:
    """Return every breach of the schema, each with YAML path, what was found, what is allowed."""
    errors = Validator(schema).iter_errors(config)
    ordered = sorted(errors, key=lambda error: list(map(str, error.path)))
    found = [problem for error in ordered for problem in _problems_of(error)]
    return list({str(problem): problem for problem in found}.values())


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean …? " for the nearest of the known words, or nothing."""
    lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return f"did you mean `{lower[near[0]]}`? " if near else ""


def _problems_of(error: jsonschema.ValidationError) -> Iterator[DiffusionError]:
    violation = _Violation.of(error)
    rule, value, path = violation.rule, violation.value, violation.path
    if rule == "additionalProperties":
        elsewhere = vars(error).get(ELSEWHERE, {})
        for key in violation.found.keys() - violation.schema.get("properties", {}).keys():
            where = ".".join([*path, key])
            yield _unknown_key(where, key, violation.schema["properties"], elsewhere.get(key, ()))
    elif rule == "required":
        for key in sorted(set(value) - violation.found.keys()):
            text = violation.schema["properties"][key].get("description", "")
            yield OptionError(".".join([*path, key]), "missing", text)
    elif rule == "anyOf" and (branch := _of_its_type(value, violation.found)) is not None:
        # a column is text or a mapping, an axis a list or a mapping
        for sub in error.context:
            if sub.schema_path[0] == branch:
                yield from _problems_of(sub)
    elif rule == "anyOf" and "pattern" not in value[0]:
        text = f"must be {_names_of(value)}{_described(violation)}"
        yield OptionError(".".join(path), f"found {_shown(violation.found)}", text)
    elif rule == "anyOf" or (rule == "pattern" and value.startswith("^(string|")):
        text = f"found {_shown(violation.found)}"
        meant = did_you_mean(str(violation.found), TYPES.partition(": ")[2].split(", ")[:-1])
        yield OptionError(".".join(path), text, meant + TYPES)
    else:
        secret = rule == "pattern" and value == VARIABLE
        found = "not the name of a variable" if secret else f"found {_shown(violation.found)}"
        yield OptionError(".".join(path), found, _allowed(violation, error.message))


def _of_its_type(branches: list[Mapping], value: object) -> int | None:
    """Return the number of the branch for lists or mappings, where the value is one."""
    kind = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else ""
    return next((n for n, b in enumerate(branches) if kind and b.get("type") == kind), None)


def _unknown_key(where: str, key: str, known: Mapping, elsewhere: Iterable[str]) -> DiffusionError:
    kinds = [f"{name}.{key}" for name, sub in known.items() if key in sub.get("properties", {})]
    if kinds:
        meant = f"did you mean `{kinds[0]}`? "
    elif elsewhere:
        meant = f"only with {' or '.join(elsewhere)}. "
    elif MEANT.get(key.lower()) in known:
        meant = f"did you mean `{MEANT[key.lower()]}`? "
    else:
        meant = did_you_mean(key, known)
    is_told_apart = meant and len(known) > MOST
    allowed = EVERY_KEY if is_told_apart else f"Allowed here: {', '.join(sorted(known))}"
    return OptionError(where, "unknown key", meant + allowed)


def _allowed(violation: _Violation, message: str) -> str:
    rule, value = violation.rule, violation.value
    if rule == "enum":
        found, meant = str(violation.found), None
        if "archive" in value:
            meant = meant_kind(found)
        words = f"did you mean `{meant}`? " if meant else did_you_mean(found, map(str, value))
        return f"{words}Allowed: {', '.join(map(str, value))}"
    if rule == "type" and "string" in value and isinstance(violation.found, int | float):
        return _as_crs(violation) or _quoted(violation.found)
    described = _described(violation)
    if rule == "type" and value == "boolean" and violation.found in ("true", "false"):
        told = f"{violation.path[-1]}={violation.found.title()}"
        return f"write it without quotes; on the command line as Python does: --config {told}"
    if rule == "type":
        return f"must be {_names(value)}{described}"
    if rule == "pattern":
        return PATTERNS.get(value, f"must match {value}") + described
    text = LIMIT_TEXTS.get(rule, message)
    return text.format(value, "" if value == 1 else "s") + described


def _described(violation: _Violation) -> str:
    """Return the sentence of the schema about the key, where it has one, to follow others."""
    return f". {violation.schema['description']}" if "description" in violation.schema else ""


def _as_crs(violation: _Violation) -> str:
    """Return how a CRS is written that is the number of its EPSG code alone; else nothing."""
    is_crs = violation.path[-1] in ("crs", "to_crs") and type(violation.found) is int
    return f"did you mean `EPSG:{violation.found}`?" if is_crs else ""


def _quoted(value: float) -> str:
    """Say that text is needed where YAML read something else; 01450 is octal to it."""
    if isinstance(value, bool):
        return "text is needed: put it in quotes (YAML reads yes, no, on, off as true or false)"
    return "text is needed: put it in quotes (unquoted, YAML reads 01450 as the number 808)"


def _names(types: str | list[str]) -> str:
    given = [types] if isinstance(types, str) else types
    return " or ".join(TYPE_NAMES[name] for name in given if name != "null")


def _names_of(branches: list[Mapping]) -> str:
    """Return what each branch takes, once: its types, or the one word that it allows."""
    named = (f"`{b['const']}`" if "const" in b else _names(b["type"]) for b in branches)
    return " or ".join(dict.fromkeys(named))


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    kind = "a mapping " if isinstance(value, dict) else "a list " if isinstance(value, list) else ""
    text = repr(value)
    return kind + (text if len(text) <= 60 else text[:57] + "…")
