"""How many values of a table fail conditions: what need not be read to know it is not read."""

from collections.abc import Sequence

from diffusion.check.conditions import FLOATING
from diffusion.check.subject import Condition, Table

GROUPED = 100_000  # rows from which on it pays to look at each different value once


def count(table: Table, conditions: Sequence[Condition]) -> list[tuple[int, int]]:
    """Return (values that fail, values looked at) of each condition.

    No value is read where the footer says that none is missing. Of texts that come again and again,
    each different one is looked at once, and counts as often as it comes. All others are looked at
    in one scan.

    Raises:
        CheckError: DuckDB refuses one of them (a bad regular expression, a value of another type).
    """
    counts: dict[int, tuple[int, int]] = {}
    scans: dict[str, list[int]] = {}  # what is read → numbers of the conditions
    for number, condition in enumerate(conditions):
        if condition.nulls and _is_full(table, condition):
            counts[number] = (0, table.rows)
        else:
            scans.setdefault(_read_for(table, condition), []).append(number)
    for origin, numbers in scans.items():
        found = _counted(table, origin, [conditions[number] for number in numbers])
        counts |= zip(numbers, found, strict=True)
    return [counts[number] for number in range(len(conditions))]


def _is_full(table: Table, condition: Condition) -> bool:
    """Whether no value is missing: of NaN, which counts as such, the footer does not tell."""
    column = condition.column
    return column.type not in FLOATING and table.footer.is_full(column.name)


def _read_for(table: Table, condition: Condition) -> str:
    """Return SQL of what is read: values, and how often each comes."""
    column = condition.column
    may_repeat = table.rows >= GROUPED and column.type == "VARCHAR"
    if may_repeat and table.footer.repeats(column.name):
        name = column.sql.removeprefix(f"{table.view}.")
        return f"SELECT {name}, count(*) AS times FROM {table.view} GROUP BY {name}"
    return f"SELECT *, 1 AS times FROM {table.view}"


def _counted(table: Table, origin: str, conditions: Sequence[Condition]) -> list[tuple[int, int]]:
    counts = []
    for number, condition in enumerate(conditions):
        is_value = "true" if condition.nulls else f"{condition.column.sql} IS NOT NULL"
        for name, of in ((f"failed{number}", condition.fails), (f"total{number}", is_value)):
            counts.append(f"coalesce(sum(times) FILTER (WHERE {of}), 0)::BIGINT AS {name}")
    parameters = [value for condition in conditions for value in condition.parameters]
    sql = f"SELECT {', '.join(counts)} FROM ({origin}) AS {table.view}"
    (row,) = table.ask(sql, parameters)
    return [(row[f"failed{n}"], row[f"total{n}"]) for n in range(len(conditions))]
