"""Tables that begin below the first row of a text: below a title, or block after block."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from diffusion.config.rows import Csv
from diffusion.convert.headers.blocks import Blocks, begins_blocks, verify_blocks
from diffusion.convert.headers.repeated import Header
from diffusion.convert.headers.values import is_data
from diffusion.convert.text.cuts import Cut
from diffusion.convert.text.framed import refuse_surrounded
from diffusion.convert.text.readings import later_header
from diffusion.files.lines import rows_of_text


def refuse_within(path: Path, cuts: Sequence[Cut], options: Csv, label: str, above: int) -> None:
    """Refuse a text whose table, or tables, begin below its first row."""
    for cut in cuts:
        if begins_blocks(cut.rows):
            _refuse_blocks(path, cut, options, label, above)
    later = [cut for cut in cuts if _begins_below(cut)]
    if later:
        raise later_header([cut for cut in later if cut.clean] or later, label, above)
    for cut in cuts:
        refuse_surrounded(cut, rows_of_text(path, cut.delimiter, options.quote), label, above)


def _refuse_blocks(path: Path, cut: Cut, options: Csv, label: str, above: int) -> None:
    """Refuse a text whose table has its names again, below one title after the other."""
    at = begins_blocks(cut.rows)
    blocks = Blocks(Header.of([cut.rows[at]]), above + at + 1, cut.rows[at - 1], is_sure=True)
    rows = enumerate(rows_of_text(path, cut.delimiter, options.quote), 1)
    below = islice(rows, above + at + 1, None)
    verify_blocks(below, blocks, label, cut.delimiter, options.footer_of(label))


def _begins_below(cut: Cut) -> bool:
    """Whether a table begins below the first row, which is no names of it."""
    begins = cut.begins()
    widths = len(cut.rows[0]), len(cut.rows[begins])
    may_be = begins > 1 or widths[0] > widths[1]  # a logger says more of itself than it measures
    return begins > 0 and (widths[0] < widths[1] or (may_be and not is_data(cut.rows[begins:])))
