"""How a delimited text is cut, found from its first rows; doubt is an error that shows them.

A delimiter is certain where it alone cuts the header and the rows after it alike. In doubt, each
reading is said with the keys that state it.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diffusion.config.reading import ONE_COLUMN, Csv
from diffusion.convert.headers.doubtful import doubtful_header
from diffusion.convert.headers.stated import Stated, refuse_data_among_names, stated_header
from diffusion.convert.headers.words import reading, shown
from diffusion.convert.text.comma_decimals import comma_decimals
from diffusion.convert.text.cuts import Cut, cut_by
from diffusion.convert.text.odd_cells import APOSTROPHE, refuse_apostrophes, refuse_fixed_width
from diffusion.convert.text.quotes import refuse_escaped, refuse_quoted
from diffusion.errors import DiffusionError
from diffusion.files.lines import END_OF_FILE, lines_of_text, quoting

SAMPLE = 64 * 1024  # characters that are looked at
DELIMITERS = (",", ";", "\t", "|")
OTHERS = (" ", ":", "~", "^", "¦", "\x1f")  # signs that cut some files, never taken unasked
NO_SIGN = "\x1e"  # ASCII's record separator: text of one column does not have it
# whose colons and blanks cut nothing
MOMENT = re.compile(
    r"(?:(?:\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{4})[T ])?\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?"
    r"(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?(?![\w:])"
)
COMMAS = re.compile(r"-?\d{1,15}(,\d+)?")
BLANK = " \t\r\n,;|"  # what a row without a value is made of
SEP_LINE = re.compile(r'"?sep=(.)"?;*', re.IGNORECASE)  # Excel's own first line


@dataclass(frozen=True)
class Dialect:
    """``delimiter``: one sign. ``header``: row of the names, 0 for none. ``text``: of that row.

    ``stated``: what the file shows beside a header that is stated.
    """

    delimiter: str
    header: int
    text: str
    stated: Stated | None = None

    def words(self, encoding: str, rows: Sequence[int] = ()) -> str:
        """Return how the text is read, in words; ``rows``: those that have names together."""
        sign = {"\t": "tab", NO_SIGN: "one column"}.get(self.delimiter, f"`{self.delimiter}`")
        header = f"names in line {self.header}" if self.header else "no header"
        if len(rows) > 1:
            header = f"names in lines {', '.join(map(str, rows))}"
        return f"CSV, {encoding}, {sign}, {header}"


def find_dialect(path: Path, options: Csv, label: str) -> Dialect:
    """Return how a text in UTF-8 is cut: as declared, else as its first rows show.

    Raises:
        DiffusionError: there are several readings, or none.
    """
    lines, header, declared = _first_lines(path), options.header_row, options.delimiter
    if options.trim and options.quote:
        lines = [_quotes_at_edges(line, declared, options.quote) for line in lines]
    above = 0  # lines before the header for certain
    if header is None:
        if lines and (stated := SEP_LINE.fullmatch(lines[0].rstrip("\r\n"))):
            above, declared = 1, declared or stated[1]
        while above < len(lines) and not lines[above].strip(BLANK):
            above += 1
        above = above if above < len(lines) else 0
        lines = lines[above:]
    if options.quote and not options.escape:
        refuse_escaped(lines, [declared] if declared else DELIMITERS, options, label)
    if declared:
        sign = NO_SIGN if declared == ONE_COLUMN else declared
        cut = cut_by(lines, sign, options.quote)
        if declared != ONE_COLUMN:
            _refuse_unused(cut, lines, options, label)
    else:
        cut = _certain(lines, options, label, above)
    sign = cut.delimiter if cut.delimiter != NO_SIGN else ""
    _refuse_odd(cut, lines, options, label)
    if header is None:
        doubtful_header(cut.rows, sign, label, above=above)
    first = 1 if header is None else header
    if first and not (options.names or options.repeat) and len(cut.rows) >= first:
        _refuse_narrow(cut, first, label, above)
    text = _text_of_row(lines, first, cut.delimiter, options.quote)
    refuse_data_among_names(cut.rows, options.header_rows, label)
    shows = None if header is None else stated_header(cut.rows, header, sign)
    return Dialect(cut.delimiter, first + above, text, shows)


def _quotes_at_edges(line: str, declared: str | None, quote: str) -> str:
    """Return a line to be looked at without the blanks that stand before quotes."""
    signs = "".join(map(re.escape, [declared] if declared in DELIMITERS else DELIMITERS))
    return re.sub(rf"(^|[{signs}]) +(?={re.escape(quote)})", r"\1", line)


def _refuse_odd(cut: Cut, lines: Sequence[str], options: Csv, label: str) -> None:
    start = max((options.header_row or 1) - 1, 0)
    if not options.quote:
        refuse_quoted(cut, start, label)
    elif cut.delimiter == NO_SIGN and not options.delimiter:
        refuse_fixed_width(cut, label)
    elif cut.delimiter != NO_SIGN and options.quote != APOSTROPHE:
        refuse_apostrophes(cut, cut_by(lines, cut.delimiter, APOSTROPHE), start, label)


def _text_of_row(lines: Sequence[str], row: int, delimiter: str, quote: str) -> str:
    """Return the text of a row, which may have several lines."""
    rows, start = csv.reader(lines, delimiter=delimiter, **quoting(quote)), 0
    for number, _ in enumerate(rows, 1):
        if number == row:
            return "".join(lines[start : rows.line_num]).rstrip("\r\n")
        start = rows.line_num
    return ""


def _refuse_narrow(cut: Cut, header: int, label: str, above: int) -> None:
    """Refuse a header that all rows below are wider than, as R writes it above names of rows."""
    names, wide = cut.rows[header - 1], cut.wider(header - 1)
    if not names or not wide:
        return
    spare = [f"c{number + 1}" for number in range(wide)][: wide - len(names)]
    rows = [row for row in cut.rows[header:] if row]
    ended = all(cell == "" for row in rows for cell in row[len(names) :])
    readings = [[*names, *spare]] if ended else [[*spare, *names], [*names, *spare]]
    found = f"its header has {len(names)} cells, the lines below have {wide}:\n"
    fix = comma_decimals(rows, names, cut.delimiter)
    fix += "state the names of all columns:\n" + "\n".join(
        reading({**_stated(cut.delimiter), "header": header + above, "names": each}, each)
        for each in readings
    )
    raise DiffusionError(label, found + shown(cut.rows, cut.delimiter, above), fix)


def _refuse_unused(cut: Cut, lines: Sequence[str], options: Csv, label: str) -> None:
    """Refuse a declared delimiter that the header does not have, where another cuts all rows."""
    start = max((options.header_row or 1) - 1, 0)
    if any(len(row) > 1 for row in cut.rows[start : start + 1]):
        return
    others = [cut_by(lines, sign, options.quote) for sign in DELIMITERS if sign != cut.delimiter]
    if fitting := [other for other in others if other.fits(start)]:
        alone = Cut(NO_SIGN, cut.rows, clean=True)
        raise _several([alone, *fitting], start, label)


def _certain(lines: Sequence[str], options: Csv, label: str, above: int) -> Cut:
    text = "".join(lines)
    cuts = [cut_by(lines, sign, options.quote) for sign in DELIMITERS if sign in text]
    start = max((options.header_row or 1) - 1, 0)
    fitting = [cut for cut in cuts if cut.fits(start)]
    fitting = [cut for cut in fitting if cut.clean] or fitting
    fitting += _wider(fitting, cuts, start)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise _several(fitting, start, label)
    wide = [cut for cut in cuts if len(cut.rows) > start and len(cut.rows[start]) > 1]
    if len(wide) == 1 and _is_damaged(wide[0], start):
        return wide[0]
    narrow = [cut for cut in wide if cut.wider(start)]
    if len(narrow) == 1:
        return narrow[0]  # refused below, unless all names are given
    later = [cut for cut in cuts if cut.begins() and len(cut.rows[0]) < len(cut.rows[cut.begins()])]
    if options.header is None and later:
        raise _later_header(later, label, above)
    alone = cut_by(lines, NO_SIGN, options.quote)
    bare = MOMENT.sub("", text)
    others = [cut_by(lines, sign, options.quote) for sign in OTHERS if sign in bare]
    if any(not _is_uncut(cut, start) for cut in cuts):
        raise _none(alone, cuts, start, label)
    if cut := next((cut for cut in others if cut.fits(start) or cut.wider(start)), None):
        raise _several([alone, cut] if alone.clean else [cut], start, label)
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


def _first_lines(path: Path) -> list[str]:
    """Return the first lines, at least two if there are two."""
    lines, size = [], 0
    for line in lines_of_text(path):
        if line == END_OF_FILE.decode():
            break
        lines.append(line)
        size += len(line)
        if size > SAMPLE and len(lines) > 1:
            break
    return lines


def _several(cuts: Sequence[Cut], start: int, label: str) -> DiffusionError:
    ways = "can be cut in several ways" if len(cuts) > 1 else "are cut by no usual delimiter"
    found = f"its lines {ways}:\n{shown(cuts[-1].rows, cuts[-1].delimiter)}"
    fix = "state which one is right:\n" + "\n".join(
        reading(_stated(cut.delimiter), cut.rows[start]) for cut in cuts
    )
    return DiffusionError(label, found, fix)


def _later_header(cuts: Sequence[Cut], label: str, above: int) -> DiffusionError:
    cut, starts = cuts[0], [(cut, cut.begins()) for cut in cuts]
    values = [cut.delimiter.join(row) for row in cut.rows[1:] if row]
    if cut.delimiter == "," and all(map(COMMAS.fullmatch, values)):
        found = "each of its lines is one number with a decimal comma, it seems:\n"
        keys = {"delimiter": ONE_COLUMN, "decimal": ","}
        fix = f"state that it has one column:\n{reading(keys, cut.rows[0])}"
        return DiffusionError(label, found + shown(cut.rows, cut.delimiter, above), fix)
    found = f"line {above + 1} is no header, it seems: those from line {above + starts[0][1] + 1} "
    found += f"on are cut alike:\n{shown(cut.rows, cut.delimiter, above)}"
    fix = "state where the header is, and the delimiter:\n" + "\n".join(
        reading({**_stated(cut.delimiter), "header": above + first + 1}, cut.rows[first])
        for cut, first in starts
    )
    return DiffusionError(label, found, fix)


def _none(alone: Cut, cuts: Sequence[Cut], start: int, label: str) -> DiffusionError:
    widths = [f"{cut.delimiter!r} cuts them into {_widths(cut)} cells" for cut in cuts]
    found = f"no delimiter cuts its lines alike ({'; '.join(widths)}):\n"
    found += shown(alone.rows, alone.delimiter)
    fix = (
        "state the delimiter, the line of the header, or the sign of quotes: `csv: {delimiter: …, "
    )
    fix += "header: …, quote: …}`"
    named = [cut for cut in [*cuts, alone] if len(cut.rows) > start]
    named.sort(key=lambda cut: -len(cut.rows[start]))
    for cut in named:
        fix += "\n" + reading(_stated(cut.delimiter), cut.rows[start])
    return DiffusionError(label, found, fix)


def _widths(cut: Cut) -> str:
    return ", ".join(str(width) for width in sorted({len(row) for row in cut.rows if row})[:4])


def _stated(delimiter: str) -> dict:
    return {"delimiter": ONE_COLUMN if delimiter == NO_SIGN else delimiter}
