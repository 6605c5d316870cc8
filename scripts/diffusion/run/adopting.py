"""The subcommand about the template that a project came from: its options, and what it prints.

Each entry of COMMANDS is what ``cli.Subcommand`` takes. Nothing is imported here but what `--help`
needs.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from diffusion.run.options import WELL

if TYPE_CHECKING:
    from diffusion.template.upgrade import Upgrade

MOST = 10  # files that are listed


def _upgrade_options(parser: argparse.ArgumentParser) -> None:
    about = "a tag, branch or commit of the template (default: its latest release)"
    parser.add_argument("--to", default="", metavar="RELEASE", help=about)
    about = "where the template is (default: the Git remote `template`)"
    parser.add_argument("--from", default="", metavar="URL", dest="address", help=about)
    about = "the release that the project began with, if it was copied and not cloned"
    parser.add_argument("--base", default="", metavar="RELEASE", help=about)


def _upgrade(arguments: argparse.Namespace) -> int:
    from diffusion.template.upgrade import upgrade

    done = upgrade(Path.cwd(), arguments.to, arguments.address, arguments.base)
    print("\n".join(_words(done)))
    return WELL


def _words(done: "Upgrade") -> Iterator[str]:
    if not done.commit:
        yield f"✓ {done.release.name} is in this project already (version {done.before})"
        return
    versions = f": version {done.after}, was {done.before}" * (done.after != done.before)
    yield f"✓ upgraded to {done.release.name}{versions}"
    if done.kept:
        more = ", …" if len(done.kept) > MOST else ""
        listed = ", ".join(done.kept[:MOST]) + more
        yield f"· yours, left as they are, though the template changed them: {listed}"
    yield "What changed: CHANGELOG.md. Raw copies are kept: no source is asked again."
    if done.new_packages:
        own = Path("envs/project.in").exists()  # locked beside the template's packages
        command = "make packages" if own else "make install"
        yield f"Next: {command} (the environment changed), then snakemake -n"
    else:
        yield "Next: snakemake -n, which says what will be made again, and why"
    yield "To go back: git reset --keep HEAD~1"


COMMANDS = [
    (
        "upgrade",
        "Merge a later release of the template. What is yours stays; one commit, or none.",
        "diffusion upgrade --to v1.1.0",
        _upgrade_options,
        _upgrade,
    ),
]
