"""What a run says of the tables it makes, and at its end."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from diffusion.catalogue.coverage import coverage_notes
from diffusion.catalogue.licence_doubts import licence_notes
from diffusion.catalogue.stated import portal_notes
from diffusion.check.outcome import failure_words
from diffusion.config.positions import positions
from diffusion.config.remedies import merged
from diffusion.config.typed import flat_entry
from diffusion.errors import DiffusionError
from diffusion.run.console import Console
from diffusion.run.drafts import UNPUBLISHED
from diffusion.run.ending import interrupted_words, listed, show_failures, write_run
from diffusion.run.facts import checks_spec
from diffusion.run.failures import PUBLISH, Failure, check_problems, failures, is_told_by_checks
from diffusion.run.jobs import Jobs
from diffusion.run.notes import notes, publishing_notes
from diffusion.run.state import SOURCES, SUMMARY, State
from diffusion.run.states import Entries
from diffusion.run.told_job import Job
from diffusion.run.waiting import waiting_tables


class Report:
    """Tells of one run, from its plan to its end."""

    def __init__(self, console: Console, jobs: Jobs, prefix: str | None, files: Sequence[str]):
        """Args: the terminal; what is to be run; where results are, if on S3; configurations."""
        self.console, self.jobs, self.prefix, self.files = console, jobs, prefix, files
        self._receipts: Mapping[str, Mapping] = {}
        self._settled: State | None = None
        self._before: dict[str, int] = {}
        self._told: set[str] = set()
        self._width = max(map(len, jobs.entries))
        if not console.dry:
            console.nothing_to_do = self.nothing_to_do

    def start(self) -> None:
        """Note what was published before, and begin to tell how far jobs are."""
        self._receipts = self._read(SOURCES)
        rows = self._read(SUMMARY).get("published", [])
        self._before = {row["name"]: row["rows"] for row in rows if row["rows"] is not None}
        write_run(self.console, "running")
        self.console.describe = self.describe
        self.console.is_told_already = lambda job: (
            job.rule in PUBLISH and is_told_by_checks(job, self._failed_checks())
        )
        self.console.watch()

    def _read(self, path: str) -> dict:
        return self._state.read(path)

    @property
    def _state(self) -> State:
        """The results as they are now; what has ended changes no more, and is read once."""
        return self._settled or State(self.jobs, self.prefix)

    def describe(self, job: Job) -> str | None:
        """Return the line of a table or figure that is made: rows, change, checks, seconds."""
        name = job.entry
        spent = f"{self.console.seconds[name]:.1f} s"
        if job.rule == "draw_figure":
            return f"✓ {name:<{self._width}}  drawn, {spent}"
        facts = self._read(f"results/tables/{name}.json")
        checks = self._results(name)[1]
        # a job of its own will check it (what is there is of an earlier table), or it was told
        waits = job.rule != "check_table" and self._state.is_checked_apart(name)
        if not checks or waits or name in self._told:
            return None
        self._told.add(name)
        rows, before = facts["rows"], self._before.get(name)
        counted = f"{rows:,} row{'s' * (rows != 1)}"
        change = "" if before is None else f" ({rows - before:+,})" if rows != before else " (same)"
        sign = "✗" if checks["status"] == "failed" else "✓"
        checked = _counted(checks["counts"])
        return f"{sign} {name:<{self._width}}  {counted}{change}, {checked}, {spent}"

    def _results(self, name: str) -> tuple[str, dict]:
        """Return the results of a table's checks, and where they are."""
        if apart := self._state.checked_apart([name]):
            return apart[0], self._read(apart[0])
        path = f"results/tables/{name}.json"
        return path, self._read(path).get("checks") or {}

    def succeeded(self) -> None:
        """Say what is published, the last thing on the screen."""
        self._well("succeeded")

    def nothing_to_do(self) -> None:
        """Say what is published already."""
        self._well("nothing to do")

    def _well(self, status: str) -> None:
        self._settled = State(self.jobs, self.prefix)
        if self.jobs.asked.alone and self._failed_checks():  # nothing that publishes refused it
            self.failed()
            raise SystemExit(1)
        self._end(status)
        if self.jobs.asked.alone:
            self._show_asked()
            return
        self._abort_left_uploads()
        self._show_published()
        if words := self.jobs.drafts.words:
            self.console.say(words)

    def failed(self) -> None:
        """Say what went wrong, the last thing on the screen."""
        self._settled = State(self.jobs, self.prefix)
        found = failures(self.console, self._failed_checks())
        entries = self._end("interrupted" if self.console.interrupted else "failed", found)
        if found:
            show_failures(self.console, found, entries)
        if self.console.interrupted:
            self.console.complain(interrupted_words(self.console))

    def _failed_checks(self) -> dict[str, list[DiffusionError]]:
        """Return the failed checks of each table that is as the configuration wants it now."""
        places, entries = None, self._entries()
        made, unmade, found = entries.made, entries.unmade, {}
        for name in (n for n in self.jobs.reached if n in self.jobs.tables):
            path, results = self._results(name)
            declared = checks_spec(self.jobs.table(name).checks)
            stale = name in unmade or (self.console.interrupted and name not in made)
            if not stale and results.get("status") == "failed" and results["spec"] == declared:
                places = places or positions(map(Path, self.files))[0]
                section = "sources" if name in self.jobs.sources else "derive"
                where, entry = f"{section}.{name}", flat_entry(self.jobs.table(name))
                found[name] = check_problems(where, results, Path(path), places, entry)
        return found

    def _entries(self) -> Entries:
        return Entries(self.jobs, self.console, self._state, self._receipts)

    def _end(self, status: str, found: Sequence[Failure] = ()) -> dict[str, dict[str, Any]]:
        self.console.end()
        self._settled = self._settled or State(self.jobs, self.prefix)
        entries = self._entries().told({failure.entry for failure in found if failure.entry})
        for name in (n for n in self.jobs.tables if n in entries):
            is_there = entries[name]["state"] in ("published", "unchanged", "made")
            if is_there and (warnings := list(self._warnings(name))):
                entries[name]["warnings"] = warnings
        write_run(self.console, status, found, entries)
        return entries

    def _show_asked(self) -> None:
        """Say where each entry is that was asked for, and how to look at it."""
        tables = [name for name in self.jobs.asked.names if name in self.jobs.tables]
        for note in (note for name in tables for note in self._notes(name)):
            self.console.say(note)
        waiting = waiting_tables(self.jobs, self._state)
        for name in self.jobs.asked.names:
            place = f"{(self.prefix or '').rstrip('/')}/".lstrip("/") + self.jobs.results(name)[0]
            look = (
                f"; look at it: diffusion show {name}" if name in tables and not self.prefix else ""
            )
            made = "made and checked" if name in tables else "drawn"
            known = self._publication(name, name in tables and name not in waiting)
            self.console.say(f"{name}: {place}, {made}, {known}{look}")

    def _publication(self, name: str, is_same: bool) -> str:
        """Say whether what was made of an entry is published, and what does it."""
        if name in self.jobs.config.drafts:
            return UNPUBLISHED
        if name in self.jobs.sources and self.jobs.sources[name].publish.is_private:
            return "not published: `publish: false`"
        return "published as it is" if is_same else "not published: `snakemake` does it"

    def _show_published(self) -> None:
        from diffusion.publish.summary import format_summary

        waiting = waiting_tables(self.jobs, self._state)
        if waiting and ("write_summary", "") not in self._entries().finished:
            # what was published before is not what was made: the run was asked for less than all
            self.console.say(f"\nMade, but not published: {listed(waiting)}; `snakemake` does it")
        elif summary := self._read(SUMMARY):
            notes = [note for name in self.jobs.tables for note in self._notes(name)]
            published = self._published()
            notes += licence_notes(published)
            for noted in (portal_notes, coverage_notes):
                notes += noted(self.jobs.config, published)
            self.console.say("\n".join([format_summary(summary), *notes]))

    def _abort_left_uploads(self) -> None:
        """Abort what killed runs began to upload, after a run that published."""
        if ("write_summary", "") not in self._entries().finished:
            return
        from diffusion.storage.housekeeping import abort_left_uploads

        names = {row["name"] for row in self._read(SUMMARY)["published"]}
        for address in abort_left_uploads(self.jobs.config.storage, names, self.jobs.sources):
            self.console.say(f"! {address}: an upload that was killed is aborted")

    def _published(self) -> dict[str, dict]:
        """Return the receipts of all that is published, by the names of the configuration."""
        known = {n: r for n, r in self._read(SOURCES).items() if n in self.jobs.sources}
        known |= {n: self._read(f"results/published/{n}.json") for n in self.jobs.derive}
        return {name: receipt for name, receipt in known.items() if not receipt.get("private")}

    def _notes(self, name: str) -> Iterator[str]:
        """What readers of a table should know: checks that warn, values that were not read."""
        facts = self._read(f"results/tables/{name}.json")
        yield from (f"! {name}: {warning}" for warning in self._warnings(name))
        entry = flat_entry(self.jobs.table(name))
        yield from (merged(note, entry) for note in notes(name, facts.get("noted", {})))
        derived = f"results/published/{name}.json"
        sources = self._read(SOURCES)
        receipt = sources.get(name, {}) if name in self.jobs.sources else self._read(derived)
        known = self._receipts.get(name, {}) if name in self.jobs.sources else receipt
        yield from publishing_notes(name, receipt, known)

    def _warnings(self, name: str) -> Iterator[str]:
        """Return the checks of a table that warn."""
        for result in self._results(name)[1].get("results", []):
            if not result["passed"] and result["level"] == "warn":
                yield f"{result['check']}: {failure_words(result)}"


def _counted(counts: Mapping[str, Any]) -> str:
    """Return the results of checks in words: ``5 checks passed, 1 warns``."""
    passed = counts["passed"]
    words = [f"{passed} check{'s' * (passed != 1)} passed"]
    if counts["warned"]:
        words.append(f"{counts['warned']} warn{'s' * (counts['warned'] == 1)}")
    if counts["failed"]:
        words.append(f"{counts['failed']} failed")
    return ", ".join(words)
