"""Wide tables of nested data: objects keyed by values; columns left out by object or by glob."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from diffusion.config.parts import Geometry
from diffusion.config.reading import Convert
from diffusion.config.remedies import in_line
from diffusion.convert.json.records import Structure
from diffusion.convert.relation import NESTED

WIDE = 200  # columns above which it is told what may be values among their names
FEW = 10  # keys of an object that may be names
SHOWN = 3
SIGNS = "*?["
NESTED_FORMATS = frozenset(("json", "ndjson", "xml"))
# a date, a number, an identifier, a code: what has a digit, and no word of four letters
VALUE = re.compile(r"(?=.*\d)(?!.*[^\W\d_]{4}).*|[0-9a-fA-F-]{32,36}|[A-Z]{1,3}", re.DOTALL)


def nested_columns(convert: Convert, geometry: Geometry) -> set[str]:
    """Return the raw columns that are declared nested, or shapes: they are not flattened."""
    columns = convert.columns.items()
    nested = {spec.source or name for name, spec in columns if spec.type.startswith(NESTED)}
    return nested | {name for name in (geometry.source.geojson,) if name}


def spelled_out(
    convert: Convert, found: Sequence[str], separator: str, seen: Collection[str]
) -> Convert:
    """Return how columns are made, with the names that `drop` stands for.

    An entry is a column; or else a glob; or, of nested data, the object that holds columns. What
    matches nothing stays, for the error about it.

    Args:
        found: all columns.
        seen: what the files turned out to be.
    """
    has_parents = bool(NESTED_FORMATS & set(seen))
    known, names = set(found), list[str]()
    for entry in convert.drop:
        matching: list[str] = []
        if entry not in known and any(sign in entry for sign in SIGNS):
            matching = [name for name in found if fnmatchcase(name, entry)]
        elif entry not in known and has_parents:
            matching = [name for name in found if name.startswith(entry + separator)]
        names += matching or [entry]
    return msgspec.structs.replace(convert, drop=list(dict.fromkeys(names)))


def wide_note(structure: Mapping[str, Structure], columns: int, separator: str) -> str:
    """Return what to tell of a table that has many columns; nothing of others."""
    if columns <= WIDE:
        return ""
    told = []
    for path, keys in _keyed(structure, ()):
        listed = ", ".join(f"`{key}`" for key in keys[:SHOWN])
        where = f"`{separator.join(path)}`" if path else "each record"
        told.append(f"{where} has {len(keys):,} keys that look like values ({listed}, …)")
        if path:
            name = separator.join(path)
            told[-1] += f"; `columns: {in_line({name: 'json'})}` keeps it as one column, "
            told[-1] += f"`drop: {in_line([name])}` leaves it out"
    remedy = "; `records: PATH.*` makes rows of the values of an object, and its keys a column"
    return f"has {columns:,} columns" + (f": {', and '.join(told[:SHOWN])}{remedy}" if told else "")


def _keyed(
    structure: Mapping[str, Structure], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Yield the objects whose keys look like values, the outermost ones."""
    keys = list(structure)
    if len(keys) >= FEW and sum(bool(VALUE.fullmatch(key)) for key in keys) > 0.8 * len(keys):
        yield path, keys
        return
    for key, value in structure.items():
        if isinstance(value, dict):
            yield from _keyed(value, (*path, key))
