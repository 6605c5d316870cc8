"""The subcommands by which a project begins and grows: new, source.

Each entry of COMMANDS is what ``cli.Subcommand`` takes. Nothing is imported here but what `--help`
needs.
"""

import argparse
import datetime
import functools
import re
import sys
from pathlib import Path
from typing import Any

from diffusion.errors import ChecksError, UsageError
from diffusion.run.options import CONFIG, WELL
from diffusion.run.prompts import Prompts, prompts

# options of `new`, what is asked for them
ASKED = {
    "name": "name of the project, in lower case",
    "title": "title, one line that a reader understands",
    "publisher": "publisher, who answers for the data",
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

    folder, asking = Path(), prompts()
    refuse_edited(folder)
    given = _answers(arguments, folder, asking)
    today = datetime.date.today().isoformat()
    project = Project(vintage=today, **given)
    address = "" if arguments.keep_origin else template_candidate(folder)
    question = "You cloned {}: is that the template's repository, and not your own?"
    # all is asked before anything is written
    is_template = bool(address) and asking.agreed(question, address)
    print("\n".join(begin_project(project, folder, arguments.remove_lock)))
    if is_template:
        print("\n".join(keep_as_template(folder)))
    print(f"\n{asking.words('Next: {}', NEXT)}")
    return WELL


def _answers(arguments: argparse.Namespace, folder: Path, asking: Prompts) -> dict[str, str]:
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
    name = re.sub("[^a-z0-9]+", "-", folder.absolute().name.lower()).strip("-")
    name = name.lstrip("-0123456789")
    proposed = {"name": name, "licence": "Licence Ouverte 2.0", "language": asking.language}
    for key, words in ASKED.items():
        if given[key] is None:
            given[key] = asking.asked(words, proposed.get(key, ""))
    return given


def _source_options(parser: argparse.ArgumentParser) -> None:
    about = "a portal's page, the address of an API or a file, s3://…, a path, the address of a "
    about += (
        "database (postgresql://host/base, sqlite:///path), or env:NAME, a variable that has it"
    )
    parser.add_argument("place", metavar="URL", type=_typed, help=about)
    about = "its name under `sources:` (default: from its title or address)"
    parser.add_argument("--name", default="", metavar="NAME", help=about)
    about = "which one of a dataset, an archive, a database, of layers or sheets: a part of its "
    about += "name, title, format or identifier; may be repeated: of an archive in a dataset"
    parser.add_argument("--resource", action="append", default=[], metavar="TEXT", help=about)
    about = "JSON that is sent by POST, or @FILE that holds it"
    parser.add_argument("--body", type=_body, metavar="JSON", help=about)
    about = "a key of the entry that you state, in YAML: 'xlsx: {sheet: Data}'; may be repeated"
    parser.add_argument(
        "--set", action="append", default=[], type=_keys, metavar="YAML", dest="given", help=about
    )
    about = "how many rows to show (default: 3)"
    parser.add_argument("--rows", type=int, default=3, metavar="N", help=about)
    about = "take all of a file, whatever its size; it is not kept"
    parser.add_argument("--whole", action="store_true", help=about)
    about = "write the entry without asking, and choose nothing: what is not clear is an error"
    parser.add_argument("--yes", action="store_true", help=about)
    parser.add_argument("--dry-run", action="store_true", help="show the entry, and write nothing")


def _typed(text: str) -> tuple[str, Path]:
    """Return what was typed and from where: the command moves to the project's folder."""
    return text, Path.cwd()


def _keys(text: str) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict):
        example = "'csv: {delimiter: \";\"}'"
        raise argparse.ArgumentTypeError(f"{text} is no key of an entry, such as {example}")
    return found


def _body(text: str) -> dict[str, Any]:
    import json

    try:
        found = json.loads(Path(text[1:]).read_text("utf-8") if text.startswith("@") else text)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(
            f"{text} is no JSON, and no @FILE of it: {error}"
        ) from None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(f"{text} is no JSON object such as '{{\"size\": 100}}'")
    return found


def _source(arguments: argparse.Namespace) -> int:
    from diffusion.base.trust import trust_one_file
    from diffusion.config.load import read_config
    from diffusion.propose.databases import database_keys
    from diffusion.propose.draft import laid_over
    from diffusion.propose.place import place_of
    from diffusion.propose.project import is_example
    from diffusion.run.sourcing import Asked, look_at, write

    trust_one_file()
    typed, folder = arguments.place
    is_asked = sys.stdin.isatty() and not arguments.yes
    asking = prompts(read_config(CONFIG).get("project"))
    given: dict[str, Any] = {} if arguments.body is None else {"method": "POST"}
    given |= {"body": arguments.body} if arguments.body else {}
    for keys in arguments.given:
        given = laid_over(given, keys)
    begun = database_keys(typed, Path().absolute(), folder)
    place = typed if begun else place_of(typed, Path().absolute(), folder)
    asked = Asked(
        *(place, arguments.name, given, arguments.resource),
        *(arguments.whole, arguments.rows, asking.chosen if is_asked else None, begun),
    )
    say = functools.partial(print, flush=True)
    found = look_at(asked, CONFIG, datetime.date.today().isoformat(), say)
    print(f"\n{found.block}")
    if not found.is_well:
        fix = "state what it should be, and look again: the same command with --set YAML, such as\n"
        fix += "--set 'nulls: [nd]' or --set 'checks: {warn: [unique]}'"
        raise ChecksError(found.name, "a check fails, as is told above", fix)
    if is_example(Path()):
        print(f"? {CONFIG} is the template's example: `diffusion new` begins a project of your own")
        print("  in its place, and cannot any more once this is written")
    is_written = not arguments.dry_run and (
        not is_asked or asking.agreed("Write it to {}?", CONFIG)
    )
    if is_written:
        write(CONFIG, found)
    print(_end(found.name, is_written, asking))
    return WELL


def _end(name: str, is_written: bool, asking: Prompts) -> str:
    """Return what is said last of a source."""
    if not is_written:
        return asking.words("nothing was written")
    written = "✓ written to {}, under sources.{}; nothing is frozen"
    then = "snakemake, which publishes; or snakemake {}, which makes this table alone"
    following = asking.words("Next: {}", asking.words(then, name))
    return f"{asking.words(written, CONFIG, name)}\n\n{following}"


COMMANDS = [
    (
        "new",
        "Begin a project of your own in this clone: config/config.yaml with its name and places.",
        'diffusion new --name rents --title "Rents by commune" --licence "Licence Ouverte 2.0"',
        _new_options,
        _new,
    ),
    (
        "source",
        "Look at data, and add an entry for them to config/config.yaml. Nothing is frozen.",
        "diffusion source https://www.data.gouv.fr/fr/datasets/… --name rents",
        _source_options,
        _source,
    ),
]
