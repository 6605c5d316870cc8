"""Rules between the keys that state how raw bytes become rows."""

import re
from collections.abc import Iterator

from diffusion.base.json_path import HEADER, in_yaml, needs_all, parse_path, place_of
from diffusion.config.fetching import ApiFetch
from diffusion.config.model import Source
from diffusion.config.no_effect import no_effect, set_options
from diffusion.config.parts import Geometry
from diffusion.config.reading import (
    DOCUMENTS,
    AnyRead,
    ApiRead,
    ColumnSpec,
    Convert,
    FileRead,
    Json,
    reasons_of,
)
from diffusion.config.remedies import in_line
from diffusion.config.rules_fixed import fixed_problems
from diffusion.errors import DiffusionError, OptionError

MOST_DIGITS = 38  # of a decimal
IN_FILES = (
    'names joined by dots, "…" around a name with dots, [0] for an element, .* for all values'
)


def reading_problems(where: str, read: AnyRead) -> Iterator[DiffusionError]:
    """Yield what is wrong in how a source is read, before anything is fetched."""
    if isinstance(read, ApiRead | FileRead):
        yield from _shape_problems(where, read.json)
    if not isinstance(read, FileRead):
        return
    yield from _records_problems(where, read)
    yield from fixed_problems(where, read)
    each = [read.encoding] if isinstance(read.encoding, str) else read.encoding.values()
    declared = {f"{where}.encoding": name for name in each}
    declared[f"{where}.csv.encoding"] = read.csv.encoding
    for key, name in declared.items():
        if name != "auto" and not _is_codec(name):
            fix = "write one of Python's names, e.g. utf-8, cp1252, iso-8859-15, mac_roman, utf-16"
            yield OptionError(key, f"there is no encoding `{name}`", fix)
    if read.encoding != "auto" and read.csv.encoding != "auto":
        fix = "keep one of the two; `encoding` of the source can name members"
        yield OptionError(f"{where}.csv.encoding", "set together with `encoding`", fix)
    if read.csv.escape and read.csv.escape in (read.csv.quote, read.csv.delimiter):
        fix = "leave it out: quotes that are doubled are read without it"
        yield OptionError(f"{where}.csv.escape", "is the same as another sign of `csv`", fix)
    if read.csv.comment and read.csv.comment in (read.csv.quote, read.csv.delimiter):
        found = f"`{read.csv.comment}` is another sign of `csv` as well"
        yield OptionError(f"{where}.csv.comment", found, "state what begins a comment")
    for section in ("csv", "xlsx"):
        names = [name.lower() for name in getattr(read, section).names]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            found = f"names that come twice: {', '.join(twice)}"
            yield OptionError(f"{where}.{section}.names", found, "give each column its own name")


def spelling_problems(where: str, source: Source) -> Iterator[DiffusionError]:
    """Yield ways of writing values of a column that contradict each other."""
    decimal = source.read.decimal
    for name, spec in source.convert.columns.items():
        place = f"{where}.columns.{name}"
        if spec.thousands and spec.thousands == (spec.decimal or decimal):
            found = f"`{spec.thousands}` is the decimal sign as well"
            fix = 'state the decimal sign of the column, such as `decimal: ","`'
            yield OptionError(f"{place}.thousands", found, fix)
        words = [
            {word.strip().lower() for word in w} for w in (spec.true_values, spec.false_values)
        ]
        if twice := sorted(words[0] & words[1]):
            found = f"`{twice[0]}` is among `true_values` too"
            yield OptionError(f"{place}.false_values", found, "keep it in one of them")
        if any(words) and not all(words):
            key = "false_values" if words[0] else "true_values"
            yield OptionError(f"{place}.{key}", "missing", "state both, as they replace the usual")
        if spec.split and spec.split in (spec.decimal or decimal, spec.thousands):
            found = f"`{spec.split}` stands within numbers as well"
            if spec.type != "list[string]":
                yield OptionError(f"{place}.split", found, "a list needs a sign of its own")
        yield from _decimal(f"{place}.type", spec)


def shape_problems(where: str, geometry: Geometry) -> Iterator[DiffusionError]:
    """Yield what is wrong in the columns that geometries are to be made of."""
    stated = geometry.source.stated
    forms = {"lon" if name == "lat" else name for name in stated}
    fix = "write `{lon: …, lat: …}`, or one of `latlon`, `lonlat`, `wkt`, `wkb`, `hex`, `geojson`"
    if len(forms) > 1:
        yield OptionError(f"{where}.from", f"has several forms: {', '.join(stated)}", fix)
    elif forms == {"lon"} and len(stated) == 1:
        missing = "lat" if "lon" in stated else "lon"
        yield OptionError(f"{where}.from.{missing}", "missing", fix)


