"""The library of Diffusion: pure functions, tested without Snakemake.

The scripts beside this folder are thin; the logic is here. Nothing here imports
Snakemake, and the modules that fetch never import geopandas.
"""

from typing import Any

VERSION = "0.2.0"


def __getattr__(name: str) -> Any:
    """Give ``table`` to notebooks; whoever does not ask for it imports nothing for it."""
    if name == "table":
        from diffusion.notebook.tables import table

        return table
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
