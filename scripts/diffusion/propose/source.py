"""An entry for what was typed: looked at, sampled as a try samples it, and proposed."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import msgspec

from diffusion.config.fetching import HttpFetch, expanded
from diffusion.config.model import Source
from diffusion.config.names import RULES, TARGETS
from diffusion.errors import DiffusionError, ProposalError
from diffusion.fetch.sample import Sample, receive_sample, verify_sample
from diffusion.files.sniff import COMPRESSED, CONTAINERS, sniff
from diffusion.propose.answers import records_of, shape_of
from diffusion.propose.api import propose_api
from diffusion.propose.asking import Asking
from diffusion.propose.bench import Bench
from diffusion.propose.choosing import Choose, choose_one, refined
from diffusion.propose.databases import propose_table
from diffusion.propose.draft import Draft, laid_over
from diffusion.propose.keys import propose_key
from diffusion.propose.layers import propose_geometry
from diffusion.propose.links import page_error
from diffusion.propose.members import form_of, propose_member
from diffusion.propose.pages_seen import record_path
from diffusion.propose.place import name_of
from diffusion.propose.portals.found import Found, Resource
from diffusion.propose.portals.registry import find_dataset
from diffusion.tables.limits import Limits

LARGEST = 50_000_000  # bytes of a document that is looked into as a whole
# formats, as portals call them, of what stands beside data
NOT_READ = ("pdf", "doc", "docx", "odt", "rtf", "html", "htm", "web page", "png", "jpg", "md")
# what an answer of an API may look like, by `sniff`: the form of its pages
APIS = {"json": "json", "geojson": "json", "text": "csv", "xml": "xml"}


@dataclass(frozen=True)
class Wanted:
    """What is to be proposed.

    Attributes:
        place: as `url:` states it.
        name: of the source; empty, if it is to be found.
        given: keys that the user states.
        vintage: of the project.
        resources: which one of several is meant: of a portal's dataset a part of its title, its
            format or its identifier; of an archive or a database a part of a name.
        whole: take all of a file, whatever its size.
        taken: names that other sources have.
        choose: asks which of several is meant, if somebody can be asked.
        tell: is given words, as they come.
        begun: keys of the entry that what was typed states, where it is no URL of data.
    """

    place: str
    name: str
    given: Mapping[str, Any]
    vintage: str
    resources: Sequence[str]
    whole: bool
    taken: Collection[str]
    choose: Choose
    tell: Callable[[str], None]
    begun: Mapping[str, Any] = field(default_factory=dict)


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
    draft = _begun(wanted)
    if draft.all_keys["from"] == "database":
        propose_table(draft, folder, wanted.resources, wanted.choose)
        _rename(draft, wanted, str(draft.all_keys.get("table", "")).rpartition(".")[2])
    source = draft.source()  # secrets are refused before anything is asked
    if isinstance(source.fetch, HttpFetch) and source.fetch.is_http:
        found = find_dataset(wanted.place, Asking(expanded(source.fetch)))
        if found is not None:
            _take(draft, found, _chosen(found, wanted), wanted)
    kept = folder / "sample"
    kept.mkdir()
    sample = _sampled(draft, wanted, kept)
    form = _named_by_form(draft, sample, wanted)
    bench = Bench(sample, folder, limits, form=form)
    made = refined(draft, bench, wanted.choose)
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


def _begun(wanted: Wanted) -> Draft:
    name = wanted.name or _free(name_of(wanted.place), wanted.taken)
    kind = "s3" if wanted.place.startswith("s3://") else "file"
    keys = dict(wanted.begun) or {"from": kind, "url": wanted.place}
    return Draft(name, wanted.vintage, keys, given=dict(wanted.given))


def _rename(draft: Draft, wanted: Wanted, text: str) -> None:
    """Name the source by what was chosen, unless the user stated a name."""
    if text and not wanted.name:
        draft.name = _free(name_of(text), wanted.taken)


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name that no other source has, and that is no word of `snakemake`."""
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    names = (f"{name}_data" if name in (*TARGETS, *RULES) else name, *numbered)
    return next(each for each in names if each not in taken)


def _chosen(found: Found, wanted: Wanted) -> Resource:
    """Return the resource that is meant: the only one, or the one that is chosen.

    Raises:
        DiffusionError: the dataset has none.
    """
    wanted.tell(found.told)
    if (
        not wanted.resources
        and len(read := [r for r in found.resources if r.form not in NOT_READ]) == 1
    ):
        return read[0]
    fits = next(filter(None, (_that_fit(found, word) for word in wanted.resources)), [])
    fits = fits or ([] if wanted.resources else list(found.resources))
    fits = [r for r in fits if r.is_usual and not wanted.resources] or fits
    if len(fits) == 1:
        return fits[0]
    if not found.resources:
        fix = "look on its page where the data are"
        raise ProposalError(wanted.place, "the dataset has no file and no API", fix)
    among = fits or found.resources
    told = {(r.told if _is_alone(r, among) else f"{r.told} {r.url}"): r for r in among}
    return told[choose_one(wanted.choose, "the dataset has", list(told), "--resource TEXT")]


def _that_fit(found: Found, asked: str) -> list[Resource]:
    word = asked.lower()
    fits = [r for r in found.resources if word in f"{r.title} {r.form} {r.ident} {r.url}".lower()]
    exact = [r for r in fits if word in (r.title.lower(), r.ident.lower())]
    return exact if len(exact) == 1 else fits


def _is_alone(resource: Resource, among: Sequence[Resource]) -> bool:
    return [each.told for each in among].count(resource.told) == 1


def _take(draft: Draft, found: Found, resource: Resource, wanted: Wanted) -> None:
    """Take over what a portal says of a dataset."""
    wanted.tell(f"→ {resource.told}")
    draft.keys = {"from": "file", "url": resource.url, **resource.keys, **found.about(resource)}
    _rename(draft, wanted, found.name)
    draft.why["vintage"] = "the day it last changed"
    draft.why[""] = found.told
    hosts = [urlsplit(url).netloc for url in (wanted.place, str(draft.keys["url"]))]
    if hosts[0] != hosts[1] and (stated := {"auth", "headers"} & wanted.given.keys()):
        found_at = f"the data are at {hosts[1]}, and `{min(stated)}` was stated for {hosts[0]}"
        fix = f"if that host is to get it, type that address: diffusion source '{resource.url}'"
        raise ProposalError(wanted.place, found_at, fix)


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
    from diffusion.files.archive import is_archive  # py7zr

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
            _rename(draft, wanted, PurePosixPath(member).name)
        return form_of(member or sample.files[0].name)
    return kind
