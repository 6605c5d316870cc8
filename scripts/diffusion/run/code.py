"""The code that a rule runs, as a hash: tables are made again when what makes them has changed.

Followed from the rule's script, import by import, in this project; of other packages the locked
versions count. What cannot change a result is left out, so that it makes nothing again.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

IMPORT = re.compile(r"^\s*(?:from|import) ([\w.]+)", re.MULTILINE)
LOCKED = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", re.MULTILINE)
# logs, errors and servers do not change what is made: raw copies are verified by their hash
IGNORED = re.compile(r"diffusion(\.(errors|base\.(joblog|progress|trust)|(raw|storage|run)\..*))?")
PACKAGES = {"yaml": "pyyaml", "backports": "backports-zstd"}  # imported under another name


@cache
def code_hash(project: Path, *starts: str) -> str:
    """Return the hash of some files, of all they import in this project, and of locked versions.

    Args:
        project: the folder of the repository.
        starts: paths from there, of Python or other files.
    """
    files, packages = _followed(project, starts)
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(project)}\n".encode() + _content(path))
    locked = _locked(project)
    digest.update("\n".join(f"{p}=={locked[p]}" for p in sorted(packages & locked.keys())).encode())
    return digest.hexdigest()[:16]


def _followed(project: Path, starts: tuple[str, ...]) -> tuple[set[Path], set[str]]:
    todo = [project / start for start in starts]
    files: set[Path] = set()
    packages: set[str] = set()
    while todo:
        path = todo.pop()
        if path in files:
            continue
        files.add(path)
        if path.suffix == ".py":
            todo += sorted((path.parent / "templates").glob("*.*"))  # none where there is no folder
        for name in _imported(path) if path.suffix == ".py" else ():
            if name.startswith("diffusion"):
                if not IGNORED.fullmatch(name):
                    todo.append(project / "scripts" / f"{name.replace('.', '/')}.py")
            else:
                package = name.partition(".")[0]
                packages.add(PACKAGES.get(package, package))
    return files, packages


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _imported(path: Path) -> list[str]:
    return IMPORT.findall(_content(path).decode())


@cache
def _locked(project: Path) -> dict[str, str]:
    """Return the locked version of each package; all of them where they differ by Python."""
    versions: dict[str, list[str]] = {}
    for name, version in LOCKED.findall((project / "envs" / "requirements.txt").read_text("utf-8")):
        versions.setdefault(name.lower(), []).append(version)
    return {name: " ".join(found) for name, found in versions.items()}
