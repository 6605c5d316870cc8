"""The SELECTs that make the columns of a table of raw ones, and that mark rows to be counted."""

from collections.abc import Mapping, Sequence

import duckdb

from diffusion.convert.columns import Column
from diffusion.convert.json.records import struct_sql
from diffusion.convert.null_tokens import is_proven_token
from diffusion.convert.relation import OURS
from diffusion.tables.proofs import prove_types
from diffusion.tables.sql import identifier
from diffusion.tables.types import cast_sql, states_zone

MARK = f"{OURS}to be counted"
ZEROS = f"{OURS}begins with a zero"


def typed_sql(
    relation: str, columns: Sequence[Column], decimal: str, others: Sequence[str] = ()
) -> str:
    """Return the SELECT that makes typed columns of raw ones, and marks rows to be counted.

    A row has a mark where a value could not be cast, or is a null token; moments have one that
    tells whether they state their zone.

    Args:
        others: further columns of the relation, to keep as they are.
    """
    # Step by step, as DuckDB computes an expression as often as it is written.
    steps: list[list[str]] = [[identifier(name) for name in others] for _ in range(3)]
    marks, zeros = ["false"], list[str]()
    for number, column in enumerate(columns):
        raw, value, typed = (f'"{OURS}{step} {number}"' for step in ("raw", "value", "typed"))
        steps[0] += [f"{identifier(column.raw)} AS {raw}", f"{column.value(decimal)} AS {value}"]
        steps[1] += [raw, value, f"{column.typed(decimal, value)} AS {typed}"]
        steps[2] += [f"{typed} AS {identifier(column.name)}"]
        if column.may_mix_zones:
            zone = f"CASE WHEN {typed} IS NOT NULL THEN {states_zone(value)} END"
            steps[2].append(f"{zone} AS {identifier(column.zone)}")
        if column.may_lose_zeros:
            zeros.append(begins_with_zero(value))
        if column.is_cast:
            marks.append(f"({typed} IS NULL AND {value} IS NOT NULL)")
        if column.tokens:
            marks.append(f"({value} IS NULL AND {raw} IS NOT NULL)")
    steps[2].append(f"{' OR '.join(marks)} AS {identifier(MARK)}")
    if zeros:
        steps[2].append(f"{' OR '.join(zeros)} AS {identifier(ZEROS)}")
    for step in steps:
        relation = f"SELECT {', '.join(step)} FROM ({relation})"
    return relation


def marks_of(columns: Sequence[Column]) -> list[str]:
    """Return the names of the columns of ``typed_sql`` that are for counts only."""
    zones = [column.zone for column in columns if column.may_mix_zones]
    return [MARK, *[ZEROS] * any(column.may_lose_zeros for column in columns), *zones]


def begins_with_zero(value: str) -> str:
    """SQL that tells whether text begins with a zero and another digit."""
    return f"{value} BETWEEN '00' AND '0:'"  # a colon follows the nine


def final_sql(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[Column],
    decimal: str,
    others: Sequence[str] = (),
) -> tuple[str, dict[str, str]]:
    """Return the SELECT that makes the final columns of typed parts, and the proven types.

    Args:
        relation: SQL with one column for each of ``columns``, under its final name; declared
            scalars typed, the others text.
        others: further columns of it, to keep as they are.
    """
    to_prove = {c.name: identifier(c.name) for c in columns if c.kind is None and c.text}
    numbers = [c.name for c in columns if c.is_number]
    proven = prove_types(con, relation, to_prove, decimal, numbers)
    structs = [c.name for c in columns if c.kind == "struct"]
    made = {name: struct_sql(con, identifier(name), f"({relation})") for name in structs}
    return selected_sql(relation, columns, proven, decimal, others, made), proven


def selected_sql(
    relation: str,
    columns: Sequence[Column],
    proven: Mapping[str, str],
    decimal: str,
    others: Sequence[str] = (),
    structs: Mapping[str, str] | None = None,
) -> str:
    """Return the SELECT of ``final_sql``, its types known.

    Args:
        structs: name → SQL that makes it.
    """
    made = {
        column.name: cast_sql(identifier(column.name), proven[column.name], column.sign(decimal))
        for column in columns
        if column.name in proven
    }
    for column in columns:
        if is_null := is_proven_token(column, proven.get(column.name, ""), decimal):
            made[column.name] = f"CASE WHEN {is_null} THEN NULL ELSE {made[column.name]} END"
    made |= structs or {}
    selected = [
        f"{made.get(column.name, identifier(column.name))} AS {identifier(column.name)}"
        for column in columns
    ]
    return f"SELECT {', '.join([*selected, *map(identifier, others)])} FROM ({relation})"
