"""The structure of JSON records, found by one full pass over all of them."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

import duckdb

from diffusion.config.remedies import in_line
from diffusion.errors import JsonError
from diffusion.tables.sql import identifier

# {key: structure}, [structure], or the name of a type
Structure: TypeAlias = "str | dict[str, Structure] | list[Structure]"
NESTED = frozenset(("OBJECT", "ARRAY"))  # types of values
NUMBERS = ("UBIGINT", "BIGINT", "HUGEINT", "DOUBLE")  # each holds what comes before it


def json_structure(con: duckdb.DuckDBPyConnection, value: str, relation: str) -> Structure:
    """Return the structure of all values of a JSON expression: {key: structure}, [structure], type.

    Keys are those of the first value in its order, then the others by name. A type is DuckDB's,
    NULL where there is never a value, JSON where there are several.
    """
    return structure_of(json_shapes(con, value, relation))


def json_shapes(con: duckdb.DuckDBPyConnection, value: str, relation: str) -> list[Structure]:
    """Return the structures that single values of a JSON expression have, each once.

    That of the first value comes first.
    """
    structures = f"SELECT json_structure({value})::VARCHAR AS shape FROM {relation}"
    first = [_shape(text) for (text,) in con.execute(f"{structures} LIMIT 1").fetchall()]
    shapes = _flat_shapes(con, value, relation) if all(map(_is_flat, first)) else []
    if not shapes:
        # DuckDB's json_group_structure needs memory for every row it has seen; this, for each shape
        found = con.execute(f"SELECT DISTINCT shape FROM ({structures})").fetchall()
        shapes = [_shape(text) for (text,) in found]
    return [*first, *(shape for shape in shapes if shape not in first)]


def _flat_shapes(con: duckdb.DuckDBPyConnection, value: str, relation: str) -> list[Structure]:
    """Return the structures of objects that hold plain values alone; none where others are.

    To find keys and types takes half the time that structures take.
    """
    both = f"to_json([json_keys({value}), json_type({value}, '$.*')])::VARCHAR"
    found = con.execute(f"SELECT DISTINCT {both} FROM {relation}").fetchall()
    shapes = [_flat_shape(text) for (text,) in found]
    return shapes if all(shapes) else []


@lru_cache(maxsize=128)  # many files have the same ones
def _flat_shape(text: str) -> Structure:
    """Return the structure of an object by its keys and types; none of one that is not flat."""
    keys, kinds = (listed or () for listed in json.loads(text))
    shape = dict(zip(keys, kinds, strict=True)) if len(set(keys)) == len(keys) else {}
    return shape if NESTED.isdisjoint(kinds) else {}


def _is_flat(shape: Structure) -> bool:
    """Whether a structure is that of an object that has keys, and plain values alone."""
    return (
        isinstance(shape, dict) and bool(shape) and all(isinstance(v, str) for v in shape.values())
    )


@lru_cache(maxsize=128)
def _shape(text: str | None) -> Structure:
    return _read(json.loads(text or '"NULL"'))


def structure_of(shapes: Sequence[Structure]) -> Structure:
    """Return the structure of all values; ``shapes``: as ``json_shapes`` gives them."""
    merged: Structure = "NULL"
    for shape in shapes:
        merged = _merged(merged, shape)
    return _ordered(merged, shapes[0]) if shapes else merged


def _read(shape: Structure) -> Structure:
    """DuckDB reports an object without keys as JSON."""
    if isinstance(shape, dict):
        return {name: _read(value) for name, value in shape.items()}
    return {} if shape == "JSON" else shape


def _merged(one: Structure, other: Structure) -> Structure:
    if one == other or other == "NULL":
        return one
    if one == "NULL":
        return other
    if isinstance(one, dict) and isinstance(other, dict):
        more = {n: _merged(one.get(n, "NULL"), v) for n, v in other.items() if one.get(n) != v}
        return {**one, **more} if more else one
    if isinstance(one, list) and isinstance(other, list):
        return [_merged(one[0], other[0])]
    if isinstance(one, str) and isinstance(other, str) and {one, other} <= set(NUMBERS):
        return max(one, other, key=NUMBERS.index)
    return "JSON"


def _ordered(structure: Structure, first: "Structure | None") -> Structure:
    if not isinstance(structure, dict):
        return structure
    known = first if isinstance(first, dict) else {}
    names = [n for n in known if n in structure] + sorted(structure.keys() - known.keys())
    return {name: _ordered(structure[name], known.get(name)) for name in names}


def struct_sql(con: duckdb.DuckDBPyConnection, name: str, relation: str) -> str:
    """Return SQL that turns a column of JSON text into a STRUCT of every field that any row has."""
    structure = _struct_types(json_structure(con, f"{name}::JSON", relation))
    verify_keys(structure, name[1:-1], f"columns.{name[1:-1]}", into_lists=True)
    text = json.dumps(structure, ensure_ascii=False).replace("'", "''")
    return f"json_transform({name}::JSON, '{text}')"


def verify_keys(structure: Structure, name: str, where: str, *, into_lists: bool) -> None:
    """Refuse a column whose objects have keys that differ by case only: SQL has one of them.

    Args:
        name: of the column, that can be left as JSON.
        into_lists: whether objects in lists become fields, too.

    Raises:
        DiffusionError: names both keys.
    """
    if twins := _twin_keys(structure, into_lists):
        found = f"an object has the keys `{twins[0]}` and `{twins[1]}`, which SQL does not "
        found += "distinguish"
        raise JsonError(where, found, f"leave it as text: `columns: {{{in_line(name)}: json}}`")


def _twin_keys(structure: Structure, into_lists: bool) -> tuple[str, str] | None:
    if isinstance(structure, list):
        return _twin_keys(structure[0], into_lists) if into_lists else None
    if not isinstance(structure, dict):
        return None
    known: dict[str, str] = {}
    for key in structure:
        if (other := known.setdefault(key.lower(), key)) != key:
            return other, key
    inner = (_twin_keys(value, into_lists) for value in structure.values())
    return next(filter(None, inner), None)


def _struct_types(structure: Structure) -> Structure:
    """Fields in one order, whatever row came first; of several types or always null: text."""
    if isinstance(structure, list):
        return [_struct_types(item) for item in structure]
    if isinstance(structure, dict) and structure:
        return {name: _struct_types(structure[name]) for name in sorted(structure)}
    return "VARCHAR" if structure in ("JSON", "NULL", {}) else structure


def flatten(
    structure: Mapping[str, Structure],
    path: tuple[str, ...],
    separator: str,
    json_columns: Collection[str],
) -> Iterator[tuple[str, str, Structure]]:
    """Yield (column, SQL expression, type) of each leaf of a structure.

    Args:
        path: keys above it.
        separator: joins the keys to the name of the column.
        json_columns: columns to leave as JSON.
    """
    for key, value in structure.items():
        here = (*path, key)
        name, sql = separator.join(here), ".".join(map(identifier, here))
        if isinstance(value, dict) and value and name not in json_columns:
            yield from flatten(value, here, separator, json_columns)
        elif value == "VARCHAR":
            yield name, sql, value
        elif name in json_columns:
            yield name, f"{sql}::VARCHAR", value
        else:  # strings among numbers lose their quotes, and whole floats their `.0`
            text = f"({sql} ->> '$')"
            if value == "JSON":
                whole = f"regexp_replace({text}, '^(-?\\d+)\\.0$', '\\1')"
                text = f"CASE WHEN json_type({sql}) = 'DOUBLE' THEN {whole} ELSE {text} END"
            yield name, text, value


def objects_in(
    structure: Mapping[str, Structure],
    path: tuple[str, ...],
    separator: str,
    json_columns: Collection[str],
) -> Iterator[str]:
    """Yield the names of the objects that ``flatten`` makes columns of."""
    for key, value in structure.items():
        here = (*path, key)
        name = separator.join(here)
        if isinstance(value, dict) and value and name not in json_columns:
            yield name
            yield from objects_in(value, here, separator, json_columns)


def has_empty_key(structure: Structure) -> bool:
    """Whether an object has a key without a name, which no column can be called by."""
    if isinstance(structure, list):
        return False  # kept as JSON
    inner = structure.items() if isinstance(structure, dict) else []
    return any(not key or has_empty_key(value) for key, value in inner)


def sql_type(name: str, value: Structure, separator: str, json_columns: Collection[str]) -> str:
    """Return the type under which DuckDB reads a key, so that ``flatten`` finds its leaves."""
    if isinstance(value, dict) and value and name not in json_columns:
        inner = ", ".join(
            f"{identifier(k)} {sql_type(f'{name}{separator}{k}', v, separator, json_columns)}"
            for k, v in value.items()
        )
        return f"STRUCT({inner})"
    return "VARCHAR" if value == "VARCHAR" else "JSON"
