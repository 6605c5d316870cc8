"""The text of MapInfo's files (.tab, .mif), which state a charset, or that they have none."""

import codecs
import re
from pathlib import Path

from diffusion.convert.layer_text import Texts
from diffusion.errors import DiffusionError

HEAD = 4096  # bytes
CHARSET = re.compile(rb'(?i:charset)\s+"?(\w+)')
FALLBACK = "cp1252"  # what MapInfo on Windows writes


def mapinfo_text(path: Path, wanted: str, label: str) -> Texts:
    """Return how text is read: GDAL knows the charset, unless it is ``Neutral``, which is none.

    Then it is what is declared, else UTF-8 where a value is, else CP1252.

    Args:
        wanted: what is declared, a codec of Python; ``auto`` for nothing.

    Raises:
        DiffusionError: an encoding is declared, though the file states its charset.
    """
    with path.open("rb") as file:
        found = CHARSET.search(file.read(HEAD))
    charset = found[1].decode() if found else "Neutral"
    if charset.lower() != "neutral":
        if wanted != "auto":
            raise DiffusionError(label, f"states its charset, {charset}", "remove `encoding`")
        return Texts(label)
    if wanted != "auto":
        return Texts(label, codecs.lookup(wanted).name, may_declare=True)
    return Texts(label, otherwise=FALLBACK, may_declare=True)
