"""The facts of a table as its job writes them, with the results of its checks.

Checks run in the job that makes the table, where it is read from memory. A job of its own
(``check_table``) is for those that need other tables, and for checks that changed since.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from diffusion.base.json_files import write_json
from diffusion.base.progress import step
from diffusion.base.variables import shown, told
from diffusion.config.checking import Checks
from diffusion.config.parts import Storage, as_text
from diffusion.errors import DiffusionError
from diffusion.run.code import code_hash
from diffusion.tables.limits import Limits

if TYPE_CHECKING:
    from diffusion.check.own import Version

TEMPLATE = Path(__file__).parents[3]


@cache
def check_code() -> str:
    """Return the hash of the code that checks."""
    return code_hash(TEMPLATE, "scripts/diffusion/check/checks.py")


def checks_spec(checks: Checks) -> str:
    """Return a hash of what the results of checks depend on beside the table; noted with them."""
    return hashlib.sha256(f"{as_text(checks)} {check_code()}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Checking:
    """What is checked of a table, and where an earlier version of it may be published.

    Attributes:
        name: under which it is published; empty where it is not.
    """

    checks: Checks
    name: str
    storage: Storage

    @classmethod
    def of(cls, config: Mapping[str, Any], name: str) -> "Checking":
        """Return what is checked of an entry, from the resolved configuration.

        It is no parameter of the rules that convert: another check converts nothing again.
        """
        section = "sources" if name in config["sources"] else "derive"
        entry = config[section][name]
        checks = msgspec.convert(entry.get("checks", {}), Checks)
        published = entry["publish_as"] if entry.get("publish", True) else ""
        return cls(checks, published, msgspec.convert(config.get("storage", {}), Storage))


def write_facts(
    facts: Mapping, path: Path, checking: Checking, table: Path, limits: Limits
) -> None:
    """Write the facts of a table, and the results of its checks unless they need other tables."""
    apart = bool(checking.checks.tables)
    checked = None if apart else check(facts, checking, table, {}, limits)
    write_json(path, {**facts, "checks": checked})


def check(
    facts: Mapping, checking: Checking, table: Path, others: Mapping[str, Path], limits: Limits
) -> dict:
    """Run checks, see ``run_checks``; return their results, with what they depend on.

    Where they pass, ``keys`` says how the table's keys differ from the published ones.
    """
    from diffusion.check.checks import explain, run_checks, summary

    step("checking the table")
    checks = checking.checks
    before = (
        _published(checking) if any(check.needs_before for check in checks.sql.values()) else None
    )
    results = [
        replace(result, found=told(result.found), examples=shown(result.examples))
        for result in run_checks(table, checks, others, limits, before)
    ]
    logging.info("%s\n%s", table.stem, explain(results) or "all checks passed")
    found = {"spec": checks_spec(checks), **summary(results)}
    if found["status"] != "failed" and checks.unique and checking.name:
        found["keys"] = _keys(facts, checking, table, limits)
    return found


def _published(checking: Checking) -> "Version | None":
    """Return what is published of a table; None if nothing is.

    Raises:
        DiffusionError: the manifest cannot be read.
    """
    from diffusion.check.own import Version
    from diffusion.publish.manifest import read_manifest
    from diffusion.storage.places import open_place

    if not checking.name or (store := open_place(checking.storage, "url")) is None:
        return None
    entry = read_manifest(store)[0]["tables"].get(checking.name)
    return Version(store, checking.name, entry) if entry else None


def _keys(facts: Mapping, checking: Checking, table: Path, limits: Limits) -> dict | None:
    """Compare with what is published; the job that publishes tries again where that fails."""
    try:
        known = _published(checking)
    except DiffusionError as error:
        logging.warning("keys not compared with those published: %s", error)
        return None
    if known is None:
        return None
    from diffusion.publish.keys import compare_keys

    return compare_keys(
        known.store, known.name, known.entry, table, facts, checking.checks.main_key, limits
    )
