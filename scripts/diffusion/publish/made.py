"""What the jobs that publish tables share: their inputs, read and compared."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diffusion.base.json_files import read_json
from diffusion.check.outcome import exactly_counted, refuse_failed_checks
from diffusion.config.parts import Storage
from diffusion.errors import PublishedError
from diffusion.publish.ownership import Target
from diffusion.publish.publication import Publication
from diffusion.publish.tables import CheckedTable, publish_tables
from diffusion.raw.inputs import inputs_of
from diffusion.tables.limits import SCRATCH, Limits


@dataclass(frozen=True)
class Made:
    """The files of the tables to publish, by the tables' names.

    Attributes:
        facts: see ``run.facts``.
        checks: results of checks that a job of its own made; the others are among the facts.
        receipts: of fetching; none of a derived table.
    """

    tables: Mapping[str, Path]
    facts: Mapping[str, Path]
    checks: Mapping[str, Path]
    receipts: Mapping[str, list[str]]

    @classmethod
    def of(cls, given: Any) -> "Made":
        """Sort a job's input files by table: each is called ``<table>.<suffix>``."""
        receipts: dict[str, list[str]] = {}
        for path in given.receipts:
            receipts.setdefault(Path(path).parent.name, []).append(path)
        return cls(_by_name(given.tables), _by_name(given.facts), _by_name(given.checks), receipts)


def publish_made(
    made: Made,
    publications: Mapping[str, Publication],
    target: Target,
    storage: Storage,
    limits: Limits,
) -> dict[str, dict]:
    """Publish tables together, if all checks of all of them passed; return their receipts.

    Args:
        publications: of each table.
        target: where they are published.
        storage: where raw copies are, of which members are published.

    Raises:
        DiffusionError: failed checks, all of them; or a table that is not published for another
            reason.
    """
    tables = checked_tables(made, publications, storage)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        receipts = publish_tables(target, tables, limits, Path(folder))
    return dict(zip(publications, receipts, strict=True))


def checked_tables(
    made: Made, publications: Mapping[str, Publication], storage: Storage
) -> list[CheckedTable]:
    """Return the tables to publish, in the order of their publications.

    Raises:
        DiffusionError: failed checks, or checks that are not those declared now.
    """
    facts = {name: read_json(made.facts[name]) for name in publications}
    paths = {name: made.checks.get(name, made.facts[name]) for name in publications}
    results = {
        name: read_json(path) if name in made.checks else facts[name]["checks"]
        for name, path in paths.items()
    }
    for name, told in publications.items():
        if not results[name] or results[name]["spec"] != told.checks:
            fix = f"snakemake --forcerun check_table, or remove {paths[name]}"
            raise PublishedError(str(paths[name]), "the checks there are not those declared", fix)
    refuse_failed_checks(results, paths, are_derived=not made.receipts)
    return [
        CheckedTable(
            made.tables[name],
            exactly_counted(facts[name], results[name]),
            results[name]["status"],
            told,
            inputs_of(made.receipts[name], storage) if told.members else [],
            results[name].get("keys"),
            made.receipts.get(name, ()),
        )
        for name, told in publications.items()
    ]


def _by_name(paths: Iterable[str]) -> dict[str, Path]:
    return {Path(path).stem: Path(path) for path in paths}
