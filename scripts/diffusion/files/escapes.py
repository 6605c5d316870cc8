r"""Quotes within quoted values that have a sign before them, written doubled as everywhere else.

MySQL's ``SELECT … INTO OUTFILE`` writes the sign before quotes, itself and line ends; R's
``write.table`` before quotes only. A sign before anything else shows the latter, in which two
signs are two.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from diffusion.errors import DialectError
from diffusion.files.lines import lines_of_text

BACKSLASH = "\\"


def unescaped(path: Path, quote: str, escape: str, target: Path, label: str) -> tuple[Path, int]:
    """Copy a text in UTF-8 with quotes within values doubled.

    Returns:
        The copy; how many signs stand before anything else, and are kept.

    Raises:
        DiffusionError: a sign stands before a quote outside of quotes, or before the last one of a
            value.
    """
    alone = sum(_count_alone(line, quote, escape) for line in lines_of_text(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as out:
        try:
            out.writelines(doubled_quotes(lines_of_text(path), quote, escape, alone > 0))
        except EscapeError as error:
            fix = "ask its publisher for quotes doubled, or for Parquet, and set a new `vintage` "
            fix += "once it is there"
            raise DialectError(label, str(error), fix) from error
    return target, alone


class EscapeError(ValueError):
    """A text that cannot be read by this sign."""


def doubled_quotes(
    lines: Iterable[str], quote: str, escape: str, keeps: bool = False
) -> Iterator[str]:
    """Yield lines with quotes doubled that have a sign before them.

    Args:
        keeps: whether two signs are two; else they are one.

    Raises:
        EscapeError: see ``unescaped``.
    """
    sign, mark = re.escape(escape), re.escape(quote)
    token = re.compile(rf"{sign}(?:{sign}|{mark}|\r?\n|\r)|{mark}{mark}|{mark}")
    inside = False
    for number, line in enumerate(lines, 1):
        if not inside and escape not in line:
            inside = line.count(quote) % 2 == 1
            yield line
            continue
        made, at = [], 0
        for found in token.finditer(line):
            made.append(line[at : found.start()])
            at, text = found.end(), found[0]
            if text == quote:
                if inside and (line[at : at + 1].isalnum()):
                    shown = line[max(0, found.start() - 20) : at + 20].strip()
                    raise EscapeError(f"line {number:,}: a value may end in `{escape}`: {shown}")
                inside = not inside
            elif text == escape + quote:
                if not inside:
                    shown = line[max(0, found.start() - 20) : at + 20].strip()
                    raise EscapeError(f"line {number:,}: `{text}` stands outside quotes: {shown}")
                text = quote + quote
            elif text == escape + escape:
                text = text if keeps else escape
            elif text.startswith(escape) and inside:
                text = text.removeprefix(escape)  # a line end within a value
            made.append(text)
        yield "".join([*made, line[at:]])


def _count_alone(line: str, quote: str, escape: str) -> int:
    """Count the signs that stand before neither a quote, nor another, nor the end of the line."""
    if escape not in line:
        return 0
    pair = re.compile(rf"{re.escape(escape)}(.|$)", re.DOTALL)
    return sum(found[1] not in (quote, escape, "\r", "\n", "") for found in pair.finditer(line))
