"""The command `diffusion`: all that is not a run, one small function a subcommand.

To add one: a function that takes the parsed arguments and returns an exit code, and its entry in
COMMANDS. It imports what it needs by itself, so that `diffusion --help` stays quick.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from diffusion import VERSION
from diffusion.errors import DiffusionError
from diffusion.run.keeping import COMMANDS as KEEPING

WELL, WRONG, USAGE = 0, 1, 2
INTERRUPTED, STOPPED_READING = 130, 141  # as a shell counts them
CONFIG = Path("config/config.yaml")
MOST = 20  # names that are listed
RUN = "A run is `snakemake`; this is all that is not a run."
CODES = "Exit codes: 0 all is well, 1 something is wrong, 2 wrong usage."


class UsageError(DiffusionError):
    """What was typed cannot be meant."""


class Subcommand(NamedTuple):
    """A subcommand: what it does, an example, its options, the function that does it."""

    name: str
    does: str
    example: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str], project: Path) -> int:
    """Run the command in the project's folder; return its exit code.

    Args:
        arguments: the command line, without the name of the program.
        project: the folder of the clone; files are named from the current folder.
    """
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("diffusion", description=RUN, epilog=CODES)
    parser.add_argument("--version", action="version", version=f"diffusion {VERSION}")
    subparsers = parser.add_subparsers(metavar="SUBCOMMAND", required=True)
    for command in COMMANDS:
        sub = subparsers.add_parser(
            command.name,
            help=command.does[0].lower() + command.does[1:].partition(". ")[0],
            description=command.does,
            epilog=f"example:\n  {command.example}\n\n{CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.options(sub)
        sub.set_defaults(run=command.run)
    return parser


def _file(text: str) -> Path:
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return Path(text).absolute()


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


def _config_option(parser: argparse.ArgumentParser) -> None:
    about = f"configuration files, laid over {CONFIG}; later ones win"
    parser.add_argument("config", nargs="*", type=_file, metavar="CONFIG", help=about)


def _lock_options(parser: argparse.ArgumentParser) -> None:
    about = "write the hashes of this source though they differ from the lock; may be repeated"
    parser.add_argument("--accept", action="append", default=[], metavar="SOURCE", help=about)
    _config_option(parser)


def _doctor(arguments: argparse.Namespace) -> int:
    from diffusion.base.trust import trust_one_file
    from diffusion.config.load import load_config
    from diffusion.run.doctor import examine

    trust_one_file()
    wrong = 0
    try:
        config = load_config(arguments.config, Path())
        print("✓ configuration: no error")
        for finding in examine(config):
            print(finding, flush=True)
            wrong += finding.well is False
    except DiffusionError as error:  # a finding as well: among the others, not beside them
        print(f"✗ {error}")
        return WRONG
    print("\nAll is well." if not wrong else f"\n{wrong} to mend.")
    return WRONG if wrong else WELL


def _lock(arguments: argparse.Namespace) -> int:
    from diffusion.base.trust import trust_one_file
    from diffusion.config.load import load_config
    from diffusion.run.locking import lock_raw_copies
    from diffusion.run.preflight import check_storage

    trust_one_file()
    config = load_config(arguments.config)
    for name in arguments.accept:
        _refuse_unknown("--accept ", "source", name, config.sources)
    check_storage(config.storage)
    logging.basicConfig(level=logging.INFO, format="%(message)s")  # progress
    print(lock_raw_copies(config, arguments.accept))
    return WELL


def _refuse_unknown(where: str, what: str, name: str, known: Collection[str]) -> None:
    from diffusion.config.schema import did_you_mean

    if name not in known:
        first = ", ".join(list(known)[:MOST]) + (", …" if len(known) > MOST else "")
        fix = f"{did_you_mean(name, known)}Known here: {first or 'none'}"
        raise UsageError(f"{where}{name}", f"there is no such {what}", fix)


def _try_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="its name under `sources:`")
    about = "which partition (default: the first of each axis); may be repeated"
    parser.add_argument(
        "--partition", action="append", default=[], metavar="AXIS=VALUE", help=about
    )
    about = "how many rows to show (default: 3)"
    parser.add_argument("--rows", type=_count, default=3, metavar="N", help=about)
    about = "fetch all pages, or the whole file, whatever its size; it is not kept either"
    parser.add_argument("--whole", action="store_true", help=about)
    _config_option(parser)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not a number of rows")
    return int(text)


def _try(arguments: argparse.Namespace) -> int:
    from diffusion.base.trust import trust_one_file
    from diffusion.config.load import load_config

    config = load_config(arguments.config)
    _refuse_unknown("", "source", arguments.source, config.sources)
    source = config.sources[arguments.source]
    partition = _partition(arguments.partition, source.partitions)
    if config.offline:
        fix = "a try asks the source: take out `offline: true`"
        raise DiffusionError(f"sources.{arguments.source}", "offline", fix)
    trust_one_file()
    from diffusion.run.trial import Trial, try_source

    trial = Trial(arguments.source, source, partition, arguments.rows, arguments.whole)
    try:
        return WELL if try_source(trial, partial(print, flush=True)) else WRONG
    except KeyboardInterrupt:
        raise KeyboardInterrupt("stopped; nothing was kept") from None


def _partition(given: Sequence[str], axes: Mapping[str, Sequence[str]]) -> str:
    """Return the name of the partition that is meant: the first one, but for what is given."""
    from diffusion.config.partitions import partition_name

    chosen = {axis: values[0] for axis, values in axes.items()}
    seen: set[str] = set()
    for pair in given:
        axis, sign, value = pair.partition("=")
        if not sign:
            raise UsageError(f"--partition {pair}", "no `=`", "write AXIS=VALUE")
        _refuse_unknown("--partition ", "axis", axis, axes)
        if axis in seen:
            fix = "a try takes one value of each axis: keep one"
            raise UsageError(f"--partition {pair}", f"the axis {axis} is given twice", fix)
        seen.add(axis)
        _refuse_unknown(f"--partition {axis}=", "value", value, axes[axis])
        chosen[axis] = value
    return partition_name(chosen)


COMMANDS = [
    Subcommand(
        "doctor",
        "Check what a run needs, one line each with the remedy. Nothing is changed.",
        "diffusion doctor config/config.yaml config/sspcloud.yaml",
        _config_option,
        _doctor,
    ),
    Subcommand(
        "lock",
        "Record the hash of every raw copy in config/sources.lock.yaml. Commit that file.",
        "diffusion lock --accept dpe",
        _lock_options,
        _lock,
    ),
    Subcommand(
        "try",
        "Fetch the first pages or the head of a source and show its table. Nothing is kept.",
        "diffusion try dpe --partition commune=01450",
        _try_options,
        _try,
    ),
    *(Subcommand(*command) for command in KEEPING),
]
