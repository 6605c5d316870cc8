"""What GDAL says while it reads a layer: a value that it has read in part is in no table.

It takes `12,5` for 12, `NULL` for 0 and 3,000,000,000 among 32 bits for another number, and warns.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from diffusion.config.reading import Convert
from diffusion.config.remedies import CORRECT, in_line
from diffusion.errors import ValuesError

LOSSY = re.compile(r"(?i)parsed incompletely|invalid value|overflow|truncated|out of range|clamp")
FIELD = re.compile(r"field (?:[^\s.]+\.)?(?P<name>.+?)(?: parsed| is |\. |:|$)")


@contextmanager
def no_lossy_values(convert: Convert, label: str) -> Iterator[None]:
    """Refuse a layer of which GDAL has read a value in part.

    Args:
        convert: which columns will be in the table: of others it may.

    Raises:
        DiffusionError: in GDAL's words.
    """
    said: list[str] = []

    def listen(message: Warning | str, *_: object, **__: object) -> None:
        text = str(message)
        if not said and LOSSY.search(text) and (not _name(text) or convert.takes(_name(text))):
            said.append(text)

    with warnings.catch_warnings():
        warnings.simplefilter("always", RuntimeWarning)
        warnings.showwarning = listen
        yield
    if said:
        name = _name(said[0])
        drop = f"leave it out, `drop: [{in_line(name)}]`; or " if name else ""
        raise ValuesError(label, f"a value is none of its column's type: {said[0]}", drop + CORRECT)


def _name(text: str) -> str:
    found = FIELD.search(text)
    return found["name"] if found else ""
