"""JSON one level at a time: what is below an object or a list, and how it reads as text."""

from collections.abc import Iterator

import msgspec

from diffusion.base.json_path import Step, Where

Raw = msgspec.Raw
NULL = b"null"
# UTF-8 is what JSON is; the last: thousands of brackets
DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def below(level: dict | list | None, step: Step) -> Raw | None:
    """Return what a step leads to, None where it leads nowhere."""
    if isinstance(step, str):
        return level.get(step) if isinstance(level, dict) else None
    if not isinstance(level, list):
        return None
    if isinstance(step, int):
        return level[step] if -len(level) <= step < len(level) else None
    return next((i for i in level if isinstance(step, Where) and is_where(i, step)), None)


def links_in(path: str, level: list[Raw]) -> Iterator[tuple[str, str]]:
    """Yield the path of the next page among links, as ``{"rel": "next", "href": …}``."""
    for item in level:
        if is_where(item, Where("rel", "next")):
            yield f"{path}[rel=next].href", plain(below(object_of(item), "href") or NULL)


def object_of(item: Raw) -> dict[str, Raw]:
    """Return the fields of an object, none of another value."""
    try:
        return msgspec.json.decode(item, type=dict[str, Raw])
    except DECODE_ERRORS:
        return {}


def is_where(item: Raw, where: Where) -> bool:
    """Say whether an object has the field with the value that a step names."""
    found = object_of(item).get(where.field)
    return found is not None and plain(found) == where.value


def plain(found: bytes | Raw) -> str:
    """Return JSON as text: a string without its quotes, nothing for null and what is empty."""
    text = bytes(found).decode("utf-8", "replace").strip()
    if text in ("null", '""', "[]", "{}"):
        return ""
    if text.startswith('"'):
        try:
            return str(msgspec.json.decode(found))
        except DECODE_ERRORS:
            return text
    return text
