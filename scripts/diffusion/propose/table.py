"""What is proposed of a sample's table: how its numbers and days are written, types, null tokens.

The table is made by the code of a run. Each proposal is tried: the table is made again with it, and
what would change a value that was right before is not proposed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from diffusion.check.declarations import better_declaration
from diffusion.config.reading import R_FILES, STATISTICS
from diffusion.config.remedies import PRINTED, in_line
from diffusion.config.vector_formats import LAYERS
from diffusion.convert.doubts import MISSING
from diffusion.propose.bench import Bench, Made
from diffusion.propose.draft import Draft, laid_over
from diffusion.tables.codes import is_code

ROUNDS = 5  # in which one proposal leads to the next
MOST = 150  # columns that are declared
# types of Arrow that are declared, by the names that `columns:` gives them
NAMES = {"string": "string", "int64": "int", "double": "float", "bool": "bool"}
NAMES |= {"date32[day]": "date", "timestamp[us]": "timestamp"}
# formats that state their types themselves
TYPED = {
    "database",
    "parquet",
    "arrow",
    "orc",
    "sqlite",
    "duckdb",
    "dbf",
    *LAYERS,
    *STATISTICS,
    *R_FILES,
}
DAYS = "if days such as"
OTHERS = "(or `"  # a format that reads them as well
DAY = re.compile(r"(1[89]|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
POINT = re.compile(r"-?\d+([.]\d+)?")
TEXTS = ("json", "ndjson", "geojson")  # formats that tell texts from numbers
LOOKED = 1000  # values of a column of text
MOSTLY = 10  # numbers for each other value of a column
SHOWN = 3  # columns that a comment names


def refine(draft: Draft, bench: Bench) -> Made:
    """Propose, in place, what the table of a sample shows; return the table as the draft makes it.

    Raises:
        DiffusionError: the sample cannot be read; with the remedy.
    """
    made = bench.make(draft)
    if read := made.noted.get("read"):
        draft.why["url"] = f"read as {read[0]}"
    empty, order = _empty_texts(made), list(made.types)
    for _ in range(ROUNDS):
        if not (change := _change(draft, made)):
            break
        draft.keys = laid_over(draft.keys, change)
        made = bench.make(draft)
    if "nulls" in draft.keys:
        made = _settled_nulls(draft, bench, made, empty)
    return made if bench.form in TYPED else _declared(draft, bench, made, order)


def _change(draft: Draft, made: Made) -> dict[str, Any]:
    """Return the keys by which more is read of what is text in the table; none if all is."""
    noted = made.noted
    words = [word for found in noted.get("missing_words", {}).values() for word in found["words"]]
    known = draft.all_keys.get("nulls", [])
    if new := [word for word in dict.fromkeys(words) if word not in known]:
        return {"nulls": [*known, *new]}
    commas = noted.get("decimal_commas", [])
    if commas and "double" not in made.types.values() and made.noted.get("read"):
        return {"csv": {"decimal": ","}}
    columns: dict[str, Any] = {name: {"type": "float", "decimal": ","} for name in commas}
    columns |= dict(_spelled(draft, made))
    for note in noted.get("notes", []):
        if DAYS in note and OTHERS not in note:
            found = printed_columns(note)
            columns |= {name: keys for name, keys in found.items() if name in made.types}
    return {"columns": columns} if columns else {}


def _spelled(draft: Draft, made: Made) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield columns of text whose values are all numbers with signs of their own: `1 234,5 €`."""
    known = draft.all_keys.get("columns", {})
    for name, kind in made.types.items():
        if kind != "string" or name in known or is_code(name):
            continue
        values = [v for v in made.column(name).slice(0, LOOKED).to_pylist() if v is not None]
        if values and all(map(DAY.fullmatch, values)):  # of JSON, whose texts are texts
            yield name, {"type": "date"}
            continue
        numbers = [value for value in values if value.lower() not in MISSING]
        kind = "DOUBLE" if any(set(",.") & set(number) for number in numbers) else "BIGINT"
        found = printed_columns(better_declaration(name, kind, numbers)) if numbers else {}
        keys = found.get(name)
        if isinstance(keys, dict) and keys.get("type") != "string" and not _are_codes(values):
            words = sorted(set(values) - set(numbers))
            yield name, keys | ({"nulls": words} if words else {})


def printed_columns(words: str) -> dict[str, Any]:
    """Return the columns that words print as YAML; none where they print no keys."""
    printed = PRINTED.search(words)
    try:
        found = yaml.safe_load(printed["keys"]) if printed and printed["name"] == "columns" else {}
    except yaml.YAMLError:  # of a name that YAML needs in quotes
        return {}
    return found if isinstance(found, dict) else {}


def _are_codes(values: Sequence[str]) -> bool:
    return any(value.startswith("0") and value[1:2].isdecimal() for value in values)


def _empty_texts(made: Made) -> dict[str, int]:
    """Return how many values of each column of text are empty."""
    texts = [name for name, kind in made.types.items() if kind == "string"]
    return {name: made.column(name).null_count for name in texts}


