"""Values among the records of JSON that are none: `null`, and objects in which a server failed.

Each would be a row without a value in any other column. Whether a record was lost there, nobody but
the publisher knows; that such rows are left out has to be said (`where:`).
"""

from collections.abc import Iterable, Sequence

import duckdb

from diffusion.config.remedies import in_line
from diffusion.convert.json.records import Structure
from diffusion.convert.names import composed
from diffusion.convert.relation import NoRecords
from diffusion.convert.spelling import spelled_name
from diffusion.errors import JsonError
from diffusion.tables.sql import identifier, literal

ERRORS = frozenset(("error", "errors", "exception", "erreur", "fault"))
# what stands beside an error in an object that says nothing else
BESIDE = frozenset(
    "message msg code status statuscode detail details title type reason timestamp path trace "
    "success ok instance".split()
)
SHOWN = 200  # characters of a value


def no_records(
    con: duckdb.DuckDBPyConnection,
    records: str,
    shapes: Sequence[Structure],
    spelling: str,
    label: str,
) -> NoRecords | None:
    """Return what is said of values that are no records, among others that are; None without any.

    Args:
        records: SQL that gives them.
        shapes: of single ones.
        spelling: of the names of columns.
    """
    known = [shape for shape in shapes if isinstance(shape, dict)]
    if "NULL" not in shapes and not any(key.lower() in ERRORS for key in set().union(*known)):
        return None
    plain = [shape for shape in known if not _may_fail(shape)]
    failed = _failed(known, plain)
    if not plain or not ("NULL" in shapes or failed):
        return None
    is_null, has_one = "json_type(json) = 'NULL' OR json IS NULL", ["false"]
    if failed:
        has_one = [f"json_exists(json, {literal('$.' + name)})" for name in sorted(failed)]
    found = con.execute(
        f"SELECT count(*) FILTER ({is_null}), count(*) FILTER ({' OR '.join(has_one)}), "
        f"min(json::VARCHAR) FILTER ({' OR '.join(has_one)}) FROM {records}"
    )
    [(nulls, errors, example)] = found.fetchall()
    said = [f"{_count(nulls)} `null`"] if nulls else []
    if errors:
        said.append(f"{_count(errors)} an error in place of one: {example[:SHOWN]}")
    fix = "a record may be missing in its place: fetch it again under a new `vintage`, or ask the "
    fix += "publisher. To leave such rows out, write "
    fix += f"`where: {in_line(_kept(plain, failed, spelling))}`"
    return NoRecords(JsonError(label, "; ".join(said), fix))


def note_on_empty(con: duckdb.DuckDBPyConnection, records: str, shapes: Sequence[Structure]) -> str:
    """Return what is told of records that are `{}`, among others that are not; empty without any.

    Args:
        records, shapes: see ``no_records``.
    """
    if {} not in shapes:
        return ""
    is_empty = "json_type(json) = 'OBJECT' AND len(json_keys(json)) = 0"
    [[count]] = con.execute(f"SELECT count(*) FILTER ({is_empty}) FROM {records}").fetchall()
    has = "1 record has" if count == 1 else f"{count:,} records have"
    return (
        f"{has} no key at all (`{{}}`): ask the publisher whether something was lost there; such "
        "are rows without a value, unless `where:` leaves them out"
    )


def _may_fail(shape: dict) -> bool:
    keys = {key.lower() for key in shape}
    return bool(keys & ERRORS) and keys <= ERRORS | BESIDE


def _failed(known: Sequence[dict], plain: Sequence[dict]) -> set[str]:
    """Return the keys of errors that no other record has."""
    named = {key for shape in known if _may_fail(shape) for key in shape}
    return {key for key in named if key.lower() in ERRORS}.difference(*plain)


def _kept(plain: Sequence[dict], failed: Iterable[str], spelling: str) -> str:
    """Return a condition that is true for the records alone."""
    common = [key for key in plain[0] if all(_has_value(shape.get(key)) for shape in plain)]
    if common or not failed:
        key = (common or list(plain[0]))[0]
        return f"{identifier(spelled_name(composed(key), spelling))} IS NOT NULL"
    names = (identifier(spelled_name(composed(key), spelling)) for key in sorted(failed))
    return " AND ".join(f"{name} IS NULL" for name in names)


def _has_value(shape: "Structure | None") -> bool:
    return isinstance(shape, str) and shape != "NULL"


def _count(number: int) -> str:
    return "1 record is" if number == 1 else f"{number:,} records are"
