"""What earlier runs left, as far as a plan depends on it.

Sources are published by one job, and Snakemake runs again whatever depends on a job that runs. A
derived entry whose own inputs are as it read them waits for that job, if it has to run at all, but
does not run for it.
"""

import json
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from diffusion.config.model import Figure
from diffusion.config.parts import Server
from diffusion.errors import DiffusionError
from diffusion.publish.lost import lost
from diffusion.run.facts import checks_spec
from diffusion.run.jobs import Jobs
from diffusion.storage.connection import connection
from diffusion.storage.store import Store

SOURCES, SUMMARY = "results/published.json", "results/summary.json"


class State:
    """The results that are there, in the working folder or at the work prefix on S3."""

    def __init__(
        self, jobs: Jobs, prefix: str | None, refuse: Callable[[DiffusionError], None] | None = None
    ):
        """Args: refuse: ends the run when results cannot be read.

        Snakemake swallows what a function given to `input:` raises when the job's output is there.
        """
        self._jobs, self._prefix, self._refuse = jobs, prefix, refuse
        self._known: dict[str, dict] = {}

    @cached_property
    def _store(self) -> Store:
        return Store(self._prefix or "", connection(Server()))  # Snakemake's own, as its plugin's

    def read(self, path: str) -> dict:
        """Return a result that is JSON; empty if it is not there, or was cut short."""
        if path not in self._known:
            try:
                self._known[path] = self._read(path)
            except DiffusionError as error:
                if self._refuse:
                    self._refuse(error)
                raise
        return self._known[path]

    def _read(self, path: str) -> dict:
        if self._prefix:
            found = self._store.read(path)
            text = found[0] if found else b"{}"
        else:
            text = Path(path).read_bytes() if Path(path).is_file() else b"{}"
        try:
            return json.loads(text)
        except ValueError:
            return {}

    def forget_lost(self, store: Store) -> str:
        """Remove the receipts of what is not there any more, so that it is published again.

        Args:
            store: where it was published.

        Returns:
            what is not there, in words; empty for nothing.
        """
        derived = {name: f"results/published/{name}.json" for name in self._jobs.derive}
        paths = dict.fromkeys(self._jobs.sources, SOURCES) | derived
        receipts = self.read(SOURCES) | {name: self.read(path) for name, path in derived.items()}
        here = {n: r for n, r in receipts.items() if n in paths and r.get("url") == store.url}
        words = lost(store, here)
        # Snakemake asks for what is missing on the way only if the end of it is missing, too
        for path in {paths[name] for name in words} | ({SUMMARY} if words else set()):
            self._known.pop(path, None)
            if self._prefix:
                self._store.delete([path])
            else:
                Path(path).unlink(missing_ok=True)
        told = list(words.values())[:3] + [f"and {len(words) - 3} more"] * (len(words) > 3)
        return f"{'; '.join(told)}: published again" if words else ""

    def facts(self, name: str) -> dict:
        """Return the facts of a table, see ``run.facts``."""
        return self.read(f"results/tables/{name}.json")

    def is_checked_apart(self, name: str) -> bool:
        """Return whether a job of its own checks a table: for other tables, or for new checks."""
        checks, facts = self._jobs.table(name).checks, self.facts(name)
        if checks.foreign_keys or not facts:
            return bool(checks.foreign_keys)
        return (facts["checks"] or {}).get("spec") != checks_spec(checks)

    def checked_apart(self, names: Iterable[str]) -> list[str]:
        """Return the results of checks that are made by jobs of their own."""
        return [f"results/checks/{name}.json" for name in names if self.is_checked_apart(name)]

    def is_current(self, name: str) -> bool:
        """Return whether a derived entry was made and published from its inputs as they are."""
        receipt = self.read(f"results/published/{name}.json")
        if not receipt or receipt["spec"] != self._jobs.spec(name):
            return False
        if isinstance(self._jobs.derive[name], Figure):
            files, made = ["figures/{}.png", "figures/{}.svg"], f"results/figures/{name}.json"
        else:
            files, made = ["tables/{}.parquet"], f"results/tables/{name}.json"
        if not all(self._exists(f"results/{file.format(name)}") for file in files):
            return False
        facts = self.read(made)
        if any(facts.get(key) != receipt.get(key) for key in ("sha256", "made_from")):
            return False
        newest = {source: self.facts(source).get("sha256") for source in self._sources(name)}
        return newest.items() <= facts["made_from"].items()

    def _sources(self, name: str) -> list[str]:
        return [n for n in self._jobs.derive[name].inputs if n in self._jobs.sources]

    def _exists(self, path: str) -> bool:
        return bool(self._store.head(path)) if self._prefix else Path(path).is_file()
