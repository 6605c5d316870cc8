"""What became of each entry in a run, for results/run.json."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from diffusion.run.console import TABLES, Console
from diffusion.run.jobs import Jobs
from diffusion.run.state import SOURCES, State


@dataclass
class Entries:
    """The entries of one run.

    Args:
        before: the receipts of the sources as the run found them.
    """

    jobs: Jobs
    console: Console
    state: State
    before: Mapping[str, Mapping]

    @cached_property
    def finished(self) -> set[tuple[str, str]]:
        """Rule and entry of the jobs that did what they were to do."""
        return {(job.rule, job.entry) for job in self.console.finished()}

    @cached_property
    def made(self) -> set[str]:
        """Return the entries whose table or figure was made or checked by this run."""
        return {entry for rule, entry in self.finished if rule in TABLES}

    @cached_property
    def stopped(self) -> set[str]:
        """Return the entries of which an interruption stopped jobs."""
        console = self.console
        return {j.entry for j in (*console.stopped.values(), *console.running.values())}

    @cached_property
    def unmade(self) -> set[str]:
        """Return the entries that this run was to make and did not, and what is made of them."""
        failed = self.console.failed.values()
        found = {job.entry for job in failed if not job.rule.startswith("publish_")} | self.stopped
        while more := {n for n, e in self.jobs.derive.items() if found & set(e.inputs)} - found:
            found |= more
        return found

    def told(self, failing: Collection[str]) -> dict[str, dict[str, Any]]:
        """Return the state of each entry.

        Args:
            failing: the entries that went wrong.
        """
        seconds = self.console.seconds
        told: dict[str, dict[str, Any]] = {}
        for name in self.jobs.reached:
            told[name] = {"state": self._state(name, failing)}
            told[name]["seconds"] = round(seconds.get(name, 0), 1)
            source = self.jobs.sources.get(name)
            if told[name]["state"] == "published" and source and source.publish.is_private:
                told[name] |= {"state": "made", "reason": "not published: `publish: false`"}
            elif told[name]["state"] == "made":
                told[name]["reason"] = f"not published, as {self._obstacle(failing)}"
        return told

    def _state(self, name: str, failing: Collection[str]) -> str:
        if name in failing:
            return "failed"
        if name in self.stopped:
            return "interrupted"
        if self._is_published_now(name):
            return "published"
        if name in self.made:
            return "made"
        receipt = self._receipts(name).get(name, {})
        if receipt.get("spec") == self.jobs.spec(name) and name not in self.unmade:
            return "unchanged"
        return "not reached"

    def _receipts(self, name: str) -> Mapping[str, Mapping]:
        if name in self.jobs.sources:
            return self.state.read(SOURCES)
        return {name: self.state.read(f"results/published/{name}.json")}

    def _is_published_now(self, name: str) -> bool:
        if name in self.jobs.derive:
            return bool({("publish_derived", name), ("publish_figure", name)} & self.finished)
        now = self._receipts(name).get(name)
        changed = name in self.made or now != self.before.get(name)
        return ("publish_sources", "") in self.finished and changed

    def _obstacle(self, failing: Collection[str]) -> str:
        if failing:
            return f"{', '.join(n for n in self.jobs.entries if n in failing)} failed"
        if self.console.interrupted:
            return "the run was interrupted"
        rules = dict.fromkeys(job.title for job in self.console.failed.values())
        if not rules:
            return "the run was asked for less than all"
        return f"{', '.join(rules)} failed"
