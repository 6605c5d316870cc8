"""Remedies that print a section of the configuration, with the keys that it has already.

They are written where nothing is known of the rest: ``csv: {decimal: ","}``. Pasted as they are,
they would take out a ``delimiter`` that was declared before.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from diffusion.errors import DiffusionError

PRINTED = re.compile(
    r"`(?P<name>csv|xlsx|geometry|pages|params|partitions|columns|checks|encoding|fixed)"
    r": (?P<keys>\{[^`]+\})`"
)
REST = "…"
CORRECT = "ask its publisher to correct it, and once it is corrected set a new `vintage`"
MOST = 6  # keys that are shown; of more, only those that a remedy is about
PLAIN = re.compile(r"[A-Za-z_…][\w./-]*")
WORDS = ("true", "false", "yes", "no", "on", "off", "null")  # which YAML takes for others


@contextmanager
def remedies_merged(entry: Mapping[str, Any]) -> Iterator[None]:
    """Let the remedies of errors keep what an entry of the configuration declares.

    Args:
        entry: as it could be written in YAML, see ``typed.flat_config``.
    """
    try:
        yield
    except DiffusionError as error:
        fix = merged(error.fix, entry)
        if fix == error.fix:
            raise
        raise error.restated(fix=fix) from error.__cause__


def merged(words: str, entry: Mapping[str, Any]) -> str:
    """Return words whose sections of YAML hold what the entry declares there, too."""

    def section(match: re.Match[str]) -> str:
        declared, new = entry.get(match["name"]), _keys(match["keys"])
        if not isinstance(declared, Mapping) or not declared or new is None:
            return match[0]
        if isinstance(new.get(REST), Mapping):  # keys of columns that the reader knows
            return match[0]
        return f"`{match['name']}: {in_line(_over(declared, new))}`"

    return PRINTED.sub(section, words)


def _keys(text: str) -> dict | None:
    import yaml  # only for a remedy

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    return found if isinstance(found, dict) else None


def _over(declared: Mapping[str, Any], new: dict) -> dict:
    """Lay new keys over those that are declared; of a column, a type alone is its type.

    What stands for the rest is replaced by it: pasted, it would be no key.
    """
    kept, new = dict(declared), {key: value for key, value in new.items() if key != REST}
    if len({*kept, *new}) > MOST and kept.keys() - new:
        kept = {REST: None} | {key: value for key, value in kept.items() if key in new}
    for key, value in new.items():
        before = kept.get(key)
        if isinstance(before, dict):
            value = _over(before, value if isinstance(value, dict) else {"type": value})
        if key == "nulls" and isinstance(before, list) and isinstance(value, list):
            value = list(dict.fromkeys([*before, *value]))
        kept[key] = value
    return kept


def in_line(value: object) -> str:
    """Return YAML on one line, as the documentation of this project writes it."""
    if isinstance(value, dict) and value.keys() == {"type"}:
        return in_line(value["type"])  # of a column
    if isinstance(value, dict):
        pairs = (k if v is None else f"{in_line(k)}: {in_line(v)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(in_line, value))}]"
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    if isinstance(value, str) and '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)
