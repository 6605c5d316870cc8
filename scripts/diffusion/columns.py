"""From raw columns to the columns of a table: names, null tokens, casts, proofs, order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import duckdb

from diffusion.errors import DiffusionError
from diffusion.records import struct_sql
from diffusion.tables import NESTED, RawTable
from diffusion.types import cast_sql, identifier, literal, prove_types

EXAMPLES = 10
GEOMETRY = ("geometry", "bbox")
ROW = '"row of the file"'  # no source has such a column


@dataclass
class Column:
    """One column of a table: where it comes from and what it must become (None: to prove)."""

    name: str
    raw: str
    kind: str | None
    nulls: list[str] = field(default_factory=list)
    form: str | None = None
    text: bool = True

    def value(self) -> str:
        """SQL of the raw value; of text, empty values and null tokens turned to NULL."""
        column = identifier(self.raw)
        if not self.text:
            return column
        tokens = ", ".join(literal(token) for token in ("", *self.nulls))
        return f"CASE WHEN trim({column}) IN ({tokens}) THEN NULL ELSE {column} END"

    def typed(self, decimal: str) -> str:
        """SQL of the value as its declared type; structs stay JSON text until the end."""
        value = self.value()
        if self.kind is None:
            return value
        if not self.text:
            nested = self.kind.startswith(NESTED)
            value = f"{f'to_json({value})' if nested else value}::VARCHAR"
        return cast_sql(value, self.kind, decimal, self.form)


def plan_columns(
    found: Sequence[str], text: frozenset[str], strings: frozenset[str], source: Mapping, where: str
) -> list[Column]:
    """Return the columns of a table made from raw columns: declared first, in their order.

    ``text`` and ``strings``: see ``RawTable``. Geometries are kept unless ``geometry`` is dropped.
    Declared columns that are not found are left out; ``missing_columns`` tells which.

    Raises:
        DiffusionError: a column is renamed to the name of another.
    """
    columns, renamed = [], set()
    for name, spec in source["columns"].items():
        raw = spec["from"] or name
        renamed.add(raw)
        if raw in found:
            nulls = [*source["nulls"], *spec["nulls"]]
            columns.append(Column(name, raw, spec["type"], nulls, spec["format"], raw in text))
    taken = {column.name.lower() for column in columns}
    for raw in found:
        is_geometry = raw in GEOMETRY and raw not in text
        if raw in renamed or not _is_kept(raw, is_geometry, source):
            continue
        if raw.lower() in taken:
            fix = f"give one of them another name, or leave it out: `drop: [{raw}]`"
            raise DiffusionError(f"{where}.columns", f"two columns would be named `{raw}`", fix)
        kind = "string" if raw in strings else None
        columns.append(Column(raw, raw, kind, list(source["nulls"]), None, raw in text))
    return columns


def _is_kept(raw: str, is_geometry: bool, source: Mapping) -> bool:
    if is_geometry:
        return "geometry" not in source["drop"]
    return source["keep"] == "all" and raw not in source["drop"]


def missing_columns(found: Sequence[str], source: Mapping, where: str) -> DiffusionError | None:
    """Return an error for the declared columns that the data do not have, or None."""
    wanted = [spec["from"] or name for name, spec in source["columns"].items()]
    missing = [name for name in [*wanted, *source["drop"]] if name not in found]
    if not missing:
        return None
    lines = []
    for name in missing:
        near = get_close_matches(name, found, n=1)
        lines.append(f"`{name}`" + (f" (is it now `{near[0]}`?)" if near else ""))
    fix = f"the data have: {', '.join(found)}\n"
    fix += "correct `columns:` or `drop:`, or set a new `vintage` once the publisher has mended "
    fix += "them; published data stay as they were"
    return DiffusionError(f"{where}.columns", f"not in the data: {', '.join(lines)}", fix)


def count_values(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Column], decimal: str
) -> dict:
    """Count, in one scan, what could not be cast and what null tokens there were.

    Returns:
        ``cast_failures``: column → {failed, values, examples}, with or without failures, so that
        batches add up; ``nulls``: column → {token: count}.
    """
    cast = [c for c in columns if c.kind not in (None, "string", "category")]
    tokens = [(c, token) for c in columns if c.text for token in c.nulls]
    parts = [f"count({c.value()}), count({c.typed(decimal)})" for c in cast]
    parts += [
        f"count(*) FILTER (WHERE trim({identifier(c.raw)}) = {literal(t)})" for c, t in tokens
    ]
    if not parts:
        return {"cast_failures": {}, "nulls": {}}
    found = con.execute(f"SELECT {', '.join(parts)} FROM ({relation})").fetchall()[0]
    failures = {}
    for index, column in enumerate(cast):
        values, good = found[2 * index : 2 * index + 2]
        failures[column.name] = {"failed": values - good, "values": values, "examples": []}
    nulls: dict = {}
    for (column, token), count in zip(tokens, found[2 * len(cast) :], strict=True):
        if count:
            nulls.setdefault(column.name, {})[token] = count
    return {"cast_failures": failures, "nulls": nulls}


def add_examples(
    con: duckdb.DuckDBPyConnection,
    raws: Sequence[RawTable],
    columns: Sequence[Column],
    counts: dict,
    decimal: str,
) -> None:
    """Add the first ten values of each column that failed, with file and row (without header)."""
    for column in columns:
        failure = counts["cast_failures"].get(column.name)
        for raw in raws if failure and failure["failed"] else ():
            if column.raw not in raw.columns or len(failure["examples"]) >= EXAMPLES:
                continue
            value, typed = column.value(), column.typed(decimal)
            rows = con.execute(
                f"SELECT {ROW}, {value}::VARCHAR "
                f"FROM (SELECT *, row_number() OVER () AS {ROW} FROM ({raw.sql})) "
                f"WHERE {value} IS NOT NULL AND {typed} IS NULL ORDER BY {ROW} LIMIT {EXAMPLES}"
            ).fetchall()
            room = EXAMPLES - len(failure["examples"])
            failure["examples"] += [
                {"file": raw.label, "row": r, "value": v[:200]} for r, v in rows[:room]
            ]


def merge_counts(many: Sequence[Mapping]) -> dict:
    """Add up what ``count_values`` found in several batches."""
    total: dict = {"cast_failures": {}, "nulls": {}}
    for counts in many:
        for name, failure in counts["cast_failures"].items():
            sum_ = total["cast_failures"].setdefault(
                name, {"failed": 0, "values": 0, "examples": []}
            )
            sum_["failed"] += failure["failed"]
            sum_["values"] += failure["values"]
            sum_["examples"] = (sum_["examples"] + failure["examples"])[:EXAMPLES]
        for name, tokens in counts["nulls"].items():
            known = total["nulls"].setdefault(name, {})
            for token, count in tokens.items():
                known[token] = known.get(token, 0) + count
    return total


def final_sql(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Column], decimal: str
) -> tuple[str, dict[str, str]]:
    """Return the SELECT that makes the final columns of typed parts, and the proven types.

    Args:
        relation: SQL with one column for each of ``columns``, under its final name; declared
            scalars typed, the others text.
    """
    to_prove = {c.name: identifier(c.name) for c in columns if c.kind is None and c.text}
    proven = prove_types(con, relation, to_prove, decimal)
    selected = []
    for column in columns:
        name = identifier(column.name)
        if column.name in proven:
            sql = cast_sql(name, proven[column.name], decimal)
        elif column.kind == "struct":
            sql = struct_sql(con, name, f"({relation})")
        else:
            sql = name
        selected.append(f"{sql} AS {name}")
    return f"SELECT {', '.join(selected)} FROM ({relation})", proven
