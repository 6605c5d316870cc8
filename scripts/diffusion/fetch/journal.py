"""The pages that came: one file of zstd frames, and a journal beside it to go on from.

Each page is appended as one frame as soon as it is received, while the next one is requested, and a
line is added to the journal. After a crash the file is cut back to the last line whose frame is
whole, and the next page is requested: finished pages are not requested again. A request that holds
a secret of the server's is not written into it.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from backports import zstd

from diffusion.base.variables import as_written, expand
from diffusion.config.fetching import ApiFetch
from diffusion.config.parts import as_text
from diffusion.errors import DiffusionError
from diffusion.fetch.asked import asked_hash
from diffusion.fetch.doubts import Overlap, kept_pages
from diffusion.fetch.end import Following
from diffusion.fetch.held import HELD, Held, betrays
from diffusion.fetch.pages import Count, Page
from diffusion.fetch.partial import lines_of
from diffusion.fetch.request import Request


@dataclasses.dataclass
class Same:
    """What all pages have alike: the header of CSV, the member ``crs`` of GeoJSON."""

    header: str = ""
    crs: object = None


class Journal:
    """The finished pages: a file of zstd frames, and one line of JSON a page."""

    def __init__(self, path: Path, first: Request, fetch: ApiFetch):
        """Go on with what an earlier run of the same request left, or begin.

        Args:
            path: the finished file; pages are kept beside it until then.
            first: the request of the first page.
            fetch: how it and the others are asked; in another way, it begins anew.
        """
        pages = fetch.pages
        self.frames = path.with_name(path.name + ".part")
        self.lines = path.with_name(path.name + ".pages")
        self._fetch, self._held, self.first = fetch, Held(self.lines), first
        self.filters: dict[str, str] = {}  # values that all records must have
        self._kept: dict[str, Any] = {}
        self.count = Count(size=pages.size if pages.size_param else first.size)
        self.marker: object = None
        self.same = Same()
        self.next = Following(first)
        self.keeps_position = False
        self._digests: set[str] = set()
        self._ends: list[int] = []  # of the frames of an earlier run
        self._thread = ThreadPoolExecutor(1)
        self._last: Future[None] = Future()
        self._last.set_result(None)
        path.parent.mkdir(parents=True, exist_ok=True)
        way = as_text(msgspec.structs.replace(pages, max_pages=0))
        asked = asked_hash(fetch, dataclasses.asdict(first), way, fetch.empty_on, fetch.format)
        end = self._resume(asked)
        self.overlap = Overlap(path.with_name(path.name + ".seen"))
        if end:
            self.overlap.resume(kept_pages(self.frames, self._ends, fetch.format))
        self._frames = self.frames.open("r+b" if end else "wb")
        self._frames.truncate(end)
        self._frames.seek(end)
        self._lines = self.lines.open("a" if end else "w", encoding="utf-8")
        if not end:
            self._write({"asked": asked})

    def _resume(self, asked: str) -> int:
        if not (self.lines.exists() and self.frames.exists()):
            return 0
        lines = list(lines_of(self.lines))
        known = self._whole(lines[1:]) if lines[:1] == [{"asked": asked}] else []
        if not known:
            return 0
        self.lines.write_text("".join(json.dumps(line) + "\n" for line in [lines[0], *known]))
        last = known[-1]
        following = self._noted_next(last)
        if last["keeps_position"] or following == HELD:
            return 0  # the server alone knows where it was, or what was kept apart is gone
        self._digests, self._ends = {line["hash"] for line in known}, [x["end"] for x in known]
        self.count, self.marker = Count(**last["count"]), last["marker"]
        self.same = Same(**last["same"])
        request = following and Request(**following | {"url": expand(following["url"])})
        self.next = Following(request, confirms=last["confirms"])
        return last["end"]

    def _noted_next(self, line: dict) -> Any:
        """Return what is to be asked after a page: a request, nothing, or that it is not known."""
        if line["next"] != HELD:
            return line["next"]
        self._kept = self._held.get() or {}
        return self._kept.get(line["hash"], HELD)

    def _whole(self, lines: list[dict]) -> list[dict]:
        """Return the pages up to the first one whose frame a power cut has damaged."""
        whole, at = [], 0
        with self.frames.open("rb") as file:
            for line in lines:
                frame = file.read(line["end"] - at)
                if hashlib.sha256(frame).hexdigest() != line.get("sha256"):
                    break
                at = line["end"]
                whole.append(line)
        return whole

    def has_seen(self, page: Page) -> bool:
        """Return whether a page with the same records came before."""
        return page.digest in self._digests

    def add(self, page: Page, following: Following) -> None:
        """Write a page, in the background, and note what is to be asked next."""
        if not page.is_again:
            self.overlap.add(page.kept, self.count)
        records = page.lines(is_first=self.count.pages == 1)
        self._digests.add(page.digest)
        self.next = following
        self.keeps_position = following.request == page.request
        line = {"hash": page.digest, "marker": self.marker, "confirms": following.confirms}
        line["same"] = dataclasses.asdict(self.same)
        line |= {"count": dataclasses.asdict(self.count), "keeps_position": self.keeps_position}
        asked = following.request
        line["next"] = dataclasses.asdict(asked) | {"url": as_written(asked.url)} if asked else None
        self._last.result()
        self._last = self._thread.submit(self._append, records, line)

    def _hold_back(self, line: dict) -> dict:
        """Keep apart what is to be asked next if it holds a secret, for this page and the last."""
        asked, page = line["next"], line["hash"]
        is_secret = bool(asked) and betrays(self._fetch, asked["url"], asked)
        if is_secret or self._kept:
            self._kept = dict([*[*self._kept.items()][-1:], (page, asked)])
            self._held.put(self._kept)
        return line | {"next": HELD} if is_secret else line

    def _append(self, records: bytes, line: dict) -> None:
        line = self._hold_back(line)
        frame = zstd.compress(records, 6)
        self._frames.write(frame)
        self._frames.flush()
        digest = hashlib.sha256(frame).hexdigest()
        self._write(line | {"end": self._frames.tell(), "sha256": digest})

    def close(self) -> None:
        """Wait until all is written."""
        self._thread.shutdown()
        self._last.result()
        self._frames.close()
        self._lines.close()
        self.overlap.close()

    def finish(self, path: Path) -> None:
        """Move the finished file to its place."""
        self.frames.replace(path)
        self.lines.unlink()
        self._held.drop()

    def forget(self) -> None:
        """Drop the pages: they do not belong together."""
        self.close()
        self.frames.unlink(missing_ok=True)
        self.lines.unlink(missing_ok=True)
        self._held.drop()

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Drop the pages when an error says that they do not belong together."""
        try:
            yield
        except DiffusionError:
            self.forget()
            raise

    def _write(self, line: dict) -> None:
        self._lines.write(json.dumps(line) + "\n")
        self._lines.flush()
