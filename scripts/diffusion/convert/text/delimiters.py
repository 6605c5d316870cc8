"""Which sign cuts a text into columns: one alone for certain, else an error shows the readings."""

import re
from collections.abc import Sequence
from pathlib import Path

from diffusion.config.rows import Csv
from diffusion.convert.text.cuts import NO_SIGN, Cut, cut_by, cut_by_another, other_signs
from diffusion.convert.text.readings import in_groups, none, several
from diffusion.convert.text.within import refuse_within

DELIMITERS = (",", ";", "\t", "|")
OTHERS = (" ", ":", "~", "^", "¦", "\x1f")  # signs that cut some files, never taken unasked
# whose colons and blanks cut nothing
MOMENT = re.compile(
    r"(?:(?:\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{4})[T ])?\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?"
    r"(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?(?![\w:])"
)


def only_cut(path: Path, lines: Sequence[str], options: Csv, label: str, above: int) -> Cut:
    """Return the first rows as the only sign cuts them that can.

    Args:
        path: of the text.
        lines: its first ones.
        above: how many lines stand before them.

    Raises:
        DiffusionError: with the readings, where several signs can, or none.
    """
    text = "".join(lines)
    cuts = [cut_by(lines, sign, options.quote) for sign in DELIMITERS if sign in text]
    start = max((options.header_row or 1) - 1, 0)
    fitting = [cut for cut in cuts if cut.fits(start)]
    fitting = [cut for cut in fitting if cut.clean] or fitting
    fitting += _wider(fitting, cuts, start)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise several(fitting, start, label)
    wide = [cut for cut in cuts if len(cut.rows) > start and len(cut.rows[start]) > 1]
    if any(in_groups(cut, start) for cut in wide if not cut.wider(start)):
        raise none(cut_by(lines, NO_SIGN, options.quote), cuts, start, label, above)
    if len(wide) == 1 and _is_damaged(wide[0], start):
        return wide[0]
    narrow = [cut for cut in wide if cut.wider(start)]
    if len(narrow) == 1:
        return narrow[0]  # refused below, unless all names are given
    return _cut_by_others(path, lines, cuts, options, label, above)


def _cut_by_others(
    path: Path,
    lines: Sequence[str],
    cuts: Sequence[Cut],
    options: Csv,
    label: str,
    above: int,
) -> Cut:
    """Return lines of one column, where no sign cuts them that cuts few files."""
    start, alone = max((options.header_row or 1) - 1, 0), cut_by(lines, NO_SIGN, options.quote)
    if cut := cut_by_another(lines, OTHERS, cuts, options.quote, start):
        raise several([cut], start, label)
    if options.header is None:
        refuse_within(path, cuts, options, label, above)
    bare = MOMENT.sub("", "".join(lines))
    signs = [sign for sign in (*OTHERS, *other_signs(lines, OTHERS)) if sign in bare]
    others = [cut_by(lines, sign, options.quote) for sign in signs]
    others = [cut for cut in others if cut.delimiter in OTHERS or cut.has_names(start)]
    if any(not _is_uncut(cut, start) for cut in cuts):
        raise none(alone, cuts, start, label, above)
    if cut := next((cut for cut in others if cut.fits(start) or cut.wider(start)), None):
        raise several([alone, cut] if alone.clean else [cut], start, label)
    return alone


def _wider(fitting: Sequence[Cut], cuts: Sequence[Cut], start: int) -> list[Cut]:
    """Return cuts that give no fewer columns than the one that fits, though a line spoils them.

    A footnote under `nom, prénom;2020` leaves the comma as the only sign that cuts all rows alike.
    """
    if len(fitting) != 1:
        return []
    best = fitting[0]
    return [
        cut
        for cut in cuts
        if cut is not best
        and (cut.clean or not best.clean)
        and len(cut.rows) > start
        and len(cut.rows[start]) >= len(best.rows[start])
        and (
            _is_damaged(cut, start)
            or not best.clean
            or len(cut.rows[start]) > 2 * len(best.rows[start])
        )
        and not all(cell.startswith(" ") for row in cut.rows for cell in row[1:])  # `Doe, J`
    ]


def _is_uncut(cut: Cut, start: int) -> bool:
    """Whether neither the header nor most of the rows have the sign: it stands in the text."""
    rows = [row for row in cut.rows[start:] if row]
    return len(rows) == 0 or (len(rows[0]) == 1 and 2 * sum(len(r) > 1 for r in rows) < len(rows))


def _is_damaged(cut: Cut, start: int) -> bool:
    """Whether half of the rows or more are as wide as the header: the others are told later."""
    widths = [len(row) for row in cut.rows[start + 1 :] if row]
    return 2 * widths.count(len(cut.rows[start])) >= len(widths)
