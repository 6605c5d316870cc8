"""What the batches of a source have together: their columns, and whether these fit."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from diffusion.config.reading import Convert
from diffusion.convert.headers.stated import Stated, verify_stated
from diffusion.convert.json.void import nested_in_all, no_columns
from diffusion.convert.names import without_twins
from diffusion.convert.relation import Nested
from diffusion.convert.same_columns import (
    KEYED,
    ONE_STATEMENT,
    Header,
    note_on_columns,
    verify_headers,
)


def found_in(notes: Sequence[Mapping], convert: Convert) -> list[str]:
    """Return the columns of all batches, but for objects that are null in all of a batch."""
    nested = (msgspec.convert(note["nested"], Nested) for note in notes)
    many = ((note["found"], of) for note, of in zip(notes, nested, strict=True))
    gone = no_columns(nested_in_all(many), convert)
    found = dict.fromkeys(column for note in notes for column in note["found"])
    return [column for column in found if column not in gone]


def added_in(notes: Sequence[Mapping]) -> list[str]:
    """Return the columns of partitions that are in no file of any batch."""
    own = (set(note["found"]).difference(note["added"]) for note in notes)
    return sorted({name for note in notes for name in note["added"]}.difference(*own))


def verify_together(
    parts: Sequence[Path], notes: Sequence[Mapping], convert: Convert, where: str
) -> list[str]:
    """Refuse batches that cannot be put together by the names of their columns.

    Returns:
        What is noted on columns that some of them lack.
    """
    headers, stated = [], []
    for part, note in zip(parts, notes, strict=True):
        label = f"batch {part.stem}"
        if note["stated"]:
            stated.append((label, msgspec.convert(note["stated"], Stated)))
        if note["found"]:
            columns, _ = without_twins(note["found"], convert.drop)
            without = (frozenset(note["added"]), frozenset(note["left_out"]))
            headers.append(Header(label, columns, *without))
    verify_stated(stated, where)
    are_one = any(ONE_STATEMENT in note["seen"] for note in notes)
    verify_headers(headers, convert, where, are_one=are_one)
    is_keyed = any(KEYED & {*note["seen"]} for note in notes)
    return [] if is_keyed else note_on_columns(headers, "batches")
