"""A header that is stated holds for every file of a source: where one file is otherwise, it shows.

One statement is made of one file, as a rule. Another one with a title less has data in that row,
and its names would be names of nothing.
"""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from diffusion.convert.headers.doubtful import LOOKED, doubtful_header
from diffusion.convert.headers.joined import centred_names
from diffusion.convert.headers.second import lacks_names, levels_of_names
from diffusion.convert.headers.values import is_data
from diffusion.convert.headers.words import CELLS, named, reading, shown
from diffusion.convert.looks import NUMBER, TOKENS, YEAR, is_text
from diffusion.errors import DiffusionError, HeaderError

BOTH = "both look like names"  # of a row and the next one, in the words of ``headers``
SHOWN = 5  # names of a header that an error shows
APART = 'state it by file, `{0}: {{header: {{"{1}": {2}, "*": {3}}}}}` (0: no header); or have '
APART += (
    "files of one kind each in a source of their own, and put those together in SQL (`UNION ALL "
)
APART += "BY NAME`)"


@dataclass(frozen=True)
class Stated:
    """What is seen where a header is stated.

    Attributes:
        section: of the configuration, that states it.
        row: of the header, 0 for none.
        names: in that row.
        rows: the first rows of the file, as hashes, so that many files need little room.
        doubt: why that row may be none; empty if it looks like one.
        begins_with_names: whether the first row looks like a header.
        stated: the header, as the configuration has it.
        called: by what name the configuration knows the file, among others.
    """

    section: str
    row: int
    names: tuple[str, ...]
    rows: tuple[int, ...]
    doubt: str
    begins_with_names: bool
    stated: str
    called: str = ""

    @property
    def shown(self) -> str:
        return ", ".join(self.names[:SHOWN]) + (", …" if len(self.names) > SHOWN else "")


def stated_header(
    rows: Sequence[Sequence[str]], numbers: Sequence[int], delimiter: str, section: str = "csv"
) -> Stated:
    """Return what the first rows of a file show beside a header that is stated.

    Args:
        numbers: of the rows of the header; none if there is no header.
        delimiter: empty for one column, or where there is none.
    """
    row = max(numbers, default=0)
    plain = [_plain(cells) for cells in rows[: max(LOOKED, row)]]
    names = plain[row - 1] if 0 < row <= len(plain) else ()
    doubt = ""
    if row and names:
        try:
            doubtful_header(rows[row - 1 :], delimiter, "", section, above=row - 1)
        except DiffusionError as found:
            doubt = found.found.split(":\n")[0]
    hashes = tuple(map(_hash, plain))
    stated = str([*numbers] if len(numbers) > 1 else row)
    return Stated(section, row, names, hashes, doubt, _begins_with_names(plain), stated)


def note_on_stated(stated: Stated | None) -> tuple[str, ...]:
    """Return a note where the row below a stated header looks like names, or units, as well."""
    if stated is None or BOTH not in stated.doubt:
        return ()
    below = named(stated.row + 1, stated.section)
    return (f"{stated.doubt}: {below} is a row of the table, as `header` has it",)


def refuse_data_among_names(
    rows: Sequence[Sequence[str]], numbers: Sequence[int], label: str, section: str = "csv"
) -> None:
    """Refuse several header rows where the last looks like data, or the row below like names.

    Args:
        numbers: of the header rows.

    Raises:
        DiffusionError: with the rows, and the row to state.
    """
    if len(numbers) < 2 or len(rows) <= numbers[-1]:
        return
    first, last = numbers[0], numbers[-1]
    levels = levels_of_names(rows[first - 1 :])
    if levels <= len(numbers) == 2 and lacks_names([rows[first - 1], *rows[last:]]):
        levels = 3
    if levels > len(numbers) == last - first + 1:
        every = list(range(first, first + levels))
        found = f"{named(first + levels - 1, section)} has names, too:\n"
        found += shown(rows[first - 1 :], CELLS, first - 1, section)
        fix = f"state it with the others: `{section}: {{header: {every}}}`"
        raise HeaderError(label, found, fix)
    names = [cell.strip() for cell in rows[first - 1]]
    is_whole = all(names) and len(set(names)) == len(names)
    if is_whole and not all(map(NUMBER.fullmatch, names)) and is_data(rows[last - 1 :]):
        found = f"{named(last, section)} looks like data, and {named(first, section)} has a name "
        found += "for each column:\n" + shown(rows[first - 1 :], CELLS, first - 1, section)
        fix = "state the header alone:\n" + reading({"header": first}, names, section)
        raise HeaderError(label, found, fix)


