"""What the results of checks mean for publishing."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from diffusion.errors import DiffusionError

REMEDY = (
    "correct the source's configuration or its `checks:`, or set a new `vintage` once the "
    "publisher has corrected the data; published data stay as they were (sources are published "
    "together or not at all)"
)


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


def failure_words(result: Mapping) -> str:
    """Return what a check found that does not hold: ``code: 2 of 3 rows … (code 01, in row 1)``."""
    is_named = any("values" in example for example in result["examples"])  # by the example
    is_named = is_named and result["check"] != "sql"  # there, a name is that of the check
    column = result["column"] + ": " if result["column"] and not is_named else ""
    examples = "; ".join(_example(result["column"], e) for e in result["examples"][:3])
    return f"{column}{result['found']}" + (f": {examples}" if examples else "")


def _example(column: str, example: Mapping) -> str:
    """Return an example in words: ``code 01053 (2 times, first in row 1)``."""
    if "reason" in example:
        words = str(example["reason"])
    else:
        values = example.get("values") or {column: example["value"]}
        words = ", ".join(f"{name} {_value(value)}" for name, value in values.items())
    count = example.get("count", 1)
    times = f"{count:,} times, first in " if count > 1 else ""
    return f"{words} ({times}{place(example)})"


def place(example: Mapping) -> str:
    """Return where an example is: a record of a file that was read, or a row of the table."""
    if "result" in example:
        return f"row {example['result']:,} of its result"
    if "file" in example:
        return f"record {example['row']:,} of {example['file']}"
    return f"row {example['row']:,}"


def _value(value: object) -> str:
    """Return a value as it is in the data; in quotes where its ends could not be seen."""
    plain = isinstance(value, str) and value and value == value.strip()
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


def refuse_failed_checks(results: Mapping[str, Mapping], paths: Mapping[str, Path]) -> None:
    """Stop when a check of any of the tables failed: they are published together or not at all.

    The run tells of each table by itself, with its place in the configuration.

    Args:
        results: of each table.
        paths: the file that holds all counts and examples of a table.

    Raises:
        DiffusionError: which tables, which checks, with counts and examples.
    """
    failed = {name: failures_of(r) for name, r in results.items() if r["status"] == "failed"}
    if failed:
        lines = [f"{name}: {kind}: {w}" for name, of in failed.items() for kind, w in of.items()]
        found = "nothing is published\n  " + "\n  ".join(lines)
        fix = remedy([paths[name] for name in failed])
        raise DiffusionError(f"failed checks of {', '.join(failed)}", found, fix)


def remedy(paths: Iterable[Path]) -> str:
    """Return what to do about failed checks."""
    return f"{REMEDY}\nall counts and examples: {', '.join(map(str, paths))}"
