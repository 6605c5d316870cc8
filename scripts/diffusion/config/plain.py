"""What YAML reads as a date, a number or nothing: the text that was meant, or said to be none."""

import datetime
import re
from collections.abc import Collection
from typing import Any
from unicodedata import normalize

import yaml

from diffusion.base.quick_yaml import load_yaml
from diffusion.config.positions import Key
from diffusion.errors import DiffusionError, YamlError

# where names of columns are keys, and where they are values
# steps of a path are joined by \x1f there, as a name may have dots
KEYS = re.compile(
    "(sources|derive)\x1f[^\x1f]+\x1f"
    "(columns|checks\x1f(allowed|range|regex|foreign_keys))\x1f[^\x1f]+"
)
VALUES = re.compile(
    "(sources|derive)\x1f[^\x1f]+\x1f(columns\x1f[^\x1f]+\x1ffrom|temporal\x1fcolumn"
    r"|(drop|status|sort_by|partition_by|(csv|xlsx)\x1fnames|checks\x1f(required|unique|not_null))\x1f\d+)"
)


def plain(value: Any, path: Key, places: Collection[Key], problems: list[DiffusionError]) -> Any:
    """YAML reads an unquoted 2025-03-19 as a date, and `no` or 01450 as no text; keys are text.

    Args:
        path: of the value.
        places: the keys of the files as they are written.
        problems: gets the keys that are none.
    """
    if isinstance(value, dict):
        written = {key: _written(key, path, places) for key in value}
        for key in value:
            if not isinstance(key, str):
                where = ".".join((*path, written[key]))
                found = f"the key is read as {_kind_of_key(key)}"
                problems.append(YamlError(where, found, "put it in quotes"))
        pairs = {k: plain(value[key], (*path, k), places, problems) for key, k in written.items()}
        named = {_named(KEYS, (*path, k), k): v for k, v in pairs.items()}
        if len(named) < len(pairs):
            found = "two keys differ only in how their accents are written (Unicode's NFC and NFD)"
            problems.append(YamlError(".".join(path), found, "keep one of the two"))
        return named
    if isinstance(value, str):
        return _named(VALUES, path, value)
    if isinstance(value, list):
        return [plain(item, (*path, str(i)), places, problems) for i, item in enumerate(value)]
    return value.isoformat() if isinstance(value, datetime.date) else value


def without_unknown(
    unread: Collection[DiffusionError], broken: Collection[DiffusionError]
) -> list[DiffusionError]:
    """Return the keys that are none but for those that no quotes would make right.

    `null:` where `nulls:` is meant is a key that the schema does not know.
    """
    unknown = {problem.where for problem in broken if problem.found == "unknown key"}
    return [problem for problem in unread if problem.where not in unknown]


def _written(key: object, path: Key, places: Collection[Key]) -> str:
    """Return a key as it is written: `null`, `no` and 01450 are not what they are read as."""
    if isinstance(key, str):
        return key
    here = (place[-1] for place in places if place[:-1] == path)
    return next((text for text in here if _is_read_as(text, key)), str(key))


def _is_read_as(text: str, key: object) -> bool:
    try:
        read = load_yaml(text)
    except yaml.YAMLError:
        return False
    return type(read) is type(key) and read == key


def _named(places: re.Pattern[str], path: Key, text: str) -> str:
    """Return a name of a column in NFC, as those of files are; all else as it is written."""
    is_name = not text.isascii() and places.fullmatch("\x1f".join(path))
    return normalize("NFC", text) if is_name else text


def _kind_of_key(key: object) -> str:
    kinds: dict[type, str] = {bool: "true or false", type(None): "nothing", datetime.date: "a date"}
    return kinds.get(type(key), f"the number {key}")
