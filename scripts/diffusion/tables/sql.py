"""Names, texts and paths quoted for SQL."""

import glob
from collections.abc import Iterable
from pathlib import Path


def identifier(name: str) -> str:
    """Return a name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text quoted for SQL."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """Return the path of one file quoted for SQL; DuckDB would read ``x[1].csv`` as a glob."""
    return literal(glob.escape(str(path)))


def order_by(keys: Iterable[str]) -> str:
    """Return the clause that sorts by some expressions, upwards, nulls last."""
    return " ORDER BY " + ", ".join(f"{key} NULLS LAST" for key in keys)
