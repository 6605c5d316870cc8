"""The subcommands by which a project begins and grows: new, source.

Each entry of COMMANDS is what ``cli.Subcommand`` takes. Nothing is imported here but what `--help`
needs.
"""

import argparse
import datetime
import os
import re
import sys
from pathlib import Path

from diffusion.run.options import WELL, UsageError

# options of `new`, what is asked for them
ASKED = {
    "name": "name of the project, in lower case",
    "title": "title: one line that a reader understands",
    "publisher": "publisher: who answers for the data",
    "licence": "licence of what you derive and publish",
    "bucket": "S3 bucket, or nothing for local folders",
    "language": "language, by its two letters",
}


def _new_options(parser: argparse.ArgumentParser) -> None:
    for key, about in ASKED.items():
        parser.add_argument(f"--{key}", metavar=key.upper(), help=about)
    about = "leave the Git remote `origin` as it is: it is your own repository already"
    parser.add_argument("--keep-origin", action="store_true", help=about)
    about = "remove config/sources.lock.yaml, which names raw copies of another project"
    parser.add_argument("--remove-lock", action="store_true", help=about)


def _new(arguments: argparse.Namespace) -> int:
    from diffusion.propose.project import NEXT, Project, begin_project, refuse_edited
    from diffusion.run.template_remote import keep_as_template, template_candidate

    folder = Path()
    refuse_edited(folder)
    given = _answers(arguments, folder)
    today = datetime.date.today().isoformat()
    project = Project(vintage=today, **given)
    print("\n".join(begin_project(project, folder, arguments.remove_lock)))
    address = "" if arguments.keep_origin else template_candidate(folder)
    if address and _agreed(f"Is {address} where the template is, and not your own repository?"):
        print("\n".join(keep_as_template(folder)))
    print(f"\nNext: {NEXT}")
    return WELL


def _answers(arguments: argparse.Namespace, folder: Path) -> dict[str, str]:
    """Return what was typed as arguments; on a terminal the rest is asked for.

    Raises:
        UsageError: nobody can be asked for the name.
    """
    given = {key: getattr(arguments, key) for key in ASKED}
    if not sys.stdin.isatty():
        if given["name"] is None:
            fix = "name it: diffusion new --name my-project; or type it in a terminal, and be asked"
            raise UsageError("--name", "missing: what is the project called?", fix)
        return {key: value or "" for key, value in given.items()}
    language = "fr" if os.environ.get("LANG", "").startswith("fr") else "en"
    name = re.sub("[^a-z0-9]+", "-", folder.absolute().name.lower()).strip("-0123456789")
    proposed = {"name": name, "licence": "Licence Ouverte 2.0", "language": language}
    for key, words in ASKED.items():
        if given[key] is None:
            given[key] = _asked(words, proposed.get(key, ""))
    return given


def _asked(words: str, proposed: str) -> str:
    shown = f" [{proposed}]" if proposed else ""
    return input(f"{words}{shown}: ").strip() or proposed


def _agreed(question: str) -> bool:
    """Ask whether something is so; without a terminal, it is."""
    if not sys.stdin.isatty():
        return True
    return input(f"{question} [Y/n]: ").strip().lower() in ("", "y", "yes", "o", "oui")


COMMANDS = [
    (
        "new",
        "Begin a project of your own in this clone: config/config.yaml with its name and places.",
        'diffusion new --name rents --title "Rents by commune" --licence "Licence Ouverte 2.0"',
        _new_options,
        _new,
    ),
]
