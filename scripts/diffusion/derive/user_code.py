"""The user's Python: one function of one file."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diffusion.errors import DiffusionError


def load_function(script: Path, function: str) -> Callable[..., Any]:
    """Return a function of a user's script.

    Raises:
        DiffusionError: there is no such file, or no such function in it.
    """
    if not script.exists():
        raise DiffusionError(str(script), "there is no such file", "see `script:` under `derive:`")
    spec = importlib.util.spec_from_file_location(script.stem, script)
    if spec is None or spec.loader is None:
        raise DiffusionError(str(script), "is not a Python file", "give it a name in `.py`")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, function):
        fix = f"define `def {function}(inputs, params):`"
        raise DiffusionError(str(script), f"there is no function `{function}`", fix)
    found: Callable[..., Any] = getattr(module, function)
    return found
