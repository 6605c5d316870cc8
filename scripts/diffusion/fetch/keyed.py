"""Records of an answer that are no list of objects: the values of a mapping, rows as lists."""

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from diffusion.base.json_path import Each, Step, place_of, steps_to_records
from diffusion.errors import AnswerError, IncompleteError, PagesError
from diffusion.files.beside import Beside
from diffusion.files.json_walk import (
    Keys,
    PathError,
    Walk,
    alone_words,
    clash_words,
    column_names,
    skip,
    values_at,
)

Raw = msgspec.Raw


def keyed_records(content: bytes, path: str, where: str) -> tuple[list[Raw], Beside]:
    """Return the records, their keys put before the bytes that the server sent; and what is beside.

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
        raise PagesError(where, f"at `{path}`: {error}", error.fix or fix) from error
    if len(records) != count:
        found = f"two readers see {len(records):,} and {count:,} records at `{path}`"
        raise IncompleteError(where, found, "report it, with the answer")
    return records, walk.beside


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


def named_records(rows: list[Raw], content: bytes, path: str, names: str, where: str) -> list[Raw]:
    """Return rows that are lists as objects, their values as the server sent them.

    Args:
        rows: of one page.
        path: leads to them.
        names: the path of their names in the same page: a list, or the first row, which is none.

    Raises:
        DiffusionError: there are no names there, or a row has another number of values.
    """
    try:
        called = column_names(values_at(io.BytesIO(content), names))
    except PathError as error:
        raise PagesError(where, f"at `{names}`: {error}", "correct `pages.names`") from error
    keys = [msgspec.json.encode(name) + b":" for name in called]
    found: list[Raw] = []
    is_first = place_of(names) == (*place_of(path), 0)
    for number, row in enumerate(rows[is_first:], 1):
        try:
            values = msgspec.json.decode(row, type=list[Raw])
        except msgspec.DecodeError as error:
            fix = "leave out `pages.names`, or correct `pages.records`"
            raise PagesError(where, f"record {number:,} is no list ({error})", fix) from error
        if len(values) != len(keys):
            told = f"record {number:,} has {len(values)} values, and there are {len(keys)} names"
            raise PagesError(where, told, "correct `pages.names`")
        pairs = (key + bytes(value) for key, value in zip(keys, values, strict=True))
        found.append(Raw(b"{" + b",".join(pairs) + b"}"))
    return found


def refuse_key_twice(content: bytes | Raw, name: str, where: str) -> None:
    """Refuse an object that has a name on the way to its records twice: one would be lost.

    Raises:
        DiffusionError: with the name.
    """
    key = msgspec.json.encode(name)
    text = bytes(content)
    if text.count(key) < 2:
        return
    try:
        top = json.JSONDecoder(object_pairs_hook=list).decode(text.decode())
    except (ValueError, RecursionError):
        return  # told where it is read
    if [known for known, _ in top].count(name) > 1:
        fix = "readers differ in which of the two they take: ask its publisher to correct it"
        raise AnswerError(where, f"the answer has `{name}` twice in one object", fix)
