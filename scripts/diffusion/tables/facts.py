"""What is known of a finished table, beside it as JSON: so that nothing is opened again to ask."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffusion.base.variables import shown
from diffusion.tables.boxes import GEOMETRY
from diffusion.tables.parquet import describe, read_metadata


def facts_of(table: Path, distinct: Mapping[str, Mapping] | None = None) -> dict[str, Any]:
    """Return the facts of a Parquet file.

    Args:
        distinct: how many different values its columns have, and where its geometries lie, as
            counted while it was written.

    Returns:
        ``rows``; ``columns``: name and type of each; ``sha256`` and ``size`` (bytes) of the file;
        ``noted``: what its maker recorded in it, see ``table_facts``; ``values``: lowest and
        highest of each column, how many different ones, and how they are spread.
    """
    with table.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    facts = {"sha256": digest, "size": table.stat().st_size, **describe(table)}
    limits, counts = facts.pop("ranges"), dict(distinct or {})
    if "geo" in facts:
        facts["geo"] |= counts.pop(GEOMETRY, {})
    names = [column["name"] for column in facts["columns"]]
    values = {name: {**limits.get(name, {}), **counts.get(name, {})} for name in names}
    facts["values"] = {name: _told(found) for name, found in values.items() if found}
    return facts | {"noted": read_metadata(table)}


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a column without secrets; numbers that count it are none."""
    spread = found.get("spread", {})
    values = {key: value for key, value in found.items() if key not in ("distinct", "spread")}
    told = dict(shown(values, of_data=True))
    told |= {"distinct": found["distinct"]} if "distinct" in found else {}
    ends = {end: shown(spread[end], of_data=True) for end in ("from", "to") if end in spread}
    return told | ({"spread": {**spread, **ends}} if spread else {})
