"""Names of columns: those of a header, those that are given, or numbers."""

from collections.abc import Sequence

from diffusion.config.remedies import in_line
from diffusion.convert.headers.words import named
from diffusion.convert.names import composed, distinct
from diffusion.errors import HeaderError


def column_names(
    header: Sequence[str] | None,
    row: int,
    given: Sequence[str],
    label: str,
    section: str = "csv",
    width: int = 0,
    above: Sequence[str] = (),
) -> list[str]:
    """Return the names of columns: those that are given, of the header, or numbered.

    Args:
        header: the first row where there is no header.
        row: the header's, 0 for none.
        section: of the configuration, that has ``names``.
        width: of the rows below the header, where it may be another.
        above: the row above the header, if it is not one of the names.

    Raises:
        DiffusionError: there is no such row, or two columns have one name.
    """
    if not header:
        fix = f"see `{section}.header`"
        raise HeaderError(label, f"{named(max(row, 1), section)} is empty or absent", fix)
    width = width or len(header)
    if given and len(given) != width:
        found = f"{len(given)} names are given, its lines have {width} columns"
        fix = f"give one for each column: `{section}: {{names: […]}}`"
        if section == "csv" and len(given) > width:
            fix += "; where other files have more, as by a delimiter at the end of lines, add `pad:"
            fix += " true` to the names of all, and leave out what is empty (`drop`)"
        raise HeaderError(label, found, fix)
    numbered = [f"c{number}" for number in range(1, len(header) + 1)]
    names = [composed(_bare(n)) or number for n, number in zip(header, numbered, strict=True)]
    fix = f"give each a name of its own: `{section}: {{names: {in_line(unlike(names))}}}`"
    if section == "csv" and any("\x01" in name for name in names):  # Hive's own delimiter
        fix = 'state the delimiter: `csv: {delimiter: "\\x01"}`'
    if any(map(str.strip, above)):
        fix += f"; or join the row above to them: `{section}: {{header: [{row - 1}, {row}]}}`"
    return distinct(list(given) or (names if row else numbered), label, fix)


def _bare(name: str) -> str:
    """Return a name without blanks around it, nor the quotes that have a blank before them."""
    bare = name.strip()
    is_quoted = name[:1].isspace() and len(bare) > 1 and bare[0] == bare[-1] == '"'
    return bare[1:-1].replace('""', '"').strip() if is_quoted else bare


def unlike(names: Sequence[str]) -> list[str]:
    """Return names of which those that come again have a number: a proposal, never a decision."""
    seen: dict[str, int] = {}
    proposed = []
    for name in names:
        seen[name.lower()] = seen.get(name.lower(), 0) + 1
        number = seen[name.lower()]
        proposed.append(name if number == 1 else f"{name}_{number}")
    return proposed
