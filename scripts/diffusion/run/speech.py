"""How much a run says."""

from typing import NamedTuple


class Speech(NamedTuple):
    """What is said on the terminal in place of Snakemake's words.

    Attributes:
        shows: anything: a profile says `quiet:`, and nobody asked for more (`--verbose`).
        dry: nothing is run, and a plan is told (`-n`).
        silent: only what went wrong (`--quiet all`).
    """

    shows: bool
    dry: bool = False
    silent: bool = False
