"""Conditions on rows, in SQL: one expression over the columns of a row, and nothing beside them.

DuckDB's own parser says what an expression is made of. What looks at other rows, at other tables
or at the day on which it runs is refused: the same raw bytes would give other rows.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from diffusion.errors import DiffusionError, SqlError

# classes of expressions that look at one row only
PLAIN = frozenset(
    "BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION OPERATOR "
    "TYPE".split()
)
WORDS = {
    "SUBQUERY": "a query in it",
    "WINDOW": "a window over other rows",
    "STAR": "`*`, which stands for all columns",
    "PARAMETER": "a parameter",
    "LAMBDA": "a function of its own (lambda)",
}
MACROS = frozenset(("nullif", "if", "ifnull", "split_part"))  # in SQL, and of their arguments only
EMPTY = ("modifiers", "group_expressions", "group_sets", "having", "qualify", "sample")
SHAPE = "write one condition that is true for the rows to keep, such as "
SHAPE += "`where: \"commune <> 'Total'\"`: texts in single quotes, names in double quotes"


@dataclass(frozen=True)
class Condition:
    """An expression of SQL, and the columns that it names."""

    sql: str
    columns: tuple[str, ...]


def condition_problem(where: str, text: str) -> DiffusionError | None:
    """Return what is wrong with a condition, whatever the data are; None if nothing is."""
    try:
        parse_condition(where, text)
    except DiffusionError as problem:
        return problem
    return None


@cache
def parse_condition(where: str, text: str) -> Condition:
    """Return a condition that is known to look at the columns of one row only.

    Raises:
        DiffusionError: it is no expression, or looks at anything else; ``where`` is its key.
    """
    if not text.strip():
        raise SqlError(where, "is empty", SHAPE)
    found = _parsed(text)
    if found.get("error"):
        words = f"is no condition: {found.get('error_message', '')}"
        raise SqlError(where, words, SHAPE)
    nodes = [statement["node"] for statement in found["statements"]]
    if len(nodes) != 1 or nodes[0]["type"] != "SELECT_NODE" or any(map(nodes[0].get, EMPTY)):
        raise SqlError(where, "is more than one condition", SHAPE)
    columns = []
    for part in _parts(nodes[0]["where_clause"]):
        if part["class"] not in PLAIN:
            what = WORDS.get(part["class"], part["class"].lower())
            raise SqlError(where, f"has {what}: it may look at one row only", SHAPE)
        if part["class"] == "FUNCTION" and part["function_name"].lower() not in _functions():
            name = part["function_name"]
            words = f"`{name}` is no function of one row whose result is always the same"
            raise SqlError(where, words, SHAPE)
        if part["class"] == "COLUMN_REF":
            columns.append(part["column_names"][0])
    if not columns:
        raise SqlError(where, "names no column", SHAPE)
    return Condition(f"({text}\n)", tuple(dict.fromkeys(columns)))


def _parsed(text: str) -> dict[str, Any]:
    import duckdb  # only where a condition is stated

    with duckdb.connect() as con:
        # a line break ends what may be a comment
        query = f"SELECT 1 FROM rows WHERE ({text}\n)"
        row = con.execute("SELECT json_serialize_sql($1::VARCHAR)", [query]).fetchone()
    parsed: dict[str, Any] = json.loads(row[0]) if row else {}
    return parsed


@cache
def _functions() -> frozenset[str]:
    """Return the functions whose result depends on their arguments alone."""
    import duckdb

    with duckdb.connect() as con:
        names = con.execute(
            "SELECT lower(function_name) FROM duckdb_functions() GROUP BY ALL "
            "HAVING bool_and(function_type = 'scalar' AND stability = 'CONSISTENT')"
        ).fetchall()
    return frozenset(name for (name,) in names) | MACROS


def _parts(node: object) -> Iterator[dict[str, Any]]:
    """Yield the expressions that a parsed expression is made of."""
    if isinstance(node, dict):
        if "class" in node:
            yield node
        for inner in node.values():
            yield from _parts(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _parts(inner)
