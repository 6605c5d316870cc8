"""A DuckDB connection with bounds: memory, threads, and a folder of its own to spill to."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from diffusion.errors import DerivedError, DiffusionError
from diffusion.tables.limits import Limits, affordable


@contextmanager
def engine(limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB for one job; what it spills beyond its memory is removed at the end.

    It uses as many of the job's threads as its memory suffices for; results do not depend on that.
    """
    limits.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=limits.scratch, prefix="duckdb-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{limits.duckdb_mb}MiB",
            "threads": affordable(limits.threads, limits.duckdb_mb),
            "temp_directory": spill,
            "autoinstall_known_extensions": False,  # never a download behind the user's back
            "enable_geoparquet_conversion": False,  # geometries stay WKB
            "preserve_insertion_order": True,
            "TimeZone": "UTC",
        }
        con = duckdb.connect(config=settings)
        try:
            con.execute("SET enable_progress_bar = false")
            yield con
        finally:
            con.close()


@contextmanager
def duckdb_errors(where: str, describe: Callable[[str, str], DiffusionError]) -> Iterator[None]:
    """Raise what DuckDB or Arrow refuses as an error that users can act on.

    Args:
        where: the entry, e.g. ``sources.dpe``.
        describe: returns the error for ``where`` and DuckDB's text; a lack of memory is described
            here.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the operating system's own, not DuckDB's through an Arrow stream
        if "Out of Memory Error:" in str(error):
            found = "needs more memory than the job has, or more room on disk to spill"
            fix = "raise the rule's `mem_mb` in the profile"
            raise DerivedError(where, found, fix) from error
        raise describe(where, str(error)) from error


def first_row(
    con: duckdb.DuckDBPyConnection, query: str, given: object | None = None
) -> tuple | None:
    """Return the first row of a query that gives few; None if it gives none.

    All are fetched: DuckDB refuses other work on a connection whose last result is unfinished.
    """
    rows = con.execute(query, given).fetchall()
    return rows[0] if rows else None
