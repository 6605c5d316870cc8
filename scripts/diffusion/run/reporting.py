"""What `snakemake --report` shows: a front page, checks as tables, figures, run times.

Snakemake takes into its report what jobs have as marked inputs or outputs. These pages are inputs
of `all`, and are written by the process that is asked for a report, from what the jobs left: no
run pays for them, and it does not matter where results are.
"""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from diffusion.catalogue.page.local import outcome_checks
from diffusion.catalogue.page.place import Place
from diffusion.catalogue.page.render import rendered
from diffusion.catalogue.page.site import Site
from diffusion.catalogue.page.view import View
from diffusion.catalogue.said import OF_PROJECT
from diffusion.run.jobs import Jobs
from diffusion.run.state import State

FOLDER = Path(".snakemake/diffusion-report")  # in `results`, all that no job made is removed
FRONT, CHECKS, OF = "front", "checks", "captions"


@dataclass(frozen=True)
class Result:
    """A file of the report.

    Attributes:
        caption: absolute, as Snakemake reads it from the folder of the rules.
        labels: what it is listed by; asked for when the report is made, maybe after a run.
        is_here: it is written by this process, and not a result of a job.
    """

    path: str
    caption: str
    category: str
    labels: Callable[[object], dict[str, str]]
    is_here: bool = True


class Pages:
    """The pages of a report."""

    def __init__(self, jobs: Jobs, state: State):
        self._jobs = jobs
        self.write(state)

    @property
    def front(self) -> str:
        """The front page, as Snakemake reads it."""
        return _caption(FRONT)

    def results(self) -> Iterator[Result]:
        """Yield what the report shows."""
        for name in self._jobs.tables:
            path = str(FOLDER / CHECKS / f"{name}.html")
            yield Result(path, _caption(f"{OF}/{name}"), "Checks", partial(self._label, name))
        for name in self._jobs.figures:
            path = f"results/figures/{name}.png"
            yield Result(
                path, _caption(f"{OF}/{name}"), "Figures", partial(_labels, "figure", name), False
            )
        path = str(FOLDER / "run-times.html")
        yield Result(path, _caption("run-times"), "Run times", partial(_labels, "jobs", "all"))

    def write(self, state: State) -> None:
        """Write the pages from what is there now."""
        self._state, self._site = state, self._site_of(state)
        for part in (CHECKS, OF):
            (FOLDER / part).mkdir(parents=True, exist_ok=True)
        views = {name: self._view(name) for name in self._jobs.entries}
        shown = [self._row(view) for view in views.values() if view.entry.get("objects")]
        self._put_caption(FRONT, "report-front.html", rows=shown, more=self._more(shown))
        for name, view in views.items():
            self._put_caption(f"{OF}/{name}", "report-caption.html", row=self._row(view))
            if name in self._jobs.tables:
                results = list(outcome_checks(self._outcome(name)))
                self._put(f"{CHECKS}/{name}.html", "report-checks.html", view=view, results=results)
        jobs = list(_benchmarks(Path("benchmarks")))
        self._put("run-times.html", "report-times.html", jobs=jobs)
        self._put_caption("run-times", "report-times-caption.html")

    def _site_of(self, state: State) -> Site:
        project = self._jobs.config.project
        about = {key: getattr(project, key) for key in OF_PROJECT}
        owner: dict[str, Any] = {
            "name": project.name,
            "title": project.title,
            "publisher": project.publisher,
        }
        owner |= {"licence": project.licence, "about": about}
        receipts = state.receipts().items()
        by_names = {self._jobs.entry(n).publish.publish_as: found for n, found in receipts}
        url = self._jobs.config.storage.public_url.rstrip("/")
        manifest = {"project": owner, "tables": by_names, "public_url": url}
        return Site.of(manifest, Place(f"{url}/" if url else ""))

    def _view(self, name: str) -> View:
        published = self._jobs.entry(name).publish.publish_as
        return View(self._site, published, self._site.manifest["tables"].get(published, {}))

    def _row(self, view: View) -> dict[str, Any]:
        files = [
            (item["key"], _address(self._site.place, view.entry.get("url", ""), item["key"]))
            for item in view.entry.get("objects", [])[:3]
        ]
        return {"view": view, "files": files, "private": bool(view.entry.get("private"))}

    def _more(self, rows: Iterable[Mapping]) -> dict[str, str]:
        """Return what the front page tells of all rows: their vintages, and where they are."""
        vintages = {row["view"].vintage for row in rows} - {""}
        url = self._jobs.place("url")
        place = self._site.place.public or (url if url.startswith("s3://") else "")
        return {"vintages": ", ".join(sorted(vintages)), "place": place}

    def _outcome(self, name: str) -> Mapping:
        apart = self._state.checked_apart([name])
        return self._state.read(apart[0]) if apart else self._state.facts(name).get("checks") or {}

    def _label(self, name: str, wildcards: object) -> dict[str, str]:
        counts = self._outcome(name).get("counts") or {}
        marks = {"failed": "✗", "warned": "⚠"}
        words = [
            f"{mark} {counts[kind]} {kind}" for kind, mark in marks.items() if counts.get(kind)
        ]
        return _labels("table", f"{name}: {', '.join(words)}" if words else name, wildcards)

    def _put(self, file: str, template: str, **more: object) -> None:
        (FOLDER / file).write_bytes(rendered(template, self._site, root="", **more))

    def _put_caption(self, name: str, template: str, **more: object) -> None:
        """Write HTML as the reStructuredText with Jinja that Snakemake reads."""
        html = rendered(template, self._site, **more).decode().replace("{", "{{ '{' }}")
        lines = "\n".join(f"   {line}" for line in html.splitlines())
        Path(_caption(name)).write_text(f".. raw:: html\n\n{lines}\n", "utf-8")


def _labels(key: str, value: str, wildcards: object) -> dict[str, str]:
    return {key: value}


def _caption(name: str) -> str:
    return str((FOLDER / f"{name}.rst").absolute())


def _address(place: Place, url: str, key: str) -> tuple[str, str]:
    """Return where an object is, in words and as a link; no path of this machine is told."""
    if url.startswith("s3://"):
        return f"{url}/{key}", place.public and place.public + quote(key)
    relative = os.path.relpath(url or ".")
    if relative.startswith(".."):
        return key, place.public and place.public + quote(key)
    return f"{relative}/{key}", (place.public or f"{quote(relative)}/") + quote(key)


def _benchmarks(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what the last run of each job took, where benchmarks are on this machine."""
    for path in sorted(folder.rglob("*.tsv")):
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        rule, *of = path.relative_to(folder).with_suffix("").parts
        for row in rows[-1:]:
            numbers = {key: _number(row.get(key)) for key in ("s", "max_rss", "cpu_time")}
            yield {"rule": rule, "of": " ".join(of)} | numbers


def _number(text: str | None) -> float | None:
    try:
        return round(float(text or ""), 1)
    except ValueError:
        return None
