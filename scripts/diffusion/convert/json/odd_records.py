"""JSON of which some elements are no records, and say what the others are."""

import json
from collections.abc import Collection, Sequence
from itertools import islice
from pathlib import Path

from diffusion.config.remedies import in_line
from diffusion.errors import JsonError
from diffusion.files.lines import LONGEST

LOOKED = 1000  # lines
ACTIONS = ("index", "create", "update", "delete")  # of Elasticsearch's bulk format


def refuse_page(ends: Sequence[object], label: str) -> None:
    """Refuse a list of an object and of the list of the records, as the World Bank answers.

    Args:
        ends: the first and the last element.

    Raises:
        DiffusionError: with the path of the records.
    """
    first, last = (ends[0], ends[-1]) if ends else (None, None)
    if isinstance(first, dict) and isinstance(last, list) and last and isinstance(last[0], dict):
        found = f"an object comes first ({', '.join(first)}), and then the list of the records"
        raise JsonError(label, found, 'take that list: `records: "[1]"`')


def refuse_bulk(path: Path, kept: Collection[str], label: str) -> None:
    """Refuse lines of which each second says what is to be done with the next one.

    Args:
        kept: columns that are declared to be JSON, as the remedy has these lines.

    Raises:
        DiffusionError: with the keys that leave those lines out.
    """
    with path.open("rb") as file:
        lines = list(islice(iter(lambda: file.readline(LONGEST), b""), LOOKED))
    actions = [_action(line) for line in lines if line.strip()]
    named = list(dict.fromkeys(filter(None, actions)))
    if len(actions) < 2 or not actions[0] or actions[1] or set(kept).issuperset(named):
        return
    found = f"lines with `{'`, `'.join(named)}` stand between the records, as in Elasticsearch's "
    found += "bulk format"
    columns = in_line(dict.fromkeys(named, "json"))
    where = " AND ".join(f'"{name}" IS NULL' for name in named)
    fix = f"leave them out: `columns: {columns}` with `where: {in_line(where)}`"
    raise JsonError(label, found, fix)


def note_on_features(names: Collection[str]) -> list[str]:
    """Return what is told of records that are GeoJSON's features, in no FeatureCollection.

    Args:
        names: of all columns.
    """
    parts = [name.removeprefix("geometry") for name in names if name.startswith("geometry")]
    of_type, of_place = (
        {part.removesuffix(end) for part in parts if part.endswith(end)}
        for end in ("type", "coordinates")
    )
    if "type" not in names or not of_type & of_place:
        return []
    fix = "`geometry: {from: {geojson: geometry}}` makes a layer of them"
    return [f"the records look like GeoJSON's features, whose geometries are text: {fix}"]


def _action(line: bytes) -> str:
    """Return what a line says is to be done; empty for a record."""
    if not line.lstrip()[:2].startswith(b"{"):
        return ""
    try:
        value = json.loads(line) if len(line) < LOOKED else None
    except ValueError:
        return ""
    if not isinstance(value, dict) or len(value) != 1:
        return ""
    [(name, inner)] = value.items()
    is_action = name in ACTIONS and isinstance(inner, dict)
    return name if is_action and all(key.startswith("_") for key in inner) else ""
