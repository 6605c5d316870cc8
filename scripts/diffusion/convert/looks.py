"""What a cell looks like: a number, a date, a code, a word for a missing value, or text."""

import re
from functools import lru_cache

NUMBER = re.compile(r"[+-]?[\d.,\s/:%-]*\d[\d.,\s/:%-]*")  # or a date
CODE = re.compile(r"\d[\dA-Z]*")
TOKENS = ("nan", "null", "none", "n/a", "n.d.", "inf")
SECRET = frozenset((*"s c nd ns na nc n.s. secret - – … ... . ..".split(), *TOKENS))
YEAR = re.compile(r"(1[89]|20)\d\d")
VALUES = re.compile(  # what is hardly ever a name
    r"""(?P<decimal>[+-]?\d+[.,]\d+)
    | (?P<long>[+-]?\d{5,} | \d{1,3}(?:[\ \u00a0\u202f]\d{3})+)
    | (?P<date>\d{4}-\d\d-\d\d(?:[T ].*)? | \d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?:\ .*)?)
    | (?P<code>\d[\dA-Z]*[A-Z][\dA-Z]*)
    | (?P<time>\d\d?:\d\d(?::\d\d)?)
    | (?P<address>https?://\S+ | [\w.+-]+@[\w-]+\.[\w.]+)
    | (?P<shape>(?:MULTI)?(?:POINT|LINESTRING|POLYGON)[ ZM]*\(.*\))
    | (?P<json>\{.*\} | \[.*,.*\])""",
    re.VERBOSE | re.DOTALL,
)


def is_text(cell: str) -> bool:
    """Whether a cell is neither empty nor like a number, a date or a code."""
    return bool(cell) and kind_of(cell) == "text"


@lru_cache(maxsize=10_000)  # the same cells are looked at for one header after the other
def kind_of(cell: str) -> str:
    """Return what a cell looks like: a kind of ``VALUES``, a year, another number, or text."""
    if YEAR.fullmatch(cell):
        return "year"
    if found := VALUES.fullmatch(cell):
        return str(found.lastgroup)
    return "number" if NUMBER.fullmatch(cell) else "text"


def shape_of(cell: str) -> str:
    """Return what a cell looks like: digits as 9, words as a."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", cell))
