"""How DuckDB reads a file, and which of its rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from diffusion.tables.sql import file_literal, identifier


@dataclass(frozen=True)
class Kept:
    """Which rows of a file are rows of its table.

    Attributes:
        condition: SQL over its columns, by their names in the table.
        absent: columns of it that this file does not have.
    """

    condition: str
    absent: tuple[str, ...] = ()

    def of(self, rows: str) -> str:
        """Return SQL of those among some rows."""
        names = [identifier(name) for name in self.absent]
        missing = "".join(f", NULL::VARCHAR AS {name}" for name in names)
        without = f" EXCLUDE ({', '.join(names)})" if names else ""
        return f"SELECT *{without} FROM (SELECT *{missing} FROM ({rows})) WHERE {self.condition}"


@dataclass(frozen=True)
class Scan:
    """How DuckDB reads a file: a table function, its options, what is selected, and which rows.

    Without options, ``function`` is the name of a table in memory that holds what the file held.
    ``where`` is of the reader, as blank lines are no records; ``kept`` is what is asked for.
    ``renamed``: columns that have other names here than in the file, each with the new one.
    """

    function: str
    options: str | None = None
    selected: str = "*"
    where: str = ""
    kept: Kept | None = None
    renamed: tuple[tuple[str, str], ...] = ()

    def origin(self, paths: Iterable[Path]) -> str:
        """Return SQL of all rows of files."""
        rows = self.function
        if self.options is not None:
            rows = f"{self.function}([{', '.join(map(file_literal, paths))}], {self.options})"
        if not self.renamed:
            return rows
        names = (f"{identifier(old)} AS {identifier(new)}" for old, new in self.renamed)
        return f"(SELECT * RENAME ({', '.join(names)}) FROM {rows})"
