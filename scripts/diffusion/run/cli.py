"""The command `diffusion`: all that is not a run, one small function a subcommand.

To add one: a function that takes the parsed arguments and returns an exit code, and its entry in
COMMANDS of ``beginning`` (a project, an entry), ``commands`` (sources), ``keeping_up`` (their
vintages), ``keeping`` (what is kept) or ``adopting`` (the template). It imports what it needs by
itself: `diffusion --help` stays quick.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from diffusion import VERSION
from diffusion.errors import DiffusionError, UsageError
from diffusion.run.adopting import COMMANDS as ADOPTING
from diffusion.run.beginning import COMMANDS as BEGINNING
from diffusion.run.commands import COMMANDS as SOURCES
from diffusion.run.keeping import COMMANDS as KEEPING
from diffusion.run.keeping_up import COMMANDS as KEEPING_UP
from diffusion.run.options import CONFIG, USAGE, WRONG

INTERRUPTED, STOPPED_READING = 130, 141  # as a shell counts them
RUN = "A run is `snakemake`; this is all that is not a run."
CODES = "Exit codes: 0 all is well, 1 something is wrong, 2 wrong usage{}."


class Subcommand(NamedTuple):
    """A subcommand: what it does, an example, its options, the function that does it."""

    name: str
    does: str
    example: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    codes: str = ""  # exit codes that it has beside those of all


def main(arguments: Sequence[str], project: Path) -> int:
    """Run the command in the project's folder; return its exit code.

    Args:
        arguments: the command line, without the name of the program.
        project: the folder of the clone; files are named from the current folder.
    """
    if mistyped := _mistyped(arguments):
        print(f"✗ {mistyped}", file=sys.stderr)
        return USAGE
    given = _parser().parse_args(arguments)
    if "config" in given:
        given.config = _config_files(project, given.config)
    os.chdir(project)  # what the configuration names is relative to it
    try:
        return given.run(given)
    except DiffusionError as error:
        print(f"✗ {error}", file=sys.stderr)
        return USAGE if isinstance(error, UsageError) else WRONG
    except BrokenPipeError:  # nobody reads any more (`| head`)
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - Python flushes it at its end
        return STOPPED_READING
    except OSError as error:  # a full disk, no right to write
        print(f"✗ {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt as stop:
        with suppress(OSError):  # the terminal may be closed
            print(f"\n✗ {stop or 'stopped'}", file=sys.stderr)
        return INTERRUPTED


def _mistyped(arguments: Sequence[str]) -> UsageError | None:
    """Return the error of a subcommand that there is not; argparse names none that is near."""
    word, names = next(iter(arguments), "-"), [command.name for command in COMMANDS]
    if word.startswith("-") or word in names:
        return None
    from diffusion.config.schema import did_you_mean  # jsonschema only for this

    fix = f"{did_you_mean(word, names)}All: {', '.join(names)}; each tells more with --help"
    return UsageError(f"diffusion {word}", "there is no such subcommand", fix)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("diffusion", description=RUN, epilog=_codes_of_all())
    parser.add_argument("--version", action="version", version=f"diffusion {VERSION}")
    subparsers = parser.add_subparsers(metavar="SUBCOMMAND", required=True)
    for command in COMMANDS:
        sub = subparsers.add_parser(
            command.name,
            help=command.does[0].lower() + command.does[1:].partition(". ")[0],
            description=command.does,
            epilog=f"example:\n  {command.example}\n\n{CODES.format(_more(command.codes))}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.options(sub)
        sub.set_defaults(run=command.run)
    return parser


def _codes_of_all() -> str:
    """Return the line on exit codes, with those that one subcommand alone has."""
    own = [f"{c.codes} (`diffusion {c.name}`)" for c in COMMANDS if c.codes]
    return CODES.format(_more(", ".join(own)))


def _more(codes: str) -> str:
    return f", {codes}" if codes else ""


def _config_files(project: Path, given: Sequence[Path]) -> list[Path]:
    """Return the configuration files as a run has them: `snakemake --configfile` adds to the first.

    A project may have none at the usual place, and name its own.
    """
    files = [_seen_from(project, path) for path in given]
    if files[:1] == [CONFIG] or (files and not (project / CONFIG).is_file()):
        return files
    return [CONFIG, *files]


def _seen_from(project: Path, path: Path) -> Path:
    """Return a path as messages should show it: short, where it lies in the project."""
    folder = project.absolute()
    return path.relative_to(folder) if path.is_relative_to(folder) else path


ROOMS: Sequence[Sequence[tuple[Any, ...]]] = (BEGINNING, SOURCES, KEEPING_UP, KEEPING, ADOPTING)
COMMANDS = [Subcommand(*command) for room in ROOMS for command in room]
