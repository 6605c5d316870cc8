"""The subcommands about what is kept and how it ends: their options, and what they print.

Each entry of COMMANDS is what ``cli.Subcommand`` takes. Nothing is imported here but what `--help`
needs.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffusion.run.options import WELL, WRONG, config_option, yes_option

if TYPE_CHECKING:
    from diffusion.config.model import Config
    from diffusion.run.drafts import Sound


class _NamesAndFiles(argparse.Action):
    """Sort what is typed into names and configuration files (.yaml), in any order."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        given = [] if values is None or isinstance(values, str) else list(values)
        files = [name for name in given if name.endswith((".yaml", ".yml"))]
        for name in files:
            if not Path(name).is_file():
                parser.error(f"there is no file {name}")
        setattr(namespace, self.dest, [name for name in given if name not in files])
        namespace.config = [Path(name).absolute() for name in files]


def names_option(parser: argparse.ArgumentParser, what: str, least: str) -> None:
    """Take names and configuration files: ``least`` is ``*`` or ``+``, of both together."""
    about = f"{what}; what ends in .yaml is a configuration file, as for the other commands"
    parser.add_argument("names", nargs=least, action=_NamesAndFiles, metavar="NAME", help=about)


def _reason(parser: argparse.ArgumentParser, required: bool) -> None:
    about = "why, in words: it is kept in the tombstone, which others can read"
    parser.add_argument("--reason", default="", required=required, metavar="TEXT", help=about)


def loaded(arguments: argparse.Namespace) -> "Config":
    """Return the configuration as what removes needs it, once the storage is known to answer."""
    from diffusion.base.trust import trust_one_file
    from diffusion.config.load import load_config
    from diffusion.run.preflight import check_storage

    trust_one_file()
    config = load_config(arguments.config)
    check_storage(config.storage)
    return config


def loaded_but_broken(files: Sequence[Path], names: Sequence[str] = ()) -> "Sound":
    """Return the same: mistakes in drafts that were not named are in nobody's way, as in a run."""
    from diffusion.base.trust import trust_one_file
    from diffusion.run.drafts import load_but_broken
    from diffusion.run.preflight import check_storage

    trust_one_file()
    sound = load_but_broken(files, names)
    check_storage(sound.config.storage)
    if sound.broken:
        print(sound.words, file=sys.stderr)
    return sound


def _withdraw_options(parser: argparse.ArgumentParser) -> None:
    names_option(parser, "published names; none lists what is no longer configured", "*")
    _reason(parser, required=False)


def _withdraw(arguments: argparse.Namespace) -> int:
    from diffusion.catalogue.files import refresh_catalogue
    from diffusion.publish.objects import LOCKS
    from diffusion.publish.withdrawal import withdraw
    from diffusion.run.left import left, target

    config = loaded(arguments)
    if arguments.names:
        place, names = target(config), arguments.names
        done = withdraw(place, names, config.published, arguments.reason, LOCKS)
        refresh_catalogue(place.store)
    else:
        done = left(config)
    print("\n".join(done))
    return WELL


def _space(arguments: argparse.Namespace) -> int:
    from diffusion.run.space import space

    sound = loaded_but_broken(arguments.config)
    print(space(sound.config, sound.broken, sound.published))
    return WELL


def _prune_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="its name, configured or not")
    about = "a vintage whose raw copies go; may be repeated"
    parser.add_argument(
        "--vintage", action="append", required=True, metavar="V", dest="vintages", help=about
    )
    _reason(parser, required=False)
    yes_option(parser)
    config_option(parser)


def _prune(arguments: argparse.Namespace) -> int:
    from diffusion.run.pruning import prune

    config, vintages = loaded(arguments), list(dict.fromkeys(arguments.vintages))
    found = prune(config, arguments.source, vintages, arguments.reason, arguments.yes)
    return _told(found, arguments.yes)


def _takedown_options(parser: argparse.ArgumentParser) -> None:
    names_option(parser, "the source, and the derived entries that read it", "+")
    _reason(parser, required=True)
    yes_option(parser)


def _takedown(arguments: argparse.Namespace) -> int:
    from diffusion.run.takedown import takedown

    config, names = loaded(arguments), arguments.names
    return _told(takedown(config, names, arguments.reason, arguments.yes), arguments.yes)


def _reinstate_options(parser: argparse.ArgumentParser) -> None:
    names_option(parser, "sources that were taken down", "+")
    _reason(parser, required=True)
    yes_option(parser)


def _reinstate(arguments: argparse.Namespace) -> int:
    from diffusion.run.reinstating import reinstate

    config, names = loaded(arguments), arguments.names
    lines = reinstate(config, names, arguments.reason, arguments.yes)
    return _told(lines, arguments.yes, "Nothing was changed. To do it")


def _changes_options(parser: argparse.ArgumentParser) -> None:
    names_option(parser, "published names; none means all of this project", "*")


def _changes(arguments: argparse.Namespace) -> int:
    from diffusion.run.changelog import changelog

    config = loaded_but_broken(arguments.config).config
    print("\n".join(changelog(config, arguments.names)))
    return WELL


def _copy_options(parser: argparse.ArgumentParser) -> None:
    about = "where raw copies are now: a folder, or s3://…, at the server of `storage:`"
    parser.add_argument("origin", type=_place, metavar="FROM", help=about)
    config_option(parser)


def _place(text: str) -> str:
    if "://" in text:
        return text
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return str(Path(text).absolute())


def _copy_raw(arguments: argparse.Namespace) -> int:
    from diffusion.run.raw_copying import copy_raw

    config = loaded_but_broken(arguments.config).config
    logging.basicConfig(format="%(message)s")
    logging.getLogger("diffusion.base.progress").setLevel(logging.INFO)
    print("\n".join(copy_raw(config, arguments.origin)))
    return WELL


def _told(
    lines: Sequence[str], done: bool, undone: str = "Nothing was removed. To remove it"
) -> int:
    print("\n".join(lines))
    if not done:
        print(f"{undone}: the same command with --yes")
    return WELL if done else WRONG


COMMANDS = [
    (
        "withdraw",
        "Remove published tables and figures that are no longer configured. Raw copies stay.",
        'diffusion withdraw old_table --reason "replaced by new_table"',
        _withdraw_options,
        _withdraw,
    ),
    (
        "space",
        "Show what raw copies and published tables take, and what nothing names any more.",
        "diffusion space config/config.yaml config/sspcloud.yaml",
        config_option,
        _space,
    ),
    (
        "prune",
        "Remove the raw copies of vintages that you name. Never the current one; for ever.",
        "diffusion prune dpe --vintage 2024-03-19 --yes",
        _prune_options,
        _prune,
    ),
    (
        "takedown",
        "Remove all that there is of a source, raw copies included. Tombstones stay.",
        'diffusion takedown dpe --reason "the licence ended" --yes',
        _takedown_options,
        _takedown,
    ),
    (
        "reinstate",
        "Let a source that was taken down be fetched and published again. Tombstones say so.",
        'diffusion reinstate dpe --reason "the licence was renewed" --yes',
        _reinstate_options,
        _reinstate,
    ),
    (
        "changes",
        "Show how the versions of published tables differ: rows, columns, keys, consents.",
        "diffusion changes dpe",
        _changes_options,
        _changes,
    ),
    (
        "copy-raw",
        "Copy the raw copies of the current vintages to `storage.raw`; no source is asked.",
        "diffusion copy-raw raw config/config.yaml config/sspcloud.yaml",
        _copy_options,
        _copy_raw,
    ),
]
