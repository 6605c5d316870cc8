"""The query of a database as pieces: text of SQL, and axes that are bound where they stand.

An axis is a value of its own, never a piece of text: within quotes nothing can be bound.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diffusion.config.partitions import AXIS, axes_of, fill

# comments, texts and names in quotes of SQL, those of MySQL (`…`) and PostgreSQL ($tag$…$tag$)
QUOTED = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`"
    r"|\$(?P<tag>[A-Za-z_]\w*)?\$.*?\$(?(tag)(?P=tag))\$",
    re.DOTALL,
)
COMMENT = ("--", "/*")
BEGINS = re.compile(r"\(*\s*(select|with|values|table)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Bound:
    """A value of the partition, which goes to the server beside the query."""

    axis: str
    text: str


Query = Sequence[str | Bound]


def pieces(query: str) -> list[tuple[str, bool]]:
    """Return a query in pieces, each with whether it is quoted or a comment."""
    found, at = [], 0
    for quoted in QUOTED.finditer(query):
        found += [(query[at : quoted.start()], False), (quoted[0], True)]
        at = quoted.end()
    return [piece for piece in [*found, (query[at:], False)] if piece[0]]


def axes_bound(query: str) -> set[str]:
    """Return the axes that a query binds."""
    return {axis for text, quoted in pieces(query) if not quoted for axis in axes_of(text)}


def bound(query: str, axes: dict[str, str]) -> Query:
    """Return a query with the values of a partition where its axes stand."""
    found: list[str | Bound] = []
    for text, quoted in pieces(plain(query)):
        at = 0
        for axis in () if quoted else AXIS.finditer(text):
            found += [text[at : axis.start()], Bound(axis[1], fill(axis[0], axes))]
            at = axis.end()
        found.append(text[at:])
    return [part for part in found if part != ""]


def plain(query: str) -> str:
    """Return a query without the semicolon at its end."""
    return query.strip().removesuffix(";").rstrip()


def query_problems(query: str, axes: set[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a query, and what to write."""
    parts = pieces(plain(query))
    code = "".join(" " if quoted else text for text, quoted in parts)
    comments = "".join("" if quoted and t.startswith(COMMENT) else t for t, quoted in parts)
    if not BEGINS.match(comments.strip()):
        yield "it is no SELECT", "write one SELECT (or WITH … SELECT): a source is only read"
    if ";" in code:
        yield "it has several statements", "write one SELECT, without `;`"
    for text, quoted in parts:
        inside = axes_of(text) & axes if quoted else set()
        if inside and not text.startswith(COMMENT):
            axis = sorted(inside)[0]
            fix = f"an axis is a value of its own: write {{{axis}}} without quotes; of a part, "
            yield f"{{{axis}}} stands in quotes: {text[:60]}", fix + f"`'…' || {{{axis}}}`"
        # MySQL reads a backslash before a quote as an escape, and goes on with the text
        if quoted and "\\'" in text and axes:
            fix = "double the quote (`''`) instead"
            yield f"a backslash before a quote can be read in two ways: {text[:60]}", fix
