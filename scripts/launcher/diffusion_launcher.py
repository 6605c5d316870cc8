"""The command `diffusion`: finds the project around the current folder and runs its code.

Only this file is installed: an environment may serve several clones (by a link, in an image), and
each must run its own library.
"""

import sys
from pathlib import Path


def main() -> int:
    """Run the command; returns its exit code."""
    project = find_project(Path.cwd())
    if project is None:
        found = "this folder is not in a Diffusion project (workflow/Snakefile, scripts/diffusion/)"
        return _refuse(f"{found}\n  → go to the folder of your clone, then type it again")
    sys.path.append(str(project / "scripts"))
    import diffusion

    if not (project / "scripts/diffusion/__init__.py").samefile(diffusion.__file__):
        found = f"{diffusion.__file__} would be run, and not the library of {project}"
        return _refuse(f"{found}\n  → take its folder out of PYTHONPATH, or uninstall it")
    from diffusion.run.cli import main as run

    return run(sys.argv[1:], project)


def find_project(folder: Path) -> Path | None:
    """Return the nearest project, from a folder upwards; like git."""
    for path in (folder, *folder.parents):
        if (path / "workflow" / "Snakefile").is_file() and (path / "scripts/diffusion").is_dir():
            return path
    return None


def _refuse(words: str) -> int:
    print(f"diffusion: {words}", file=sys.stderr)
    return 2
