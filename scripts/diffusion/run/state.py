"""What earlier runs left, as far as a plan depends on it.

Sources are published by one job, and Snakemake runs again whatever depends on a job that runs. A
derived entry whose own inputs are as it read them waits for that job, if it has to run at all, but
does not run for it.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from diffusion.catalogue.keys import expected
from diffusion.config.model import Figure
from diffusion.config.parts import Server
from diffusion.errors import DiffusionError
from diffusion.publish.lost import listing, lost, replaced
from diffusion.publish.manifest import read_manifest
from diffusion.publish.taken_down import refuse_sources
from diffusion.publish.untracked import gone_names, untracked_words
from diffusion.publish.withdrawal import left_behind
from diffusion.run.facts import checks_spec
from diffusion.run.jobs import Jobs
from diffusion.storage.connection import connection, storage_connection
from diffusion.storage.items import Item
from diffusion.storage.places import open_place
from diffusion.storage.store import Store

SOURCES, SUMMARY = "results/published.json", "results/summary.json"
AGAIN, COMPARED = "published again", "compared with what this configuration makes"


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
            found = json.loads(text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def look_at_work(self, dry: bool) -> str:
        """Remove results at the work prefix that nothing is known of, see ``remove_stale``."""
        if not self._prefix:
            return ""
        from diffusion.run.unrecorded import remove_stale  # it reads by this class

        return remove_stale(self._store, self._jobs, dry)

    def look_at_published(self) -> list[str]:
        """Compare what lies at ``storage.url`` with what should; return what differs, in words.

        The receipts of what is not there any more, or was published otherwise by another clone, are
        removed, so that it is published again. What is there and no longer configured is told.
        """
        config = self._jobs.config
        place = config.storage.url.rstrip("/")
        receipts = {n: r for n, r in self.receipts().items() if r.get("url") == place}
        if not place.startswith("s3://") and not Path(place).is_dir() and not receipts:
            return []  # opening a store makes the folder
        store = Store(place, storage_connection(config.storage))
        manifest = read_manifest(store)[0]
        sources = config.sources.items()
        refuse_sources(store, manifest, {name: source.former_names for name, source in sources})
        project, words = config.project.name, list[str]()
        listed = listing(store) if receipts or gone_names(manifest, project) else {}
        gone, others = _differing(store, manifest, receipts, listed)
        for found, what in ((gone, AGAIN), (others, COMPARED)):
            self._forget(found)
            words += _told(found, what)
        words += untracked_words(store, listed, manifest, project, self._jobs.published)
        if receipts and any(key not in listed for key in expected(manifest)):
            self._remove([SUMMARY])  # by the job that makes it the catalogue is written
        kept = [n for n in self._jobs.drafts.published if n in manifest["tables"]]
        if kept:
            words.append(
                f"· published at {place}, and now a draft, which leaves it as it is: "
                f"{', '.join(kept)}; to remove it, take it out of the configuration first"
            )
        names = left_behind(manifest, project, self._jobs.published)
        if names:
            words.append(
                f"! no longer configured, and still published to {place}/: {', '.join(names)}; to "
                f"remove their objects: diffusion withdraw {' '.join(names)}"
            )
        return words

    def receipts(self) -> dict[str, dict]:
        """Return what is published of each entry, by its name in the configuration."""
        derived = {name: self.read(f"results/published/{name}.json") for name in self._jobs.derive}
        known = {n: r for n, r in self.read(SOURCES).items() if n in self._jobs.sources}
        return {name: receipt for name, receipt in (known | derived).items() if receipt}

    def would_publish(self) -> list[str]:
        """Return what a run would publish again though nothing is to be made, in words."""
        place = self._jobs.config.storage.url.rstrip("/")
        receipts = {n: r for n, r in self.receipts().items() if r.get("url") == place}
        if not receipts:
            return []
        store = open_place(self._jobs.config.storage, "url")
        if store is None:
            return [f"{place} is gone: {AGAIN}"]
        manifest = read_manifest(store)[0]
        gone, others = _differing(store, manifest, receipts, listing(store))
        return [*_told(gone, AGAIN), *_told(others, COMPARED)]

    def _forget(self, lost: Collection[str]) -> None:
        """Remove receipts, and what Snakemake would take as the sign that all is well."""
        if lost:
            named = {name: f"results/published/{name}.json" for name in self._jobs.derive}
            self._remove({SUMMARY, *(named.get(name, SOURCES) for name in lost)})

    def _remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            self._known.pop(path, None)
            if self._prefix:
                self._store.delete([path])
            else:
                Path(path).unlink(missing_ok=True)

    def facts(self, name: str) -> dict:
        """Return the facts of a table, see ``run.facts``."""
        return self.read(f"results/tables/{name}.json")

    def is_checked_apart(self, name: str) -> bool:
        """Return whether a job of its own checks a table: for other tables, or for new checks."""
        checks, facts = self._jobs.table(name).checks, self.facts(name)
        if checks.tables or not facts:
            return bool(checks.tables)
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


def _differing(
    store: Store, manifest: Mapping, receipts: Mapping[str, Mapping], listed: Mapping[str, Item]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is not there any more, and what another clone published, in words by entry."""
    gone = lost(store, manifest, receipts, listed)
    return gone, {n: w for n, w in replaced(manifest, receipts).items() if n not in gone}


def _told(lost: Mapping[str, str], what: str) -> Iterator[str]:
    if lost:
        told = [*lost.values()][:3] + [f"and {len(lost) - 3} more"] * (len(lost) > 3)
        yield f"{'; '.join(told)}: {what}"
