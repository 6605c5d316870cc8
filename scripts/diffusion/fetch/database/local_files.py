"""What SQLite and DuckDB have in common: their databases are files, and a query is interrupted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from diffusion.fetch.database.asking import Asked
from diffusion.fetch.database.refusals import RefusedError
from diffusion.fetch.local_paths import FROM, near_paths

ROWS = 200  # that are fetched at once
CHECK = "check the names and the query, in the SQL of this database; nothing was frozen"
NO_FILE = f"{FROM} (with four slashes, from the root)"


class Interruptible(Protocol):
    """A connection whose query another thread can end."""

    def interrupt(self) -> None: ...


def path_of(asked: Asked) -> Path:
    """Return the path of a database.

    Raises:
        RefusedError: there is no such file.
    """
    path = Path(asked.address.name)
    if not path.is_file():
        raise RefusedError(f"there is no file {path}", near_paths(path) + NO_FILE, key="url")
    return path


@contextmanager
def within(seconds: float, connection: Interruptible) -> Iterator[None]:
    """Interrupt a query that takes longer."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
