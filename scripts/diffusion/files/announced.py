"""The usual words by which servers say that an answer is one part of several.

What is not declared nobody looks at: the first page of a hundred would be published as the whole.
So these words are looked for outside the records, in the answers of APIs and in files.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diffusion.base.json_path import HEADER, Where, in_yaml, parse_path

# numbers of all records; of those names that may also count a page's, none outweighs a token
OF_ALL = re.compile(
    r"(x_?(wp_)?)?(grand_?)?total_?(count|records?|record_?count|results?|resultats|items?|elements|hits"
    r"|size|rows?|features|number|entries|matches)?|(records?|results?|rows|hits|matched|items)"
    r"_?total|num_?found|number_?(of_?)?matched|n_?hits|nb_?hits|full_?count|count_?total"
    r"|pagination_(count|total)|(nb|nombre)_?total|records_?filtered|total_?(nb|nombre)",
    re.IGNORECASE,
)
OF_SOME = re.compile(
    r"count|(records?|results?|rows|items)_?count|num(ber)?_?(of_?)?(results|records)"
    r"|nb_?(results?|resultats|enregistrements|lignes)|nombre",
    re.IGNORECASE,
)
OF_PAGES = re.compile(
    r"(x_?(wp_)?)?(total|nb|num|number_?of)_?pages|pages?_?(count|total)|pages|last_?page",
    re.IGNORECASE,
)
FLAG = re.compile(
    r"(x_?)?has_?(more|next)(_?(page|results|data|records|items))?|more(_?(results|data|records|items))?"
    r"|exceeded_?transfer_?limit|(x_?)?(is_?)?truncated|incomplete(_?results)?"
    r"|x_sql_state",  # of Virtuoso, which had no more time
    re.IGNORECASE,
)
ENDED = re.compile(  # flags that say so when they are false
    r"(is_?)?last(_?page)?|eof|(is_?)?end(_?of_?(records|data|results))?|(is_?)?complete",
    re.IGNORECASE,
)
NEXT = re.compile(
    r"(x_?)?next(_?(page|records?))?(_?(url|link|href|uri|cursor|token|start|offset|number|marker))?"
    r"|(end|next)?_?cursor(_?mark)?|(x_ms_)?continuation(_?token)?|scroll_?id|(page|lien|curseur)?_?suivante?"
    r"|resumption_?token|bookmark|search_?after|skip_?token",
    re.IGNORECASE,
)
OF_A_PAGE = re.compile(  # the most that a page has; `size` and `rows` are also what came
    r"limit|x_sparql_maxrows|(max_?)?((items?|rows?|results?|records?|elements?|count|nb)_?)?(per|par)_?page"
    r"|page_?(size|limit)|max_?(results|records|items|rows)|taille_?(de_?la_?)?page",
    re.IGNORECASE,
)
OGC = re.compile(r"number_?matched|total_?features|exceeded_?transfer_?limit", re.IGNORECASE)
INNER = (
    "href",
    "url",
    "uri",
    "link",
    "token",
    "cursor",
    "value",
    "after",
    "offset",
    "page",
)  # the name above says of what
NOTHING = ("", "0", "false")
ROUND = (1_000, 2_000, 5_000, 10_000, 50_000, 100_000)  # the most that many servers give at once
WORDS = (OF_ALL, OF_SOME, OF_PAGES, FLAG, ENDED, NEXT)
DEEPEST = 2  # names of a path to a total: further down, facets count theirs
SHARDS = "_shards"  # where Elasticsearch counts its machines
# parameters that say where an answer begins
PLACES = ("startindex", "offset", "resultoffset", "start", "skip", "page", "cursor")


def is_about_pages(path: str) -> bool:
    """Say whether a name, or the last one of a path, is a usual word about pages."""
    return any(words.fullmatch(path.rpartition(".")[2].strip('"')) for words in WORDS)


@dataclass(frozen=True)
class Around:
    """What stands around the records of an answer.

    Attributes:
        values: paths, and what stands there as text; empty for null, and for what is empty.
        came: number of records.
    """

    values: Mapping[str, str]
    came: int

    @property
    def totals(self) -> list[str]:
        """Paths of numbers that announce more records than came."""
        numbers = [*self._numbers(OF_ALL), *self._numbers(OF_SOME)]
        found = [path for path, number in numbers if number > self.came]
        return [p for p in found if p.removesuffix(".value").count(".") < DEEPEST]

    @property
    def signs(self) -> list[str]:
        """All that says that there is more, as ``path: value``.

        A total that agrees, or a flag that says so, outweighs a link or a token, which many servers
        give with the last page, too, and a page that is full.
        """
        pages = [path for path, number in self._numbers(OF_PAGES) if number > 1]
        more = [path for path, is_more in self._flags.items() if is_more]
        is_ended = self.agrees or not all(self._flags.values())
        ways = [] if is_ended else [*self.ways, *self._full]
        return [f"`{p}`: {self.values[p][:100]}" for p in [*self.totals, *pages, *more, *ways]]

    @property
    def says_all(self) -> bool:
        """Whether a total, a flag or an empty way to the next page says that this is all."""
        return self.agrees or not all(self._flags.values()) or self._has_no_next

    @property
    def _flags(self) -> dict[str, bool]:
        """Paths of flags, and whether they say that there is more."""
        flags = {p: v not in NOTHING for p, v in self.values.items() if FLAG.fullmatch(name_of(p))}
        ends = {p: v for p, v in self.values.items() if ENDED.fullmatch(name_of(p))}
        return flags | {p: v == "false" for p, v in ends.items() if v in ("true", "false")}

    @property
    def _has_no_next(self) -> bool:
        return any(NEXT.fullmatch(name_of(p)) and v in NOTHING for p, v in self.values.items())

    @property
    def _full(self) -> list[str]:
        """Paths of the size of a page, where as many came; none where no next page is stated."""
        sizes = [] if self._has_no_next else self._numbers(OF_A_PAGE)
        return [path for path, number in sizes if number == self.came > 1]

    @property
    def agrees(self) -> bool:
        """Whether a total is what came; a mere count may be that of a page."""
        return any(number == self.came for _, number in self._numbers(OF_ALL))

    @property
    def ways(self) -> list[str]:
        """Paths of links and tokens of a next page."""
        given = (p for p, v in self.values.items() if v not in NOTHING and v[0] not in "[{")
        ways = [path for path in given if NEXT.fullmatch(name_of(path))]
        # Airtable's token is called as a number is elsewhere
        return ways + [
            p for p, v in self.values.items() if p == "offset" and not v.isdecimal() and v
        ]

    @property
    def style(self) -> str:
        """The options of ``pages:`` that would ask for the rest, as far as they can be known."""
        total = [f"total: {in_yaml(path)}" for path in self.totals[:1]]
        if not self.ways:
            return ", ".join(["style: page", *total])
        is_url = self.values[self.ways[0]].startswith(("http", "/", "?"))
        style = "next_url" if is_url else "cursor"
        return ", ".join([f"style: {style}, next: {in_yaml(self.ways[0])}", *total])

    def of_geojson(self) -> "Around":
        """Return what standards say in GeoJSON: a publisher's own words may mean anything."""
        kept = (
            p for p in self.values if p.endswith("[rel=next].href") or OGC.fullmatch(name_of(p))
        )
        return Around({path: self.values[path] for path in kept}, self.came)

    def _numbers(self, names: re.Pattern[str]) -> Iterable[tuple[str, int]]:
        for path, value in self.values.items():
            if value.isdecimal() and not path.startswith(SHARDS) and names.fullmatch(name_of(path)):
                yield path, int(value)


def begins_somewhere(templates: Mapping[str, object], filled: Mapping[str, object]) -> bool:
    """Say whether a request states where its answer begins: then a part of all is meant.

    That is a number that a partition gives, or a constant beyond the first one: ``page: 1`` is how
    first tries look, and ``start: {year}-01-01`` is no position.

    Args:
        templates: parameters as configured, with ``{axis}``.
        filled: the same, for one partition.
    """
    for name, template in templates.items():
        value = str(filled.get(name, template))
        is_given = re.fullmatch(r"\{\w+\}", str(template)) is not None
        is_place = name.lower().strip("$") in PLACES and value.isdecimal()
        if is_place and (is_given or int(value) > 1):
            return True
    return False


def name_of(path: str) -> str:
    """Return the name that says what stands at a path, its words joined by ``_``."""
    if path.startswith(HEADER):
        return path.removeprefix(HEADER).replace("-", "_")
    steps = [step.value if isinstance(step, Where) else str(step) for step in parse_path(path)]
    last = steps[-2] if len(steps) > 1 and steps[-1].lower() in INNER else steps[-1]
    return last.rpartition(".")[2].rpartition(":")[2].strip("@$_").replace("-", "_")
