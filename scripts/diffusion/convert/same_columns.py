"""Files of one source are put together by the names of their columns: alike, and in common."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diffusion.config.reading import Convert
from diffusion.config.remedies import in_line
from diffusion.convert.names import plain_name
from diffusion.convert.relation import RawTable
from diffusion.errors import ColumnsError

ONE_STATEMENT = "rows of one statement"  # what raw files are ``seen`` to be whose columns are alike
# formats whose records may lack any name
KEYED = frozenset(("json", "ndjson", "geojson", "geojsonseq", "esrijson", "xml"))
SHOWN = 5  # names of a header that an error shows


@dataclass(frozen=True)
class Header:
    """The columns of a file or a batch; ``added``: those of its partition, and of its member.

    ``left_out``: keys that number its rows, and are no columns.
    """

    label: str
    columns: Sequence[str]
    added: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()

    @property
    def own(self) -> frozenset[str]:
        """What the file itself holds."""
        return frozenset(self.columns) - self.added

    @property
    def plain(self) -> frozenset[str]:
        """The same without accents and blanks: how a name is spelled is seen to before."""
        return frozenset(plain_name(name) or name for name in self.own)

    @property
    def shown(self) -> str:
        names = [name for name in self.columns if name not in self.added]
        return f"{self.label} has {', '.join(f'`{name}`' for name in names[:SHOWN])}" + (
            ", …" if len(names) > SHOWN else ""
        )


def verify_replaced(raws: Sequence[RawTable], where: str) -> None:
    """Refuse names that are given for headers which differ: they would fit one of them only.

    Raises:
        DiffusionError: shows two headers.
    """
    first: dict[tuple[str, ...], str] = {}
    for raw in raws:
        first.setdefault(tuple(raw.named.replaced), raw.label)
    if len(first) > 1:
        shown = (f"{', '.join(names[:SHOWN])} in {label}" for names, label in first.items())
        fix = "leave `names` out, so that columns are put together by the names in the files; or "
        fix += "declare files of another header as a source of their own"
        raise ColumnsError(f"{where}.csv.names", f"headers differ: {'; '.join(shown)}", fix)


def verify_headers(
    headers: Iterable[Header], convert: Convert, where: str, *, are_one: bool = False
) -> None:
    """Refuse files that cannot be put together by the names of their columns.

    Args:
        headers: of files that have columns.
        are_one: they are answers to one statement, of which each has the same columns.

    Raises:
        DiffusionError: a column is spelled in upper case in one file and in lower case in another,
            or with and without accents or blanks; two files have no column in common; a key is a
            column in one, and not in another; or a table was changed between two answers.
    """
    headers = list(headers)
    if are_one:
        _verify_unchanged(headers, where)
    kinds = {(tuple(h.columns), h.added, h.left_out): h for h in reversed(headers)}
    different = list(reversed(kinds.values()))
    _verify_layer_keys(different, where)
    _verify_spellings(different, convert, where)
    _verify_alike(different, convert, where)
    _verify_common(different, where)


def note_on_columns(headers: Iterable[Header], what: str) -> list[str]:
    """Return the note on columns that some of several files lack, whose rows have no value there.

    Args:
        what: they are: ``files``, or ``batches``.
    """
    headers = list(headers)
    counts = Counter(name for header in headers for name in header.own)
    order = dict.fromkeys(name for header in headers for name in header.columns)
    some = [name for name in order if 0 < counts[name] < len(headers)]
    if not some:
        return []
    listed = ", ".join(f"`{name}` (in {counts[name]:,})" for name in some[:SHOWN])
    more = f" and {len(some) - SHOWN:,} more" if len(some) > SHOWN else ""
    return [f"columns that are not in all of the {len(headers):,} {what}: {listed}{more}"]


def _verify_unchanged(headers: Sequence[Header], where: str) -> None:
    for one in headers[1:]:
        for name in sorted(one.own ^ headers[0].own):
            has, lacks = (one, headers[0]) if name in one.own else (headers[0], one)
            found = f"`{name}` is in {has.label} and not in {lacks.label}: the table was changed "
            fix = "set a new `vintage`, which reads all partitions of the table as it is now"
            raise ColumnsError(where, found + "while its partitions were read", fix)


def _verify_spellings(headers: Sequence[Header], convert: Convert, where: str) -> None:
    """SQL does not tell `Code` from `CODE`: the values of both would be in both."""
    declared = {spec.source or name for name, spec in convert.columns.items()}
    spellings: dict[str, dict[str, str]] = {}  # folded → as it is written → the first file
    for header in headers:
        for name in header.columns:
            spellings.setdefault(name.lower(), {}).setdefault(name, header.label)
    for found in spellings.values():
        kept = [
            n for n in found if n in declared or (convert.keep == "all" and n not in convert.drop)
        ]
        if len(found) > 1 and kept:
            listed = " and ".join(f"`{name}` in {label}" for name, label in found.items())
            fix = (
                "ask the publisher for one spelling, and set a new `vintage` once it is there; or "
            )
            fix += "declare them as two sources, and put those together in SQL (`UNION ALL`)"
            raise ColumnsError(f"{where}.columns", f"one column is spelled {listed}", fix)


def _verify_alike(headers: Sequence[Header], convert: Convert, where: str) -> None:
    """Refuse `Libellé` in one file and `Libelle` in another: each would be half empty.

    Columns that are declared both, and those that a file has both, are two.
    """
    declared = {spec.source or name for name, spec in convert.columns.items()}
    spellings: dict[str, dict[str, str]] = {}  # plain → as it is written → the first file
    together: set[str] = set()
    for header in headers:
        own = [name for name in header.columns if name not in convert.drop]
        plain = [plain_name(name) for name in own]
        together.update(word for word in plain if plain.count(word) > 1)
        for name, word in zip(own, plain, strict=True):
            spellings.setdefault(word, {}).setdefault(name, header.label)
    for word, found in spellings.items():
        kept = [n for n in found if n in declared or convert.keep == "all"]
        if not word or len(kept) < 2 or word in together or declared.issuperset(found):
            continue
        listed = " and ".join(f"`{name}` in {label}" for name, label in found.items())
        fix = f"declare them as columns of their own, `columns: {_apart(word, found)}`, and take "
        fix += "the one that has a value in SQL (`coalesce`)"
        raise ColumnsError(f"{where}.columns", f"names differ by accents or blanks: {listed}", fix)


def _apart(word: str, names: Iterable[str]) -> str:
    """Return declarations that give each of several spellings a name of its own."""
    return in_line({f"{word}_{number}": {"from": name} for number, name in enumerate(names, 1)})


def _verify_layer_keys(headers: Sequence[Header], where: str) -> None:
    for one in headers:
        for key in sorted(one.left_out):
            if other := next((h for h in headers if key in h.own), None):
                found = f"the key `{key}` numbers the rows of {one.label}, and has other values in "
                found += other.label
                fix = f"keep it, `columns: {{{in_line(key)}: int}}`; or leave it out, `drop: "
                fix += f"[{in_line(key)}]`"
                raise ColumnsError(f"{where}.columns", found, fix)


def _verify_common(headers: Sequence[Header], where: str) -> None:
    if not headers:
        return
    known, rest = headers[0].plain, list(headers[1:])
    while joined := [header for header in rest if header.plain & known]:
        known |= frozenset().union(*(header.plain for header in joined))
        rest = [header for header in rest if not header.plain & known]
    if rest:
        found = f"two files have no column in common: {headers[0].shown}; {rest[0].shown}"
        fix = "take files of one kind (a narrower `member:`, `url:` or `partitions:`), and the "
        fix += (
            "others as a source of their own; if a title shifted the header of one, state its row "
        )
        fix += 'by file: `csv: {header: {"glob of its name": …}}` (of a sheet, `xlsx:`; of a '
        fix += 'partition, `{"year=2024": …}`)'
        raise ColumnsError(where, found, fix)
