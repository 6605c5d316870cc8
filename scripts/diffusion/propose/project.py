"""A project under one's own name: `config/config.yaml` in place of the one that is shipped.

What somebody edited is never replaced: a file is the template's as long as its hash is one of
those that the template shipped.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from diffusion.base.json_files import write_whole
from diffusion.config.load import STAND_IN
from diffusion.config.resolve import ConfigError, resolve_config
from diffusion.errors import ProposalError

CONFIG, LOCK = Path("config/config.yaml"), Path("config/sources.lock.yaml")
# SHA-256 of what this version ships, and earlier ones did, line ends as Git keeps them
SHIPPED = {
    CONFIG: (
        "5f746bdb14c59277d0e418735746f0280c18a91878b8ce38c8d067e09178435f",
        "7ad26c5851e1f146cd17850de3a0d928758ce135bffc28bfa60d859c767ffb6d",
        "f5595b1b499208967586219f22136d6f72df07b31d428e69a7f11cf895e6e559",
        "b1bdabeb49c0d3c8049c72280f12c32a9b26919f2089c8044c805cb4fe7487e0",
    ),
    Path("scripts/derive/logements_par_commune.sql"): (
        "67cb1b9c27e8c343289305d094cbab85770c6a24ebe04933d63c59bb90e1cc33",
    ),
}
BUCKET = "write the name of a bucket: 3 to 63 of a-z, 0-9, `.` and `-`"
NEXT = "diffusion source URL"
TEXT = """\
# yaml-language-server: $schema=../workflow/schemas/config.schema.yaml
#
# Your project: what is fetched, checked, published and derived. To add a source: {next}
# Every key: config/README.md. One file for each kind of source: config/examples/. Derived tables,
# maps and figures: docs/derive.md.

project:
  name: {name} # lower case; also the name of its prefix in config/sspcloud.yaml
{about}
# The name under which raw bytes are frozen, usually the date of the data. For newer data: another.
vintage: {vintage}

storage: # {storage}
  url: {url}
  raw: {raw}

sources: {{}}
"""
LICENCE = " # of what you derive; each source states its own"


@dataclass(frozen=True)
class Project:
    """What a new project says of itself; an empty text states nothing."""

    name: str
    vintage: str
    title: str = ""
    publisher: str = ""
    licence: str = ""
    bucket: str = ""
    language: str = ""


def refuse_edited(folder: Path) -> None:
    """Refuse to replace a configuration that is not the template's own.

    Raises:
        DiffusionError: with what to do in place of it.
    """
    path = folder / CONFIG
    if path.exists() and not _is_shipped(path, CONFIG):
        found = "is not the one that the template ships: a project is here already"
        fix = f"to add a source to it: {NEXT}\n"
        fix += "to begin another project, clone the template again, into another folder"
        raise ProposalError(str(CONFIG), found, fix)


def begin_project(project: Project, folder: Path, without_lock: bool) -> Iterator[str]:
    """Write the configuration of a new project; yield what was done, in words.

    Args:
        without_lock: remove the lock of raw copies that lies there.

    Raises:
        DiffusionError: something that was given is refused; nothing is changed then.
    """
    refuse_edited(folder)
    text = config_text(project)
    _verify(text)
    path = folder / CONFIG
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())
    yield f"{CONFIG}: written"
    for path in SHIPPED:
        if path != CONFIG and _is_shipped(folder / path, path):
            (folder / path).unlink()
            yield f"{path}: removed, as it was the template's example"
    lock = folder / LOCK
    if lock.exists() and without_lock:
        lock.unlink()
        yield f"{LOCK}: removed, as you asked"
    elif lock.exists():
        yield f"{LOCK}: still there; it names raw copies of another project: rm {LOCK}"


def config_text(project: Project) -> str:
    """Return the configuration of a project without sources."""
    stated = {"title": project.title, "publisher": project.publisher}
    lines = [f"  {key}: {_scalar(value)}\n" for key, value in stated.items() if value]
    if project.licence:
        lines.append(f"  licence: {_scalar(project.licence)}{LICENCE}\n")
    if project.language:
        lines.append(f"  language: {project.language} # of titles, descriptions and pages\n")
    places = {"url": "published", "raw": "raw"}
    words = "local folders; or s3://my-bucket/diffusion/{project}, see README"
    if bucket := project.bucket.removeprefix("s3://").strip("/"):
        places = {"url": f"s3://{bucket}/diffusion/{{project}}"}
        places["raw"] = f"s3://{bucket}/raw/{{project}}"
        words = "`{project}` is the name above; keys and endpoint are read from the environment"
    return TEXT.format(
        next=NEXT,
        name=_scalar(project.name),
        about="".join(lines),
        vintage=_scalar(project.vintage, quoted=True),
        storage=words,
        **places,
    )


def _scalar(text: str, quoted: bool = False) -> str:
    """Return a text as YAML: plain where that is read as the same text."""
    plain = text.strip() == text and ": " not in text and " #" not in text
    try:
        is_same = plain and not quoted and yaml.safe_load(text) == text
    except yaml.YAMLError:
        is_same = False
    return text if is_same else json.dumps(text, ensure_ascii=False)


def _verify(text: str) -> None:
    """Refuse what the loader would refuse, by the name of the argument."""
    given = yaml.safe_load(text)
    try:
        resolve_config(given | {"sources": {"unset": STAND_IN}})
    except ConfigError as error:
        problem = error.problems[0]
        key = problem.where.removeprefix("project.").removeprefix("storage.")
        argument, fix = (key, problem.fix) if key not in ("url", "raw") else ("bucket", BUCKET)
        raise problem.restated(f"--{argument}", fix=fix) from None


def is_example(folder: Path) -> bool:
    """Return whether the configuration is the one that the template ships, unedited."""
    return _is_shipped(folder / CONFIG, CONFIG)


def _is_shipped(path: Path, name: Path) -> bool:
    if not path.is_file():
        return False
    data = path.read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(data).hexdigest() in SHIPPED[name]
