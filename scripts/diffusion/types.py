"""Types of columns: declared ones are cast and counted, others are proven by every value.

The rule for a column that is not declared: it stays a string unless *every* value proves one of
bool, int, float, date, timestamp, in that order. A number with a leading zero proves nothing
(``01450`` is a code), nor does an integer of more than 15 digits (SIRET numbers are names).
"""

from collections.abc import Mapping, Sequence

import duckdb

INTEGER = r"[+-]?\d+(\.0*)?"
PROVEN = {
    "bool": r"(?i)true|false",
    "int": r"-?(0|[1-9]\d{0,14})",
    "float": r"-?(0|[1-9]\d{0,14})([.]\d+)?([eE][+-]?\d+)?",
    "date": r"\d{4}-\d{2}-\d{2}",
    "timestamp": r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?",
}
SQL_TYPES = {
    "string": "VARCHAR",
    "category": "VARCHAR",
    "json": "VARCHAR",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
TRUE = ("true", "t", "1", "yes", "y", "oui", "o", "vrai", "v")
FALSE = ("false", "f", "0", "no", "n", "non", "faux")


def identifier(name: str) -> str:
    """Return a name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text quoted for SQL."""
    return "'" + text.replace("'", "''") + "'"


def value_sql(name: str, nulls: Sequence[str]) -> str:
    """Return the text of a column with empty values and null tokens turned to NULL."""
    column = identifier(name)
    tokens = ", ".join(literal(token) for token in ("", *nulls))
    return f"CASE WHEN trim({column}) IN ({tokens}) THEN NULL ELSE {column} END"


def cast_sql(value: str, kind: str, decimal: str = ".", form: str | None = None) -> str:
    """Return SQL that turns the text ``value`` into a type, or NULL where it cannot.

    Args:
        value: an SQL expression of type VARCHAR.
        kind: one of the scalar types of ``columns:``.
        decimal: the decimal separator of the source.
        form: strptime format of a date or timestamp.
    """
    text = f"trim({value})"
    if kind in ("date", "timestamp") and form:
        return f"try_strptime({text}, {literal(form)})::{SQL_TYPES[kind]}"
    if kind == "int":
        number = text if decimal == "." else f"replace({text}, ',', '.')"
        whole = f"regexp_replace({number}, '\\.0*$', '')"
        return f"CASE WHEN regexp_full_match({number}, {literal(INTEGER)}) THEN try_cast({whole} AS BIGINT) END"
    if kind == "float":
        number = text if decimal == "." else f"replace({text}, ',', '.')"
        cast = f"try_cast({number} AS DOUBLE)"
        return f"CASE WHEN isfinite({cast}) THEN {cast} END"
    if kind == "bool":
        lower = f"lower({text})"
        return (
            f"CASE WHEN {lower} IN ({', '.join(map(literal, TRUE))}) THEN true "
            f"WHEN {lower} IN ({', '.join(map(literal, FALSE))}) THEN false END"
        )
    if kind == "date":
        iso = literal(f"{PROVEN['date']}([T ].*)?")
        return f"CASE WHEN regexp_full_match({text}, {iso}) THEN try_cast(left({text}, 10) AS DATE) END"
    if kind == "timestamp":
        return f"try_cast({text} AS TIMESTAMP)"
    if kind == "json":
        return f"CASE WHEN json_valid({value}) THEN {value} END"
    return value


def proof_sql(value: str, decimal: str) -> str:
    """Return an aggregate that names the type which every value of a column proves, or NULL."""
    number = value if decimal == "." else f"replace({value}, ',', '.')"
    branches = []
    for kind, pattern in PROVEN.items():
        text = number if kind == "float" else value
        cast = cast_sql(value, kind, decimal)
        proven = f"regexp_full_match({text}, {literal(pattern)}) AND ({cast}) IS NOT NULL"
        branches.append(f"WHEN bool_and(coalesce({proven}, {value} IS NULL)) THEN {literal(kind)}")
    return f"CASE WHEN count({value}) = 0 THEN NULL {' '.join(branches)} END"


def prove_types(
    con: duckdb.DuckDBPyConnection, relation: str, values: Mapping[str, str], decimal: str
) -> dict[str, str]:
    """Return the proven type of each column, ``string`` where none is; one scan.

    Args:
        relation: SQL of a relation.
        values: column name → SQL of its text, with null tokens already turned to NULL.
    """
    if not values:
        return {}
    proofs = ", ".join(proof_sql(value, decimal) for value in values.values())
    found = con.execute(f"SELECT {proofs} FROM ({relation})").fetchall()[0]
    return {name: kind or "string" for name, kind in zip(values, found, strict=True)}
