"""What a run is asked for by name: `snakemake airports` makes and checks one entry.

Nothing is published then: all sources are published together, or not at all.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diffusion.config.schema import did_you_mean
from diffusion.errors import UsageError

if TYPE_CHECKING:
    from diffusion.run.jobs import Jobs
    from diffusion.run.state import State

NO_RULE = re.compile(r"No rule to produce ([A-Za-z0-9_-]+)(?: |\.?$)")


@dataclass(frozen=True)
class Asked:
    """The entries that are targets of a run.

    Attributes:
        names: of the entries.
        alone: whether nothing else is a target, so that nothing is published.
    """

    names: tuple[str, ...] = ()
    alone: bool = False


ALL = Asked()


def names_in(config: Mapping[str, Any]) -> list[str]:
    """Return the names of the entries of a configuration that may be broken."""
    sections = (config.get(section) for section in ("sources", "derive"))
    return [str(name) for section in sections if isinstance(section, Mapping) for name in section]


def unknown_target(words: str, names: Iterable[str]) -> str:
    """Return what to say of a target that is none, from Snakemake's words; empty for others."""
    match = NO_RULE.search(words)
    if not match:
        return ""
    found = "there is no such source or derived entry, and no rule makes such a file"
    known = sorted(names)
    fix = f"{did_you_mean(match[1], known)}Known: {', '.join(known)}"
    return str(UsageError(f"snakemake {match[1]}", found, fix))


def refuse_unpublished(jobs: "Jobs", state: "State") -> None:
    """Refuse to make a derived entry by itself where what it reads is not published from here.

    Raises:
        DiffusionError: with the inputs.
    """
    if not jobs.asked.alone:
        return
    receipts = state.receipts()
    for name in jobs.asked.names:
        inputs = jobs.derive[name].inputs if name in jobs.derive else []
        missing = [n for n in inputs if not _is_as_made(jobs, state, n, receipts.get(n, {}))]
        if missing:
            found = f"it is made of what is published, and {', '.join(missing)} "
            found += f"{'is' if len(missing) == 1 else 'are'} not published from this folder, as "
            found += f"{'it is' if len(missing) == 1 else 'they are'} now"
            fix = "run `snakemake`, which publishes that first"
            raise UsageError(f"snakemake {name}", found, fix)


def _is_as_made(jobs: "Jobs", state: "State", name: str, receipt: Mapping[str, Any]) -> bool:
    """Say whether what is published of a table is what was made here last."""
    known = receipt.get("table_sha256")
    return bool(known) and (name in jobs.derive or state.facts(name).get("sha256") == known)
