"""What the subcommands share: exit codes, the configuration files, words for wrong usage."""

import argparse
from collections.abc import Collection
from pathlib import Path

from diffusion.errors import UsageError

WELL, WRONG, USAGE = 0, 1, 2
YES = ("y", "yes", "o", "oui")
CONFIG = Path("config/config.yaml")
MOST = 20  # names that are listed


def config_option(parser: argparse.ArgumentParser) -> None:
    """Take configuration files, as `snakemake --configfile` does."""
    about = f"configuration files, laid over {CONFIG}; later ones win"
    parser.add_argument("config", nargs="*", type=_file, metavar="CONFIG", help=about)


def yes_option(parser: argparse.ArgumentParser) -> None:
    """Take the word that it is to be done."""
    parser.add_argument("--yes", action="store_true", help="do it; else it is only listed")


def _file(text: str) -> Path:
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return Path(text).absolute()


def refuse_unknown(where: str, what: str, name: str, known: Collection[str]) -> None:
    """Refuse a name that is not among those that are known.

    Raises:
        UsageError: with the nearest one.
    """
    from diffusion.config.schema import did_you_mean

    if name not in known:
        first = ", ".join(list(known)[:MOST]) + (", …" if len(known) > MOST else "")
        fix = f"{did_you_mean(name, known)}Known here: {first or 'none'}"
        raise UsageError(f"{where}{name}", f"there is no such {what}", fix)
