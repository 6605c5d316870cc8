"""The command `diffusion`: finds the project around the current folder and runs its code.

Only this file is installed: an environment may serve several clones (by a link, in an image), and
each must run its own library.
"""

import sys
from pathlib import Path

NOTE = Path(".diffusion/template")  # where a run of a project without a library found one


def main() -> int:
    """Run the command; returns its exit code."""
    project = find_project(Path.cwd())
    scripts = scripts_of(project) if project else None
    if project is None or scripts is None:
        found = "this folder is not in a Diffusion project (workflow/Snakefile, scripts/diffusion/)"
        fix = (
            "go to the folder of your clone, then type it again; where the workflow is a `module:`,"
        )
        return _refuse(f"{found}\n  → {fix} `snakemake -n` comes first")
    sys.path.append(str(scripts))
    import diffusion

    if not (scripts / "diffusion/__init__.py").samefile(diffusion.__file__):
        found = f"{diffusion.__file__} would be run, and not the library of {project}"
        return _refuse(f"{found}\n  → take its folder out of PYTHONPATH, or uninstall it")
    from diffusion.run.cli import main as run

    return run(sys.argv[1:], project)


def find_project(folder: Path) -> Path | None:
    """Return the nearest project, from a folder upwards; like git."""
    for path in (folder, *folder.parents):
        if (path / "workflow" / "Snakefile").is_file() and scripts_of(path):
            return path
    return None


def scripts_of(project: Path) -> Path | None:
    """Return the folder that a project's library is in.

    A project that takes the workflow as a `module:` has none: a run notes which it found.
    """
    places, note = [project], project / NOTE
    if note.is_file():
        places.append(Path(note.read_text("utf-8")))
    found = (place / "scripts" for place in places)
    return next((path for path in found if (path / "diffusion").is_dir()), None)


def _refuse(words: str) -> int:
    print(f"diffusion: {words}", file=sys.stderr)
    return 2
