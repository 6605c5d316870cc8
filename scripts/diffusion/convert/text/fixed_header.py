"""The first line of a text of fixed width that names the columns: it would be a row."""

import re
from collections.abc import Sequence

from diffusion.config.remedies import in_line
from diffusion.convert.names import plain_name
from diffusion.convert.relation import NoRecords, Record
from diffusion.errors import HeaderError
from diffusion.tables.sql import identifier, literal

LOOKED = 1_000  # lines
FEWEST = 3  # values of a column that are all numbers
NUMBER = re.compile(r"[+-]?[\d ]*\d([.,]\d+)?")
SHOWN = 60  # characters of a line


def header_among(records: Sequence[Record], label: str) -> NoRecords | None:
    """Return what is said of a first line that is a header; None where it is a record.

    It has words where the lines below have numbers, in each column that is all numbers; or what
    the columns are called, or how these names begin.
    """
    if len(records) < 2:
        return None
    first, below = records[0], records[1:]
    if not (_names(first) or _words_above_numbers(first, below)):
        return None
    shown = " ".join(str(cell) for cell in first.values() if cell)[:SHOWN]
    found = f"its first line is a header, not a record: {shown}"
    fix = "ask its publisher for a file without it"
    if name := _telling_apart(first, below):
        kept = f"{identifier(name)} <> {literal(str(first[name]))}"
        fix = f"leave it out: `where: {in_line(kept)}`"
    return NoRecords(HeaderError(label, found, fix), first)


def _telling_apart(first: Record, below: Sequence[Record]) -> str:
    """Return a column that has a value in each line, and that of the header in no other one."""
    full = (name for name, cell in first.items() if cell and all(row[name] for row in below))
    return next((name for name in full if all(row[name] != first[name] for row in below)), "")


def _names(first: Record) -> bool:
    """Whether most of what stands there is what the columns are called, or begins so."""
    cells = {name: plain_name(str(cell)) for name, cell in first.items() if cell}
    same = [name for name, cell in cells.items() if cell and plain_name(name).startswith(cell)]
    return len(same) >= 2 and 2 * len(same) > len(cells)


def _words_above_numbers(first: Record, below: Sequence[Record]) -> bool:
    """Whether words stand above each column that has numbers alone, where there are any."""
    above = []
    for name, cell in first.items():
        values = [str(row[name]) for row in below if row[name]]
        if len(values) >= FEWEST and all(map(NUMBER.fullmatch, values)):
            above.append(str(cell or ""))
    return any(above) and all(not cell or any(map(str.isalpha, cell)) for cell in above)
