"""An entry for what was typed: looked at, sampled as a try samples it, and proposed."""

import json
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath

import msgspec

from diffusion.config.fetching import HttpFetch, expanded
from diffusion.config.model import Source
from diffusion.errors import DiffusionError
from diffusion.fetch.sample import Sample, receive_sample, verify_sample
from diffusion.files.sniff import COMPRESSED, CONTAINERS, sniff
from diffusion.propose.answers import records_of, shape_of
from diffusion.propose.api import propose_api
from diffusion.propose.asking import Asking
from diffusion.propose.bench import Bench
from diffusion.propose.choosing import refined
from diffusion.propose.databases import propose_table
from diffusion.propose.draft import Draft, laid_over
from diffusion.propose.keys import propose_key
from diffusion.propose.layers import propose_geometry
from diffusion.propose.links import page_error
from diffusion.propose.members import form_of, propose_member
from diffusion.propose.pages_seen import record_path
from diffusion.propose.portals.registry import find_dataset
from diffusion.propose.wanted import Wanted, begun, chosen, rename, take
from diffusion.tables.limits import Limits

LARGEST = 50_000_000  # bytes of a document that is looked into as a whole
# what an answer of an API may look like, by `sniff`: the form of its pages
APIS = {"json": "json", "geojson": "json", "text": "csv", "xml": "xml"}


@dataclass(frozen=True)
class Proposal:
    """An entry, and the sample that it was made from."""

    draft: Draft
    sample: Sample


def propose_source(wanted: Wanted, folder: Path, limits: Limits) -> Proposal:
    """Propose an entry for what was typed; nothing is written.

    Args:
        folder: an empty folder for what comes.

    Raises:
        DiffusionError: it cannot be had, is nothing that is read, or needs to be told more.
    """
    draft = begun(wanted)
    if draft.all_keys["from"] == "database":
        propose_table(draft, folder, wanted.resources, wanted.choose)
        rename(draft, wanted, str(draft.all_keys.get("table", "")).rpartition(".")[2])
    source = draft.source()  # secrets are refused before anything is asked
    if isinstance(source.fetch, HttpFetch) and source.fetch.is_http:
        found = find_dataset(wanted.place, Asking(expanded(source.fetch)))
        if found is not None:
            take(draft, found, chosen(found, wanted), wanted)
    kept = folder / "sample"
    kept.mkdir()
    sample = _sampled(draft, wanted, kept)
    form = _named_by_form(draft, sample, wanted)
    bench = Bench(sample, folder, limits, form=form)
    made = refined(draft, bench, wanted.resources, wanted.choose)
    propose_geometry(draft, made)
    propose_key(draft, made, sample.is_whole)
    sample = _in_order(draft, wanted, folder / "in-order", sample)
    if "licence" not in draft.all_keys:
        draft.doubts.append("no licence is stated: write `licence:` once you know it")
    return Proposal(draft, sample)


def _in_order(draft: Draft, wanted: Wanted, place: Path, sample: Sample) -> Sample:
    """Ask a WFS for features in the order of their key: without one, its pages may overlap."""
    params, keys = draft.all_keys.get("params", {}), draft.keys
    if params.get("service") != "WFS" or "sortBy" in params:
        return sample
    if key := keys.get("checks", {}).get("unique"):
        draft.keys = laid_over(keys, {"params": {"sortBy": ",".join(key)}})
        place.mkdir()
        source = _impatient(draft.source())
        try:
            sorted_ = receive_sample(draft.name, source, "all", place, wanted.whole, wanted.tell)
            verify_sample(draft.name, source, "all", sorted_)
            return sorted_
        except DiffusionError:
            draft.keys = keys
    draft.doubts.append("pages of a WFS may overlap: name a column in `params: {sortBy: …}`")
    return sample


def _sampled(draft: Draft, wanted: Wanted, place: Path) -> Sample:
    """Return a sample; where the answer is a page of an API, of that API."""
    source = _impatient(draft.source())
    if source.fetch.kind not in ("api", "database") and "from" not in wanted.given:
        sample = receive_sample(draft.name, source, "all", place, wanted.whole, wanted.tell)
        kind = sniff(sample.files[0].path)
        if kind == "html":
            raise page_error(draft.all_keys["url"], sample.files[0].path)
        _propose_kind(draft, kind, sample)
        if not _is_api(draft, source, kind):
            _propose_records(draft, kind, sample)
            verify_sample(draft.name, draft.source(), "all", sample)
            return sample
        place = place / "pages"
        place.mkdir()
    source = draft.source()
    sample = receive_sample(draft.name, source, "all", place, wanted.whole, wanted.tell)
    verify_sample(draft.name, draft.source(), "all", sample)
    return sample


def _impatient(source: Source) -> Source:
    """Return a source that is asked twice at most: somebody waits for an answer."""
    if not isinstance(source.fetch, HttpFetch):
        return source
    fetch = msgspec.structs.replace(source.fetch, retries=1)
    return msgspec.structs.replace(source, fetch=fetch)


def _is_api(draft: Draft, source: Source, kind: str) -> bool:
    if kind not in APIS or not isinstance(source.fetch, HttpFetch) or not source.fetch.is_http:
        return False
    return propose_api(draft, Asking(expanded(source.fetch)), APIS[kind])


def _propose_kind(draft: Draft, kind: str, sample: Sample) -> None:
    """Say what kind of source it is, and of when."""
    from diffusion.files.archive import is_archive  # and its codecs

    with suppress(ValueError):  # of a server that writes days otherwise
        changed = parsedate_to_datetime(sample.facts.get("last_modified") or "")
        if "vintage" not in draft.keys:
            draft.propose("vintage", changed.date().isoformat(), "when it changed, by its server")
    if draft.keys["from"] == "file" and (
        kind in CONTAINERS or (kind in COMPRESSED and is_archive(sample.files[0].path))
    ):
        draft.propose("from", "archive")


def _propose_records(draft: Draft, kind: str, sample: Sample) -> None:
    """Propose where the records stand in a JSON document that is no list."""
    path = sample.files[0].path
    if "records" in draft.all_keys or path.stat().st_size > LARGEST:
        return
    if kind == "xml":
        with suppress(ValueError):  # nothing comes twice
            draft.propose("records", record_path(path.read_bytes()), "what comes most often")
    if kind != "json":
        return
    with suppress(ValueError):  # its reader says what is wrong with it
        body = json.loads(path.read_bytes())
        if shape := shape_of(body):
            draft.propose("json", {"shape": shape})
        elif (found := records_of(body)) and found.path:
            draft.propose("records", found.path)


def _named_by_form(draft: Draft, sample: Sample, wanted: Wanted) -> str:
    """Propose the member of an archive; return the format of the data, where something shows it."""
    if draft.all_keys["from"] in ("api", "database"):
        usual = "database" if draft.all_keys["from"] == "database" else "json"
        return str(draft.all_keys.get("format", usual))
    path = sample.files[0].path
    kind = sniff(path)
    if kind in (*CONTAINERS, *COMPRESSED):
        member = propose_member(draft, path, wanted.resources, wanted.choose)
        if "member" in draft.all_keys:  # one of several
            rename(draft, wanted, PurePosixPath(member).name)
        return form_of(member or sample.files[0].name)
    return kind
