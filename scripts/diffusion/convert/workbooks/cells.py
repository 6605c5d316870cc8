"""Cells of a workbook as the text that they show."""

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Self

from diffusion.convert.workbooks.raised import Marked, text_of_runs

if TYPE_CHECKING:
    from diffusion.convert.workbooks.book import SheetCell

MOST = 1e15  # beyond, a float's digits are not those of the file
ZEROS = re.compile(r"#*(0[0#]+)")  # the number format of codes: 01001 is stored as 1001
NO_DIGITS = re.compile(  # `0#" "##" "##`, `000\ 000\ 000`, `[$-40C]00000`, `00000_)`
    r"""\"[\s./-]*\"|\\[\s./-]|[\s-]|\[[^]]*\]|_."""
)
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # a character that XML has not: ISO 29500, 22.4.2.4
TIMES = re.compile(r"[hs]", re.IGNORECASE)  # in the number format of a moment, not of a day
SECTION = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')  # between the parts of a number format
CONDITION = re.compile(r"\[[^]]*\]")
BEFORE = re.compile(r'("[^"]*[^\W_]"|(?:\\[^\W_])+)(?=[0#?])')  # `"FR"0`, no blank between
INSTEAD = re.compile(r'\s*"([^"]*[^\W\d_][^"]*)"[^0#?]*')
SPACE = re.compile(r"_.|\*.")  # room for a sign, and what fills a cell
CURRENCY = re.compile(r"\[\$([^-\]]+)")  # `[$€-40C]`
QUOTED = re.compile(r'"([^"]*)"')
SIGNS = re.compile(r"[€$£¥]")
SCALED = re.compile(r"[0#?](,+)(?![0#?,])")  # `#,##0,` shows thousands
AMID = re.compile(r'[0#?]"[^"]*[^\W\d_][^"]*"[0#?]')
WORDS = re.compile(r'"[^"]*"|\\.|\[[^]]*\]')  # in a number format
LIMIT = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[\d.]+)\]")  # `[<6]"s";0` shows s for 3
PLACES = re.compile(r"[0#?@]|General", re.IGNORECASE)  # of digits
COMPARED = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "<>": ne}


class Moment(str):
    """The text of a cell that is a date or a moment by its type."""


class Numeric(str):
    """The text of a cell that is a number by its type, a dot before its decimals.

    ``unit``: what its number format writes beside it, `%` or `€`; no part of the text.
    """

    unit = ""

    def shown_as(self, text: str) -> Self:
        """Return another text for the same number, of which as much is told."""
        other = type(self)(text)
        vars(other).update(vars(self))
        return other


class Noted(Numeric):
    """A number of which something is to be told; ``note``: in words, after the name of a column."""

    note = ""


class Plain(str):
    """A text that is as its file has it: no sign of it is written in another way."""


class Fault(str):
    """The sign of an error that a formula gave, such as ``#N/A``."""


def number_cell(value: float, form: str, epoch: datetime.datetime) -> object:
    """Return a stored number as the value that its number format makes of it, as openpyxl does."""
    from openpyxl.styles.numbers import is_date_format, is_timedelta_format
    from openpyxl.utils.datetime import from_excel

    if not is_date_format(form):
        return value
    try:
        return from_excel(value, epoch, timedelta=is_timedelta_format(form))
    except (OverflowError, ValueError):
        return value  # beyond any date; a spreadsheet shows #####


