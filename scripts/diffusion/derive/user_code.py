"""The user's Python: one function of one file, and the packages that it imports."""

import importlib.util
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from diffusion.config.names import derive_file
from diffusion.errors import DerivedError, NoFileError, PackageError

NAMED = re.compile(r"^ *([\w.-]+)", re.MULTILINE)  # a requirement, at the start of its line


class Inputs(dict[str, Any]):
    """The inputs of a function by their names; one that is not among them is told with those."""

    def __missing__(self, name: str) -> Any:
        """Raise the error that a mapping raises, in words."""
        raise KeyError(
            f"`{name}` is not under `inputs:` of this entry; there are: {', '.join(self)}"
        )


def load_function(project: Path, name: str, function: str) -> Callable[..., Any]:
    """Return a function of a user's script.

    Args:
        project: its folder.
        name: of the script, as `derive:` has it.
        function: its name.

    Raises:
        DiffusionError: there is no such file, no such function in it, or it imports what is not
            installed (this also when it is called).
    """
    script = derive_file(project, name)
    if not script.exists():
        raise NoFileError(str(script), "there is no such file", "see `script:` under `derive:`")
    spec = importlib.util.spec_from_file_location(script.stem, script)
    if spec is None or spec.loader is None:
        raise DerivedError(str(script), "is not a Python file", "give it a name in `.py`")
    module = importlib.util.module_from_spec(spec)
    with _imports_told(script, project / "envs"):
        spec.loader.exec_module(module)
    if not hasattr(module, function):
        fix = f"define `def {function}(inputs, params):`"
        raise DerivedError(str(script), f"there is no function `{function}`", fix)
    found: Callable[..., Any] = getattr(module, function)

    def called(*arguments: object) -> Any:
        with _imports_told(script, project / "envs"):
            return found(*arguments)

    return called


@contextmanager
def _imports_told(script: Path, envs: Path) -> Iterator[None]:
    """Say of a module that is not there where its package is to be written."""
    try:
        yield
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if not name or importlib.util.find_spec(name):  # there, but not the part that is asked for
            raise
        fix = _remedy(name, envs)
        raise PackageError(str(script), f"imports `{name}`, which is not installed", fix) from error


def _remedy(module: str, envs: Path) -> str:
    """Return what is missing of: named, locked, installed."""
    if _names(envs / "project.txt", module):
        older = "envs/project.txt has it, and this environment is older"
        return f"{older}: make install (on Kubernetes, make image)"
    if _names(envs / "project.in", module):
        return "envs/project.in names it, and it is not locked: make packages"
    return (
        "write its package (the name may be another one: `sklearn` is of scikit-learn) into "
        "envs/project.in, then: make packages"
    )


def _names(path: Path, module: str) -> bool:
    named = NAMED.findall(path.read_text("utf-8")) if path.is_file() else []
    return module.lower() in {re.sub(r"[-_.]+", "_", name).lower() for name in named}
