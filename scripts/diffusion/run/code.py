"""The code that a rule runs, as a hash: tables are made again when what makes them has changed.

Followed from the rule's script, import by import, in this project; of other packages the locked
versions count, for the project's own code those of its own lock, too. What cannot change a result
is left out, so that it makes nothing again.
"""

import hashlib
import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

IMPORT = re.compile(rb"\n *(?:from|import) ([\w.]+)")
LOCKED = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", re.MULTILINE)
LOCK, OWN_LOCK = "envs/requirements.txt", "envs/project.txt"
# logs, errors and servers do not change what is made: raw copies are verified by their hash
IGNORED = re.compile(r"diffusion(\.(errors|base\.(joblog|progress|trust)|(raw|storage|run)\..*))?")
PACKAGES = {"yaml": "pyyaml", "backports": "backports-zstd"}  # imported under another name


@cache
def code_hash(template: Path, start: str, of: Path | None = None) -> str:
    """Return the hash of a file, of all it imports of the library, and of locked versions.

    Args:
        template: the folder that the library and the lock are in.
        start: path from there, of Python or another file.
        of: the folder that this path is in, where a project has the template elsewhere.
    """
    files, packages = _followed(str(template), start, str(of or template))
    digest = hashlib.sha256()
    for path in sorted(files):
        folder = of if of and path == start else template
        digest.update(f"{path}\n".encode() + _content(f"{folder}/{path}"))
    locked = _locked(template / LOCK)
    used = {package: locked[package] for package in packages & locked.keys()}
    if of and packages - locked.keys() - sys.stdlib_module_names:
        used |= _own_packages(of, locked)
    digest.update("\n".join(f"{p}=={used[p]}" for p in sorted(used)).encode())
    return digest.hexdigest()[:16]


def _own_packages(project: Path, locked: Mapping[str, str]) -> dict[str, str]:
    """Return what a project's lock adds: all of it, for what a module belongs to is not in it."""
    path = project / OWN_LOCK
    added = _locked(path) if path.is_file() else {}
    return {name: version for name, version in added.items() if name not in locked}


def _followed(template: str, start: str, of: str) -> tuple[set[str], set[str]]:
    """Return paths from the folders, and packages. Text: a plan follows some 900 paths."""
    todo = [start]
    files: set[str] = set()
    packages: set[str] = set()
    while todo:
        path = todo.pop()
        if path in files:
            continue
        files.add(path)
        folder = of if path == start else template
        imported, more = _imported(folder, path) if path.endswith(".py") else ((), ())
        todo += more
        for name in imported:
            if name.partition(".")[0] == "diffusion":
                if not IGNORED.fullmatch(name):
                    todo.append(f"scripts/{name.replace('.', '/')}.py")
            else:
                package = name.partition(".")[0]
                packages.add(PACKAGES.get(package, package))
    return files, packages


@cache
def _content(path: str) -> bytes:
    return Path(path).read_bytes()


def imports(content: bytes) -> set[str]:
    """Return the modules that a file's lines import, wherever they stand."""
    return {name.decode() for name in IMPORT.findall(b"\n" + content)}


@cache
def _imported(project: str, path: str) -> tuple[set[str], list[str]]:
    """Return what a file imports, and the templates beside it."""
    folder = f"{path.rpartition('/')[0]}/templates"
    beside = [f"{folder}/{name}" for name in _names(f"{project}/{folder}")]
    return imports(_content(f"{project}/{path}")), beside


@cache
def _names(folder: str) -> list[str]:
    """Return the files in a folder; nothing where there is none."""
    return [path.name for path in Path(folder).glob("*.*")]


@cache
def _locked(lock: Path) -> dict[str, str]:
    """Return the locked version of each package; all of them where they differ by Python."""
    versions: dict[str, list[str]] = {}
    for name, version in LOCKED.findall(lock.read_text("utf-8")):
        versions.setdefault(name.lower(), []).append(version)
    return {name: " ".join(found) for name, found in versions.items()}
