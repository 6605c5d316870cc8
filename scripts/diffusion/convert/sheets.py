"""Which sheets of a workbook are read, and how several become one table."""

from collections.abc import Sequence
from dataclasses import replace

from diffusion.base.globs import matches
from diffusion.convert.relation import RawTable
from diffusion.errors import DiffusionError

SHOWN = 5  # names of columns that an error shows


def which_sheet(wanted: str | None, names: Sequence[str], label: str) -> DiffusionError:
    """Return the error for a workbook of several sheets, or without the one that is named."""
    found = f"sheets: {', '.join(names)}"
    if wanted is None:
        fix = "write the name of one: `xlsx: {sheet: …}`; or take all, if they are of the same "
        return DiffusionError(label, found, f"{fix}columns: `xlsx: {{sheets: all}}`")
    from diffusion.config.schema import did_you_mean  # jsonschema only for this

    fix = f"{did_you_mean(wanted, names)}Write the name of one under `xlsx.sheet`"
    return DiffusionError(label, f"there is no sheet `{wanted}`; {found}", fix)


def chosen_sheets(wanted: str | Sequence[str], names: Sequence[str], label: str) -> list[str]:
    """Return the sheets to read, in the order of the workbook.

    Args:
        wanted: ``all``, or names and globs.

    Raises:
        DiffusionError: one of them names no sheet.
    """
    if isinstance(wanted, str):
        return list(names)
    for glob in wanted:
        if not any(matches(name, glob) or name == glob for name in names):
            found = f"no sheet is called `{glob}`; sheets: {', '.join(names)}"
            raise DiffusionError(label, found, "correct `xlsx.sheets`")
    return [name for name in names if any(matches(name, g) or name == g for g in wanted)]


def with_sheet(raw: RawTable, column: str, sheet: str) -> RawTable:
    """Return the rows of a sheet with its name in a column.

    Raises:
        DiffusionError: the sheet has a column of that name.
    """
    if column.lower() in map(str.lower, raw.columns):
        found = f"has a column `{column}`, which is to hold the name of the sheet"
        raise DiffusionError(raw.label, found, f"name it otherwise: `sheet_column: {column}_name`")
    text, strings = raw.types.text | {column}, raw.types.strings | {column}
    types = replace(raw.types, text=text, strings=strings)
    return replace(raw, columns=[*raw.columns, column], types=types, added={column: sheet})


def verify_sheets(raws: Sequence[RawTable], label: str) -> None:
    """Refuse sheets of other columns than the first one has: a notice, or another table.

    Raises:
        DiffusionError: names two sheets, and what one of them has not.
    """
    if not raws:
        raise DiffusionError(label, "all of its sheets are empty", "see `xlsx.sheets`")
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
        raise DiffusionError(label, found, fix)


def _differ(one: RawTable, other: RawTable, columns: Sequence[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in columns[:SHOWN])
    listed += ", …" if len(columns) > SHOWN else ""
    return f"its sheets have other columns: {one.label} has no {listed}, {other.label} has"
