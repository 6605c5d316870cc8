"""Queries whose result is another one at every run: of the time of day, of chance, of new keys.

A table made by one is another version each time, though none of its inputs changed, and nobody can
make it again. What the query is made of tells: the parser's own tree, or where DuckDB gives none
(`PIVOT`) and for Spark, its words.
"""

import json
import re
from collections.abc import Iterator, Mapping

import duckdb

from diffusion.derive.inputs import PublishedTable
from diffusion.errors import SqlError

# not consistent by DuckDB's own account, and yet the same at every run, or of no result
SAME = (
    "error stats vector_type current_schema current_schemas current_database current_setting "
    "in_search_path getvariable sleep_ms write_log setseed"
).split()
MOMENTS = (
    "now today current_date current_time current_timestamp localtime localtimestamp "
    "get_current_time get_current_timestamp transaction_timestamp current_localtime "
    "current_localtimestamp curdate getdate sysdate age"
).split()
BARE = "current_date current_time current_timestamp localtime localtimestamp".split()
KEYS = "uuid uuidv4 uuidv7 gen_random_uuid".split()
# of Spark, with the rows in whatever order its machines have them
SPARK = (
    "rand randn random randstr uniform uuid shuffle now curdate monotonically_increasing_id "
    "spark_partition_id"
).split()
SPARK_NOW = "unix_timestamp"  # without an argument
UNSAID = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`", re.DOTALL)
SAMPLE = "a sample without a seed"
UNSEEDED = re.compile(r"\b(?:USING|TABLE)\s*SAMPLE\b(?!.*(?:REPEATABLE|,\s*\d+\s*\)))", re.I | re.S)


def refuse_changing(
    con: duckdb.DuckDBPyConnection,
    query: str,
    inputs: Mapping[str, PublishedTable],
    where: str,
    engine: str = "duckdb",
) -> None:
    """Refuse a query whose result depends on more than its inputs.

    Raises:
        DiffusionError: with what it calls, and what to write in its place.
    """
    known = {name.lower() for table in inputs.values() for name in table.columns}
    tree = _tree(con, query) if engine == "duckdb" else None
    names = _changing(con)
    called = _in_tree(tree, names, known) if tree else _in_words(query, names, known, engine)
    if not (found := list(dict.fromkeys(called))):
        return
    shown = ", ".join(f"`{name}`" if name != SAMPLE else name for name in found)
    fix = "; ".join(dict.fromkeys(_remedy(name, inputs) for name in found))
    found_as = f"{shown}: the result is another one at every run, though no input changed"
    raise SqlError(where, found_as, fix)


def _tree(con: duckdb.DuckDBPyConnection, query: str) -> dict | None:
    """Return the query as DuckDB parses it; None where it tells no tree, or there is an error."""
    text = f"SELECT * FROM ({query}\n)"
    [(answer,)] = con.execute("SELECT json_serialize_sql($1::VARCHAR)", [text]).fetchall()
    tree: dict = json.loads(answer)
    return None if tree.get("error") else tree


def _changing(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the functions of which DuckDB itself knows that they may give another value."""
    query = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'"
    return {name for (name,) in con.execute(query).fetchall()}.union(MOMENTS, KEYS).difference(SAME)


def _in_tree(node: object, names: set[str], known: set[str]) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _in_tree(each, names, known)
    if not isinstance(node, dict):
        return
    name = str(node.get("function_name", "")).lower()
    if name in names and (name != "age" or len(node.get("arguments", [])) == 1):
        yield f"{name}()"
    column = [str(part).lower() for part in node.get("column_names") or []]
    if len(column) == 1 and column[0] in BARE and column[0] not in known:
        yield column[0]
    sample = node.get("sample")
    if isinstance(sample, dict) and not sample.get("repeatable"):
        yield SAMPLE
    for each in node.values():
        yield from _in_tree(each, names, known)


def _in_words(query: str, names: set[str], known: set[str], engine: str) -> Iterator[str]:
    words = UNSAID.sub(" ", query)
    called = names.union(SPARK) if engine == "spark" else names
    for match in re.finditer(r"(?<![.\w])(\w+)\s*\(\s*([^)]?)", words):
        name = match[1].lower()
        is_now = engine == "spark" and name == SPARK_NOW and not match[2]
        if is_now or (name in called and name != "age"):
            yield f"{name}()"
    for name in re.findall(r"(?<![.\w])(\w+)\b(?!\s*[.(])", words):
        if name.lower() in BARE and name.lower() not in known:
            yield name.lower()
    if UNSEEDED.search(words):
        yield SAMPLE


def _remedy(name: str, inputs: Mapping[str, PublishedTable]) -> str:
    plain = name.removesuffix("()")
    if plain in MOMENTS or plain == SPARK_NOW:
        days = [v for table in inputs.values() for v in table.receipt.get("vintages", {}).values()]
        day = next((v for v in days if re.fullmatch(r"\d{4}-\d\d-\d\d", v)), "2025-03-19")
        return f"write the day that is meant, `DATE '{day}'`, or take it from a column of an input"
    if plain in KEYS or plain in ("monotonically_increasing_id", "spark_partition_id"):
        return "make keys of the data, `md5(…)` of the columns that tell rows apart"
    return (
        "a sample that stays the same is one by a key, `WHERE left(md5(code), 1) = '0'`, or has a "
        "seed, `USING SAMPLE 10% (bernoulli, 42)`"
    )
