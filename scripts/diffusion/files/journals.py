"""Journals that a database leaves beside its file: changes that are not in the file itself.

Formats: SQLite's file format (sections on the rollback journal and the write-ahead log), DuckDB's
documentation (*Files created by DuckDB*).
"""

from pathlib import Path

from diffusion.errors import FileFormatError

ENDINGS = ("-wal", "-journal", ".wal")
SIDECARS = (*ENDINGS, "-shm")  # the last: an index of the first, which holds nothing itself
FIX = "close the program that writes it, or have it write a whole file: `VACUUM INTO 'copy.db'` "
FIX += "(SQLite, GeoPackage), `CHECKPOINT` (DuckDB); and once that is there set a new `vintage`"


def refuse_journal(path: Path, where: str) -> None:
    """Refuse a database that has a journal beside it: its last changes are there, or half of them.

    Raises:
        DiffusionError: names the journal.
    """
    for ending in ENDINGS:
        journal = path.with_name(path.name + ending)
        if journal.is_file() and journal.stat().st_size:
            found = f"{path.name} has {journal.name} beside it, with changes that it does not have "
            raise FileFormatError(where, f"{found}itself ({journal.stat().st_size:,} bytes)", FIX)
