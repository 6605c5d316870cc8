"""Fetch all pages of an API into one compressed NDJSON file, resumable and verified.

Each page is appended as one zstd frame as soon as it is received, while the next one is requested,
and a line is added to a journal beside it. After a crash the file is cut back to the journal's last
line and the next page is requested: finished pages are never requested again. The records keep the
bytes that the server sent.
"""

import dataclasses
import json
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

from backports import zstd

from diffusion.base.progress import Progress
from diffusion.config.fetching import ApiFetch, Pages
from diffusion.errors import DiffusionError
from diffusion.fetch.client import Client
from diffusion.fetch.pages import STYLES, Count, Page, Request

logger = logging.getLogger(__name__)


def fetch_api(
    client: Client, fetch: ApiFetch, first: Request, path: Path, progress: Progress
) -> dict:
    """Write every record of one partition to ``path``, one JSON object a line.

    Args:
        client: the connection to the API's host.
        fetch: how its pages are requested.
        first: the first page's request, axes filled in.
        path: the finished file; until then, the pages received are kept beside it.
        progress: counts records.

    Returns:
        facts for the provenance: url, pages, records, total, marker.

    Raises:
        DiffusionError: a page is refused, comes twice, or the pages do not belong together.
    """
    journal = _Journal(path, first)
    request = journal.next
    progress.add(journal.count.records)
    if journal.count.pages:
        logger.info("resuming after page %d", journal.count.pages)
    with closing(journal):
        while request is not None:
            request = _one_page(client, fetch, request, journal, progress)
    _check_total(client.where, journal)
    journal.finish(path)
    marker = {"marker": journal.marker} if journal.marker is not None else {}
    count = journal.count
    facts = {
        "url": first.url,
        "params": first.params,
        **({"body": first.body} if first.body else {}),
    }
    counts = {"pages": count.pages, "records": count.records, "total": count.total}
    return facts | counts | marker


def _one_page(
    client: Client, fetch: ApiFetch, request: Request, journal: "_Journal", progress: Progress
) -> Request | None:
    pages, where = fetch.pages, client.where
    if journal.count.pages >= pages.max_pages:
        fix = "raise pages.max_pages if there really are more"
        raise DiffusionError(where, f"{journal.count.pages} pages and no end", fix)
    body = request.body or None
    response = client.get(request.url, request.params, fetch.method, body)
    page = Page(request, response, pages, where)
    _check_page(page, pages, journal, where)
    journal.count.records += len(page.records)
    journal.count.pages += 1
    progress.expect(journal.count.total)
    progress.add(len(page.records))
    following = STYLES[pages.style](page, pages, journal.count)
    if following and following.url != request.url:
        url = client.target(response, following.url)
        following = dataclasses.replace(following, url=client.without_secret(url))
    if following == request:
        fix = "this never ends: check pages.next and pages.param"
        raise DiffusionError(where, f"page {journal.count.pages} names itself as the next", fix)
    journal.add(page, following)
    return following


def _check_page(page: Page, pages: Pages, journal: "_Journal", where: str) -> None:
    hints = page.value(pages.hints)
    if hints:
        fix = "the server ignored a parameter: correct `params:`"
        raise DiffusionError(
            where, f"the server warns: {json.dumps(hints, ensure_ascii=False)}", fix
        )
    total = _announced(page, pages, journal.count.pages == 0)
    again = "the data changed while it was read: run `snakemake` again to fetch it again"
    if total is not None:
        if journal.count.total not in (None, total):
            journal.forget()
            raise DiffusionError(
                where, f"the total went from {journal.count.total} to {total}", again
            )
        journal.count.total = total
    marker = page.value(pages.marker)
    if marker is not None:
        if journal.marker not in (None, marker):
            journal.forget()
            found = f"`{pages.marker}` went from {journal.marker} to {marker}"
            raise DiffusionError(where, found, again)
        journal.marker = marker
    if page.records and journal.has_seen(page):
        journal.forget()
        fix = "the server repeats itself: check pages.style, pages.next and pages.param"
        raise DiffusionError(where, f"page {journal.count.pages + 1} was received before", fix)


