"""A declared type that no value has: what the values look like, and how that is declared."""

import datetime
import json
import re
from collections.abc import Mapping, Sequence

from diffusion.config.remedies import in_line
from diffusion.tables.types import FALSE, TRUE

DAYS = ("%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%d/%m/%y", "%Y-%m")
HOURS = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
SPELLED = re.compile(  # `1 234,5 €`; a comma or a point alone may be a decimal sign: not taken
    r"""(?P<before>[€$£])?\s?[+−-]?
    \d{1,3}(?:(?P<sign>[ \u00a0\u2009\u202f'’])\d{3}(?:(?P=sign)\d{3})*|\d*)
    (?P<rest>,\d+|[.]\d+)?\s?(?P<after>[%‰€$£]|[a-zA-Zµ°²³]{1,4})?""",
    re.VERBOSE,
)
# `1.234,56`, `1,234.56`: the other sign stands last, and is before decimals
BOTH = re.compile(r"\D*\d{1,3}(?:(?P<sign>[.,])\d{3})(?:(?P=sign)\d{3})*(?!(?P=sign))[.,]\d+\D*")
SIGNS = ("%", "‰", "€", "$", "£")
PAIRS = [  # of true and false
    ("ja", "nein"), ("ja", "nee"), ("ja", "nej"), ("sí", "no"), ("si", "no"), ("sì", "no"),
    ("sim", "não"), ("sim", "nao"), ("tak", "nie"), ("ano", "ne"), ("da", "ne"), ("igen", "nem"),
    ("kyllä", "ei"), ("waar", "onwaar"), ("wahr", "falsch"), ("vero", "falso"),
    ("verdadero", "falso"), ("on", "off"),
]  # fmt: skip
FEW = 5  # words that may stand for no value
TYPES = {"BIGINT": "int", "DOUBLE": "float"}
NUMBERS = ("BIGINT", "DOUBLE", "DECIMAL")
GROUPED = re.compile(
    r"[+-]?\d{1,3}(?:(?:,\d{3})+|(?:[.]\d{3})+)"
)  # `1,234`: thousands, or decimals?
POINT = re.compile(r"[+-]?\d*[.]\d+")


def better_declaration(column: str, kind: str, values: Sequence[str]) -> str:
    """Return what to declare in place of a type that no value has.

    Args:
        kind: the type as DuckDB names it.
        values: some of them.
    """
    texts = [value.strip() for value in values]
    if kind.startswith(("DATE", "TIMESTAMP")):
        name = "date" if kind == "DATE" else "timestamp"
        forms = [day + hour for day in DAYS for hour in HOURS if _all_read(texts, day + hour)]
        if forms:
            declared = f'{{type: {name}, format: "{forms[0]}"}}'
            others = " or ".join(f'`format: "{form}"`' for form in forms[1:3])
            others = f" (or {others})" if others else ""
            return (
                f"declare how they are written: `columns: {{{in_line(column)}: "
                f"{declared}}}`{others}"
            )
    if _are_decimals(kind, texts):
        return f"declare `columns: {{{in_line(column)}: float}}`"
    if kind == "BOOLEAN":
        return _truth(column, texts, ([], []))
    if found := _numbers(column, kind, texts):
        return found
    if kind.endswith("[]") and (sign := _between(texts)):
        name = f"list[{TYPES.get(kind[:-2], 'string')}]"
        return f"declare the sign between them: {_declared(column, name, {'split': sign})}"
    return f"declare it as text, `columns: {{{in_line(column)}: string}}`, or another type"


def declaration_for_some(column: str, kind: str, values: Sequence[str]) -> str:
    """Return what to declare where some values could not be read; empty where nothing reads all.

    A unit is no way: the others have none.
    """
    texts = [value.strip() for value in values]
    words = sorted(set(texts))
    if kind == "BOOLEAN":
        return _truth(column, texts, (TRUE, FALSE))
    if texts and len(words) <= FEW and not any(map(str.isdigit, "".join(texts))):
        listed = json.dumps(words, ensure_ascii=False)
        return f"where they stand for no value, `nulls: {listed}` among the keys of the column"
    if _are_decimals(kind, texts):
        return f"declare `columns: {{{in_line(column)}: float}}`"
    return "" if "unit" in _spelled(texts) else _numbers(column, kind, texts)


def may_mean_none(text: str) -> bool:
    """Whether a text may stand for no value: it has no digit, and is no word for true or false."""
    is_truth = any(text.strip().lower() in pair for pair in PAIRS)
    return not is_truth and not any(map(str.isdigit, text))


def in_their_own_way(column: str, texts: Sequence[str]) -> str:
    """Return how numbers that are text are declared; empty where they are no numbers.

    Args:
        texts: those that are no plain numbers, words for no value among them.
    """
    numbers, _ = _apart(texts)
    unit = _spelled(numbers).get("unit", "")
    return _numbers(column, "DOUBLE", texts) if unit in ("", *SIGNS) else ""


