"""What stands above the header of a delimited text for certain: blank lines, Excel's `sep=`."""

import re
from collections.abc import Sequence

from diffusion.errors import HeaderError

SEP_LINE = re.compile(r'"?sep=(.)"?;*', re.IGNORECASE)  # Excel's own first line
BLANK = " \t\r\n,;|"  # what a row without a value is made of


def certainly_above(lines: Sequence[str]) -> tuple[int, str | None]:
    """Return how many lines stand before the header for certain, and the sign that they state."""
    stated = SEP_LINE.fullmatch(lines[0].rstrip("\r\n")) if lines else None
    above = 1 if stated else 0
    while above < len(lines) and not lines[above].strip(BLANK):
        above += 1
    return above if above < len(lines) else 0, stated[1] if stated else None


def refuse_sep_line(lines: Sequence[str], label: str) -> None:
    """Refuse Excel's own first line as the names of columns."""
    if lines and (sign := SEP_LINE.fullmatch(lines[0].rstrip("\r\n"))):
        found = f"line 1 is Excel's `sep={sign[1]}`, which states the delimiter, and has no names"
        raise HeaderError(label, found, "write `csv: {header: 2}`, or leave `header` out")
