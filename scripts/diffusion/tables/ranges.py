"""The lowest and highest value of each column, as the statistics of the row groups say."""

import datetime
import decimal
import math
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

LONGEST = 100  # characters of a text that is noted


def plain_leaves(schema: pa.Schema) -> dict[str, int]:
    """Return the plain columns with their positions among a file's leaves.

    Not by the paths of leaves: that of a column `a.b` is that of a field `b` in a struct `a`.
    """
    found, place = {}, 0
    for field in schema:
        if not pa.types.is_nested(_stored(field.type)):
            found[field.name] = place
        place += count_leaves(field.type)
    return found


def count_leaves(kind: pa.DataType) -> int:
    """Return how many leaves a column has: each field of a struct is one."""
    kind = _stored(kind)
    if not pa.types.is_nested(kind):
        return 1
    return sum(count_leaves(kind.field(index).type) for index in range(kind.num_fields))


def _stored(kind: pa.DataType) -> pa.DataType:
    """Return the type that a file has: an extension type hides the fields of what it extends."""
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def ranges(file: pq.ParquetFile) -> dict[str, dict]:
    """Return ``min`` and ``max`` of the plain columns whose values have an order, as JSON has them.

    Dates, moments and decimals are text. A column without a value has neither; nor has one with
    values that JSON has no words for, or with texts that are long.
    """
    found = {}
    for name, place in plain_leaves(file.schema_arrow).items():
        if limits := _limits(file.metadata, place):
            low, high = as_json(min(limits)), as_json(max(limits))
            if low is not None and high is not None:
                found[name] = {"min": low, "max": high}
    return found


def _limits(metadata: pq.FileMetaData, n: int) -> list[Any]:
    """Return both ends of a column's values in each row group; none where one does not tell."""
    limits: list[Any] = []
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        column = group.column(n)
        known = column.statistics
        if known is None or not known.has_min_max:
            if known is None or known.null_count != column.num_values:
                return []
            continue
        limits += [known.min, known.max]
    return limits


def as_json(value: Any) -> bool | int | float | str | None:
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None  # of zeros, statistics name -0.0
    if isinstance(value, datetime.date | datetime.time):  # a moment is a date, too
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, str):
        return value if len(value) <= LONGEST else None
    return value if isinstance(value, bool | int) else None
