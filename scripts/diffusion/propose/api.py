"""How an API gives its pages: found in one answer, and confirmed by asking for the second page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from diffusion.config.remedies import in_line
from diffusion.errors import DiffusionError, ProposalError
from diffusion.fetch.links import link_to
from diffusion.propose.answers import (
    At,
    next_url_of,
    records_of,
    shape_of,
    tokens_of,
    total_of,
    walk,
)
from diffusion.propose.asking import Asking
from diffusion.propose.draft import Draft

# names of the parameter that counts pages, or records; usual ones are tried where none shows
PAGE = re.compile(r"page|p|page_?(number|no|num|index)|page\[number\]|num(ero)?_?page", re.I)
OFFSET = re.compile(r"\$?(offset|skip|start|start_?index|first_?row|debut|from)", re.I)
TRIED = ("offset", "page", "start", "skip", "startIndex", "$offset")
NUMBER = re.compile(r"0|[1-9]\d{0,14}")
PREFIX = re.compile(r"^(next|suivant)[_-]?|[_-]?(next|suivante?)$", re.I)
FILE = re.compile(r".*\.(geo)?json", re.I)
MANY = 100  # pages
COLLECTION = "FeatureCollection"


@dataclass(frozen=True)
class _First:
    """The first answer: what was asked, and what it shows.

    Attributes:
        counters: names of parameters that counted pages in what was typed; the first page has none.
    """

    asking: Asking
    url: str
    params: Mapping[str, Any]
    body: Any
    records: At
    counters: Sequence[str]

    @property
    def rows(self) -> list:
        """The records of the page."""
        return self.records.value

    def page(self, **params: Any) -> list:
        """Return the records of another page; none where the server refuses it."""
        body = self.asking.json(self.url, {**self.params, **params})
        found = records_of(body)
        return found.value if found and found.path == self.records.path else []

    def follows(self, rows: list) -> bool:
        """Whether these are other records than those of the first page."""
        return bool(rows) and not any(row in self.rows for row in rows)


def propose_api(draft: Draft, asking: Asking) -> bool:
    """Make an API of a source whose answer shows that it is one; return whether it is.

    Raises:
        DiffusionError: there are more records, and how they are asked for cannot be found.
    """
    url, typed = split_query(draft.all_keys["url"], draft.all_keys.get("params", {}))
    params = {name: value for name, value in typed.items() if not _counts_pages(name, value)}
    response = asking.answer(url, params)
    body = response.json()
    if shape_of(body) or (records := records_of(body)) is None:
        return False
    counters = [name for name in typed if name not in params]
    first = _First(asking, url, params, body, records, counters)
    total = total_of(body, len(records.value))
    link = link_to(response, "next") or None
    pages = dict[str, Any]() if "pages" in draft.given else _pages(first, link)
    is_collection = isinstance(body, dict) and body.get("type") == COLLECTION
    if not pages and "pages" not in draft.given:
        is_all = total is not None and total.value == len(records.value)
        if total is None or (is_all and (is_collection or FILE.fullmatch(urlsplit(url).path))):
            return False
        if total.value > len(records.value):
            raise _no_way(draft, total, records)
        pages = {"style": "none"}
    pages |= {} if is_collection else {"records": records.path} if records.path else {}
    pages |= {"total": total.path} if total else {}
    draft.propose("from", "api")
    draft.propose("url", url)
    if params:
        draft.propose("params", params)
    if is_collection:
        draft.propose("format", "geojson")
    draft.propose("pages", pages, "confirmed: the second page was asked for")
    count = len(records.value)
    if total and total.value > MANY * count:
        words = f"{count:,} records a page, of {total.value:,}: if the API gives more at once"
        draft.doubts.append(f"{words}, ask for them by its parameter, as `params: {{limit: 1000}}`")
    return True


def split_query(url: str, params: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a URL without its query, and its parameters; of several of one name, none is taken."""
    parts = urlsplit(url)
    given = parse_qsl(parts.query, keep_blank_values=True)
    if len({name for name, _ in given}) < len(given):
        return url, dict(params)
    plain = {name: int(v) if NUMBER.fullmatch(v) else v for name, v in given}
    return urlunsplit(parts._replace(query="", fragment="")), {**plain, **params}


def _counts_pages(name: str, value: object) -> bool:
    is_name = PAGE.fullmatch(name) or OFFSET.fullmatch(name)
    return bool(is_name) and str(value).isdecimal()


def _pages(first: _First, link: str | None) -> dict[str, Any]:
    """Return how the pages follow each other; nothing where no way is confirmed."""
    if link:
        return {"style": "link_header"}
    if following := next_url_of(first.body):
        path = {} if following.path == "next" else {"next": following.path}
        return {"style": "next_url", **path}
    return next(chain(_cursors(first), _counted(first)), {})


def _cursors(first: _First) -> Iterator[dict[str, Any]]:
    for token in tokens_of(first.body):
        short = PREFIX.sub("", token.name)
        names = [short[:1].lower() + short[1:], token.name, "cursor", "after"]
        for name in dict.fromkeys(filter(None, names)):
            if first.follows(first.page(**{name: token.value})):
                yield {"style": "cursor", "next": token.path, "param": name}


def _counted(first: _First) -> Iterator[dict[str, Any]]:
    """Yield ways that count pages or records, for names that the request or the answer has."""
    echoed = [at.name for at in walk(first.body) if type(at.value) is int]
    stated = [n for n in echoed if PAGE.fullmatch(n) or OFFSET.fullmatch(n)]
    for name in dict.fromkeys((*first.counters, *stated, *TRIED)):
        if PAGE.fullmatch(name):
            yield from _by_page(first, name)
        else:
            yield from _by_offset(first, name)


def _by_page(first: _First, name: str) -> Iterator[dict[str, Any]]:
    for start in (1, 0):
        if first.page(**{name: start}) == first.rows:
            if first.follows(first.page(**{name: start + 1})):
                more = {} if start == 1 else {"start": 0}
                yield {"style": "page", "param": name, **more}
            return


def _by_offset(first: _First, name: str) -> Iterator[dict[str, Any]]:
    """The last record of the page is the first one of the page that begins with it."""
    count = len(first.rows)
    for start in (0, 1):
        last = first.page(**{name: count - 1 + start})
        if last[:1] == first.rows[-1:] and first.follows(first.page(**{name: count + start})):
            more = {} if start == 0 else {"start": 1}
            yield {"style": "offset", "param": name, **more}
            return


def _no_way(draft: Draft, total: At, records: At) -> DiffusionError:
    found = f"the API announces {total.value:,} records (`{total.path}`) and gives "
    found += f"{len(records.value):,}; how it is asked for the next ones was not found"
    path = {"records": records.path} if records.path else {}
    example = in_line({"style": "offset", "param": "offset", **path, "total": total.path})
    fix = "look for it in its documentation, and state it: for example\n"
    fix += f"--set 'pages: {example}'"
    return ProposalError(draft.all_keys["url"], found, fix)
