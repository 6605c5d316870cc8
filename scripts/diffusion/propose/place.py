"""What was typed: a URL, an object in S3, or a file of this machine; and the name that it gives."""

import os
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from diffusion.config.fetching import FileFetch
from diffusion.errors import NoFileError, ProposalError
from diffusion.fetch.local_paths import near_paths

LONGEST = 40  # signs of a name
ENDINGS = re.compile(r"(\.[a-z0-9]{1,10}){1,2}$", re.IGNORECASE)
# parts of addresses that say nothing of the data
GENERIC = re.compile(
    r"lines|data|records?|items|results|rows|download|exports?|content|file|csv|json|geojson|parquet"
    r"|xlsx|zip|api|latest|v\d[\d.]*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+",
    re.IGNORECASE,
)
AXES = str.maketrans({"{": "%7B", "}": "%7D"})  # `{…}` in an address would be a partition's


def place_of(typed: str, project: Path, folder: Path) -> str:
    """Return what was typed as `url:` states it; a file's path from the project's folder.

    Args:
        typed: a URL, or a path from the current folder, with or without `~`.
        project: the folder of the project.
        folder: the current one.

    Raises:
        DiffusionError: there is no such file, or nothing reads such an address.
    """
    if "://" in typed:
        scheme = typed.partition("://")[0].lower()
        if scheme not in ("http", "https", "s3", "file"):
            fix = "give an address that begins with https:// or s3://, or a path"
            raise ProposalError(typed, f"{scheme}:// is not read", fix)
        if scheme != "file":
            return typed.translate(AXES)
        typed = unquote(urlsplit(typed).path)
    path = folder / Path(typed).expanduser()
    if path.is_dir():
        fix = "name a file in it; several files of one table: a glob of s3://, or an archive"
        raise ProposalError(typed, "is a folder", fix)
    if not path.is_file():
        host = FileFetch(url=typed).address
        fix = f"if that is an address, type {host}" if host else f"{near_paths(path)}check the path"
        raise NoFileError(typed, "there is no such file", fix)
    inside = path.resolve().is_relative_to(project.resolve())
    if inside:
        return str(path.resolve().relative_to(project.resolve()))
    plain = Path(os.path.normpath(path.absolute()))  # `..` behind a link leads elsewhere
    return str(plain if plain.exists() and plain.samefile(path) else path.absolute())


def name_of(text: str) -> str:
    """Return the name of a source that an address or a title gives."""
    path = unquote(urlsplit(text).path) if "/" in text else text
    parts = [ENDINGS.sub("", part) or part for part in path.split("/") if part]
    while len(parts) > 1 and GENERIC.fullmatch(parts[-1]):
        parts.pop()
    stem = parts[-1] if parts else ""
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    words = re.sub("[^a-z0-9]+", "_", plain).strip("_")
    if not words[:1].isalpha():
        words = f"t_{words}" if words else "table"
    return words[:LONGEST].rstrip("_")
