"""How a doubt about the header of a table is told: the rows, and what each reading gives."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diffusion.convert.headers.joined import centred_names, joined_names
from diffusion.errors import HeaderError, RowsError
from diffusion.files.workbook import Merged

SHOWN = 4  # rows that an error shows
LONGEST = 70  # characters of each, and of the names of a reading
WORDS = {"csv": "line", "xlsx": "row"}  # what a file, and a sheet, is made of
CELLS = " · "  # between those that no delimiter stands between


class FileHeaderError(HeaderError):
    """A row that may be no header; each reading of it is stated by ``header``."""

    def among_others(self, name: str) -> "FileHeaderError":
        """Return the error where there are other files, whose headers may stand elsewhere.

        Args:
            name: by which the configuration knows this one.
        """
        quoted = json.dumps(name, ensure_ascii=False)
        hint = (
            f"where other files have it elsewhere, state it of this one: `header: {{{quoted}: …}}`"
        )
        return FileHeaderError(self.where, self.found, f"{self.fix}\n{hint}")


@dataclass(frozen=True)
class Shown:
    """Rows that an error shows; ``above``: how many rows of the file there are before them.

    ``merged``: cells of the sheet, if that is known.
    """

    rows: Sequence[Sequence[str]]
    delimiter: str
    section: str
    above: int
    merged: Sequence[Merged] = ()

    @property
    def filled(self) -> list[str]:
        """The cells of the first row that hold something."""
        return [cell.strip() for cell in self.rows[0] if cell.strip()]

    def named(self, number: int) -> str:
        """Return what a row is called in the file; ``number``: counted from 0."""
        return named(self.above + number + 1, self.section)

    def joined(self, numbers: Sequence[int]) -> tuple[Mapping, Sequence[str]]:
        """Return the keys that join the names of several of these rows, and the columns."""
        given = [self.above + number + 1 for number in numbers]
        rows = [self.rows[number] for number in numbers]
        if not self.merged and (names := centred_names(rows)):
            return {"header": given[-1], "names": names}, names
        return {"header": given}, joined_names(rows, given, self.merged)


def header_doubt(
    first: Shown,
    label: str,
    found: str,
    other: int,
    *further: int,
    joined: Sequence[Sequence[int]] = (),
    both: bool = False,
) -> FileHeaderError:
    rows, above, section = first.rows, first.above, first.section
    sign = {"delimiter": first.delimiter} if first.delimiter else {}
    ways: list[tuple[Mapping, Sequence[str], str]] = []
    lower = further[0] if further else other  # the last row that may have names
    if not other:
        ways.append(({"header": 0}, [f"c{i + 1}" for i in range(len(rows[0]))], ""))
    is_full = 2 * sum(map(bool, map(str.strip, rows[lower]))) >= len(rows[lower])
    has_words = any(map(str.isalnum, "".join(rows[lower])))  # not of a line of dashes
    if other and is_full and has_words and not _come_again(rows[lower]):
        ways.append(({"header": above + lower + 1}, rows[lower], ""))
    names = rows[0] if both else rows[other] if further else [""]
    if all(map(str.strip, names)):  # the next may be units, then left out
        ways.append(({"header": above + lower + 1, "names": [n.strip() for n in names]}, names, ""))
    ways += [(*first.joined(numbers), "") for numbers in joined]
    if not both:  # what it does not look like
        ways.append(({"header": above + 1}, rows[0], ""))
    else:
        others = spanned(above + 2, above + other + 1, section)
        after = f", and has {others} among its rows"
        ways.append(({"header": above + 1}, rows[0], after))
    fix = f"state which {WORDS[section]} has the names:\n" + "\n".join(
        reading({**sign, **keys}, given, section) + after
        for keys, given, after in ways
        if not (both and _come_again(given))  # it would be refused
    )
    seen = shown(rows, first.delimiter or CELLS, above, section, max(SHOWN, lower + 2))
    found = f"{found}:\n{seen}"
    return FileHeaderError(label, found, fix)


def _come_again(names: Sequence[str]) -> bool:
    given = [name for name in names if name.strip()]
    return len(set(given)) < len(given)


def reading(keys: Mapping, names: Sequence[str], section: str = "csv") -> str:
    """Return a line that shows keys of the configuration, and the columns they give."""
    listed = ", ".join(
        f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()
    )
    columns = CELLS.join(_in_one_line(name.strip()) for name in names)
    return f"  `{section}: {{{listed}}}` gives the columns {columns[:LONGEST]}"


def named(number: int, section: str = "csv") -> str:
    """Return what a number of ``header`` counts: the lines of a file, or the rows of a sheet."""
    return f"{WORDS[section]} {number}"


def spanned(first: int, last: int, section: str) -> str:
    """Return what several rows of a file are called, from the first to the last."""
    return named(first, section) if first == last else f"{WORDS[section]}s {first} to {last}"


def shown(
    rows: Sequence[Sequence[str]],
    delimiter: str,
    above: int = 0,
    section: str = "csv",
    most: int = SHOWN,
) -> str:
    """Return the first rows, numbered; ``above``: how many there are before them."""
    lines = (delimiter.join(map(_in_one_line, row)) for row in rows[:most])
    return "\n".join(
        f"  {named(n, section)}: {line[:LONGEST]}" for n, line in enumerate(lines, above + 1)
    )


def _in_one_line(cell: str) -> str:
    """Return a cell without the line breaks that somebody typed in it."""
    return " ".join(cell.splitlines())


def marked(first: Shown, label: str) -> FileHeaderError:
    """Return the error for names behind a sign of comments, as NumPy's `savetxt` writes them."""
    names, number = list(first.rows[0]), first.above + 1
    bare = [names[0].lstrip("#/-% ").strip(), *names[1:]]
    sign = {"delimiter": first.delimiter} if first.delimiter else {}
    found = f"{first.named(0)} has the names, it seems, behind a sign of comments:\n"
    found += shown(first.rows, first.delimiter or CELLS, first.above, first.section)
    fix = "state what they are:\n" + "\n".join(
        reading({**sign, "header": number, **keys}, given, first.section)
        for keys, given in (({"names": bare}, bare), ({}, names))
    )
    return FileHeaderError(label, found, fix)


class FooterError(RowsError):
    """Rows that may be none of the table."""

    def among_others(self, name: str) -> "FooterError":
        """Return the error where there are other files, whose last rows are rows of the table.

        Args:
            name: by which the configuration knows this one.
        """
        name = name.replace("\\", "\\\\").replace('"', '\\"')
        keys = r"(footer|header): (\d+)"
        fix = re.sub(keys, lambda n: f'{n[1]}: {{"{name}": {n[2]}}}', self.fix)
        return FooterError(self.where, self.found, fix)
