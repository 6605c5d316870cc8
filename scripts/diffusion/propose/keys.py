"""Which columns are a key: by their names, and because no two rows of the sample agree in them."""

import itertools
import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.propose.bench import Made
from diffusion.propose.draft import Draft
from diffusion.tables.codes import is_code

NAMED = re.compile(
    r"(?!.*_(of|de|d|des)_)"  # a number of rooms
    r"(.*_)?(id|uuid|identifiant|identifier|num|numero|number|key|cle|ref)(_.*)?"
)
# what a key has beside a code: a time, a place, a class
BESIDE = re.compile(
    r".*(annee|année|year|mois|month|date|periode|period|trimestre|sexe|sex|age|geo|niveau|level"
    r"|type|classe|class|categorie|measure|mesure|indicateur|indicator).*"
)
KINDS = (pa.types.is_string, pa.types.is_integer, pa.types.is_date)
MOST, LARGEST = 6, 3  # columns that are tried together, and of a key
CODE = re.compile(r"[A-Z0-9][A-Z0-9._/-]*")
MANY = 200  # rows, of which not two agree by chance
FEWEST = 2  # rows that can show anything


def propose_key(draft: Draft, made: Made, is_whole: bool) -> None:
    """Propose the checks of a key, if the table has one; of a part of the rows, a code alone."""
    if "unique" in draft.all_keys.get("checks", {}):
        return
    schema, rows = pq.read_schema(made.path), made.facts["rows"]
    names = [f.name for f in schema if any(is_kind(f.type) for is_kind in KINDS)]
    if rows < FEWEST or not names:
        return
    table = pq.read_table(made.path, columns=names)
    whole = [name for name in names if not table[name].null_count]
    first = schema.names[0]
    first = first if first in whole and _is_like_key(table[first]) else ""
    for key in _candidates(whole, first, is_whole):
        if _is_unique(table, key):
            about = "in all" if is_whole else "in the first"
            draft.propose(
                "checks", {"unique": [*key], "not_null": [*key]}, f"{about} {rows:,} rows"
            )
            return
    draft.doubts.append("no key was found: `checks: {unique: […]}` names the columns of one")


def _candidates(names: Sequence[str], first: str, is_whole: bool) -> Iterator[tuple[str, ...]]:
    """Yield what may be a key: what is called so, then several columns together."""
    called = [n for n in names if is_code(n) or NAMED.fullmatch(n.lower().strip("@_"))]
    yield from ((name,) for name in called)
    if not is_whole:
        return
    if first:
        yield (first,)
    among = [n for n in names if n in (first, *called) or BESIDE.fullmatch(n.lower())][:MOST]
    for size in range(2, LARGEST + 1):
        yield from itertools.combinations(among, size)


def _is_like_key(values: pa.ChunkedArray) -> bool:
    """Say whether a column tells rows apart by more than chance: what few names or ages do, too.

    Its values look like codes, are in order, or there are many of them.
    """
    if len(values) >= MANY:
        return True
    if pa.types.is_string(values.type):
        return all(CODE.fullmatch(value) for value in values.to_pylist())
    found = values.to_pylist()
    return all(one < other for one, other in itertools.pairwise(found))


def _is_unique(table: pa.Table, key: Sequence[str]) -> bool:
    return bool(table.select(key).group_by(key).aggregate([]).num_rows == table.num_rows)
