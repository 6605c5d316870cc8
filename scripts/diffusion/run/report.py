"""What a run says of the tables it makes, and at its end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diffusion.run.console import Console, Job
from diffusion.run.ending import Failure, failures, interrupted_words, show_failures, write_run
from diffusion.run.jobs import Jobs
from diffusion.run.state import SUMMARY, State


class Report:
    """Tells of one run, from its plan to its end."""

    def __init__(self, console: Console, jobs: Jobs, prefix: str | None):
        """Args: the terminal, what is to be run, and where results are, if they are on S3."""
        self.console, self.jobs, self.prefix = console, jobs, prefix
        self._before: dict[str, int] = {}
        self._told: set[str] = set()
        self._width = max(map(len, jobs.entries))
        if not console.dry:
            console.nothing_to_do = self.nothing_to_do

    def start(self) -> None:
        """Note what was published before, and begin to tell how far jobs are."""
        rows = self._read(SUMMARY).get("published", [])
        self._before = {row["name"]: row["rows"] for row in rows if row["rows"] is not None}
        write_run(self.console, "running")
        self.console.describe = self.describe
        self.console.watch()

    def _read(self, path: str) -> dict:
        return State(self.jobs, self.prefix).read(path)

    def describe(self, job: Job) -> str | None:
        """Return the line of a table or figure that is made: rows, change, checks, seconds."""
        name = job.entry
        spent = f"{self.console.seconds[name]:.1f} s"
        if job.rule == "draw_figure":
            return f"✓ {name:<{self._width}}  drawn, {spent}"
        facts = self._read(f"results/tables/{name}.json")
        checks = self._checks(name, facts)
        if not checks or name in self._told:
            return None  # a job of its own will check it, or did what the one before had done
        self._told.add(name)
        rows, before = facts["rows"], self._before.get(name)
        change = "" if before is None else f" ({rows - before:+,})" if rows != before else " (same)"
        sign = "✗" if checks["status"] == "failed" else "✓"
        counted = _counted(checks["counts"])
        return f"{sign} {name:<{self._width}}  {rows:,} rows{change}, {counted}, {spent}"

    def _checks(self, name: str, facts: Mapping) -> dict:
        apart = State(self.jobs, self.prefix).checked_apart([name])
        return self._read(apart[0]) if apart else facts.get("checks") or {}

    def succeeded(self) -> None:
        """Say what is published, the last thing on the screen."""
        self._end("succeeded")
        self._show_published()

    def nothing_to_do(self) -> None:
        """Say what is published already."""
        self._end("nothing to do")
        self._show_published()

    def failed(self) -> None:
        """Say what went wrong, the last thing on the screen."""
        facts = {name: self._read(f"results/tables/{name}.json") for name in self.jobs.tables}
        checks = {name: self._checks(name, known) for name, known in facts.items() if known}
        found = failures(self.console, {name: known for name, known in checks.items() if known})
        self._end("interrupted" if self.console.interrupted else "failed", found)
        if found:
            show_failures(self.console, found)
        if self.console.interrupted:
            self.console.say(interrupted_words(self.console))

    def _end(self, status: str, found: Sequence[Failure] = ()) -> None:
        self.console.end()
        write_run(self.console, status, found, self.jobs)

    def _show_published(self) -> None:
        from diffusion.publish.summary import format_summary

        if summary := self._read(SUMMARY):
            notes = [note for name in self.jobs.tables for note in self._notes(name)]
            self.console.say("\n".join([format_summary(summary), *notes]))

    def _notes(self, name: str) -> Iterator[str]:
        """What readers of a table should know: checks that warn, values that were not read."""
        facts = self._read(f"results/tables/{name}.json")
        for result in self._checks(name, facts).get("results", []) if facts else []:
            if not result["passed"]:
                check = " ".join(filter(None, (result["check"], result["column"])))
                yield f"! {name}: {check}: {result['found']}"
        noted = facts.get("noted", {})
        for column, failure in noted.get("cast_failures", {}).items():
            values = f"{failure['failed']:,} of {failure['values']:,} values"
            yield f"! {name}.{column}: {values} could not be read, and are empty"
        for found in noted.get("read", []):
            yield f"· {name}: read as {found}"
        for column in noted.get("decimal_commas", []):
            fix = 'write `csv: {decimal: ","}` to make numbers of them'
            yield f"! {name}.{column}: is text, as its numbers have decimal commas; {fix}"
        if repaired := noted.get("geometry", {}).get("repaired"):
            yield f"! {name}: {repaired:,} invalid geometries were repaired"


def _counted(counts: Mapping[str, Any]) -> str:
    """Return the results of checks in words: ``5 checks passed, 1 warns``."""
    passed = counts["passed"]
    words = [f"{passed} check{'s' * (passed != 1)} passed"]
    if counts["warned"]:
        words.append(f"{counts['warned']} warn")
    if counts["failed"]:
        words.append(f"{counts['failed']} failed")
    return ", ".join(words)
