"""What is wrong with a query of `derive:`, in words about its inputs."""

import re
from collections.abc import Callable, Mapping, Sequence

from diffusion.derive.inputs import PublishedTable
from diffusion.errors import DiffusionError, SqlError

NUMBERED = re.compile(r"(.+)_\d+")  # how DuckDB names a column whose name is taken
NO_TABLE = re.compile(r"Table with name (.+?) does not exist")


def describe_errors(inputs: Mapping[str, PublishedTable]) -> Callable[[str, str], DiffusionError]:
    """Return what makes an error of this project of DuckDB's words."""
    columns = "\n".join(f"{name}: {', '.join(table.columns)}" for name, table in inputs.items())

    def describe(where: str, text: str) -> DiffusionError:
        # what went wrong while a published file was read comes with its Python traceback
        if reading := re.search(r"^\w+Error: (.+)", text, re.MULTILINE):
            found = f"a published table cannot be read: {reading[1][:400]}"
            return SqlError(where, found, "check server and keys, then run `snakemake` again")
        if missing := NO_TABLE.search(text):  # DuckDB's own guess is a table of its catalogue
            return _no_table(where, missing[1], inputs, columns)
        if "INT128" in text and "out of range" in text:
            fix = "a sum beyond 64 bits is kept by CAST(sum(…) AS DECIMAL(38, 0))"
            return query_error(where, text, fix)
        return query_error(where, text, columns)

    return describe


def query_error(where: str, text: str, fix: str = "") -> DiffusionError:
    """Return an error with the words of DuckDB."""
    return SqlError(where, " ".join(text.split())[:600], fix)


def _no_table(
    where: str, name: str, inputs: Mapping[str, PublishedTable], columns: str
) -> DiffusionError:
    from diffusion.config.schema import did_you_mean  # only for an error

    fix = f"{did_you_mean(name, inputs)}what a query reads stands under `inputs:`\n{columns}"
    return SqlError(where, f"there is no table `{name}` among its inputs", fix)


def refuse_renamed(
    query: str, names: Sequence[str], inputs: Mapping[str, PublishedTable], where: str
) -> None:
    """Refuse columns of one name, which DuckDB numbers in silence: `code`, `code_1`.

    Raises:
        DiffusionError: there are such columns, which neither the query nor an input names so.
    """
    words = query.lower()
    if re.search(r"\bpivot\b", words):  # its columns are called as values are
        return
    known = {name.lower() for table in inputs.values() for name in table.columns}
    there = {name.lower() for name in names}
    renamed = [
        (stem[1], name)
        for name in names
        if (stem := NUMBERED.fullmatch(name)) and stem[1].lower() in there
        if name.lower() not in known and name.lower() not in words
    ]
    if renamed:
        listed = ", ".join(f"`{stem}` (as `{name}`)" for stem, name in renamed)
        fix = (
            "name the columns that are meant in place of `*`; or `JOIN … USING (…)`, which keeps "
            f"one of those that are equal, and `b.* EXCLUDE ({renamed[0][0]})` for others"
        )
        found = f"columns of one name would be published under two: {listed}"
        raise SqlError(where, found, fix)


def refuse_intervals(types: Mapping[str, str], where: str) -> None:
    """Refuse what is left of two moments, or of `age`, as a duration: no reader has its type.

    Args:
        types: of the columns, as DuckDB has them.

    Raises:
        DiffusionError: with what makes a number of it.
    """
    if name := next((name for name, kind in types.items() if kind == "INTERVAL"), None):
        fix = "make it a number, `date_diff('day', begin, end)` (`'second'`, `'year'` …)"
        raise SqlError(f"{where}.sql", f"`{name}` is a duration (INTERVAL), no type of tables", fix)
