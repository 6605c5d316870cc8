"""Values of R: what stands for a missing number, the texts of numbers, names of encodings."""

import codecs

import numpy as np

NO_NUMBER = 1954  # the lower half of R's NA among NaNs
NO_INTEGER = -(2**31)


def as_character(kind: str, numbers: np.ndarray | list) -> list[str | None]:
    """Return what R's `as.character` makes of numbers.

    Args:
        kind: integer or double.
    """
    if kind == "integer":
        return [None if n == NO_INTEGER else str(n) for n in numbers]
    values = np.asarray(numbers, "f8")
    is_none = np.isnan(values) & ((values.view("u8") & 0xFFFFFFFF) == NO_NUMBER)
    return [None if none else _as_text(n) for n, none in zip(values, is_none, strict=True)]


def _as_text(number: float) -> str:
    """Return the shorter of both forms with up to 15 digits, as R's `formatReal` chooses it."""
    if not np.isfinite(number):
        return "NaN" if np.isnan(number) else "Inf" if number > 0 else "-Inf"
    mantissa, _, power = f"{abs(number):.14e}".partition("e")
    digits, exponent = mantissa.rstrip("0").rstrip("."), int(power)
    decimals = max(0, len(digits.replace(".", "")) - exponent - 1)
    fixed = f"{abs(number):.{decimals}f}"
    short = f"{digits}e{exponent:+03d}"
    sign = "-" if number < 0 else ""
    return sign + (fixed if len(fixed) <= len(short) else short)


def codec_of(name: str) -> str:
    """Return Python's name of an encoding as R has it."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return "utf-8"
    return "cp1252" if found == "iso8859-1" else found  # as Windows writes it
