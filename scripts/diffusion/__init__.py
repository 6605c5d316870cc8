"""The library of Diffusion: pure functions, tested without Snakemake.

The scripts beside this folder are thin; the logic is here. Nothing here imports
Snakemake, and the modules that fetch never import geopandas.
"""

import os
from typing import Any

VERSION = "0.2.0"
# OpenBLAS, which comes with numpy, starts a thread for each other core, and these wait for work at
# full load: a tenth of a second, more than all else of importing numpy. They sleep at once instead.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")


def __getattr__(name: str) -> Any:
    """Give ``table`` to notebooks; whoever does not ask for it imports nothing for it."""
    if name == "table":
        from diffusion.notebook.tables import table

        return table
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
