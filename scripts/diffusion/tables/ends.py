"""The lowest and the highest value of some rows."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def ends_of(values: pa.Array) -> list[Any]:
    """Return the lowest and the highest value; nothing where all are missing.

    NaN, which Arrow leaves out, is none of them unless all are.
    """
    if pa.types.is_float64(values.type) and len(values) > values.null_count:
        # by numpy in a tenth of the time; a sum with 0.0 makes one zero of two
        known = np.from_dlpack(values.drop_null())
        low, high = float(known.min()) + 0.0, float(known.max()) + 0.0
        if not math.isnan(low):
            return [low, high]
    found = pc.min_max(values)
    return [value for end in ("min", "max") if (value := found[end].as_py()) is not None]