def _numbers(column: str, kind: str, texts: Sequence[str]) -> str:
    """Return how numbers are declared, and the few words for no value that stand among them."""
    numbers, words = _apart(texts)
    nulls = {"nulls": words} if words else {}
    return _written(column, kind, numbers, _spelled(numbers), nulls)


def _apart(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return numbers, and words without a digit; no words where they are many."""
    words = sorted({text for text in texts if not any(map(str.isdigit, text))})
    if len(words) > FEW or len(words) == len(set(texts)):
        return list(texts), []
    return [text for text in texts if text not in words], words


def _truth(column: str, texts: Sequence[str], usual: tuple[Sequence[str], Sequence[str]]) -> str:
    """Return which words are true and false, as they are in many languages."""
    given = {text.lower(): text for text in texts}
    pair = next((pair for pair in PAIRS if set(given) <= set(pair)), None)
    if pair is None:
        return "state which words are true and which false, by `true_values` and `false_values`"
    true, false = (
        [given.get(word, word), *(w for w in words if w != word)]
        for word, words in zip(pair, usual, strict=True)
    )
    return f"declare {_declared(column, 'bool', {'true_values': true, 'false_values': false})}"


def _are_decimals(kind: str, texts: Sequence[str]) -> bool:
    is_point = texts and all(map(POINT.fullmatch, texts))
    return kind == "BIGINT" and bool(is_point) and not _are_grouped(texts)


def _written(
    column: str,
    kind: str,
    texts: Sequence[str],
    keys: Mapping[str, str],
    nulls: Mapping[str, Sequence[str]],
) -> str:
    if not kind.startswith(NUMBERS):
        return ""
    if _are_grouped(texts):
        return _grouped(column, texts)
    has_points = keys.get("thousands") != "." and any("." in text for text in texts)
    name = "float" if "decimal" in keys or has_points else TYPES.get(kind, "float")
    all_columns = ', or for all columns of text `csv: {decimal: ","}`'
    more = all_columns if {*keys, *nulls} == {"decimal"} else ""
    declared = _declared(column, name, {**keys, **nulls})
    return f"declare how they are written: {declared}{more}" if keys else ""


def _declared(column: str, name: str, keys: Mapping[str, object]) -> str:
    texts = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items())
    return f"`columns: {{{in_line(column)}: {{type: {name}, {', '.join(texts)}}}}}`"


def _grouped(column: str, texts: Sequence[str]) -> str:
    """Return both readings of `1,234`: nobody can see which is meant; `1,234,567` has one."""
    sign = "," if "," in texts[0] else "."
    other = {"decimal": ","} if sign == "." else {}
    thousands = _declared(column, "int", {**other, "thousands": sign})
    if any(text.count(sign) > 1 for text in texts):
        return f"declare what stands between thousands: {thousands}"
    decimals = _declared(column, "float", {"decimal": sign})
    return f"state what `{sign}` is: between thousands, {thousands}, or before decimals, {decimals}"


def _are_grouped(texts: Sequence[str]) -> bool:
    return bool(texts) and all(map(GROUPED.fullmatch, texts))


def _spelled(texts: Sequence[str]) -> dict[str, str]:
    """Return the keys that say how numbers are written, if all are written in one way."""
    dotted = {found["sign"] for text in texts if (found := BOTH.fullmatch(text))}
    if len(dotted) == 1:  # one that has both signs shows what they are in all
        sign = dotted.pop()
        keys = _spelled([text.replace(sign, " ") for text in texts])
        return keys | {"thousands": sign} if keys else {}
    given = [found for text in texts if (found := SPELLED.fullmatch(text))]
    units = {(found["before"] or found["after"] or "") for found in given}
    # any kind of blank is stated by one, and so is any apostrophe
    between = [each["sign"].replace("’", "'") for each in given if each["sign"]]
    signs = {" " if sign.isspace() else sign for sign in between}
    if len(given) < len(texts) or len(units) != 1 or len(signs) > 1:
        return {}
    keys = {"decimal": ","} if any("," in (found["rest"] or "") for found in given) else {}
    keys |= {"thousands": signs.pop()} if signs else {}
    unit = units.pop()
    return keys | ({"unit": unit} if unit else {})


def _between(texts: Sequence[str]) -> str:
    """Return the only usual sign that stands between the elements of lists."""
    signs = [sign for sign in ("|", ";", ",") if any(sign in text for text in texts)]
    return signs[0] if len(signs) == 1 else ""


def _all_read(texts: Sequence[str], form: str) -> bool:
    try:
        return bool(texts) and all(datetime.datetime.strptime(text, form) for text in texts)
    except ValueError:
        return False
