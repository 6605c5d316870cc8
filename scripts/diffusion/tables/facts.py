"""What is known of a finished table, beside it as JSON: so that nothing is opened again to ask."""

import hashlib
from pathlib import Path
from typing import Any

from diffusion.tables.parquet import describe, read_metadata


def facts_of(table: Path) -> dict[str, Any]:
    """Return the facts of a Parquet file.

    Returns:
        ``rows``; ``columns``: name and type of each; ``sha256`` and ``size`` (bytes) of the file;
        ``noted``: what its maker recorded in it, see ``table_facts``.
    """
    with table.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    facts = {"sha256": digest, "size": table.stat().st_size, **describe(table)}
    return facts | {"noted": read_metadata(table)}
