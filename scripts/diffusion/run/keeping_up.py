"""The subcommands that keep up with the sources: their options, and what they print.

Each entry of COMMANDS is what ``cli.Subcommand`` takes. Nothing is imported here but what `--help`
needs.
"""

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from diffusion.errors import DiffusionError, OfflineError
from diffusion.run.keeping import loaded_but_broken, names_option
from diffusion.run.options import WELL, WRONG, YES, config_option, refuse_unknown, yes_option

if TYPE_CHECKING:
    from diffusion.config.model import Config

NEWER = 3


def _outdated_options(parser: argparse.ArgumentParser) -> None:
    names_option(parser, "sources; none means all but drafts", "*")
    about = "ask for each partition, and not for the last one alone"
    parser.add_argument("--all", action="store_true", dest="whole", help=about)
    parser.add_argument("--json", action="store_true", help="what was found, as JSON")


def _outdated(arguments: argparse.Namespace) -> int:
    import msgspec

    from diffusion.run.outdated import ages, states_of, table_of

    config = loaded_but_broken(arguments.config, arguments.names).config
    names = arguments.names or [n for n in config.sources if n not in config.drafts]
    for name in names:
        refuse_unknown("", "source", name, config.sources)
    _refuse_offline(config)
    found = ages(config, names, arguments.whole)
    print(
        msgspec.json.format(msgspec.json.encode(found)).decode()
        if arguments.json
        else table_of(found)
    )
    states = states_of(found)
    if states & {"vanished", "unreachable"}:
        return WRONG
    return NEWER if "changed" in states else WELL


def _refuse_offline(config: "Config") -> None:
    if config.offline:
        raise OfflineError("offline", "the sources are to be asked", "take out `offline: true`")


def _update_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="its name under `sources:`")
    about = "the new vintage (default: today's date, written as the one in use)"
    parser.add_argument("--vintage", default="", metavar="V", help=about)
    yes_option(parser)
    config_option(parser)


def _update(arguments: argparse.Namespace) -> int:
    from diffusion.run.interruption import no_run
    from diffusion.run.updating import compare, newer_of, receive

    name = arguments.source
    config = loaded_but_broken(arguments.config, [name]).config
    refuse_unknown("", "source", name, config.sources)
    _refuse_offline(config)
    newer = newer_of(arguments.config, config, name, arguments.vintage)
    say = partial(print, flush=True)
    vintage = newer.source.vintage
    stays = f"The raw copy of vintage {vintage} stays; to remove it: diffusion prune {name} "
    stays += f"--vintage {vintage} --yes"
    with no_run():
        receipt = receive(newer, say)
        try:
            outcome = compare(newer, receipt, say)
        except DiffusionError:
            say(stays)
            raise
    if outcome == "new" and (arguments.yes or _asked(f"Write vintage {vintage} of {name}?")):
        from diffusion.config.vintage_edit import write_vintage

        path = write_vintage(arguments.config, name, vintage)
        say(f"{path}: the vintage of {name} is {vintage} now; `snakemake` publishes it")
        return WELL
    say(f"Nothing was published, and the vintage of {name} is {newer.vintage} as before.")
    if outcome == "new":
        say(f"To write {vintage} into the configuration: the same command with --yes")
    say(stays)
    return WELL if outcome == "same" else WRONG


def _asked(question: str) -> bool:
    """Ask whoever sits at the terminal; nobody else can say yes, and Ctrl-D is no."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return input(f"{question} [y/N] ").strip().lower() in YES
    except EOFError:
        print()
        return False


COMMANDS: list[tuple[Any, ...]] = [
    (
        "outdated",
        "Ask each source whether it has newer data than its raw copy. Nothing is fetched. "
        "One that vanished, or cannot be reached, is something wrong.",
        "diffusion outdated --json",
        _outdated_options,
        _outdated,
        f"{NEWER} a source has newer data",
    ),
    (
        "update",
        "Fetch a source under a new vintage, show what would change, and write the vintage.",
        "diffusion update dpe --vintage 2026-11-29",
        _update_options,
        _update,
    ),
]
