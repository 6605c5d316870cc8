"""The records of an answer whose path takes all values of a mapping: each with its key."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from diffusion.base.json_path import Each, Step, steps_to_records
from diffusion.errors import DiffusionError
from diffusion.files.json_walk import Keys, PathError, Walk, alone_words, clash_words, skip

Raw = msgspec.Raw


def keyed_records(content: bytes, path: str, where: str) -> list[Raw]:
    """Return the records, their keys put before the bytes that the server sent.

    A value that is no object becomes the field ``value``.

    Raises:
        DiffusionError: a mapping has a key twice, a record has a field called as the column of
            keys, or there are lists where mappings are meant.
    """
    steps = steps_to_records(path)
    walk = Walk(io.BytesIO(content), steps, skip)
    try:
        count = sum(1 for _ in walk)
        records = [_record(value, keys, path) for keys, value in _values(content, steps, ())]
    except PathError as error:
        fix = "correct `pages.records`; see the answer in a browser"
        raise DiffusionError(where, f"at `{path}`: {error}", error.fix or fix) from error
    if len(records) != count:
        found = f"two readers see {len(records):,} and {count:,} records at `{path}`"
        raise DiffusionError(where, found, "report it, with the answer")
    return records


def _values(
    found: bytes | Raw, steps: Sequence[Step], keys: Keys
) -> Iterator[tuple[Keys, bytes | Raw]]:
    if not steps:
        yield keys, found
        return
    step, *further = steps
    level: Any = None
    for kind in (dict[str, Raw], list[Raw]):
        try:
            level = msgspec.json.decode(found, type=kind)
            break
        except msgspec.ValidationError:
            continue
    if isinstance(level, dict) and isinstance(step, Each):
        for key, value in level.items():
            yield from _values(value, further, (*keys, (step.column, key)))
    elif isinstance(level, list) and isinstance(step, Each):
        for value in level:
            yield from _values(value, further, keys)
    elif isinstance(level, dict) and step in level:
        yield from _values(level[str(step)], further, keys)
    elif isinstance(level, list) and isinstance(step, int) and -len(level) <= step < len(level):
        yield from _values(level[step], further, keys)


def _record(value: bytes | Raw, keys: Keys, path: str) -> Raw:
    text = bytes(value).strip()
    if not keys:
        return Raw(text)
    before = ",".join(
        f"{msgspec.json.encode(name).decode()}:{msgspec.json.encode(key).decode()}"
        for name, key in keys
    ).encode()
    if text.startswith(b"["):
        raise alone_words(path)
    if text == b"null":
        return Raw(b"{" + before + b"}")
    if not text.startswith(b"{"):
        return Raw(b"{" + before + b',"value":' + text + b"}")
    fields = msgspec.json.decode(text, type=dict[str, Raw])
    for name, _ in keys:
        if name in fields:
            raise clash_words(path, name)
    return Raw(b"{" + before + (b"," if fields else b"") + text[1:])