def _announced(page: Page, pages: Pages, is_first: bool) -> int | None:
    """Return the total that a page announces; None where it has none, or an estimate."""
    total = page.value(pages.total)
    if total is None and pages.total and is_first:
        fix = "correct pages.total, or leave it out: the number of records is then not verified"
        raise DiffusionError(page.where, f"the first page has nothing at `{pages.total}`", fix)
    if total is None or page.value(pages.estimate) is not None:
        return None
    if isinstance(total, str | int | float):
        with suppress(ValueError):
            return int(total)
    found = f"`{pages.total}` is not a number: {total}"
    raise DiffusionError(page.where, found, "correct pages.total")


def _check_total(where: str, journal: "_Journal") -> None:
    if journal.count.total is not None and journal.count.records != journal.count.total:
        journal.forget()
        found = f"{journal.count.records} records came, the server announced {journal.count.total}"
        raise DiffusionError(
            where, found, "nothing was kept; run `snakemake` again, or check `pages:`"
        )


class _Journal:
    """The finished pages: a file of zstd frames, and one line of JSON a page."""

    def __init__(self, path: Path, first: Request):
        self.frames = path.with_name(path.name + ".part")
        self.lines = path.with_name(path.name + ".pages")
        self.count = Count()
        self.marker: object = None
        self.next: Request | None = first
        self._digests: set[str] = set()
        self._thread = ThreadPoolExecutor(1)
        self._last: Future[None] = Future()
        self._last.set_result(None)
        path.parent.mkdir(parents=True, exist_ok=True)
        asked = json.dumps(dataclasses.asdict(first), sort_keys=True)
        end = self._resume(asked)
        self._frames = self.frames.open("r+b" if end else "wb")
        self._frames.truncate(end)
        self._frames.seek(end)
        self._lines = self.lines.open("a" if end else "w", encoding="utf-8")
        if not end:
            self._write({"asked": asked})

    def _resume(self, asked: str) -> int:
        if not (self.lines.exists() and self.frames.exists()):
            return 0
        lines = [
            line for line in self.lines.read_text("utf-8").splitlines(True) if line.endswith("\n")
        ]
        if len(lines) < 2 or json.loads(lines[0]) != {"asked": asked}:
            return 0
        self.lines.write_text("".join(lines), "utf-8")
        known = [json.loads(line) for line in lines[1:]]
        if self.frames.stat().st_size < known[-1]["end"]:
            return 0  # the machine went down before the last pages were on disk
        self._digests = {line["hash"] for line in known}
        last = known[-1]
        self.count = Count(last["pages"], last["records"], last["total"])
        self.marker = last["marker"]
        self.next = Request(**last["next"]) if last["next"] else None
        return last["end"]

    def has_seen(self, page: Page) -> bool:
        return page.digest in self._digests

    def add(self, page: Page, following: Request | None) -> None:
        records = b"".join(_one_line(bytes(record)) for record in page.records)
        self._digests.add(page.digest)
        line = {"hash": page.digest, "marker": self.marker, **dataclasses.asdict(self.count)}
        line["next"] = dataclasses.asdict(following) if following else None
        self._last.result()
        self._last = self._thread.submit(self._append, records, line)

    def _append(self, records: bytes, line: dict) -> None:
        self._frames.write(zstd.compress(records, 6))
        self._frames.flush()
        self._write(line | {"end": self._frames.tell()})

    def close(self) -> None:
        self._thread.shutdown()
        self._last.result()
        self._frames.close()
        self._lines.close()

    def finish(self, path: Path) -> None:
        self.frames.replace(path)
        self.lines.unlink()

    def forget(self) -> None:
        """Drop the pages: they do not belong together."""
        self.close()
        self.frames.unlink(missing_ok=True)
        self.lines.unlink(missing_ok=True)

    def _write(self, line: dict) -> None:
        self._lines.write(json.dumps(line) + "\n")
        self._lines.flush()


def _one_line(record: bytes) -> bytes:
    """Return a record as one line: a raw line break in JSON is white space between tokens."""
    return record.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n"
