"""From which raw bytes a table comes, through all tables between: one hash of them.

The bytes of a source's table change with the configuration, and with them the ``inputs`` of all
that is derived from it; its origin does not. So it tells who changed a table: the source, or the
user.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping


def origin_of(entry: Mapping) -> str:
    """Return the origin of a table; empty where its entry is of before origins were noted.

    Args:
        entry: the table's entry in the manifest, its receipt, or what is recorded in the table.
    """
    raw = entry.get("raw_sha256")
    return entry.get("origin") or (_hash(raw) if raw else "")


def origin_of_inputs(receipts: Iterable[Mapping]) -> str:
    """Return the origin of a table that is derived from others; empty where one has none.

    Args:
        receipts: of the tables that it reads.
    """
    origins = sorted({origin_of(receipt) for receipt in receipts})
    if not all(origins):
        return ""
    return origins[0] if len(origins) == 1 else _hash(origins)


def _hash(found: object) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
