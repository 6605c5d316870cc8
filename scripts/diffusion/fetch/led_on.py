"""A link to the next page must ask for what the first request asked for.

Servers that build it carelessly leave parameters out: page 2 is then one of everything, in another
order, or of another size. A token may hold what was asked, so that only the records show it; a
number cannot.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from diffusion.errors import PagesError
from diffusion.fetch.pages import Count, Page
from diffusion.fetch.request import SIZES, Request
from diffusion.files.announced import PLACES

# what changes no record that comes, or fails aloud: form, key, whether there is a total
HARMLESS = (
    *("format", "outputformat", "output", "f", "accept", "callback", "pretty", "indent", "count"),
    *("key", "apikey", "api_key", "token", "access_token", "api-key", "subscription-key"),
)
FLAGS = ("true", "false", "yes", "no", "0", "1")
LONG = 4  # characters of a value that does not stand in a link by chance

Given = dict[str, str]


def check_link(first: Request, page: Page, link: str, count: Count) -> Given:
    """Refuse a link by numbers that leaves out what the first request asked for.

    Args:
        first: the request of the first page.
        page: the one that gave the link, already counted.
        link: the whole URL.

    Returns:
        What it leaves out although it may hold it in a token or a path: to be seen in the records.

    Raises:
        DiffusionError: with what it leaves out.
    """
    given, asked, path = _given(first), _query(link), urlsplit(link).path
    _refuse_twice_encoded(given, asked, page.where)
    text, values = unquote(link), set(asked.values())
    left = {
        name: value
        for name, value in given.items()
        if value and name not in asked and not _is_harmless(name) and value not in values
        if len(value) < LONG or value not in text
    }
    added = {n: v for n, v in asked.items() if given.get(n) != v}
    is_number = all(value.isdecimal() for value in added.values())
    if not left or not added or not is_number or path != urlsplit(page.response.url).path:
        return left
    counts = [name for name, value in added.items() if value == str(count.records)]
    if counts and all(_is_size(name) for name in left):
        return {}  # goes on behind the last record
    found = f"the link to the next page has {_shown(added)}, and leaves out {_shown(left)}"
    raise PagesError(page.where, f"{found} of the first request", _by_number(added, counts))


def _shown(given: Given) -> str:
    return " and ".join(f"`{name}={value}`" for name, value in given.items())


def _by_number(added: Given, counts: list[str]) -> str:
    places = [name for name in added if not _is_size(name)]
    param = next(iter([*counts, *places, *added]))
    style = f"style: {'offset' if param in counts else 'page'}, param: {param}"
    return f"that page would hold other records: ask by number, `pages: {{{style}, …}}`"


def _refuse_twice_encoded(given: Given, asked: Given, where: str) -> None:
    for name, value in given.items():
        link = asked.get(name, value)
        if link != value and unquote(link) == value:
            found = f"the link to the next page has `{name}={link}`, encoded twice, where the first"
            fix = "the server would look for that text: ask by number, `pages: {style: page, …}`"
            raise PagesError(where, f"{found} request has `{value}`", fix)


def same_in_all(left: Given, page: Page) -> Given:
    """Return fields that have, in each record of a page, the value of a parameter left out."""
    values, records = {v for v in left.values() if v.lower() not in FLAGS}, _fields(page)
    first = {name: _plain(value) for name, value in next(records, {}).items()}
    same = {name: value for name, value in first.items() if value in values}
    for record in chain([next(records, {})], records):  # of a single one nothing follows
        same = {n: v for n, v in same.items() if n in record and _plain(record[n]) == v}
        if not same:
            break
    return same


def refuse_others(same: Given, page: Page, number: int) -> None:
    """Refuse a page whose records are not those that the first request asked for.

    Args:
        same: fields, and the value that all records of the first page have.
        number: of the page.

    Raises:
        DiffusionError: with a value that was not asked for.
    """
    for record in _fields(page) if same else ():
        for name, value in same.items():
            other = _plain(record[name]) if name in record else value
            if other != value:
                found = f"all records of page 1 have `{name}: {value}`, as the request asks, and "
                found += f"page {number} has `{name}: {other}`: the link to it leaves that "
                fix = "ask by number: `pages: {style: page, …}` or `{style: offset, …}`"
                raise PagesError(page.where, f"{found}out", fix)


def _fields(page: Page) -> Iterator[dict[str, msgspec.Raw]]:
    if page.form in ("csv", "xml"):
        return
    for record in page.records:
        try:
            yield msgspec.json.decode(record, type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue  # told where it is read


def _plain(value: msgspec.Raw) -> str:
    return bytes(value).strip().decode("utf-8", "replace").strip('"')


def _given(request: Request) -> Given:
    parameters: Iterable[tuple[str, object]] = request.params.items()
    return _query(request.url) | {name: str(value) for name, value in parameters}


def _query(url: str) -> Given:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def _is_harmless(name: str) -> bool:
    plain = name.lower().strip("$_")
    return plain in HARMLESS or plain in PLACES or "count" in plain or "total" in plain


def _is_size(name: str) -> bool:
    return SIZES.fullmatch(name.strip("$_").rpartition(".")[2]) is not None
