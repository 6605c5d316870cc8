"""One request as it is sent, axes filled in: for a page of an API, a file, or a server's job."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlsplit

from diffusion.base.json_path import parse_path
from diffusion.config.fetching import Export, HttpFetch
from diffusion.config.partitions import Partition, fill

# the usual names of the parameter that says how many records a page is to have
SIZES = re.compile(
    r"(max_?)?(size|limit|rows|top|take|count|first|nombre|results?|length)|per_?page|size_?per_?page"
    r"|(page|result)[_\[]?(size|record_?count|limit|count)\]?|max_?(page_?size|features|records|results)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Request:
    """What is sent."""

    url: str
    params: dict = field(default_factory=dict)
    body: dict = field(default_factory=dict)
    form: dict = field(default_factory=dict)
    method: str = "GET"

    @property
    def parts(self) -> tuple:
        """What tells it from others, of JSON's kinds."""
        return self.url, self.params, self.method, self.body, self.form

    @property
    def sent(self) -> tuple[str, dict, str, dict | None, dict | None]:
        """It as a client takes it: URL, parameters, method, body, form."""
        return self.url, self.params, self.method, self.body or None, self.form or None

    @property
    def size(self) -> int | None:
        """The number of records it asks for, by a parameter of a usual name; None if by none."""
        given = [*self.params.items(), *parse_qsl(urlsplit(self.url).query), *_leaves(self.body)]
        given += self.form.items()
        sizes = [v for k, v in given if SIZES.fullmatch(k.strip("$_").rpartition(".")[2])]
        numbers = [int(value) for value in sizes if str(value).isdecimal()]
        return numbers[0] if len(numbers) == 1 and numbers[0] else None


def filled(how: HttpFetch | Export, url: str, params: Mapping, axes: Partition) -> Request:
    """Return the request that is configured, by its method, body and form.

    Args:
        how: states these.
        url, params: axes filled in.
        axes: to be filled into all else.
    """
    body, form = fill(how.body, axes), fill(how.form, axes)
    return Request(url, dict(params), body, form, how.method)


def put(request: Request, param: str, value: object) -> Request:
    """Return a request with a parameter: of the URL, or of a POST in its form or its body.

    In a body, dots lead into what it holds: ``variables.after``; ``"a.b"`` is a name with a dot.
    """
    if request.method != "POST":
        return replace(request, params=request.params | {param: value})
    if request.form:
        return replace(request, form=request.form | {param: str(value)})
    names = [param] if param in request.body else [str(step) for step in parse_path(param)]
    return replace(request, body=_put(request.body, names, value))


def goes_on(before: Request, following: Request | None) -> bool:
    """Say whether a request has a token that the one before has not, and that is no number."""
    old, new = (dict(_asked(each)) if each else {} for each in (before, following))
    changed = [str(value) for name, value in new.items() if old.get(name) != value]
    return any(value and not value.isdecimal() for value in changed)


def _asked(request: Request) -> Iterator[tuple[str, object]]:
    yield from parse_qsl(urlsplit(request.url).query)
    yield from request.params.items()
    yield from _leaves(request.body)
    yield from request.form.items()


def _put(body: dict, names: list[str], value: object) -> dict:
    name, *below = names
    if not below:
        return body | {name: value}
    inner = body.get(name)
    return body | {name: _put(inner if isinstance(inner, dict) else {}, below, value)}


def _leaves(body: dict, path: str = "") -> list[tuple[str, object]]:
    """Return the values of a body, and below the mappings in it, by their paths."""
    found: list[tuple[str, object]] = []
    for name, value in body.items():
        here = f"{path}{name}"
        found += _leaves(value, here + ".") if isinstance(value, dict) else [(here, value)]
    return found
