"""Text that was damaged before its file was made: told beside the table, nobody here can mend it.

U+FFFD stands where a program could not read a character. ``Ã©`` stands where UTF-8 was once read as
CP1252 or Latin-1, and written again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.texts import bytes_of

LOST = "\ufffd"
# a first byte of UTF-8 as CP1252 shows it, before what its second one is shown as: not where
# `Ã` and `Â` end a word before a sign
_SECOND = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xC0))
_AFTER = "".join(sign for sign in _SECOND if sign not in "…’”»–—") + "\x80-\x9f"
TWICE = f"Ã[{_AFTER}]|Â[°²³«·´§®©\u00a0\x80-\x9f]|â€"
# a column without them is whole; each has a byte that is rare in text, found at memory's speed
RARE = (b"\xef", b"\x83", b"\x82")
NEEDLES = tuple(sign.encode() for sign in (LOST, "Ã", "Â", "â€"))
EXAMPLES = 3
LONGEST = 60  # characters of each


@dataclass
class Damage:
    """Values of a column: without some characters, and read twice. ``examples``: the first by name.

    Sorted, so that they are the same whatever the order of the rows.
    """

    lost: int = 0
    twice: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, other: "Damage") -> None:
        """Take what was found in other rows."""
        self.lost, self.twice = self.lost + other.lost, self.twice + other.twice
        self.examples = sorted({*self.examples, *other.examples})[:EXAMPLES]


def find_damage(batch: pa.RecordBatch, found: dict[str, Damage]) -> None:
    """Add the damaged values of a batch to what was found by column."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if not pa.types.is_string(column.type) or not _may_be(column):
            continue
        lost = pc.match_substring(column, LOST)
        twice = pc.match_substring_regex(column, TWICE)
        if examples := column.filter(pc.or_(lost, twice)).unique().to_pylist():
            counted = Damage(pc.sum(lost).as_py(), pc.sum(twice).as_py())
            counted.examples = sorted(str(value)[:LONGEST] for value in examples)[:EXAMPLES]
            found.setdefault(name, Damage()).add(counted)


def _may_be(column: pa.Array) -> bool:
    """Whether the text of a column, or of that which it is a slice of, holds one of the signs."""
    text = bytes_of(column)
    if text.isascii() or not any(byte in text for byte in RARE):
        return False
    return any(needle in text for needle in NEEDLES)


def damage_of_batches(many: Sequence[Mapping]) -> dict[str, Damage]:
    """Add up what was found in several batches of a source."""
    total: dict[str, Damage] = {}
    for found in many:
        for name, damage in found.items():
            total.setdefault(name, Damage()).add(Damage(**damage))
    return total
