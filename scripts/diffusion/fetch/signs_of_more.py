"""The words by which servers say that an answer is one part of several.

What is not declared under ``pages:`` is not looked at: the first page of a hundred would be
published as the whole. So the usual words are looked for outside the records, in the answers of
APIs and in files.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from diffusion.base.json_path import HEADER, Where, parse_path
from diffusion.config.fetching import ApiFetch, HttpFetch, Pages
from diffusion.errors import DiffusionError
from diffusion.fetch.pages import Page

OF_ALL = re.compile(
    r"(x_?)?(grand_?)?total(_?(count|records?|results?|items?|elements|hits|size|rows?|features"
    r"|number|entries|matches))?|count|n_?hits|nb_?hits|num_?found|number_?(of_?)?(matched|results"
    r"|records)|(records|results?|rows|hits|matched|items)_?(total|count)|nb_?(total|resultats)",
    re.IGNORECASE,
)
OF_PAGES = re.compile(
    r"(x_?)?(total|nb|num|number_?of)_?pages|pages?_?(count|total)|pages|last_?page", re.IGNORECASE
)
FLAG = re.compile(
    r"has_?(more|next)(_?(page|results|data|records|items))?|more(_?(results|data|records|items))?"
    r"|exceeded_?transfer_?limit|is_?truncated|truncated",
    re.IGNORECASE,
)
NEXT = re.compile(
    r"next(_?(page|records?))?(_?(url|link|href|uri|cursor|token|start|offset|number))?"
    r"|(end|next)?_?cursor(_?mark)?|continuation(_?token)?|scroll_?id",
    re.IGNORECASE,
)
INNER = ("href", "url", "uri", "link", "token", "cursor", "value")  # the name above says of what
ROUND = (1_000, 2_000, 5_000, 10_000, 50_000, 100_000)  # the most that many servers give at once
DEEPEST = 2  # names of a path to a total: further down, facets count theirs
# parameters that say where an answer begins
PLACES = ("startindex", "offset", "resultoffset", "start", "skip", "page", "cursor")


@dataclass(frozen=True)
class Around:
    """What stands around the records of an answer.

    Attributes:
        values: paths, and what stands there as text; empty for null, false, and what is empty.
        came: number of records.
    """

    values: Mapping[str, str]
    came: int

    @property
    def totals(self) -> list[str]:
        """Paths of numbers that announce more records than came."""
        found = [path for path, number in self._numbers(OF_ALL) if number > self.came]
        return [p for p in found if p.removesuffix(".value").count(".") < DEEPEST]

    @property
    def signs(self) -> list[str]:
        """All that says that there is more, as ``path: value``.

        A flag that is false, or a total that agrees, outweighs a link or a token: many servers
        give one with the last page, too.
        """
        pages = [path for path, number in self._numbers(OF_PAGES) if number > 1]
        found = [*self.totals, *pages]
        flags = [path for path in self.values if FLAG.fullmatch(_name(path))]
        if not self.agrees and all(self.values[path] for path in flags):
            found += [*flags, *self.ways]
        return [f"`{path}`: {self.values[path][:100]}" for path in found]

    @property
    def agrees(self) -> bool:
        """Whether a total is what came; a mere ``count`` may be that of a page."""
        return any(n == self.came for p, n in self._numbers(OF_ALL) if _name(p) != "count")

    @property
    def ways(self) -> list[str]:
        """Paths of links and tokens of a next page."""
        given = (
            p for p, value in self.values.items() if value not in ("", "0") and value[0] not in "[{"
        )
        return [path for path in given if NEXT.fullmatch(_name(path))]

    @property
    def style(self) -> str:
        """The options of ``pages:`` that would ask for the rest, as far as they can be known."""
        total = [f"total: {in_yaml(path)}" for path in self.totals[:1]]
        if not self.ways:
            return ", ".join(["style: page", *total])
        is_url = self.values[self.ways[0]].startswith(("http", "/", "?"))
        style = "next_url" if is_url else "cursor"
        return ", ".join([f"style: {style}, next: {in_yaml(self.ways[0])}", *total])

    def _numbers(self, names: re.Pattern[str]) -> Iterable[tuple[str, int]]:
        for path, value in self.values.items():
            if value.isdecimal() and names.fullmatch(_name(path)):
                yield path, int(value)


def refuse_more(page: Page, pages: Pages, came: int, is_part: bool) -> None:
    """Refuse the end of an API whose own words say that records are left, unless it is declared.

    Args:
        page: the last one.
        came: number of records of all pages.
        is_part: the request says where it begins, by a partition: a part is meant.

    Raises:
        DiffusionError: with these words, and the options under ``pages:`` that they ask for.
    """
    if page.is_nothing or is_part:
        return
    headers = {f"{HEADER}{name}": value for name, value in page.response.headers.items()}
    around = Around(dict(page.body.paths(parse_path(pages.records))) | headers, came)
    is_estimate = page.body.value(pages.estimate) is not None
    if pages.style is None and not pages.total:
        _refuse_first_of_several(page, around)
    elif pages.total is None and not pages.is_one and around.totals and not is_estimate:
        path = around.totals[0]
        if _is_bound(path, around.values):
            return
        found = f"`{path}` is {around.values[path]}, and {came:,} records came"
        fix = f"correct `pages:`; with `total: {in_yaml(path)}` the number is verified. "
        fix += 'If it counts something else, say so: `total: ""`'
        raise DiffusionError(page.where, found, fix)


def _is_bound(path: str, values: Mapping[str, str]) -> bool:
    """Say whether a total is a lower bound: Elasticsearch counts up to 10,000 only."""
    return path.endswith(".value") and values.get(f"{path[:-5]}relation") == "gte"


def _refuse_first_of_several(page: Page, around: Around) -> None:
    signs = around.signs
    if page.link:
        signs.append(f"`{HEADER}Link`: {page.link[:100]}")
    if page.request.size and around.came == page.request.size:
        signs.append("as many came as a page was asked to have")
    elif around.came in ROUND and not around.agrees:
        signs.append("so round a number is that of a page, more likely than that of all")
    if not signs:
        return
    style = "style: link_header" if page.link else around.style
    found = f"{around.came:,} records came, and the answer says that there are more: "
    fix = f"ask for all pages: `pages: {{{style}, …}}`"
    fix += " (or `style: offset`)" if style.startswith("style: page") else ""
    fix += "; if these really are all, say so: `pages: {style: none, …}`"
    raise DiffusionError(page.where, found + "; ".join(signs), fix)


def states_beginning(fetch: HttpFetch) -> bool:
    """Say whether a request states where its answer begins, so that a part is meant.

    Of an API that is done by a partition: a constant is more likely a first try.
    """
    body = fetch.body if isinstance(fetch, ApiFetch) else {}
    asked = [*fetch.params.items(), *body.items(), *parse_qsl(urlsplit(fetch.url).query, True)]
    places = [value for name, value in asked if name.lower().strip("$") in PLACES]
    return any(not isinstance(fetch, ApiFetch) or "{" in str(value) for value in places)


def in_yaml(path: str) -> str:
    """Return a path as it is written in a line of YAML."""
    return f"'{path}'" if re.search(r"[\[\]{}\"':,#]", path) else path


def _name(path: str) -> str:
    """Return the name that says what stands at a path, its words joined by ``_``."""
    if path.startswith(HEADER):
        return path.removeprefix(HEADER).replace("-", "_")
    steps = [step.value if isinstance(step, Where) else str(step) for step in parse_path(path)]
    last = steps[-2] if len(steps) > 1 and steps[-1].lower() in INNER else steps[-1]
    return last.rpartition(".")[2].strip("@$_").replace("-", "_")
