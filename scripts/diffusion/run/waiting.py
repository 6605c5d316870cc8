"""What is made and waits to be published, and what is not made as the configuration is now.

A run may be asked for less than all, as by `snakemake results/tables/x.parquet`; and `--touch`
marks as up to date whatever is there.
"""

from collections.abc import Mapping

from diffusion.errors import DiffusionError, NotMadeError
from diffusion.run.jobs import Jobs
from diffusion.run.state import SOURCES, State


def waiting_tables(jobs: Jobs, state: State) -> list[str]:
    """Return the tables that are made, and are not what was published last."""
    return [
        name
        for name in jobs.tables
        if (facts := state.facts(name))
        and facts.get("sha256") != _receipt(jobs, state, name).get("table_sha256")
    ]


def touch_refusal(jobs: Jobs, state: State) -> DiffusionError | None:
    """Return why `--touch` is refused: something is not as the configuration is now, and stays so.

    A profile may ask for it as well (`touch: true`). None where nothing is in its way.
    """
    other = [n for n in jobs.entries if _receipt(jobs, state, n).get("spec") != jobs.spec(n)]
    names = dict.fromkeys([*other, *waiting_tables(jobs, state)])
    if not names:
        return None
    found = "it would mark as up to date what is not made, and published, as the configuration "
    found += f"is now: {', '.join(names)}"
    fix = "run `snakemake` without it (a profile may say `touch: true`): what is right is not made "
    fix += "again, and no source is asked whose raw copies are there"
    return NotMadeError("--touch", found, fix)


def _receipt(jobs: Jobs, state: State, name: str) -> Mapping:
    if name in jobs.sources:
        return state.read(SOURCES).get(name, {})
    return state.read(f"results/published/{name}.json")
