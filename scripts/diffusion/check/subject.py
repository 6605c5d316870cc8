"""A Parquet file as DuckDB sees it: counts and examples of what fails, never all rows.

In SQL the columns are c0, c1, …: their own names (quotes, accents, two that differ by case only)
never become SQL, and values are parameters. That is why S608 is silenced here.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.check.footer import Footer
from diffusion.check.plain import plain
from diffusion.tables.sql import file_literal

REFUSALS = (
    duckdb.DataError,
    duckdb.ProgrammingError,
    duckdb.NotSupportedError,
    duckdb.PermissionException,
)
EXAMPLES = 10
SORTED = range(100_000, 5_000_000)  # rows whose hashes are sorted: 16 bytes each


class CheckError(Exception):
    """A check that cannot be made on this table; the message gives the reason."""


@dataclass(frozen=True)
class Column:
    """A column: its name, what it is called in SQL, its DuckDB type."""

    name: str
    sql: str
    type: str


@dataclass(frozen=True)
class Condition:
    """What makes a value of one column fail.

    Attributes:
        check: the kind of check.
        column: the column.
        words: a verb, `are` or `do`, and the rest of a sentence on the values that fail.
        fails: SQL that is true for a value that fails, with `?` for the parameters.
        parameters: values of the `?`, in order.
        nulls: whether missing values count among the values that are looked at.
    """

    check: str
    column: Column
    words: tuple[str, str]
    fails: str
    parameters: tuple = ()
    nulls: bool = False


class Table:
    """One Parquet file.

    Args:
        connection: from `engine`.
        path: the file.
        view: name for SQL, unique in the connection.
        label: what messages call the table.

    Attributes:
        footer: what the file tells of its columns.
        rows: number of rows.
        metadata: the file's key-value metadata.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path,
        view: str = "checked",
        label: str = "the table",
    ):
        self.path, self.view, self.label = path, view, label
        self.connection = connection
        with pq.ParquetFile(path) as file:
            self.footer = Footer(file)
        self.rows, self.metadata, names = self.footer.rows, self.footer.metadata, self.footer.names
        aliases = ", ".join(f"c{index}" for index in range(len(names)))
        connection.execute(
            f"CREATE TEMP VIEW {view}({aliases}) AS "
            f"SELECT * FROM read_parquet({file_literal(path)}, hive_partitioning = false)"
        )
        described = connection.execute(f"DESCRIBE {view}").fetchall()
        self.columns = {
            name: Column(name, f"{view}.{row[0]}", row[1])
            for name, row in zip(names, described, strict=True)
        }

    def beside(self, path: Path, view: str, label: str) -> "Table":
        """Return another file as a table of the same connection."""
        return Table(self.connection, path, view, label)

    def column(self, name: str) -> Column:
        """Return a column by its exact name.

        Raises:
            CheckError: there is none; the message names the nearest.
        """
        if name in self.columns:
            return self.columns[name]
        folded = {known.casefold(): known for known in self.columns}
        near = difflib.get_close_matches(name.casefold(), folded, n=1)
        hint = (
            f"did you mean `{folded[near[0]]}`?" if near else f"it has {_listed([*self.columns])}"
        )
        raise CheckError(f"{self.label} has no column `{name}`; {hint}")

    def examples(self, condition: Condition) -> list[dict]:
        """Return the first failing values as {row, value}; the scan ends at the tenth."""
        rows = self._query(
            f'SELECT "row", value FROM (SELECT row_number() OVER () AS "row", '
            f"{condition.column.sql} AS value, ({condition.fails}) AS fails FROM {self.view}) "
            f"WHERE fails LIMIT {EXAMPLES}",
            condition.parameters,
        )
        return [{"row": row["row"], "value": plain(row["value"])} for row in rows]

    def duplicates(self, columns: Sequence[Column]) -> tuple[int, int, list[dict]]:
        """Return rows that share their key, repeated keys, and {row, values, count} examples.

        Missing values are equal to each other here, as in a GROUP BY.
        """
        key = ", ".join(column.sql for column in columns)
        if self.rows in SORTED and self._differ(key):
            return 0, 0, []
        (found,) = self._query(
            "SELECT coalesce(sum(size), 0)::BIGINT AS failed, count(*) AS keys FROM "
            f"(SELECT count(*) AS size FROM {self.view} GROUP BY {key} HAVING size > 1)"
        )
        if not found["failed"]:
            return 0, 0, []
        values = ", ".join(f"{column.sql} AS v{n}" for n, column in enumerate(columns))
        names = ", ".join(f"v{n}" for n in range(len(columns)))
        rows = self._query(
            f'SELECT min(number) AS "row", count(*) AS size, {names} '
            f"FROM (SELECT row_number() OVER () AS number, {values} FROM {self.view}) "
            f'GROUP BY {names} HAVING count(*) > 1 ORDER BY "row" LIMIT {EXAMPLES}'
        )
        examples = [
            {
                "row": row["row"],
                "values": {c.name: plain(row[f"v{n}"]) for n, c in enumerate(columns)},
                "count": row["size"],
            }
            for row in rows
        ]
        return found["failed"], found["keys"], examples

    def _differ(self, key: str) -> bool:
        """Whether all rows have hashes of their own, and so keys: a third of a GROUP BY's work."""
        hashes = self._table(f"SELECT hash({key}) FROM {self.view}").column(0).combine_chunks()
        found = np.sort(np.from_dlpack(hashes))  # `to_numpy` imports pandas
        return bool((found[1:] != found[:-1]).all())

    def orphans(self, name: str, other: "Table", other_name: str) -> tuple[int, int, int, list]:
        """Return rows whose value `other` lacks, distinct such values, values, and examples.

        Missing values are no values. Examples are {row, value, count}, one for a distinct value.

        Raises:
            CheckError: a column is missing, or the two cannot be equal.
        """
        column, target = self.column(name), other.column(other_name)
        if (column.type == "VARCHAR") != (target.type == "VARCHAR"):
            # DuckDB would read the text as numbers, and consider "01" equal to 1
            types = f"`{name}` is {column.type}, `{other_name}` of {other.label} {target.type}"
            raise CheckError(types)
        lost = f"NOT EXISTS (SELECT 1 FROM {other.view} WHERE {target.sql} = mine.value)"
        # grouped before the join: count(DISTINCT …) after it does not spill
        (found,) = self._query(
            "SELECT coalesce(sum(size), 0)::BIGINT AS failed, count(*) AS keys, "
            f"(SELECT count({column.sql}) FROM {self.view}) AS total FROM "
            f"(SELECT {column.sql} AS value, count(*) AS size FROM {self.view} GROUP BY value) "
            f"AS mine WHERE value IS NOT NULL AND {lost}"
        )
        if not found["failed"]:
            return 0, 0, found["total"], []
        rows = self._query(
            'SELECT min(number) AS "row", value, count(*) AS size FROM '
            f"(SELECT row_number() OVER () AS number, {column.sql} AS value FROM {self.view}) "
            f"AS mine WHERE value IS NOT NULL AND {lost} "
            f'GROUP BY value ORDER BY "row" LIMIT {EXAMPLES}'
        )
        examples = [
            {"row": row["row"], "value": plain(row["value"]), "count": row["size"]} for row in rows
        ]
        return found["failed"], found["keys"], found["total"], examples

    def ask(self, sql: str, parameters: Sequence = ()) -> list[dict]:
        """Return the rows of a query over the views of the connection.

        Raises:
            CheckError: DuckDB refuses it, or a value on its way.
        """
        return self._query(sql, parameters)

    def _query(self, sql: str, parameters: Sequence = ()) -> list[dict]:
        return self._table(sql, parameters).to_pylist()

    def _table(self, sql: str, parameters: Sequence = ()) -> pa.Table:
        try:
            # through Arrow: DuckDB's own fetch needs pytz for times with a zone
            return self.connection.sql(sql, params=list(parameters)).to_arrow_table()
        except REFUSALS as error:
            reason = str(error).splitlines()[0]
            raise CheckError(reason.split(": ", 1)[-1]) from error


def _listed(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:most]) or "no column"
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
