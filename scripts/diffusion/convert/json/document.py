"""The records of a JSON document, by their path and the shape that is declared for them."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from diffusion.base.json_path import place_of
from diffusion.config.reading import FileRead, Json
from diffusion.convert.json.columns import columns_to_lines
from diffusion.convert.json.lines import Lines, Records, damaged, object_once
from diffusion.convert.json.rows import Rows, rows_of
from diffusion.convert.json.sdmx import sdmx_to_lines
from diffusion.convert.json.stat import stat_to_lines
from diffusion.errors import JsonError
from diffusion.files.announced import is_about_pages
from diffusion.files.beside import Beside
from diffusion.files.json_lists import lists_words
from diffusion.files.json_one import steps_in
from diffusion.files.json_walk import PathError, Walk, keyed, values_at

SHOWN = 3  # keys that a note shows
BINDINGS, VARIABLES = "results.bindings", "head.vars"  # of SPARQL 1.1 Query Results JSON


@dataclass(frozen=True)
class Document:
    """A JSON document, and how errors name it."""

    path: Path
    label: str

    def lists(self) -> str:
        """Return which lists there are, as what `records:` may be, in words."""
        with self.path.open("rb") as file:
            return lists_words(file, "records: PATH")


class Values:
    """The records at a path; ``count``: how many came."""

    def __init__(self, document: Document, path: str):
        self.document, self.path, self.count, self.reached = document, path, 0, False
        self._plain: list[str] = []  # keys of the first values that are no objects
        self._bare = self._objects = 0
        self._is_one = False
        self.beside = Beside()

    def __iter__(self) -> Iterator[Any]:
        with self.document.path.open("rb") as file:
            walk = Walk(file, steps := steps_in(file, self.path))
            self._is_one = steps == place_of(self.path)
            for keys, value in walk:
                yield keyed(value, keys, self.path)
                self.count += 1
                self._see([key for _, key in keys], value)
        self.reached, self.beside = walk.reached, walk.beside

    def _see(self, keys: Sequence[object], value: Any) -> None:
        self._objects += isinstance(value, dict)
        if keys and not isinstance(value, dict):
            self._bare += 1
            self._plain += [str(keys[-1])] if len(self._plain) < SHOWN else []

    def notes(self) -> list[str]:
        """Return a note on one record, or where only some values of a mapping are objects."""
        if self._is_one:
            return [f"`{self.path}` is one object, and no list: it is one record"]
        if not (self._bare and self._objects):
            return []
        listed = ", ".join(f"`{key}`" for key in self._plain)
        return [
            f"{self._bare:,} of {self.count:,} values at `{self.path}` are no objects ({listed}): "
            "rows of their own; `where` leaves them out"
        ]


@contextmanager
def reading_json(document: Document, at: Callable[[], str]) -> Iterator[None]:
    """Turn what a reader says of damaged JSON into an error that names the place."""
    import ijson

    try:
        yield
    except PathError as error:
        fix = error.fix or "correct `records:`, or ask its publisher for one shape"
        raise JsonError(document.label, f"{at()}: {error}", fix) from error
    # half of a surrogate pair is a UnicodeError; 1e999999999999999999999 is beyond any decimal
    except (ijson.JSONError, ValueError, ArithmeticError) as error:
        raise damaged(error, f"{at()} is no valid JSON", document.label) from error


def document_to_lines(path: Path, read: FileRead, target: Path, label: str) -> Records:
    """Write the records of a JSON document as lines, streaming; count them.

    Raises:
        DiffusionError: there are none at the path, they have another shape, or it is damaged.
    """
    document, shape = Document(path, label), read.json.shape
    place = f"the object at `{read.records}`" if read.records else "the object at the top"
    if shape == "columns":
        with reading_json(document, lambda: place):
            return columns_to_lines(path, read.records, target)
    cubes = {"jsonstat": stat_to_lines, "sdmx": sdmx_to_lines}
    if shape in cubes:
        with reading_json(document, lambda: place):
            return cubes[shape](path, read.records, target, labels=read.json.labels)
    records = read.records or (BINDINGS if shape == "sparql" else "")
    values = Values(document, records)
    rows = _rows(document, read, records)
    with Lines(target) as lines:
        with reading_json(document, lambda: f"record {values.count + 1:,}"):
            for record in rows.of(values):
                lines.write(record)
        if not values.reached:
            fix = document.lists() or "see `records:`"
            raise JsonError(label, f"there are no records at `{records}`", fix)
        rows.verify(values.count, lines.count)
    return lines.records(*values.notes(), *_beside(values.beside, read))


def _beside(beside: Beside, read: FileRead) -> Iterator[str]:
    """Yield a note on what stands beside the records, and is neither names nor about pages."""
    names = read.json.names
    used = place_of(names)[:1] if isinstance(names, str) and names else ()
    if read.json.shape != "sparql":
        yield from beside.notes(lambda place: place not in used and not is_about_pages(place))


def _rows(document: Document, read: FileRead, records: str) -> Rows:
    """Return how records of the declared shape become objects; names may be in the document."""
    shape, names, label = read.json.shape, read.json.names, document.label
    at = names if shape == "arrays" and isinstance(names, str) else ""
    if shape == "sparql" and records == BINDINGS:
        at = VARIABLES
    if not at or (shape == "arrays" and place_of(at) == (*place_of(records), 0)):
        with reading_json(document, lambda: "`json.names`"):
            return rows_of(shape, None if at else names or None, label)
    with reading_json(document, lambda: f"the names at `{at}`"), document.path.open("rb") as file:
        listed = values_at(file, at)
        if listed or shape == "sparql":
            return rows_of(shape, listed, label)
    fix = "correct `json.names`: a path of their list, or the names themselves"
    raise JsonError(label, f"there are no names at `{at}`", fix)


def lines_to_lines(source: Iterable[bytes], read: Json, target: Path, label: str) -> Records:
    """Write lines of JSON, as an API's records are kept, as lines of objects by their shape.

    Raises:
        DiffusionError: they have another shape, or are damaged.
    """
    names = None if isinstance(read.names, str) else read.names
    if read.shape == "arrays" and names is None and place_of(str(read.names)) != (0,):
        fix = "write `[0]`, if the first line has them; else the names themselves"
        raise JsonError(label, f"lines of JSON have no names at `{read.names}`", fix)
    rows, came = rows_of(read.shape, names, label), 0

    def values() -> Iterator[Any]:
        nonlocal came
        for line in source:
            if line.strip():
                yield json.loads(
                    line,
                    parse_float=Decimal,
                    parse_constant=_no_constant,
                    object_pairs_hook=object_once,
                )
                came += 1

    with Lines(target) as lines:
        try:
            for record in rows.of(values()):
                lines.write(record)
        except PathError as error:
            raise JsonError(label, f"record {came + 1:,}: {error}", error.fix) from error
        except (ValueError, ArithmeticError) as error:
            raise damaged(error, f"record {came + 1:,} is no valid JSON", label) from error
        rows.verify(came, lines.count)
    return lines.records()


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no value of JSON")
