"""What came of a sample, in words: how much of the whole it is, and how its end will be known."""

import json
import math
from collections.abc import Iterator

from diffusion.config.fetching import Pages
from diffusion.fetch.end import COUNTED
from diffusion.fetch.heads import Head
from diffusion.fetch.journal import Journal
from diffusion.fetch.request import Request


def told_pages(pages: Pages, journal: Journal) -> Iterator[str]:
    """Say what came of the pages, what is announced, and how their end will be known."""
    count, following = journal.count, journal.next
    came = f"{count.records:,} records in {count.pages} page{'s' * (count.pages != 1)}"
    told = "no total is announced"
    if count.total is not None:
        in_all = math.ceil(count.total / max(count.largest, 1))
        told = f"the server announces {count.total:,}" + f" (some {in_all:,} pages)" * (in_all > 1)
    yield f"{came}; {told}"
    if following.request is None or following.confirms:
        yield f"these are all: {following.why or 'the announced total is reached'}"
        return
    ways = [f"`{pages.more}` is false"] if pages.more else []
    ways += [f"`{pages.last}` says so"] if pages.last else []
    ways += ["the announced total is reached"] if count.total is not None else []
    ways += ["a page is empty" if pages.style in COUNTED else "a page names no next one"]
    yield f"there is more; the end is where {', or '.join(ways)}"
    yield f"next: {told_request(following.request)}"


def told_request(request: Request) -> str:
    """Return a request in words, as it is configured: without the secret that goes with it."""
    told = request.url if request.method == "GET" else f"{request.method} {request.url}"
    for name, given in (("", request.params), (" body", request.body), (" form", request.form)):
        told += f"{name} {json.dumps(given, ensure_ascii=False)}" if given else ""
    return told


def told_head(name: str, head: Head, size: int | None) -> str:
    """Say how much of a file came."""
    if head.is_whole:
        return f"{name}: all of it, {head.size:,} bytes ({head.kind})"
    of = f" of {size:,}" if size else ""
    return f"{name}: the first {head.size:,}{of} bytes, up to the end of a record"
