"""Moments of which some state their zone and others do not: what those mean is no guess of ours."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.convert.counts import Tally
from diffusion.errors import DiffusionError, ValuesError
from diffusion.tables.types import states_zone


def verify_zones(tally: Tally, zones: Mapping[str, Sequence[bool]], where: str) -> None:
    """Refuse a column of moments of which some state their zone.

    Args:
        zones: what was counted, see ``Tally.counts``.

    Raises:
        DiffusionError: shows a value of each kind.
    """
    for column in tally.columns:
        if len(zones.get(column.name, ())) > 1:
            shown = [_first(tally, column, has_zone) for has_zone in (True, False)]
            raise _mixture(where, column.name, *shown)


def verify_zones_of_parts(parts: Sequence[Path], notes: Sequence[Mapping], where: str) -> None:
    """Refuse batches whose moments state their zone in some and do not in others.

    Raises:
        DiffusionError: names a batch of each kind.
    """
    first: dict[str, dict[bool, str]] = {}
    for part, note in zip(parts, notes, strict=True):
        for name, seen in note["zones"].items():
            for has_zone in seen:
                first.setdefault(name, {}).setdefault(has_zone, f"batch {part.stem}")
    for name, found in first.items():
        if len(found) > 1:
            raise _mixture(where, name, found[True], found[False])


def _mixture(where: str, name: str, zoned: str, naive: str) -> DiffusionError:
    found = f"some values state their zone ({zoned}), and others do not ({naive}): these may be "
    found += "UTC or local time"
    fix = f"take the text, `columns: {{{in_line(name)}: string}}`, and make moments of it in "
    fix += "SQL, in the "
    fix += f"zone that is meant: `timezone('Europe/Paris', {name}::TIMESTAMP)` where none is stated"
    return ValuesError(f"{where}.columns.{name}", found, fix)


def _first(tally: Tally, column: Column, has_zone: bool) -> str:
    """Return the first value that states its zone, or that does not, and its file."""
    value = column.value()
    typed, stated = column.typed(tally.decimal, value), states_zone(f"({value})")
    for raw in tally.raws:
        if column.raw in raw.columns:
            rows = tally.con.execute(
                f"SELECT {value} FROM ({raw.sql}) WHERE ({typed}) IS NOT NULL "
                f"AND ({stated}) = {has_zone} LIMIT 1"
            ).fetchall()
            if rows:
                return f"{rows[0][0]} in {raw.label}"
    return "?"
