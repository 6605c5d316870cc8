"""How a delimited text is cut, found from its first rows; doubt is an error that shows them.

A delimiter is certain where it alone cuts the header and the rows after it alike. In doubt, each
reading is said with the keys that state it.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from diffusion.config.reading import ONE_COLUMN, Csv
from diffusion.convert.headers import doubtful_header, reading, shown
from diffusion.errors import DiffusionError
from diffusion.files.lines import lines_of_text, quoting

SAMPLE = 64 * 1024  # characters that are looked at
ROWS = 200
LOOKED = 30  # rows among which a header is looked for
DELIMITERS = (",", ";", "\t", "|")
OTHERS = (" ", ":", "~", "^", "¦", "\x1f")  # signs that cut some files, never taken unasked
NO_SIGN = "\x1e"  # ASCII's record separator: text of one column does not have it
MOST = 0.9  # of the rows that are cut alike, where the others are damaged: they are told later
SEP_LINE = re.compile(r'"?sep=(.)"?;*', re.IGNORECASE)  # Excel's own first line


@dataclass(frozen=True)
class Dialect:
    """``delimiter``: one sign. ``header``: row of the names, 0 for none. ``text``: of that row."""

    delimiter: str
    header: int
    text: str

    def words(self, encoding: str) -> str:
        """Return how the text is read, in words."""
        sign = {"\t": "tab", NO_SIGN: "one column"}.get(self.delimiter, f"`{self.delimiter}`")
        header = f"names in row {self.header}" if self.header else "no header"
        return f"CSV, {encoding}, {sign}, {header}"


@dataclass(frozen=True)
class Cut:
    """The first rows as one delimiter cuts them; ``clean``: quotes stand at edges of cells only."""

    delimiter: str
    rows: list[list[str]]
    clean: bool

    def fits(self, start: int) -> bool:
        """Whether rows from one on are as wide as that one, and have several cells."""
        widths = [len(row) for row in self.rows[start:] if row]
        return len(widths) > 0 and widths[0] > 1 and widths.count(widths[0]) >= MOST * len(widths)

    def begins(self) -> int:
        """Return the first row below the first from which on it fits, 0 if there is none."""
        rows = range(1, min(LOOKED, len(self.rows) - 1))
        return next((row for row in rows if self.rows[row] and self.fits(row)), 0)


def find_dialect(path: Path, options: Csv, label: str) -> Dialect:
    """Return how a text in UTF-8 is cut: as declared, else as its first rows show.

    Raises:
        DiffusionError: there are several readings, or none.
    """
    lines = _first_lines(path)
    header, declared = options.header, options.delimiter
    stated = SEP_LINE.fullmatch(lines[0].rstrip("\r\n")) if lines else None
    if stated and header is None:
        lines, declared = lines[1:], declared or stated[1]
    if declared:
        sign = NO_SIGN if declared == ONE_COLUMN else declared
        cut = _cut(lines, sign, options.quote)
        if declared != ONE_COLUMN:
            _refuse_unused(cut, lines, options, label)
    else:
        cut = _certain(lines, options, label)
    if header is None and not options.names:
        doubtful_header(cut.rows, cut.delimiter if cut.delimiter != NO_SIGN else None, label)
    first = 1 if header is None else header
    text = _text_of_row(lines, first, cut.delimiter, options.quote)
    return Dialect(cut.delimiter, first + (1 if stated and header is None else 0), text)


def _text_of_row(lines: Sequence[str], row: int, delimiter: str, quote: str) -> str:
    """Return the text of a row, which may have several lines."""
    rows, start = csv.reader(lines, delimiter=delimiter, **quoting(quote)), 0
    for number, _ in enumerate(rows, 1):
        if number == row:
            return "".join(lines[start : rows.line_num]).rstrip("\r\n")
        start = rows.line_num
    return ""


def _refuse_unused(cut: Cut, lines: Sequence[str], options: Csv, label: str) -> None:
    """Refuse a declared delimiter that no row has, where another one cuts them all."""
    if any(len(row) > 1 for row in cut.rows):
        return
    start = max((options.header or 1) - 1, 0)
    others = [_cut(lines, sign, options.quote) for sign in DELIMITERS if sign != cut.delimiter]
    if fitting := [other for other in others if other.fits(start)]:
        alone = Cut(NO_SIGN, cut.rows, clean=True)
        raise _several([alone, *fitting], start, label)


def _certain(lines: Sequence[str], options: Csv, label: str) -> Cut:
    text = "".join(lines)
    cuts = [_cut(lines, sign, options.quote) for sign in DELIMITERS if sign in text]
    start = max((options.header or 1) - 1, 0)
    fitting = [cut for cut in cuts if cut.fits(start)]
    fitting = [cut for cut in fitting if cut.clean] or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise _several(fitting, start, label)
    wide = [cut for cut in cuts if len(cut.rows) > start and len(cut.rows[start]) > 1]
    if len(wide) == 1 and _is_damaged(wide[0], start):
        return wide[0]
    later = [cut for cut in cuts if cut.begins() and len(cut.rows[0]) < 2]
    if options.header is None and later:
        raise _later_header(later, label)
    alone = _cut(lines, NO_SIGN, options.quote)
    others = [_cut(lines, sign, options.quote) for sign in OTHERS if sign in text]
    if any(not _is_uncut(cut, start) for cut in cuts):
        raise _none(alone, cuts, start, label)
    if cut := next((cut for cut in others if cut.fits(start)), None):
        raise _several([alone, cut], start, label)
    return alone


def _is_uncut(cut: Cut, start: int) -> bool:
    """Whether neither the header nor most of the rows have the sign: it stands in the text."""
    rows = [row for row in cut.rows[start:] if row]
    return len(rows) == 0 or (len(rows[0]) == 1 and 2 * sum(len(r) > 1 for r in rows) < len(rows))


def _is_damaged(cut: Cut, start: int) -> bool:
    """Whether half of the rows or more are as wide as the header: the others are told later."""
    widths = [len(row) for row in cut.rows[start + 1 :] if row]
    return 2 * widths.count(len(cut.rows[start])) >= len(widths)


def _cut(lines: Sequence[str], delimiter: str, quote: str) -> Cut:
    try:
        strict = csv.reader(lines, delimiter=delimiter, strict=True, **quoting(quote))
        rows = list(islice(strict, ROWS))
        return Cut(delimiter, rows, not quote or not _within(lines, delimiter, quote))
    except csv.Error:
        loose = csv.reader(lines, delimiter=delimiter, **quoting(quote))
        return Cut(delimiter, list(islice(loose, ROWS)), clean=False)


def _within(lines: Sequence[str], delimiter: str, quote: str) -> bool:
    """Whether a cell without quotes around it has one inside."""
    sign, mark = re.escape(delimiter), re.escape(quote)
    opens = re.compile(rf"(?:^|{sign})(?:(?!{sign}|{mark}).)+{mark}")
    return any(quote in line and _opens(opens, line, delimiter, quote) for line in lines)


def _opens(opens: re.Pattern, line: str, delimiter: str, quote: str) -> bool:
    found = opens.search(line)
    return bool(found and line[: found.start()].count(quote) % 2 == 0)


def _first_lines(path: Path) -> list[str]:
    """Return the first lines, at least two if there are two."""
    lines, size = [], 0
    for line in lines_of_text(path):
        lines.append(line)
        size += len(line)
        if size > SAMPLE and len(lines) > 1:
            break
    return lines


def _several(cuts: Sequence[Cut], start: int, label: str) -> DiffusionError:
    found = f"its rows can be cut in several ways:\n{shown(cuts[-1].rows, cuts[-1].delimiter)}"
    fix = "state which one is right:\n" + "\n".join(
        reading(_stated(cut.delimiter), cut.rows[start]) for cut in cuts
    )
    return DiffusionError(label, found, fix)


def _later_header(cuts: Sequence[Cut], label: str) -> DiffusionError:
    cut = cuts[0]
    found = "row 1 is no header, it seems: the rows from "
    found += f"row {cut.begins() + 1} on are cut alike:\n{shown(cut.rows, cut.delimiter)}"
    fix = "state where the header is, and the delimiter:\n" + "\n".join(
        reading({**_stated(cut.delimiter), "header": cut.begins() + 1}, cut.rows[cut.begins()])
        for cut in cuts
    )
    return DiffusionError(label, found, fix)


def _none(alone: Cut, cuts: Sequence[Cut], start: int, label: str) -> DiffusionError:
    widths = [f"{cut.delimiter!r} cuts them into {_widths(cut)} cells" for cut in cuts]
    found = f"no delimiter cuts its rows alike ({'; '.join(widths)}):\n"
    found += shown(alone.rows, alone.delimiter)
    header = alone.rows[start] if len(alone.rows) > start else []
    fix = "state the delimiter, the row of the header, or the sign of quotes: `csv: {delimiter: …, "
    fix += "header: …, quote: …}`\n" + reading(_stated(NO_SIGN), header)
    return DiffusionError(label, found, fix)


def _widths(cut: Cut) -> str:
    return ", ".join(str(width) for width in sorted({len(row) for row in cut.rows if row})[:4])


def _stated(delimiter: str) -> dict:
    return {"delimiter": ONE_COLUMN if delimiter == NO_SIGN else delimiter}
