"""How a delimited text is cut, found from its first rows; doubt is an error that shows them.

A delimiter is certain where it alone cuts the header and the rows after it alike. In doubt, each
reading is said with the keys that state it.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diffusion.config.reading import ONE_COLUMN
from diffusion.config.rows import Csv
from diffusion.convert.headers.doubtful import doubtful_header
from diffusion.convert.headers.stated import (
    Stated,
    refuse_centred,
    refuse_data_among_names,
    stated_header,
)
from diffusion.convert.text.above import certainly_above, refuse_sep_line
from diffusion.convert.text.aligned import refuse_aligned
from diffusion.convert.text.cuts import NO_SIGN, Cut, cut_by, quotes_at_edges
from diffusion.convert.text.delimiters import DELIMITERS, only_cut
from diffusion.convert.text.framed import refuse_ruled
from diffusion.convert.text.odd_cells import (
    APOSTROPHE,
    refuse_apostrophes,
    refuse_fixed_width,
    refuse_longer_sign,
    refuse_quotes_after_blanks,
)
from diffusion.convert.text.quotes import refuse_escaped, refuse_quoted, refuse_quoted_lines
from diffusion.convert.text.readings import refuse_narrow, several
from diffusion.files.lines import END_OF_FILE, lines_of_text, quoting

SAMPLE = 64 * 1024  # characters that are looked at


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
    lines, header = _first_lines(path), options.header_row
    if options.trim and options.quote:
        signs = [options.delimiter] if options.delimiter in DELIMITERS else DELIMITERS
        lines = quotes_at_edges(lines, signs, options.quote)
    above, stated = certainly_above(lines) if header is None else (0, None)
    if header == 1:
        refuse_sep_line(lines, label)
    lines, declared = lines[above:], options.delimiter or stated
    if header is None:
        refuse_ruled(lines, label, above)
    signs = [declared] if declared else DELIMITERS
    if options.quote and not options.escape:
        refuse_escaped(lines, signs, options, label)
    if options.quote and declared != ONE_COLUMN:
        refuse_quoted_lines(lines, signs, options.quote, label)
    if options.quote and not options.trim and declared != ONE_COLUMN:
        refuse_quotes_after_blanks(lines, signs, options.quote, label)
    if declared:
        cut = cut_by(lines, NO_SIGN if declared == ONE_COLUMN else declared, options.quote)
        if declared != ONE_COLUMN:
            _refuse_unused(cut, lines, options, label)
    else:
        if header is None and options.quote:
            refuse_aligned(lines, DELIMITERS, label)
        cut = only_cut(path, lines, options, label, above)
    _refuse_odd(cut, lines, options, label)
    return _with_header(cut, lines, options, label, above)


def _with_header(cut: Cut, lines: Sequence[str], options: Csv, label: str, above: int) -> Dialect:
    header = options.header_row
    sign = cut.delimiter if cut.delimiter != NO_SIGN else ""
    if header is None:
        doubtful_header(cut.rows, sign, label, above=above)
    first = 1 if header is None else header
    if first and not (options.names or options.repeat) and len(cut.rows) >= first:
        refuse_narrow(cut, first, label, above)
    text = _text_of_row(lines, first, cut.delimiter, options.quote)
    refuse_data_among_names(cut.rows, options.header_rows, label)
    if not options.names:
        refuse_centred(cut.rows, options.header_rows, label)
    shows = None if header is None else stated_header(cut.rows, options.header_rows, sign)
    return Dialect(cut.delimiter, first + above, text, shows)


def _refuse_odd(cut: Cut, lines: Sequence[str], options: Csv, label: str) -> None:
    start = max((options.header_row or 1) - 1, 0)
    refuse_longer_sign(cut, start, label)
    if not options.quote:
        refuse_quoted(cut, start, label)
    elif cut.delimiter == NO_SIGN and not options.delimiter:
        refuse_fixed_width(cut, label, is_stated=options.header is not None)
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


def _refuse_unused(cut: Cut, lines: Sequence[str], options: Csv, label: str) -> None:
    """Refuse a declared delimiter that the header does not have, where another cuts all rows."""
    start = max((options.header_row or 1) - 1, 0)
    if any(len(row) > 1 for row in cut.rows[start : start + 1]):
        return
    others = [cut_by(lines, sign, options.quote) for sign in DELIMITERS if sign != cut.delimiter]
    if fitting := [other for other in others if other.fits(start)]:
        alone = Cut(NO_SIGN, cut.rows, clean=True)
        raise several([*fitting, alone], start, label)


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
