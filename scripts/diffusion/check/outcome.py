"""What the results of checks mean for publishing."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from diffusion.errors import ChecksError

REMEDY = (
    "correct the source's configuration or its `checks:`, or set a new `vintage` once the "
    "publisher has corrected the data; published data stay as they were (sources are published "
    "together or not at all)"
)
OF_DERIVED = (
    "correct the query or the script, or its `checks:`; or the entry of an input, if the input is "
    "wrong; what was published of it stays as it was"
)

JOINED = ", "  # between the columns of one check


@dataclass(frozen=True)
class Words:
    """How examples are told: English, if nothing else is said."""

    colon: str = ": "
    row: str = "row {row}"
    record: str = "record {row} of {file}"
    result: str = "row {row} of its result"
    times: str = "{count} times, first in "
    thousands: str = ","


ENGLISH = Words()


def exactly_counted(facts: Mapping, results: Mapping) -> dict:
    """Return the facts of a table with what a check counted in place of an estimate.

    Where no row of a column is repeated, it has as many different values as rows have one.

    Args:
        facts: see ``facts_of``.
        results: see ``check.checks.summary``.
    """
    found = [r["column"] for r in results["results"] if r["check"] == "unique" and r["passed"]]
    unique = {name for name in found if JOINED not in name}
    values = dict(facts.get("values", {}))
    for name in unique & values.keys():
        if values[name].get("approximate"):
            known = {key: value for key, value in values[name].items() if key != "approximate"}
            count = facts["rows"] - facts["missing"].get(name, 0)
            values[name] = known | {"distinct": count}
    return {**facts, "values": values} if values else dict(facts)


def failures_of(results: Mapping) -> dict[str, str]:
    """Return what failed of the results of checks, with counts and examples, by kind of check.

    Args:
        results: see ``check.checks.summary``.
    """
    found: dict[str, str] = {}
    for result in results["results"]:
        if not result["passed"] and result["level"] == "error":
            kind, words = result["check"], failure_words(result)
            found[kind] = f"{found[kind]}\n  {words}" if kind in found else words
    return found


def failure_words(result: Mapping, words: Words = ENGLISH) -> str:
    """Return what a check found that does not hold: ``code: 2 of 3 rows … (code 01, in row 1)``."""
    is_named = any("values" in example for example in result["examples"])  # by the example
    is_named = is_named and result["check"] != "sql"  # there, a name is that of the check
    column = result["column"] + words.colon if result["column"] and not is_named else ""
    examples = "; ".join(_example(result["column"], e, words) for e in result["examples"][:3])
    return f"{column}{result['found']}" + (words.colon + examples if examples else "")


def _example(column: str, example: Mapping, words: Words) -> str:
    """Return an example in words: ``code 01053 (2 times, first in row 1)``."""
    if "reason" in example:
        told = str(example["reason"])
    else:
        values = example.get("values") or {column: example["value"]}
        told = ", ".join(f"{name} {_value(value)}" for name, value in values.items())
    count = example.get("count", 1)
    times = words.times.format(count=_number(count, words)) if count > 1 else ""
    return f"{told} ({times}{place(example, words)})"


def place(example: Mapping, words: Words = ENGLISH) -> str:
    """Return where an example is: a record of a file that was read, or a row of the table."""
    if "result" in example:
        return words.result.format(row=_number(example["result"], words))
    row = _number(example["row"], words)
    if "file" in example:
        return words.record.format(row=row, file=example["file"])
    return words.row.format(row=row)


def _number(count: int, words: Words) -> str:
    return f"{count:,}".replace(",", words.thousands)


def _value(value: object) -> str:
    """Return a value as it is in the data; in quotes where its ends could not be seen."""
    plain = isinstance(value, str) and value and value == value.strip()
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


def refuse_failed_checks(
    results: Mapping[str, Mapping], paths: Mapping[str, Path], *, are_derived: bool = False
) -> None:
    """Stop when a check of any of the tables failed: they are published together or not at all.

    The run tells of each table by itself, with its place in the configuration.

    Args:
        results: of each table.
        paths: the file that holds all counts and examples of a table.
        are_derived: no sources, but tables made from published ones.

    Raises:
        DiffusionError: which tables, which checks, with counts and examples.
    """
    failed = {name: failures_of(r) for name, r in results.items() if r["status"] == "failed"}
    if failed:
        lines = [f"{name}: {kind}: {w}" for name, of in failed.items() for kind, w in of.items()]
        found = "nothing is published\n  " + "\n  ".join(lines)
        kinds = sorted({kind for of in failed.values() for kind in of})
        fix = remedy([paths[name] for name in failed], kinds, are_derived=are_derived)
        raise ChecksError(f"failed checks of {', '.join(failed)}", found, fix)


def remedy(paths: Iterable[Path], kinds: Iterable[str], *, are_derived: bool) -> str:
    """Return what to do about failed checks of some kinds."""
    knowingly = (
        f"to publish the data as they are, knowingly: add `warn: [{', '.join(kinds)}]` to those "
        "`checks:`"
    )
    mend = OF_DERIVED if are_derived else REMEDY
    return f"{mend}\n{knowingly}\nall counts and examples: {', '.join(map(str, paths))}"
