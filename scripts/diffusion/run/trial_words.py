"""The words of a try: errors of a run, without what holds for a run alone.

A try keeps nothing and freezes nothing: there is nothing to go on with, and no vintage is spent.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from diffusion.errors import DiffusionError

# what remedies of a run say: what they say in a try; in this order
WORDS = [
    (re.compile(r"(?:what was received|nothing) (?:is|was) kept; "), ""),
    (re.compile(r"(\bset|fetch it again under) a new `vintage`"), "try again"),
    (re.compile(r"\brun `snakemake` again later to go on"), "try again later"),
    (re.compile(r"\brun `snakemake` again(?:: it begins anew| to fetch it again)?"), "try again"),
]


@contextmanager
def in_words_of_a_try() -> Iterator[None]:
    """Let errors say what to do about a try that failed."""
    try:
        yield
    except DiffusionError as error:
        fix = words_of_a_try(error.fix)
        if fix == error.fix:
            raise
        raise error.restated(fix=fix) from error.__cause__


def words_of_a_try(fix: str) -> str:
    """Return a remedy of a run as it holds for a try."""
    for run, trial in WORDS:
        fix = run.sub(trial, fix)
    return fix
