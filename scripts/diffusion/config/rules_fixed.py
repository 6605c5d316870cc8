"""Rules between the positions of text of fixed width."""

from collections.abc import Iterator
from itertools import pairwise

from diffusion.config.fixed import Fixed
from diffusion.config.no_effect import no_effect, place_in, set_for_format, set_options
from diffusion.config.reading import FileRead
from diffusion.errors import DiffusionError, OptionError


def fixed_problems(where: str, read: FileRead) -> Iterator[DiffusionError]:
    """Yield positions that contradict each other, and a format that needs or has no use for them.

    Args:
        where: the source.
    """
    fixed, place = read.fixed, f"{where}.fixed"
    if not fixed.columns:
        if read.format == "fixed" or set_options(fixed):
            fix = "write the positions of each column: `fixed: {columns: {code: [1, 5], sex: 6}}`"
            yield OptionError(f"{place}.columns", "missing", fix)
        return
    if fixed.count == "bytes" and "utf16" in str(read.encoding).replace("-", "").lower():
        yield OptionError(f"{place}.count", "bytes of UTF-16", "write `count: characters`")
    for key in set_for_format(read):
        if key in ("csv", "xlsx", "json", "records", "layer", "table"):
            yield no_effect(place_in(where, read, key), "`fixed` says how the text is read")
    yield from _position_problems(f"{place}.columns", fixed)


def _position_problems(place: str, fixed: Fixed) -> Iterator[DiffusionError]:
    names = [name.lower() for name in fixed.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        found = f"names that differ by case alone: {', '.join(twice)}"
        yield OptionError(place, found, "give each column its own name")
    for name, (start, end) in fixed.spans.items():
        if end < start:
            found, fix = f"found [{start}, {end}]", "write [first, last]"
            yield OptionError(f"{place}.{name}", found, fix)
    by_start = sorted((span, name) for name, span in fixed.spans.items())
    for ((_, end), before), ((start, _), name) in pairwise(by_start):
        if start <= end:
            found = f"begins at {start}, and `{before}` ends at {end}"
            fix = "correct the positions; parts of a code are made in SQL"
            yield OptionError(f"{place}.{name}", found, fix)
