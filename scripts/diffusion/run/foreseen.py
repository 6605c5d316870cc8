"""What a plan (`-n`) knows of checks by the tables that earlier runs left."""

from collections.abc import Iterator

from diffusion.config.model import Source
from diffusion.config.schema import did_you_mean
from diffusion.run.jobs import Jobs
from diffusion.run.state import State


def foreseen(jobs: Jobs, state: State) -> Iterator[str]:
    """Yield in words which columns checks name that neither the table has nor `columns:` declares.

    The next table may have them all the same: it is said, and stops nothing.
    """
    for name in (n for n in jobs.reached if n in jobs.tables):
        entry = jobs.table(name)
        had = [column["name"] for column in state.facts(name).get("columns", [])]
        known = {*had, *(entry.convert.columns if isinstance(entry, Source) else ())}
        section = "sources" if name in jobs.sources else "derive"
        for check, columns in entry.checks.columns.items():
            for column in (c for c in columns if had and c not in known):
                meant = did_you_mean(column, known).rstrip()
                where = f"! {section}.{name}.checks.{check}: the table that was made last"
                yield f"{where} has no column `{column}`; {meant}".rstrip("; ")
