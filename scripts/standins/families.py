"""The communes in files of other families: databases, columns with types, text of fixed width."""

import io
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from standins.records import records

WIDTHS = {"code": 5, "nom": 40, "departement": 3, "population": 8}  # characters


def fixed() -> bytes:
    """As a codebook describes it, in a one-byte encoding; numbers stand on the right."""
    lines = []
    for row in records():
        cells = [str(row[name]) for name in WIDTHS]
        texts = [cell.ljust(size) for cell, size in zip(cells, WIDTHS.values(), strict=True)]
        lines.append("".join(texts[:3]) + cells[3].rjust(WIDTHS["population"]))
    return "".join(f"{line}\r\n" for line in lines).encode("cp1252")


def database() -> bytes:
    """A SQLite file of two tables."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "communes.sqlite"
        base = sqlite3.connect(path)
        with base:
            kinds = "code TEXT, nom TEXT, departement TEXT, population INTEGER"
            base.execute(f"CREATE TABLE communes ({kinds})")
            rows = [tuple(row.values()) for row in records()]
            base.executemany("INSERT INTO communes VALUES (?, ?, ?, ?)", rows)
            base.execute("CREATE TABLE versions (version TEXT)")
        base.close()
        return path.read_bytes()


def feather() -> bytes:
    """An Arrow file, compressed."""
    import pyarrow
    from pyarrow import feather

    buffer = io.BytesIO()
    feather.write_feather(pyarrow.Table.from_pylist(records()), buffer)
    return buffer.getvalue()


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "communes.txt": ("text/plain", fixed),
    "communes.sqlite": ("application/vnd.sqlite3", database),
    "communes.feather": ("application/vnd.apache.arrow.file", feather),
}
