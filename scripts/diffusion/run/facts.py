"""The facts of a table as its job writes them, with the results of its checks.

Checks run in the job that makes the table, where it is read from memory. A job of its own
(``check_table``) is for those that need other tables, and for checks that changed since.
"""

import hashlib
import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from diffusion.base.json_files import write_json
from diffusion.config.parts import Checks, as_text
from diffusion.run.code import code_hash
from diffusion.tables.limits import Limits

PROJECT = Path(__file__).parents[3]


@cache
def check_code() -> str:
    """Return the hash of the code that checks."""
    return code_hash(PROJECT, "scripts/diffusion/check/checks.py")


def checks_spec(checks: Checks) -> str:
    """Return a hash of what the results of checks depend on beside the table; noted with them."""
    return hashlib.sha256(f"{as_text(checks)} {check_code()}".encode()).hexdigest()[:16]


def checks_of(config: Mapping[str, Any], section: str, name: str) -> Checks:
    """Return ``checks:`` of an entry, from the resolved configuration.

    It is no parameter of the rules that convert: another check converts nothing again.
    """
    return msgspec.convert(config[section][name].get("checks", {}), Checks)


def write_facts(facts: Mapping, path: Path, checks: Checks, table: Path, limits: Limits) -> None:
    """Write the facts of a table, and the results of its checks unless they need other tables."""
    checked = None if checks.foreign_keys else check(table, checks, {}, limits)
    write_json(path, {**facts, "checks": checked})


def check(table: Path, checks: Checks, others: Mapping[str, Path], limits: Limits) -> dict:
    """Run checks, see ``run_checks``; return their results, with what they depend on."""
    from diffusion.check.checks import explain, run_checks, summary

    results = run_checks(table, checks, others, limits)
    logging.info("%s\n%s", table.stem, explain(results) or "all checks passed")
    return {"spec": checks_spec(checks), **summary(results)}
