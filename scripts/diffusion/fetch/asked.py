"""What a source asks for: noted with each raw copy, and compared before one is used again.

A raw copy was made by one request. Another one under the same vintage would silently give the bytes
of the old one, so that it is refused until the vintage is new, or ``formerly:`` consents.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from diffusion.base import variables
from diffusion.base.variables import noted
from diffusion.config.databases import parse_address
from diffusion.config.fetching import (
    PLACES,
    AnyFetch,
    ApiFetch,
    DatabaseFetch,
    DownloadFetch,
    HttpFetch,
    Pages,
    S3Fetch,
)
from diffusion.config.model import Fetching
from diffusion.config.partitions import parse_partition, place_of_partition
from diffusion.config.queries import plain
from diffusion.errors import RawCopyError
from diffusion.fetch.local_paths import FROM, is_there, local_path, near_paths
from diffusion.raw.copies import without_path

OWN_SERVER = re.compile(r"(?<=//)(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)(?=[/?]|$)")
GIVEN_PORTS = 32768  # from here on, systems give free ports to those who ask for any
LIMITS = ("max_pages",)  # of what pages there are, decides none


def request_of(fetch: AnyFetch) -> dict:
    """Return what decides the bytes of a source, before axes are filled in; no secret."""
    if isinstance(fetch, DatabaseFetch):
        return _of_database(fetch)
    asked: dict = {"url": fetch.url, "params": {}, "method": "GET", "body": {}, "records": ""}
    if isinstance(fetch, HttpFetch):
        asked |= {"params": fetch.params, "headers": fetch.headers}  # no secret: config.secrets
        asked |= {"method": fetch.method, "body": fetch.body, "form": fetch.form}
    if isinstance(fetch, ApiFetch):
        asked |= {
            "records": fetch.pages.records,
            "format": fetch.format,
            "empty_on": fetch.empty_on,
            "pages": _pages(fetch.pages),
        }
    if isinstance(fetch, DownloadFetch):
        asked |= {"export": msgspec.to_builtins(fetch.export)}
    if isinstance(fetch, S3Fetch):
        asked |= {"endpoint": fetch.endpoint, "version": fetch.version}
    return asked


def request_text(source: Fetching) -> str:
    """Return a text that is the same for sources whose raw copies have the same bytes."""
    fetch = source.fetch
    auth = fetch.auth if isinstance(fetch, HttpFetch) else None
    server = fetch.server if isinstance(fetch, S3Fetch) else None
    who = msgspec.to_builtins([auth, server])
    return json.dumps([source.vintage, fetch.kind, request_of(fetch), who], sort_keys=True)


def noted_request(fetch: AnyFetch) -> dict:
    """Return what provenance keeps of a request: its variables as they are written."""
    asked = request_of(fetch)
    return asked | {key: _noted(asked[key]) for key in PLACES if asked.get(key)}


def _of_database(fetch: DatabaseFetch) -> dict:
    """Return what decides the rows of a database: which one, and what it is asked; not who asks.

    Where its URL is in a variable, and that is not set, as offline, the rest is what is known.
    """
    asked = {"table": fetch.table, "query": fetch.query and plain(fetch.query)}
    url = os.environ.get(fetch.url_env, "").strip() if fetch.url_env else fetch.url
    with suppress(ValueError):  # one that is none is told where it is asked
        address = parse_address(url)
        return {"url": address.public} | asked
    return asked


def asked_hash(fetch: HttpFetch, *what: object) -> str:
    """Return a hash of a request, by which what was left unfinished is known to be of it.

    Beside a URL and parameters, headers decide what comes, and who asks: by the name of the
    variable that holds the secret, not by the secret.

    Args:
        what: was asked for, of JSON's kinds.
    """
    manner = [fetch.headers, msgspec.to_builtins(fetch.auth)]
    return hashlib.sha256(json.dumps([manner, *what], sort_keys=True).encode()).hexdigest()


def refuse_other_request(
    name: str, fetch: AnyFetch, partition: str, frozen: Mapping | None, vintage: str
) -> None:
    """Refuse a raw copy that another request made; earlier versions noted less of theirs.

    Args:
        frozen: the request as its provenance notes it.

    Raises:
        DiffusionError: with what changed, and both remedies.
    """
    changed = _differences(fetch, frozen)
    if not changed:
        return
    told = [f"{key}: {_shown(before)} then, {_shown(now)} now" for key, before, now in changed]
    found = f"its raw copy was fetched by another request\n  {'; '.join(told)}"
    consent = _nested({key: before for key, before, _ in changed})
    fix = (
        f"set a new `vintage` for {name} (it is {vintage}): raw copies are never replaced.\n"
        f"Or, if these bytes are right all the same, say so: formerly: {_shown(consent)}"
    )
    path = local_path(fetch, parse_partition(partition))
    if path and not is_there(path) and any(key == "url" for key, *_ in changed):  # mistyped, first
        found = variables.told(f"there is no file {path}, and {found}")
        fix = variables.told(f"{near_paths(path)}{FROM}.\nIf it is right, {fix}")
    raise RawCopyError(place_of_partition(name, partition), found, fix)


def is_same_request(fetch: AnyFetch, frozen: Mapping | None) -> bool:
    """Return whether a raw copy was made by what a source asks for; unsure is no.

    A consent (``formerly``) is for one raw copy: it makes no other request the same.
    """
    asked = request_of(fetch)
    return bool(frozen) and not _changed(
        {k: v for k, v in (frozen or {}).items() if k in asked}, asked
    )


def _differences(fetch: AnyFetch, frozen: Mapping | None) -> list[tuple[str, Any, Any]]:
    """Return what a raw copy's request has other than that of a source, consents left out."""
    asked = request_of(fetch)
    old = {key: value for key, value in (frozen or {}).items() if key in asked}
    changed = _changed(old, asked)
    return changed if _changed(old, _as_formerly(asked, fetch.formerly)) else []


