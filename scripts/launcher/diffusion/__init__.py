"""`import diffusion` in this environment: the library of the clone around the current folder.

An environment may serve several clones. This file puts the library of one in its own place: the one
that `sys.path` names beside this (jobs of a run name theirs), else that of the project around the
current folder, as the command `diffusion` finds it.
"""

import importlib.util
import sys
from pathlib import Path

from diffusion_launcher import find_project, scripts_of


def _library() -> Path:
    for entry in sys.path:
        found = Path(entry or ".", "diffusion", "__init__.py")
        if found.is_file() and not (found.parents[1] / "diffusion_launcher.py").is_file():
            return found  # and no other copy of this
    if (project := find_project(Path.cwd())) and (scripts := scripts_of(project)):
        return scripts / "diffusion" / "__init__.py"
    raise ImportError(
        f"{Path.cwd()} is not in a Diffusion project (workflow/Snakefile, scripts/diffusion/): go "
        "to a folder of your clone (`%cd` in a notebook), then import it again",
        name=__name__,
    )


def _put_in_place(path: Path) -> None:
    folder = [str(path.parent)]
    spec = importlib.util.spec_from_file_location(__name__, path, submodule_search_locations=folder)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python", name=__name__)
    sys.modules[__name__] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[__name__])


_put_in_place(_library())