def _settled_nulls(draft: Draft, bench: Bench, made: Made, before: Mapping[str, int]) -> Made:
    """Let null tokens hold for columns of text where they can be nothing else there.

    `NA` among `male` and `female` is no value; among `FR` and `DE` it is Namibia.
    """
    tokens, after = draft.keys["nulls"], _empty_texts(made)
    texts = [name for name, empty in after.items() if empty > before.get(name, empty)]
    if doubtful := [name for name in texts if _are_alike(made.column(name), tokens)]:
        counts = made.noted.get("nulls", {})
        numbers = {n: [t for t in tokens if t in of] for n, of in counts.items() if n not in after}
        named = {name: made.types[name] for name in numbers}
        columns = {n: {"type": NAMES[k], "nulls": numbers[n]} for n, k in named.items()}
        del draft.keys["nulls"]
        draft.keys = laid_over(draft.keys, {"columns": columns})
        shown = ", ".join(f"`{name}`" for name in doubtful)
        words = f"{', '.join(f'`{t}`' for t in tokens)} may be a value in {shown}: it is kept there"
        draft.doubts.append(f"{words}; if it means no value, write `nulls:` among its keys")
        return bench.make(draft)
    counts = made.noted.get("nulls", {})
    where = [f"{name} ({sum(of.values()):,})" for name, of in counts.items()]
    if where:
        draft.why["nulls"] = f"no value, in {', '.join(where[:SHOWN])}" + " …" * (
            len(where) > SHOWN
        )
    return made


def _are_alike(values: pa.ChunkedArray, tokens: list[str]) -> bool:
    """Whether a token may be a value among these: some are as long, and in capitals as it is."""
    lengths = {(len(token), token.isupper()) for token in tokens}
    others = (str(value) for value in values.unique().to_pylist() if value is not None)
    return any((len(value), value.isupper()) in lengths for value in others)


def _declared(draft: Draft, bench: Bench, made: Made, order: Sequence[str]) -> Made:
    """Declare the types that were found, where that changes no value; return the table.

    Args:
        order: of the columns, as the file has them.
    """
    types = {name: made.types[name] for name in order if name in made.types}
    found = {name: NAMES[kind] for name, kind in types.items() if kind in NAMES}
    if len(found) > MOST:
        draft.doubts.append(f"{len(found)} columns: none is declared, to be found in every run")
        return made
    known, before = draft.keys.get("columns", {}), pq.read_table(made.path)
    draft.keys["columns"] = {n: known.get(n, kind) for n, kind in found.items()}
    after = bench.make(draft)
    if changed := list(_differing(before, pq.read_table(after.path))):
        kept = {n: kind for n, kind in draft.keys["columns"].items() if n not in changed}
        draft.keys["columns"] = {**kept, **{n: known[n] for n in changed if n in known}}
        after = bench.make(draft)
    if not draft.keys["columns"]:
        del draft.keys["columns"]
    told = after.noted.get("notes", [])  # of what is declared as it was found, nothing more is told
    notes = [note for note in made.noted.get("notes", []) if note not in told]
    draft.doubts += [*notes, *_numbers_in_text(after, notes), *_numbers_as_text(after, bench.form)]
    return after


def _numbers_in_text(made: Made, notes: Sequence[str]) -> Iterator[str]:
    """Yield columns of text most of whose values are numbers, of which nothing is told yet."""
    for name, kind in made.types.items():
        if kind != "string" or is_code(name) or any(f"`{name}`" in note for note in notes):
            continue
        values = [value for value in made.column(name).unique().to_pylist() if value is not None]
        others = [value for value in values if not POINT.fullmatch(value)]
        are_few = 0 < len(others) <= SHOWN and len(values) > MOSTLY * len(others)
        if are_few and not _are_codes(values):
            shown = ", ".join(f"`{value}`" for value in others)
            fix = f"if they are numbers, declare `columns: {{{in_line(name)}: float}}`"
            yield f"`{name}` is text, as {shown} stands among {len(values):,} numbers; {fix}"


def _numbers_as_text(made: Made, form: str) -> Iterator[str]:
    """Yield the columns that JSON holds as text, and all of whose values are numbers."""
    columns = {}
    for name, kind in made.types.items() if form in TEXTS else ():
        if kind != "string" or is_code(name):
            continue
        values = [value for value in made.column(name).unique().to_pylist() if value is not None]
        if len(values) > 1 and all(map(POINT.fullmatch, values)) and not _are_codes(values):
            columns[name] = "float" if any("." in value for value in values) else "int"
    if columns:
        shown = ", ".join(f"`{name}`" for name in [*columns][:SHOWN]) + " …" * (
            len(columns) > SHOWN
        )
        yield (
            f"{shown}: text in the file, and each value is a number; if they are to be numbers, "
            f"declare `columns: {in_line(columns)}`"
        )


def _differing(one: pa.Table, other: pa.Table) -> Iterator[str]:
    """Yield the columns of two tables whose types or values differ, in whatever order."""
    for name in one.column_names:
        if name not in other.column_names or not _are_same(one[name], other[name]):
            yield name


def _are_same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    """Whether two columns hold the same values: rows may come in another order."""
    if one.type != other.type or one.equals(other):
        return one.type == other.type
    return bool(one.combine_chunks().sort().equals(other.combine_chunks().sort()))
