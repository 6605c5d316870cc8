"""A bounded sample of one partition, received as a run receives it; nothing of it is kept.

The first pages of an API, the head of a file or of an object; the whole of what has no head.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from diffusion.base.progress import Progress
from diffusion.config.fetching import (
    AnyFetch,
    ApiFetch,
    DatabaseFetch,
    DownloadFetch,
    Export,
    HttpFetch,
    S3Fetch,
)
from diffusion.config.model import Source
from diffusion.config.partitions import Partition, fill, parse_partition
from diffusion.errors import IncompleteError
from diffusion.fetch.api import facts_of, read_pages
from diffusion.fetch.asked import request_of
from diffusion.fetch.client import Client
from diffusion.fetch.doubts import doubt_pages
from diffusion.fetch.download import download_head
from diffusion.fetch.export import Exporting
from diffusion.fetch.heads import Head, take_head
from diffusion.fetch.heads import Wanted as File
from diffusion.fetch.hosts import only_one_asks
from diffusion.fetch.journal import Journal
from diffusion.fetch.objects import find_objects, origin_of
from diffusion.fetch.over_http import file_name, open_client, records_file
from diffusion.fetch.pages import first_request
from diffusion.fetch.receive import local_file
from diffusion.fetch.request import Request, filled
from diffusion.fetch.sample_words import told_head, told_pages, told_request
from diffusion.fetch.secret import secret_hidden
from diffusion.fetch.verify import verify_received
from diffusion.raw.copies import Received
from diffusion.raw.inputs import RawInput

PAGES = 2  # the second one shows that the first leads on
OBJECTS = 2  # of a glob: with several, rows say which one they come from
ROWS = 1_000  # of a database
CHUNK = 1 << 20


@dataclass(frozen=True)
class Sample:
    """What came.

    Attributes:
        files: what came.
        facts: what is known of their origin, as for a provenance.
        told: how much of the whole it is, in words.
        is_whole: it is all there is.
    """

    files: list[Received]
    facts: dict
    told: list[str]
    is_whole: bool

    def as_input(self, partition: str, source: Source) -> RawInput:
        """Return it as what is converted."""
        digest = "+".join(file.sha256 for file in self.files)
        names, paths = [f.name for f in self.files], [f.path for f in self.files]
        facts = {**self.facts, "request": request_of(source.fetch)}
        return RawInput.of(partition, names, paths, digest, facts)


@dataclass(frozen=True)
class _Wanted:
    name: str
    source: Source
    axes: Partition
    place: Path
    whole: bool
    tell: Callable[[str], object]

    @property
    def where(self) -> str:
        return f"sources.{self.name}"


def fetch_sample(
    name: str,
    source: Source,
    partition: str,
    place: Path,
    whole: bool = False,
    tell: Callable[[str], object] = str,
) -> Sample:
    """Return a sample of one partition, verified as a run would verify it.

    Args:
        name: of the source.
        partition: its name.
        place: an empty folder.
        whole: take all pages, or the whole file, whatever its size.
        tell: is given the request in words, before it is sent.

    Raises:
        DiffusionError: nothing came, or it is refused; in the words of a run.
    """
    sample = receive_sample(name, source, partition, place, whole, tell)
    verify_sample(name, source, partition, sample)
    return sample


def receive_sample(
    name: str,
    source: Source,
    partition: str,
    place: Path,
    whole: bool = False,
    tell: Callable[[str], object] = str,
) -> Sample:
    """Return a sample as ``fetch_sample`` does, whatever it is: nothing is verified yet.

    Raises:
        DiffusionError: nothing came.
    """
    wanted = _Wanted(name, source, parse_partition(partition), place, whole, tell)
    with secret_hidden(source.fetch):
        return _receive(wanted, source.fetch)


def verify_sample(name: str, source: Source, partition: str, sample: Sample) -> None:
    """Refuse a sample that a run would refuse.

    Raises:
        DiffusionError: it is no data; in the words of a run.
    """
    fetching = source.fetching
    with secret_hidden(source.fetch):
        if not sample.is_whole:  # a pin is the hash of the whole, and a total its number
            sample.facts.pop("announced", None)
            fetch = msgspec.structs.replace(source.fetch, sha256=None)
            fetching = msgspec.structs.replace(fetching, fetch=fetch)
        verify_received(name, fetching, partition, sample.files, sample.facts, lock={})
        if sample.facts.get("records") == 0:
            fix = "try another one: `--partition AXIS=VALUE`"
            raise IncompleteError(f"sources.{name}", f"the API gave no record for {partition}", fix)


def _receive(wanted: _Wanted, fetch: AnyFetch) -> Sample:
    if isinstance(fetch, S3Fetch):
        return _objects(wanted, fetch)
    if isinstance(fetch, DatabaseFetch):
        return _rows(wanted, fetch)
    if not fetch.is_http:
        return _local(wanted, local_file(fetch, wanted.axes, f"{wanted.where}.url"))
    asked = fill(fetch.url, wanted.axes, in_url=True)
    with only_one_asks(asked), Progress(wanted.name, "") as progress:
        client = open_client(fetch, asked, wanted.where)
        if isinstance(fetch, ApiFetch):
            return _pages(wanted, client, fetch, asked, progress)
        return _file(wanted, client, fetch, asked)


def _pages(
    wanted: _Wanted, client: Client, fetch: ApiFetch, asked: str, progress: Progress
) -> Sample:
    first, path = first_request(fetch, asked, wanted.axes), wanted.place / records_file(fetch)
    wanted.tell(f"asking {client.redacted(told_request(first))}")
    journal = Journal(path, first, fetch)
    read_pages(client, fetch, journal, progress, None if wanted.whole else PAGES)
    journal.finish(path)
    doubt_pages(wanted.where, journal.count)
    told = [client.redacted(words) for words in told_pages(fetch.pages, journal)]
    is_whole = journal.next.request is None or journal.next.confirms
    files, facts = [Received.at(path.name, path)], facts_of(first, journal)
    return Sample(files, facts, told, is_whole)


def _file(wanted: _Wanted, client: Client, fetch: HttpFetch, asked: str) -> Sample:
    path, name = wanted.place / "download", file_name(asked)

    def take(pieces: Iterator[bytes], size: int | None) -> tuple[Head, int | None]:
        return _head(wanted, pieces, size, path, name), size

    how = fetch.export if isinstance(fetch, DownloadFetch) and fetch.export.is_stated else fetch
    request = filled(how, asked, fill(fetch.params, wanted.axes), wanted.axes)
    wanted.tell(f"asking {client.redacted(told_request(request))}")
    if isinstance(how, Export):
        link = Exporting(client, how, wanted.place / "export.json").link(request)
        request = Request(link)
        wanted.tell(f"the server says where the file is: {client.redacted(link)}")
    (head, size), facts = download_head(client, request, take)
    facts = {"asked": client.redacted(asked), **facts}
    name = file_name(facts["url"])
    told = [f"led to {facts['url']}"] if facts["redirects"] else []
    told.append(told_head(name, head, size))
    return Sample([Received.at(name, path)], facts, told, head.is_whole)


def _local(wanted: _Wanted, path: Path) -> Sample:
    wanted.tell(f"reading {path}")
    copy, size = wanted.place / "file", path.stat().st_size
    with path.open("rb") as file:
        head = _head(wanted, iter(partial(file.read, CHUNK), b""), size, copy, path.name)
    files, told = [Received.at(path.name, copy)], [told_head(path.name, head, size)]
    return Sample(files, {"url": str(path)}, told, head.is_whole)


def _rows(wanted: _Wanted, fetch: DatabaseFetch) -> Sample:
    from diffusion.fetch.database.receive import asked_of, receive_rows  # drivers of few jobs

    asked = asked_of(wanted.where, fetch, wanted.axes)
    wanted.tell(f"asking {asked.address.public}")
    most = None if wanted.whole else ROWS
    with Progress(wanted.name, "B") as progress:
        given = (wanted.where, fetch, wanted.axes, wanted.place, progress, most)
        files, facts = receive_rows(*given)
    is_whole = most is None or facts["records"] < most
    told = f"{facts['records']:,} rows of {facts['server']}"
    told += ": these are all" if is_whole else ": the first ones that it gives"
    return Sample(files, facts, [told], is_whole)


def _objects(wanted: _Wanted, fetch: S3Fetch) -> Sample:
    url = fill(fetch.url, wanted.axes)
    wanted.tell(f"asking {url}")
    found = find_objects(url, fetch.server, f"{wanted.where}.url", fetch.version)
    items = list(found.items) if wanted.whole else found.items[:OBJECTS]
    files, heads, told = [], [], []
    for number, item in enumerate(items):
        name, path = item.key.removeprefix(found.prefix), wanted.place / f"object-{number}"
        head = _head(wanted, found.store.pieces(item.key), item.size, path, name)
        heads.append(head)
        files.append(Received.at(name, path))
        told.append(told_head(name, head, item.size))
    if len(items) < len(found.items):
        told.append(f"{len(items)} of the {len(found.items):,} objects that match")
    is_whole = len(items) == len(found.items) and all(head.is_whole for head in heads)
    return Sample(files, origin_of(url, fetch.server, found), told, is_whole)


def _head(
    wanted: _Wanted, pieces: Iterator[bytes], size: int | None, path: Path, name: str
) -> Head:
    file = File(wanted.where, name, size, wanted.source.read, wanted.whole)
    with Progress(wanted.name, "B", size) as progress:
        return take_head(progress.counted(pieces), path, file)
