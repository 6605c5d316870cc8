"""Keys in the paths of files, as Hive, Spark and Arrow write them: ``year=2024/dep=01/…``."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

import duckdb

from diffusion.convert.relation import RawTable
from diffusion.errors import FileFormatError
from diffusion.tables.engine import first_row
from diffusion.tables.sql import identifier, literal

KEY = re.compile(r"([^/=]+)=([^/]*)")
NULL = "__HIVE_DEFAULT_PARTITION__"


def hive_keys(path: str, label: str) -> dict[str, str | None]:
    """Return the keys of a path with their values, which are text; None where there is none.

    Raises:
        DiffusionError: the path has no key, or one twice.
    """
    parts = path.split("/")[:-1]
    found = [match for part in parts if (match := KEY.fullmatch(part))]
    keys = {unquote(m[1]): None if m[2] == NULL else unquote(m[2]) for m in found}
    if not keys:
        fix = "remove `hive: true`; or begin the glob above the folders `name=value/`"
        raise FileFormatError(label, f"its path has no key such as `year=2024/`: {path}", fix)
    if len(keys) < len(found):
        fix = "have the publisher write each key once"
        raise FileFormatError(label, f"its path has a key twice: {path}", fix)
    return keys


def verify_keys_of_file(
    con: duckdb.DuckDBPyConnection, raw: RawTable, keys: Mapping[str, str | None]
) -> None:
    """Refuse a file that has a key of its path as a column, with another value.

    Raises:
        DiffusionError: with both.
    """
    known = {column.lower(): column for column in raw.columns}
    for name, value in keys.items():
        if value is None or name.lower() not in known:
            continue
        text = f"{identifier(known[name.lower()])}::VARCHAR"
        same = f"{text} = {literal(value)} OR TRY_CAST({text} AS DOUBLE) = "
        same += f"TRY_CAST({literal(value)} AS DOUBLE)"
        query = f"SELECT {text} FROM ({raw.sql}) WHERE ({same}) IS NOT TRUE LIMIT 1"
        if other := first_row(con, query):
            found = f"its path says `{name}={value}`, and it has `{name}` = {other[0]!r}"
            fix = (
                "remove `hive: true` to take what the files have; or ask their publisher which of "
            )
            fix += "the two is right"
            raise FileFormatError(raw.label, found, fix)