def refuse_centred(
    rows: Sequence[Sequence[str]], numbers: Sequence[int], label: str, section: str = "csv"
) -> None:
    """Refuse two header rows whose groups stand amid the names that they hold together.

    Args:
        numbers: of the header rows.

    Raises:
        DiffusionError: with the names to state.
    """
    if len(rows) < max(numbers, default=1):
        return
    if names := centred_names([rows[number - 1] for number in numbers]):
        found = f"{named(numbers[0], section)} has groups amid their columns, not above the first "
        found += f"of them:\n{shown(rows[numbers[0] - 1 :], CELLS, numbers[0] - 1, section)}"
        keys = {"header": numbers[-1], "names": names}
        raise HeaderError(label, found, f"state the names:\n{reading(keys, names, section)}")


def verify_stated(stated: Sequence[tuple[str, Stated]], where: str) -> None:
    """Refuse files in which the stated header is not where it is in others.

    Args:
        stated: the label of each file, and what it shows.

    Raises:
        DiffusionError: names the file, and the row.
    """
    for row in sorted({one.row for _, one in stated}):  # several, where it is stated by file
        _verify_alike([pair for pair in stated if pair[1].row == row], where)


def _verify_alike(stated: Sequence[tuple[str, Stated]], where: str) -> None:
    if len(stated) < 2:
        return
    if stated[0][1].row == 0:
        _verify_none(stated, where)
        return
    usual = Counter(one.names for _, one in stated).most_common(1)[0][0]
    example = next(label for label, one in stated if one.names == usual)
    for label, one in stated:
        if one.names == usual:
            continue
        place = f"row {one.row} of {label} ({one.shown})"
        right: object = "…"
        if _hash(usual) in one.rows:
            right = one.rows.index(_hash(usual)) + 1
            found = f"{place} is no header: the names of {example} stand in row {right} of it"
        elif doubt := one.doubt or _values_among(one.names, usual):
            found = f"{place} is not the header of {example}, and {doubt}"
        else:
            continue  # other columns are put together by name, as without a statement
        fix = APART.format(one.section, one.called, right, one.stated)
        raise HeaderError(f"{where}.{one.section}.header", found, fix)


def _values_among(names: Sequence[str], usual: Sequence[str]) -> str:
    """Say which names look like values, where the usual ones do not."""
    odd = [name for name in names if NUMBER.fullmatch(name) and not YEAR.fullmatch(name)]
    if not odd or any(map(NUMBER.fullmatch, usual)):
        return ""
    return f"`{odd[0]}` looks like a value"


def usual_of(stated: Sequence[Stated]) -> Stated | None:
    """Return what most files of a batch show."""
    counts = Counter(one.names for one in stated)
    usual = counts.most_common(1)[0][0] if stated else None
    return next((one for one in stated if one.names == usual), None)


def _verify_none(stated: Sequence[tuple[str, Stated]], where: str) -> None:
    """Refuse files of which some begin with names, where none is to have a header."""
    named = [pair for pair in stated if pair[1].begins_with_names]
    if named and len(named) < len(stated):
        label, first = named[0]
        section = first.section
        other = next(label for label, one in stated if not one.begins_with_names)
        found = f"row 1 of {label} looks like names above numbers, which {other} does not have: "
        found += f"with `{section}.header: 0` it would be data"
        fix = APART.format(section, first.called, 1, 0)
        raise HeaderError(f"{where}.{section}.header", found, fix)


def _hash(cells: Sequence[str]) -> int:
    return zlib.crc32("\x1f".join(cells).encode())


def _plain(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in cells)


def _begins_with_names(rows: Sequence[tuple[str, ...]]) -> bool:
    if not rows or not all(is_text(c) and c.lower() not in TOKENS for c in rows[0]):
        return False
    below = [row for row in rows[1:] if len(row) == len(rows[0])]
    columns = zip(*below, strict=True)
    return any(cells and not any(map(is_text, cells)) for cells in map(_filled, columns))


def _filled(cells: Sequence[str]) -> list[str]:
    return [cell for cell in cells if cell]