def _as_formerly(asked: dict, formerly: Mapping[str, Any]) -> dict:
    """Return a request as it was, where the user states how it differed."""
    merged = dict(asked)
    for key, value in formerly.items():
        both = isinstance(value, Mapping) and key == "pages"
        merged[key] = {**asked.get(key, {}), **value} if both else value
    return merged


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return the parts that differ, each with its path, what it was and what it is."""
    found = []
    for key, before in old.items():
        now: Any = new[key]
        if key == "pages":  # an option that is younger than the raw copy was at its default
            found += [
                (f"pages.{name}", before.get(name, default), now.get(name))
                for name, default in _pages(Pages()).items()
                if before.get(name, default) != now.get(name) and name not in LIMITS
            ]
        elif key in PLACES and before and now and _is_place(before, now):
            continue
        elif before != now and not (key == "records" and "pages" in old):
            found.append((key, before, _noted(now) if key in PLACES and now else now))
    return found


def _is_place(before: str, now: str) -> bool:
    """Say whether what was noted of an address means the one that is asked now."""
    return before in (_noted(now), without_path(now)) or _place(before) == _place(now)


def _noted(url: str) -> str:
    return noted(url, means=_place(url))


def _place(url: str) -> str:
    """Return a URL, without a port that this machine gave to a server, as to the demo's.

    It is another one each time. One that somebody chose, as for a tunnel, is part of the request.
    """
    own = OWN_SERVER.search(url)
    is_given = own is not None and int(own[1]) >= GIVEN_PORTS
    return OWN_SERVER.sub("this machine", url) if is_given else url


def _nested(paths: Mapping[str, Any]) -> dict:
    found: dict = {}
    for path, value in paths.items():
        section, _, name = path.rpartition(".")
        (found.setdefault(section, {}) if section else found)[name] = value
    return found


def _shown(value: object) -> str:
    """Return a value as YAML takes it on one line."""
    return msgspec.json.encode(value).decode()


def _pages(pages: Pages) -> dict:
    """Return what decides the pages: no style asks for one page, as `style: none` does."""
    unset = {"style": "none", "total": ""}
    given = {name: getattr(pages, name) for name in pages.__struct_fields__}
    return {name: unset.get(name) if value is None else value for name, value in given.items()}
