"""Which sheets of a workbook are read, and how several become one table."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from diffusion.base.globs import matches
from diffusion.convert.relation import RawTable
from diffusion.convert.workbooks.book import Book
from diffusion.errors import DiffusionError, WorkbookError

LOOKED = 100  # rows of a sheet
SHOWN = 5  # names of columns that an error shows


def which_sheet(wanted: str | None, names: Sequence[str], label: str) -> DiffusionError:
    """Return the error for a workbook of several sheets, or without the one that is named."""
    found = f"sheets: {', '.join(names)}"
    if wanted is None:
        fix = "write the name of one: `xlsx: {sheet: …}`; or take all, if they have the same "
        return WorkbookError(label, found, f"{fix}columns: `xlsx: {{sheets: all}}`")
    from diffusion.config.schema import did_you_mean  # jsonschema only for this

    fix = f"{did_you_mean(wanted, names)}Write the name of one under `xlsx.sheet`"
    return WorkbookError(label, f"there is no sheet `{wanted}`; {found}", fix)


def only_sheet(book: Book, label: str) -> tuple[str, tuple[str, ...]]:
    """Return the one sheet that has values and is not hidden, and what is told of the others.

    Raises:
        DiffusionError: there are several.
    """
    shown = [name for name in book.tables if name not in book.hidden] or list(book.tables)
    filled = [name for name in shown if not book.is_empty(name)] if len(shown) > 1 else shown
    if len(filled) != 1:
        likely_first = sorted(filled, key=lambda name: _is_prose(book, name))
        raise which_sheet(None, likely_first or shown or book.names, label)
    empty = [name for name in shown if name not in filled]
    told = [f"sheet {name} is empty" for name in empty[:SHOWN]]
    return filled[0], (*told, *hidden_notes(book, filled))


def _is_prose(book: Book, name: str) -> bool:
    """Whether the first rows of a sheet have one value each, as those of a page of text."""
    rows = islice(book.cells(name), LOOKED)
    return all(sum(cell.value is not None for cell in row) < 2 for row in rows)


def hidden_notes(book: Book, read: Sequence[str]) -> tuple[str, ...]:
    """Return what is told of hidden sheets that are not read."""
    hidden = [name for name in book.tables if name in book.hidden and name not in read]
    fix = "it is read where `xlsx` names it"
    return tuple(f"sheet {name} is hidden, and not read: {fix}" for name in hidden[:SHOWN])


def chosen_sheets(wanted: str | Sequence[str], book: Book, label: str) -> list[str]:
    """Return the sheets to read, in the order of the workbook; hidden ones by their names only.

    Args:
        wanted: ``all``, or names and globs.

    Raises:
        DiffusionError: one of them names no sheet.
    """
    names = book.tables
    shown = [name for name in names if name not in book.hidden]
    if isinstance(wanted, str):
        return shown
    for glob in wanted:
        if not any(matches(name, glob) for name in shown) and glob not in names:
            found = f"no sheet is called `{glob}`; sheets: {', '.join(names)}"
            raise WorkbookError(label, found, "correct `xlsx.sheets`")
    return [
        name
        for name in names
        if name in wanted or (name in shown and any(matches(name, glob) for glob in wanted))
    ]


def with_sheet(raw: RawTable, column: str, sheet: str) -> RawTable:
    """Return the rows of a sheet with its name in a column.

    Raises:
        DiffusionError: the sheet has a column of that name.
    """
    if column.lower() in map(str.lower, raw.columns):
        found = f"has a column `{column}`, which is to hold the name of the sheet"
        raise WorkbookError(raw.label, found, f"name it otherwise: `sheet_column: {column}_name`")
    text, strings = raw.types.text | {column}, raw.types.strings | {column}
    types = replace(raw.types, text=text, strings=strings)
    return replace(raw, columns=[*raw.columns, column], types=types, added={column: sheet})


def verify_sheets(raws: Sequence[RawTable], label: str) -> None:
    """Refuse sheets of other columns than the first one has: a notice, or another table.

    Raises:
        DiffusionError: names two sheets, and what one of them has not.
    """
    if not raws:
        raise WorkbookError(label, "all of its sheets are empty", "see `xlsx.sheets`")
    first = raws[0]
    for raw in raws[1:]:
        if lacking := [name for name in first.columns if name not in raw.columns]:
            found = _differ(raw, first, lacking)
        elif further := [name for name in raw.columns if name not in first.columns]:
            found = _differ(first, raw, further)
        else:
            continue
        names = ", ".join(str(next(iter(each.added.values()))) for each in raws[:SHOWN])
        fix = f"name those of one kind: `xlsx: {{sheets: [{names}, …]}}` (globs, too); the others "
        fix += "are a source of their own"
        raise WorkbookError(label, found, fix)


def _differ(one: RawTable, other: RawTable, columns: Sequence[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in columns[:SHOWN])
    listed += ", …" if len(columns) > SHOWN else ""
    return f"its sheets have other columns: {one.label} has no {listed}, {other.label} has"
