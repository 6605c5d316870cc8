"""What stands in an answer: values by their paths; the records themselves are not read."""

import codecs
import difflib
import io
import re
from collections.abc import Iterator
from typing import Any, NoReturn
from urllib.parse import urlsplit

import msgspec
import requests

from diffusion.base.json_path import (
    HEADER,
    Each,
    Step,
    in_yaml,
    name_step,
    parse_path,
    place_of,
)
from diffusion.errors import AnswerError
from diffusion.fetch.keyed import keyed_records, named_records, refuse_key_twice
from diffusion.fetch.levels import DECODE_ERRORS, NULL, below, links_in, plain
from diffusion.fetch.not_json import fault_words, other_source, shape_words
from diffusion.files.beside import Beside
from diffusion.files.json_lists import lists_words

Raw = msgspec.Raw
FIRST = 3  # elements at the top that are looked into
FEW = 50  # links of an answer
DEEP, MANY = 4, 300  # how far down, and how many paths, are looked at to name the nearest one
HEADER_ON = re.compile(r"next|cursor|continuation", re.IGNORECASE)
WAY_ON = re.compile(r"next|cursor|token|continuation|scroll|more|after", re.IGNORECASE)


class Body:
    """An answer as received; only what a path asks for is read, and each level once."""

    def __init__(self, response: requests.Response, where: str, content: bytes | None = None):
        """Args: the answer, how errors name it, and what stands in place of its bytes."""
        self.where, self.headers = where, response.headers
        self.is_empty, self.beside = response.status_code == 204, Beside()
        content = response.content if content is None else content
        self._content = content.removeprefix(codecs.BOM_UTF8)
        url = urlsplit(response.url)._replace(query="").geturl() if response.history else ""
        self._led = f", where the request was led, {url}," if url else ""
        self._levels: dict[tuple[Step, ...], Any] = {}

    @property
    def start(self) -> str:
        """The first characters, for messages."""
        text = " ".join(self._content[:1000].decode("utf-8", "replace").split())[:200]
        return "".join(c if c.isprintable() else "\ufffd" for c in text)  # a terminal obeys some

    def value(self, path: str) -> Any:
        """Return the value at a path, None where there is nothing or null; no path, no value.

        Raises:
            DiffusionError: the body is not JSON.
        """
        if path.startswith(HEADER):
            return self.headers.get(path.removeprefix(HEADER))
        found = self._raw(path) if path else None
        if found is None:
            return None
        try:
            return msgspec.json.decode(found)
        except DECODE_ERRORS as error:
            self.fail(error, f"no value at `{path}`")

    def has(self, path: str) -> bool:
        """Return whether a path names something, be it null."""
        if path.startswith(HEADER):
            return path.removeprefix(HEADER) in self.headers
        return self._raw(path) is not None

    def _raw(self, path: str, once: bool = False) -> bytes | Raw | None:
        """Return the JSON at a path as it came, or None; of `.*`, what holds the values.

        Args:
            once: refuse a name on its way that stands in one object twice.
        """
        if self.is_empty:
            return None
        found: bytes | Raw = self._content
        steps = place_of(path)
        for depth, step in enumerate(steps):
            next_one = below(self._level(steps[:depth], found), step)
            if next_one is None:
                return None
            if once and isinstance(step, str):
                refuse_key_twice(found, step, self.where)
            found = next_one
        return found

    def records(
        self, path: str, names: str = "", single: bool = False, is_one: bool = False
    ) -> list[Raw] | None:
        """Return the records at a path, None where there is nothing or null.

        Where the path takes all values of mappings (`.*`), each begins with their keys.

        Args:
            names: the path of the names of their values, where they are lists.
            single: an object in place of the list is one record.
            is_one: it is one, unless it may be a mapping that holds the record.

        Raises:
            DiffusionError: what stands there is no list, or no mapping.
        """
        steps, found = parse_path(path), self._raw(path, once=True)
        if found is None or (path and bytes(found) == NULL):
            return None
        if any(isinstance(step, Each) for step in steps):
            records, self.beside = keyed_records(self._content, path, self.where)
            return records
        level = self._level(steps, found)
        if isinstance(level, list):
            is_named = names and level
            given = (self._content, path, names, self.where)
            return named_records(level, *given) if is_named else level
        single = single or (is_one and not self._mapping(level, path))
        if isinstance(level, dict) and (single or not level):
            return [Raw(bytes(found).strip())] if level else None
        try:
            msgspec.json.decode(found, type=list[Raw])
        except DECODE_ERRORS as error:
            found_as = f"no list of records at `{path or 'the top'}`"
            self.fail(error, found_as, self._mapping(level, path) or self._other(level))
        return []

    def nearest(self, path: str, records: str = "", way_on: bool = False) -> str:
        """Return the paths that exist and may be meant, in words; empty if none looks like it.

        Args:
            path: the one that names nothing.
            records: where the records are: what stands in them is left out.
            way_on: it should lead to the next page: what looks like that counts, too.
        """
        known = [known for known, _ in self.paths(place_of(records))]
        known += self._headers_on()
        last = path.rpartition(".")[2].lower()
        ends = [k for k in known if k.rpartition(".")[2].strip('"').lower() == last.strip('"')]
        near = difflib.get_close_matches(path, known, n=3, cutoff=0.6)
        found = [*ends, *near, *([k for k in known if WAY_ON.search(k)] if way_on else [])]
        named = list(dict.fromkeys(found))[:3]
        return "the answer has " + " and ".join(f"`{k}`" for k in named) if named else ""

    def ways_on(self, records: str) -> list[str]:
        """Return the paths, outside the records, of what looks like a way to a next page."""
        found = [
            path
            for path, value in self.paths(place_of(records))
            if value not in ("", "0", "false") and WAY_ON.search(_own(path))
        ]
        return found + self._headers_on()

    def _headers_on(self) -> list[str]:
        return [HEADER + name for name in self.headers if HEADER_ON.search(name)]

    def keys(self) -> list[str]:
        """Return the names at the top of the body."""
        return list(self.top())

    def top(self) -> dict[str, Any]:
        """Return the names at the top of the body, and the JSON of each."""
        level = {} if self.is_empty else self._level((), self._content)
        return level if isinstance(level, dict) else {}

    def lists(self) -> str:
        """Return what to write if records stand in another place, in words; or nothing."""
        if bytes(self.top().get("type", b"")) == b'"FeatureCollection"':
            return "it is GeoJSON: write `format: geojson`, with `pages: {records: features}`"
        return lists_words(io.BytesIO(self._content), "pages: {records: PATH}")

    def _mapping(self, level: dict | list | None, path: str) -> str:
        """Return what to write where the values of a mapping are the records; else nothing."""
        if (
            not isinstance(level, dict)
            or not level
            or not all(bytes(value).startswith(b"{") for value in level.values())
        ):
            return ""
        every = in_yaml(f"{path}.*" if path else "*")
        return f"if each of its values is a record, write `pages: {{records: {every}}}`"

    def _other(self, level: dict | None) -> str:
        """Return what to write where no list is: other lists, or that it is one record."""
        if shape := shape_words(level or ()):
            return shape
        single = "if it is one record, where others are a list, write `pages: {single: true}`"
        return "; ".join(filter(None, [self.lists(), single if level else ""]))

    def fail(self, error: Exception, found: str, fix: str = "") -> NoReturn:
        """Raise that the body is not what it should be, with what to do, and how it begins."""
        if not self._content.strip():
            found, fix = (
                "the answer is empty: it has no body",
                "run `snakemake` again later; if that",
            )
            fix += " is how the server ends, state the end: `pages.total`, `more` or `last`"
            raise AnswerError(self.where, found, fix) from error
        fix = "; ".join(filter(None, [fix, fault_words(self._content, error)]))
        fix = (fix + ". The" if fix else "the") + f" answer begins: {self.start}"
        raise AnswerError(self.where, f"{found}{self._led} ({error})", fix) from error

    def _level(self, steps: tuple[Step, ...], found: bytes | Raw) -> dict | list | None:
        """Return an object or a list one level deep, None for another value; each read once."""
        if steps in self._levels:
            return self._levels[steps]
        level: dict | list | None = None
        kinds: tuple[Any, ...] = (dict[str, Raw], list[Raw])
        for kind in kinds:
            try:
                level = msgspec.json.decode(found, type=kind)
                break
            except msgspec.ValidationError:
                continue  # not of this kind
            except DECODE_ERRORS as error:
                found_as = "not JSON" if not steps else "not JSON below the top"
                self.fail(error, found_as, other_source(self._content))
        self._levels[steps] = level
        return level

    def paths(self, records: tuple[Step, ...]) -> Iterator[tuple[str, str]]:
        """Yield the paths outside the records, and what stands there as text."""
        todo: list[tuple[tuple[Step, ...], str, bytes | Raw]] = [((), "", self._content)]
        seen = 0
        while todo and seen < MANY and not self.is_empty:
            steps, path, found = todo.pop(0)
            level = self._level(steps, found) if len(steps) < DEEP and steps != records else None
            if isinstance(level, list) and len(level) <= FEW:
                yield from links_in(path, level)
            if isinstance(level, list) and not steps:  # some put counts before the list of records
                todo += [((n,), f"[{n}]", item) for n, item in enumerate(level[:FIRST])]
            if not isinstance(level, dict):
                continue
            for name, value in level.items():
                seen += 1
                here = f"{path}.{name_step(name)}" if path else name_step(name)
                yield here, plain(value)
                todo.append(((*steps, name), here, value))


def _own(path: str) -> str:
    """Return the name at the end of a path; of a link, with what it leads to: `[rel=next]`."""
    return path.removesuffix("].href").rpartition(".")[2]
