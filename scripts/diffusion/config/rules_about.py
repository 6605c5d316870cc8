"""Rules of what a catalogue is told."""

from collections.abc import Iterator

from diffusion.config.about import FromColumn
from diffusion.config.model import Config, Figure
from diffusion.config.periods import SPELLINGS, Period, parse_period
from diffusion.errors import DiffusionError, OptionError


def about_problems(config: Config) -> Iterator[DiffusionError]:
    """Yield periods that are none."""
    for section, entries in (("sources", config.sources), ("derive", config.derive)):
        for name, entry in entries.items():
            where, given = f"{section}.{name}.temporal", entry.about.temporal
            if isinstance(given, FromColumn):
                if isinstance(entry, Figure):
                    fix = "write the period itself, such as `2019/2023-06`"
                    yield OptionError(where, "a figure has no columns", fix)
            elif given and span_of(given) is None:
                fix = f"write a period, or two joined by `/`, the earlier one first: {SPELLINGS}"
                yield OptionError(where, f"`{given}` is no period", fix)


def span_of(text: str) -> tuple[Period, Period] | None:
    """Return the first and the last period of a text such as ``2019/2023-06``; None if it is none.

    One period alone is both.
    """
    first, _, last = text.partition("/")
    try:
        span = parse_period(first), parse_period(last if "/" in text else first)
    except ValueError:
        return None
    return span if span[0].first <= span[1].last else None
