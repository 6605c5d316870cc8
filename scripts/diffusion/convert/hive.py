"""Keys in the paths of files, as Hive, Spark and Arrow write them: ``year=2024/dep=01/…``."""

import re
from urllib.parse import unquote

from diffusion.errors import DiffusionError

KEY = re.compile(r"([^/=]+)=([^/]*)")
NULL = "__HIVE_DEFAULT_PARTITION__"


def hive_keys(path: str, label: str) -> dict[str, str | None]:
    """Return the keys of a path with their values, which are text; None where there is none.

    Raises:
        DiffusionError: the path has no key, or one twice.
    """
    parts = path.split("/")[:-1]
    found = [match for part in parts if (match := KEY.fullmatch(part))]
    keys = {unquote(m[1]): None if m[2] == NULL else unquote(m[2]) for m in found}
    if not keys:
        fix = "remove `hive: true`; or begin the glob above the folders `name=value/`"
        raise DiffusionError(label, f"its path has no key such as `year=2024/`: {path}", fix)
    if len(keys) < len(found):
        fix = "have the publisher write each key once"
        raise DiffusionError(label, f"its path has a key twice: {path}", fix)
    return keys
