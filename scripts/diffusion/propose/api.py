"""How an API gives its pages: found in one answer, and confirmed by asking for the second page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from diffusion.config.remedies import in_line
from diffusion.errors import DiffusionError, ProposalError
from diffusion.fetch.request import Request, put
from diffusion.propose.answers import At, next_url_of, tokens_of, total_of, walk
from diffusion.propose.asking import PROBING, Asking
from diffusion.propose.draft import Draft
from diffusion.propose.pages_seen import Seen, seen, single_of

# names of the parameter that counts pages, or records; usual ones are tried where none shows
PAGE = re.compile(r"page|p|page_?(number|no|num|index)|page\[number\]|num(ero)?_?page", re.I)
OFFSET = re.compile(r"\$?(offset|skip|start|start_?index|first_?row|debut|from)", re.I)
TRIED = ("offset", "page", "start", "skip", "startIndex", "$offset")
NUMBER = re.compile(r"0|[1-9]\d{0,14}")
PREFIX = re.compile(r"^(next|suivant)[_-]?|[_-]?(next|suivante?)$", re.I)
FILE = re.compile(r".*\.(geo)?json", re.I)
MANY = 100  # pages


@dataclass(frozen=True)
class _First:
    """The first page: what was asked, and what it shows.

    Attributes:
        counters: names of parameters that counted pages in what was typed; the first page has none.
    """

    asking: Asking
    request: Request
    seen: Seen
    counters: Sequence[str]

    @property
    def rows(self) -> list:
        """The records of the page."""
        return self.seen.records.value

    def page(self, **params: Any) -> list:
        """Return the records of another page; none where the server refuses it."""
        request = self.request
        for name, value in params.items():
            request = put(request, name, value)
        try:
            answer = self.asking.sent(request, **PROBING)
        except DiffusionError:
            return []
        found = seen(answer, self.seen.form, self.seen.records.path)
        return found.records.value if found and found.records.path == self._path else []

    @property
    def _path(self) -> str:
        return self.seen.records.path

    def follows(self, rows: list) -> bool:
        """Whether these are other records than those of the first page."""
        return bool(rows) and not any(row in self.rows for row in rows)


def propose_api(draft: Draft, asking: Asking, form: str = "json") -> bool:
    """Make an API of a source whose answer shows that it is one; return whether it is.

    Args:
        form: of its pages: ``json``, ``csv`` or ``xml``.

    Raises:
        DiffusionError: there are more records, and how they are asked for cannot be found.
    """
    first = _first(draft, asking, form)
    if first is None:
        return form == "json" and _is_single(draft, asking)
    request, page, records = first.request, first.seen, first.seen.records
    total = total_of(page.body, len(records.value))
    pages = dict[str, Any]() if "pages" in draft.given else _pages(first)
    if not pages and "pages" not in draft.given:
        is_all = total is not None and total.value == len(records.value)
        is_file = page.is_collection or FILE.fullmatch(urlsplit(request.url).path)
        if total is None or (is_all and (is_file or form != "json")):
            return False
        if total.value > len(records.value):
            raise _no_way(draft, total, records)
        pages = {"style": "none"}
    pages |= {"records": records.path} if records.path and not page.is_collection else {}
    pages |= {"total": total.path} if total else {}
    draft.propose("from", "api")
    draft.propose("url", request.url)
    if request.params:
        draft.propose("params", request.params)
    if page.is_collection or form != "json":
        draft.propose("format", "geojson" if page.is_collection else form)
    if request.body and "body" in draft.given:
        draft.given["body"] = request.body  # without the number of a page
    draft.propose("pages", pages, "confirmed: the second page was asked for")
    count = len(records.value)
    if total and total.value > MANY * count:
        words = f"{count:,} records a page, of {total.value:,}: if the API gives more at once"
        draft.doubts.append(f"{words}, ask for them by its parameter, as `params: {{limit: 1000}}`")
    return True


def _first(draft: Draft, asking: Asking, form: str) -> _First | None:
    """Return the first page, asked without a number of a page; None where it holds no records."""
    keys = draft.all_keys
    url, typed = split_query(keys["url"], keys.get("params", {}))
    body = keys.get("body", {})
    counters = [name for name, value in {**typed, **body}.items() if _counts_pages(name, value)]
    params, sent = ({n: v for n, v in g.items() if n not in counters} for g in (typed, body))
    request = Request(url, params, sent, keys.get("form", {}), keys.get("method", "GET"))
    page = seen(asking.sent(request), form)
    if page is None or (form != "json" and not _may_be_pages(draft, page, request, counters)):
        return None
    return _First(asking, request, page, counters)


def _is_single(draft: Draft, asking: Asking) -> bool:
    """Propose an answer that is one record, or holds one where its total says 1."""
    keys = draft.all_keys
    params, body, form = (keys.get(name, {}) for name in ("params", "body", "form"))
    request = Request(keys["url"], params, body, form, keys.get("method", "GET"))
    found = single_of(asking.sent(request))
    if found is None or FILE.fullmatch(urlsplit(request.url).path):
        return False
    draft.propose("from", "api")
    path = {"records": found} if found else {}
    draft.propose("pages", {"style": "none", **path, "single": True}, "the answer is one record")
    return True


def _may_be_pages(draft: Draft, page: Seen, request: Request, counters: Sequence[str]) -> bool:
    """Say whether text is one page of several: most texts are files, and nobody counts these."""
    total = total_of(page.body, len(page.records.value))
    is_more = total is not None and total.value > len(page.records.value)
    is_full = request.size == len(page.records.value) > 0
    is_led = any(True for _ in tokens_of(page.body)) or next_url_of(page.body) is not None
    return bool(page.link or counters or is_more or is_full or is_led or "pages" in draft.given)


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


def _pages(first: _First) -> dict[str, Any]:
    """Return how the pages follow each other; nothing where no way is confirmed."""
    if first.seen.link:
        return {"style": "link_header"}
    if following := next_url_of(first.seen.body):
        path = {} if following.path == "next" else {"next": following.path}
        return {"style": "next_url", **path}
    return next(chain(_sorted(first), _cursors(first), _counted(first)), {})


def _cursors(first: _First) -> Iterator[dict[str, Any]]:
    within = [""] + [f"{name}." for name, value in first.request.body.items() if _is_inner(value)]
    for token in tokens_of(first.seen.body):
        short = PREFIX.sub("", token.name)
        names = [short[:1].lower() + short[1:], token.name, short.lower(), "cursor", "after"]
        names += [f"{outer}{name}" for outer in within[1:] for name in names]
        for name in dict.fromkeys(filter(None, names)):
            if first.follows(first.page(**{name: token.value})):
                yield {"style": "cursor", "next": token.path, "param": name}


def _sorted(first: _First) -> Iterator[dict[str, Any]]:
    """Yield the way of Elasticsearch: behind the last record, by the values it is sorted by."""
    last = first.rows[-1].get("sort") if isinstance(first.rows[-1], dict) else None
    is_sorted = isinstance(last, list) and bool(first.request.body)
    if is_sorted and first.follows(first.page(search_after=last)):
        path = f"{first.seen.records.path}[-1].sort"
        yield {"style": "cursor", "next": path, "param": "search_after"}


def _is_inner(value: object) -> bool:
    return isinstance(value, Mapping)


def _counted(first: _First) -> Iterator[dict[str, Any]]:
    """Yield ways that count pages or records, for names that the request or the answer has."""
    echoed = [at.name for at in walk(first.seen.body) if type(at.value) is int]
    inner = [n for n, value in first.request.body.items() if _is_inner(value)]
    below = [at.path for at in walk(first.request.body) if type(at.value) is int and "." in at.path]
    stated = [n for n in (*echoed, *below) if _is_counter(n)]
    tried = [*TRIED, "from"] if first.request.body else TRIED
    nested = [f"{outer}.{name}" for outer in inner for name in ("offset", "number", "page")]
    for name in dict.fromkeys((*first.counters, *stated, *tried, *nested)):
        if PAGE.fullmatch(_last(name)) or name.endswith(".number"):
            yield from _by_page(first, name)
        else:
            yield from _by_offset(first, name)


def _is_counter(name: str) -> bool:
    return bool(PAGE.fullmatch(_last(name)) or OFFSET.fullmatch(_last(name)))


def _last(name: str) -> str:
    return name.rpartition(".")[2]


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
