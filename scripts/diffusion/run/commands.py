"""The subcommands about sources: doctor, lock, try, show, partitions.

Each entry of COMMANDS is what ``cli.Subcommand`` takes. Nothing is imported here but what `--help`
needs.
"""

import argparse
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from diffusion.errors import DiffusionError, OfflineError, UsageError
from diffusion.run.options import WELL, WRONG, config_option, refuse_unknown


def _lock_options(parser: argparse.ArgumentParser) -> None:
    about = "write the hashes of this source though they differ from the lock; may be repeated"
    parser.add_argument("--accept", action="append", default=[], metavar="SOURCE", help=about)
    config_option(parser)


def _doctor(arguments: argparse.Namespace) -> int:
    from diffusion.base.trust import trust_one_file
    from diffusion.run.doctor import Finding, examine
    from diffusion.run.drafts import load_but_broken

    trust_one_file()
    wrong = 0
    try:
        sound = load_but_broken(arguments.config, project=Path())
        print("✓ configuration: no error" + " but in drafts" * bool(sound.broken))
        for problem in sound.problems:
            print(Finding(problem.where, None, f"a draft: {problem.found}", problem.fix))
        for finding in examine(sound.config):
            print(finding, flush=True)
            wrong += finding.well is False
    except DiffusionError as error:  # a finding as well: among the others, not beside them
        print(f"✗ {error}")
        return WRONG
    print("\nAll is well." if not wrong else f"\n{wrong} to mend.")
    return WRONG if wrong else WELL


def _lock(arguments: argparse.Namespace) -> int:
    from diffusion.run.keeping import loaded_but_broken
    from diffusion.run.locking import lock_raw_copies

    config = loaded_but_broken(arguments.config, arguments.accept).config
    for name in arguments.accept:
        refuse_unknown("--accept ", "source", name, config.sources)
    logging.basicConfig(level=logging.INFO, format="%(message)s")  # progress
    print(lock_raw_copies(config.without(config.drafts), arguments.accept))
    return WELL


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
    config_option(parser)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not a number of rows")
    return int(text)


def _try(arguments: argparse.Namespace) -> int:
    from diffusion.base.trust import trust_one_file
    from diffusion.config.load import load_one, read_all

    name = arguments.source
    if "://" in name or Path(name).is_file():
        fix = f"look at it all the same: diffusion source {name} --dry-run, which writes nothing"
        raise UsageError(name, "is no name below `sources:`", fix)
    config, elsewhere = load_one(arguments.config, name)
    if name not in config.sources and name in (read_all(arguments.config).get("derive") or ()):
        fix = f"make it, and what is published stays as it is: `snakemake {name}`"
        raise UsageError(f"derive.{name}", "it is derived, and only sources can be tried", fix)
    refuse_unknown("", "source", name, config.sources)
    if elsewhere:
        print(_elsewhere(elsewhere))
    source = config.sources[arguments.source]
    partition = _partition(arguments.partition, source.partitions)
    if config.offline:
        fix = "a try asks the source: take out `offline: true`"
        raise OfflineError(f"sources.{arguments.source}", "offline", fix)
    trust_one_file()
    from diffusion.run.trial import Trial, try_source

    trial = Trial(arguments.source, source, partition, arguments.rows, arguments.whole)
    try:
        return WELL if try_source(trial, partial(print, flush=True)) else WRONG
    except KeyboardInterrupt:
        raise KeyboardInterrupt("stopped; nothing was kept") from None


def _elsewhere(problems: Sequence[DiffusionError]) -> str:
    """Return one line on the mistakes that have nothing to do with what is tried."""
    places = list(dict.fromkeys(problem.where.split(" (")[0] for problem in problems))
    shown = ", ".join(places[:3]) + (" and others" if len(places) > 3 else "")
    count = f"{len(problems)} mistake{'s' * (len(problems) > 1)}"
    return f"! {count} elsewhere ({shown}), by which a run would end: `diffusion doctor` shows all"


def _partition(given: Sequence[str], axes: Mapping[str, Sequence[str]]) -> str:
    """Return the name of the partition that is meant: the first one, but for what is given."""
    from diffusion.config.partitions import partition_name

    chosen = {axis: values[0] for axis, values in axes.items()}
    seen: set[str] = set()
    for pair in given:
        axis, sign, value = pair.partition("=")
        if not sign:
            raise UsageError(f"--partition {pair}", "no `=`", "write AXIS=VALUE")
        refuse_unknown("--partition ", "axis", axis, axes)
        if axis in seen:
            fix = "a try takes one value of each axis: keep one"
            raise UsageError(f"--partition {pair}", f"the axis {axis} is given twice", fix)
        seen.add(axis)
        refuse_unknown(f"--partition {axis}=", "value", value, axes[axis])
        chosen[axis] = value
    return partition_name(chosen)


def _show_options(parser: argparse.ArgumentParser) -> None:
    about = "a table: its name in the configuration, or as it is published; none lists them"
    parser.add_argument("table", nargs="?", metavar="NAME", help=about)
    about = "how many of its first rows to show (default: 3)"
    parser.add_argument("--rows", type=_count, default=3, metavar="N", help=about)
    about = "what is published, also where a table was made here"
    parser.add_argument("--published", action="store_true", help=about)
    config_option(parser)


def _show(arguments: argparse.Namespace) -> int:
    import shutil

    from diffusion.base.trust import trust_one_file
    from diffusion.run.looking import Look, find_table, tables_there
    from diffusion.run.showing import words_of

    trust_one_file()
    if arguments.table is None:
        print(tables_there(arguments.config))
        return WELL
    look = Look(arguments.config, arguments.table, arguments.rows, arguments.published)
    print(words_of(find_table(look), shutil.get_terminal_size((100, 24)).columns))
    return WELL


def _partitions_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", metavar="TABLE", help="its published name")
    parser.add_argument("column", metavar="COLUMN", help="whose values are the partitions")
    about = "the CSV to write, from the project's folder (default: config/COLUMN.csv)"
    parser.add_argument("--to", type=Path, metavar="FILE", help=about)
    config_option(parser)


def _partitions(arguments: argparse.Namespace) -> int:
    from diffusion.base.trust import trust_one_file
    from diffusion.config.load import load_config
    from diffusion.run.axis_file import write_axis
    from diffusion.run.preflight import check_storage

    trust_one_file()
    path = arguments.to or Path("config") / f"{arguments.column}.csv"
    config = load_config(arguments.config, writes=path)
    check_storage(config.storage)
    print("\n".join(write_axis(config, arguments.table, arguments.column, path)))
    return WELL


COMMANDS = [
    (
        "doctor",
        "Check what a run needs, one line each with the remedy. Nothing is changed.",
        "diffusion doctor config/config.yaml config/sspcloud.yaml",
        config_option,
        _doctor,
    ),
    (
        "lock",
        "Record the hash of every raw copy in config/sources.lock.yaml. Commit that file.",
        "diffusion lock --accept dpe",
        _lock_options,
        _lock,
    ),
    (
        "try",
        "Fetch the first pages or the head of a source and show its table. Nothing is kept.",
        "diffusion try dpe --partition commune=01450",
        _try_options,
        _try,
    ),
    (
        "show",
        "Show a table: columns, values, first rows, doubts and what mends them.",
        "diffusion show dpe --rows 5",
        _show_options,
        _show,
    ),
    (
        "partitions",
        "Write the values of a published column as the file of an axis of `partitions:`.",
        "diffusion partitions communes code --to config/communes.csv",
        _partitions_options,
        _partitions,
    ),
]
