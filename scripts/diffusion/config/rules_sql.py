"""Rules of checks that a project writes itself."""

import re
from collections.abc import Iterator

from diffusion.config.checking import SqlCheck
from diffusion.config.names import NAME
from diffusion.errors import DiffusionError, NameTakenError, NoEffectError, SqlError

RESERVED = ("this", "before")
BEGINS = re.compile(r"\s*(select|with|from)\b", re.IGNORECASE)


def sql_problems(where: str, check: SqlCheck) -> Iterator[DiffusionError]:
    """Yield what is wrong in one check, but for what only its table shows."""
    if not NAME.fullmatch(where.rpartition(".")[2]):
        fix = "names are lower case letters, digits and _, and begin with a letter"
        yield NameTakenError(where, "not a valid name", fix)
    if bool(check.rows) == bool(check.query):
        found = "both `rows` and `query` are set" if check.rows else "no SQL is written"
        fix = "write a condition of rows, such as `a <= b`; or a `query:` for what is wrong"
        yield SqlError(where, found, fix)
    elif check.rows and BEGINS.match(check.rows):
        fix = "write it as `query:`; it must give no row where all is well"
        yield SqlError(where, "a condition of rows is no query", fix)
    elif check.query and not BEGINS.match(check.query):
        fix = "write a SELECT that gives what is wrong; a condition of each row is `rows:`"
        yield SqlError(f"{where}.query", "it is no SELECT", fix)
    if check.tables and not check.query:
        fix = "name them in a `query:`; a condition of rows reads its own row"
        yield NoEffectError(f"{where}.tables", "has no effect without `query`", fix)
    for table in check.tables:
        if table in RESERVED:
            found = f"`{table}` has a meaning of its own there"
            yield SqlError(f"{where}.tables", found, "give that table another name")
        elif check.query and not re.search(rf"\b{re.escape(table)}\b", check.query):
            found = f"the query does not name `{table}`"
            yield SqlError(f"{where}.tables", found, "remove it")