def cell_text(cell: "SheetCell") -> str:
    """Return the text that a cell shows, dates and times in ISO form."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):  # of openpyxl: a text whose parts have fonts of their own
        return text_of_runs((unescaped_text(str(part)), _is_raised(part)) for part in value)
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, datetime.datetime):
        has_time = TIMES.search(WORDS.sub("", cell.number_format or ""))
        is_day = value.time() == datetime.time() and not has_time
        return Moment(value.date().isoformat() if is_day else value.isoformat(" "))
    if isinstance(value, datetime.date):
        return Moment(value.isoformat())
    return value.isoformat() if isinstance(value, datetime.time) else str(value)


def _text(value: str) -> str:
    if isinstance(value, Marked):
        return value
    return str(value) if isinstance(value, Plain | Fault) else unescaped_text(value)


def rich_text(text: str, runs: Sequence[tuple[int, bool]]) -> str:
    """Return a text whose font changes.

    Args:
        runs: where it does, and whether what follows is raised.
    """
    starts = [0, *(start for start, _ in runs), len(text)]
    parts = (text[start:end] for start, end in pairwise(starts))
    made = text_of_runs(zip(parts, [False, *(raised for _, raised in runs)], strict=True))
    return made if isinstance(made, Marked) else Plain(made)


def _is_raised(part: object) -> bool:
    font = getattr(part, "font", None)  # none where it is that of the cell
    return font is not None and font.vertAlign == "superscript"


def _number(value: int | float, form: str) -> Numeric:
    text, (before, zero) = _number_text(value, form), _words_of(form)
    shown = f"`{zero}`" if zero and value == 0 else f"`{before}{text}`" if before else ""
    unit, scale = look_of(form)
    if value and (hidden := _hidden(value, form)):
        shown = hidden
    if abs(value) >= MOST and "." not in text:
        note = f"has whole numbers of 16 digits and more, such as {text}: a workbook keeps 15 of "
        note += "them, and the others may be lost"
    elif shown:
        note = f"has cells that show {shown}, by their number format, and hold {text}: that is read"
    elif scale and value:
        note = f"has cells whose number format, `{form}`, shows {scale}, and hold {text}: that is "
        note += "read"
    else:
        plain = Numeric(text)
        if unit and value:
            plain.unit = unit
        return plain
    noted = Noted(text)
    noted.note, noted.unit = note, unit
    return noted


@lru_cache
def look_of(form: str) -> tuple[str, str]:
    """Return the unit that a number format writes, and how it shows another number, in words."""
    if form in ("General", "", "0", "@"):
        return "", ""
    first = SPACE.sub("", SECTION.split(form)[0])
    currency = CURRENCY.search(first)
    bare = CONDITION.sub("", first)
    quoted = [text.strip() for text in QUOTED.findall(bare)]
    words = [text for text in quoted if re.search(r"[^\W\d_]|[€$£¥]", text)]
    digits = WORDS.sub("", bare)
    sign = SIGNS.search(digits)
    unit = "%" if "%" in digits else (currency[1] if currency else sign[0] if sign else "")
    unit = unit or (words[0] if words else "")
    commas = SCALED.search(digits)
    if commas:
        return unit, {1: "thousands", 2: "millions"}.get(len(commas[1]), "larger units")
    return unit, "letters among the digits" if words and AMID.search(bare) else ""


@lru_cache
def _words_of(form: str) -> tuple[str, str]:
    """Return the letters that a number format writes before a number, and those in place of 0."""
    if '"' not in form and "\\" not in form:
        return "", ""
    first, *others = SECTION.split(form)
    before = BEFORE.match(CONDITION.sub("", first))
    zero = first if first.startswith("[=0]") else others[1] if len(others) > 1 else ""
    instead = INSTEAD.fullmatch(CONDITION.sub("", zero))
    return re.sub(r'["\\]', "", before[1]) if before else "", instead[1] if instead else ""


def _hidden(value: int | float, form: str) -> str:
    """Return what a number format shows that shows no digit of a number, in words: of secrets."""
    if ";" not in form:
        return ""
    section = _section(value, SECTION.split(form))
    if PLACES.search(WORDS.sub("", section)):
        return ""
    words = re.sub(r"[\"\\\s]", "", CONDITION.sub("", SPACE.sub("", section)))
    return f"`{words}`" if words else "nothing"


def _section(value: int | float, sections: Sequence[str]) -> str:
    """Return the part of a number format that holds for a number."""
    limits = [LIMIT.search(section) for section in sections[:2]]
    if any(limits):
        for limit, section in zip(limits, sections, strict=False):
            if limit and COMPARED[limit[1]](value, float(limit[2])):
                return section
        rest = [s for s, limit in zip(sections, [*limits, None], strict=False) if not limit]
        return rest[-1] if rest else "0"
    return sections[1 if value < 0 and len(sections) > 1 else 0]


def _number_text(value: int | float, form: str) -> str:
    """Return a number in as many digits as a code has, and never with an exponent."""
    if isinstance(value, float) and value.is_integer() and abs(value) < MOST:
        value = int(value)  # some programs store every number as 1001.0
    if isinstance(value, float):  # with an exponent it would look like a code
        return f"{Decimal(repr(value)):f}"
    code = ZEROS.fullmatch(_digits(form))
    return f"{value:0{len(code[1])}}" if code else str(value)


def _digits(form: str) -> str:
    """Return a number format without the blanks and signs that stand between its digits."""
    return NO_DIGITS.sub("", form.split(";")[0])


def unescaped_text(text: str) -> str:
    """Return a text with the characters that XML has not."""
    return ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
