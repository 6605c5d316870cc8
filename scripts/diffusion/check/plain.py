"""Values as the JSON of results has them."""

import datetime
import math

LONGEST = 200  # characters of a text, items of a list in an example


def plain(value: object) -> object:
    """Return a value as JSON has it: dates as ISO text, NaN as text, long ones cut."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value[:LONGEST]]
    text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