def _decimal(where: str, spec: ColumnSpec) -> Iterator[DiffusionError]:
    kind, implied = spec.type, spec.implied_decimals
    size = re.fullmatch(r"decimal\((\d+), ?(\d+)\)", kind)
    if size and int(size[2]) < implied:
        fix = f"write `decimal({max(int(size[1]), implied)},{implied})`, or as many digits in all "
        fix += "as there are"
        yield OptionError(where, f"`{kind}` has no room for {implied} implied decimals", fix)
    if size and not (1 <= int(size[1]) <= MOST_DIGITS and int(size[2]) <= int(size[1])):
        fix = f"write decimal(digits in all, digits behind the point): at most {MOST_DIGITS} "
        fix += "and no more behind the point than in all, e.g. decimal(12,2)"
        yield OptionError(where, f"`{kind}` cannot be", fix)


def status_problems(where: str, convert: Convert) -> Iterator[DiffusionError]:
    """Yield columns of ``status`` that are not declared, or whose tokens have no reasons."""
    for index, name in enumerate(convert.status):
        place, spec = f"{where}.status.{index}", convert.columns.get(name)
        if spec is None:
            fix = f"declare it: `columns: {{{in_line(name)}: int}}`, with the type that it has"
            yield OptionError(place, f"`{name}` is not under `columns`", fix)
        elif not reasons_of(convert, spec):
            fix = "write what each token stands for: `nulls: {s: secret statistique}`"
            yield OptionError(place, "no token of `nulls` has a reason", fix)
        if f"{name}_status" in convert.columns:
            fix = "give that column another name"
            yield OptionError(place, f"`{name}_status` is under `columns` as well", fix)


def api_shape_problems(where: str, fetch: ApiFetch, read: ApiRead) -> Iterator[DiffusionError]:
    """Yield the shapes that pages of records cannot have."""
    json, place = read.json, f"{where}.json"
    if fetch.format == "csv" and fetch.pages.style != "none" and read.csv.header not in (None, 1):
        found = "of several pages, the first row of each is taken for its names of columns"
        fix = "write `from: file` with one partition a page"
        yield OptionError(f"{where}.csv.header", found, fix)
    if fetch.format not in ("json", "ndjson"):
        return  # there, it has no effect
    if json.shape in DOCUMENTS:
        fix = "write `from: file`, which takes `params`, `headers` and `auth`, too"
        yield OptionError(f"{place}.shape", f"`{json.shape}` is one document, not pages", fix)
    if isinstance(json.names, str) and json.names:
        fix = f"write `pages: {{names: {in_yaml(json.names)}}}` in place of `json`: it names the "
        fix += "rows of each page; or write the names themselves"
        found = f"`{json.names}` is not kept: of pages, only the records are"
        yield OptionError(f"{place}.names", found, fix)


def _shape_problems(where: str, json: Json) -> Iterator[DiffusionError]:
    """Yield what is wrong in ``json:`` by itself."""
    place = f"{where}.json"
    if json.shape == "arrays" and not json.names:
        fix = "write the path of the list that has them (`[0]`: the first row, where `records` is "
        fix += "empty; `data[0]`, where it is `data`), or the names themselves: `names: [a, b]`"
        yield OptionError(f"{place}.names", "missing: rows as lists have no names", fix)
    for key, shapes in (("names", ("arrays",)), ("labels", ("jsonstat", "sdmx"))):
        if key in set_options(json) and json.shape not in shapes:
            used = " or ".join(f"`{shape}`" for shape in shapes)
            yield no_effect(f"{place}.{key}", f"the shape is `{json.shape}`, not {used}")
    if isinstance(json.names, str):
        yield from _path_problems(f"{place}.names", json.names)


def _records_problems(where: str, read: FileRead) -> Iterator[DiffusionError]:
    place = f"{where}.records"
    problems = list(_path_problems(place, read.records))
    yield from problems
    if problems:
        return
    names = place_of(read.records)
    if read.json.shape in DOCUMENTS and names != parse_path(read.records):
        fix = "write the path of one object, without `*`"
        yield OptionError(place, f"`{read.json.shape}` reads one object", fix)
    if read.format == "xml" and not read.records:
        fix = "name the element of each row, from the root on: `records: response.rows.row`"
        yield OptionError(place, "missing: XML does not say which element is a row", fix)
    is_plain = all(isinstance(step, str) for step in parse_path(read.records))
    if read.format == "xml" and not is_plain:
        fix = "write names of elements, joined by dots: `response.rows.row`"
        yield OptionError(place, f"`{read.records}` is no path of elements", fix)


def _path_problems(place: str, path: str) -> Iterator[DiffusionError]:
    """Yield what a path in a file cannot be: it is read once, from its beginning."""
    if path.startswith(HEADER):
        yield OptionError(place, f"`{path}` is a header, and a file has none", "write a path")
        return
    try:
        steps = parse_path(path)
    except ValueError as error:
        yield OptionError(place, f"`{path}` is no path: {error}", IN_FILES)
        return
    if any(map(needs_all, steps)):
        found = f"`{path}` counts from the end, or searches: a file is read from its beginning"
        yield OptionError(place, found, f"write {IN_FILES}")


def _is_codec(name: str) -> bool:
    try:
        "".encode(name)
    except LookupError:  # none of that name, or one that is not of text, such as base64
        return False
    return True
