"""Characters of a cell that are raised (superscript): marks of footnotes, exponents.

As plain text, ``2650¹`` would be the number 26501, and the code ``01001¹`` another code.
"""

import re
from collections.abc import Iterable

NUMBER = re.compile(r"[+-]?\d[\d .,'\u00a0\u2009\u202f]*%?")  # or a code of digits
POWER = re.compile(r"(^|\D)10$")  # 10³: no mark
MARK = re.compile(r"\(?\d{1,2}([,; ]+\d{1,2})*\)?|\*+|\([a-z]\)")
DIGITS = re.compile(r"[\d+,; -]+")
RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
ALL = str.maketrans("0123456789+-()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾")


class Marked(str):
    """The text of a cell that is a number or a code, without the mark of a footnote behind it.

    Attributes:
        shown: the text with its mark.
    """

    shown: str = ""


def text_of_runs(runs: Iterable[tuple[str, bool]]) -> str:
    """Return the text of a cell whose parts are raised, or are not.

    A number or a code loses the mark behind it, and is ``Marked``; other raised digits become
    characters that show it: ``km²``, ``Italie²``.

    Args:
        runs: the text of each part, and whether it is raised.
    """
    parts = [(text, is_raised) for text, is_raised in runs if text]
    base = "".join(text for text, is_raised in parts if not is_raised).strip()
    behind = [is_raised for text, is_raised in parts if text.strip()]
    mark = "".join(text for text, is_raised in parts if is_raised).strip()
    is_mark = behind == sorted(behind) and NUMBER.fullmatch(base) and MARK.fullmatch(mark)
    if is_mark and not POWER.search(base):
        marked = Marked(base)
        marked.shown = base + mark.translate(ALL)
        return marked
    return "".join(
        text.translate(RAISED) if base and is_raised and DIGITS.fullmatch(text) else text
        for text, is_raised in parts
    )


def note_on_marks(marked: Iterable[Marked]) -> tuple[str, ...]:
    """Return what is told of numbers and codes that lost their marks."""
    shown = [text.shown for text in marked]
    if not shown:
        return ()
    them = f"{len(shown):,} numbers have marks of footnotes behind them" if shown[1:] else ""
    them = them or "a number has the mark of a footnote behind it"
    return (f"{them}, such as {shown[0]}: read without",)
