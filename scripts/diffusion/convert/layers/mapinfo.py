"""The text of MapInfo's files (.tab, .mif), which state a charset, or that they have none."""

import codecs
import re
from pathlib import Path

from diffusion.config.reading import Convert
from diffusion.config.remedies import CORRECT, in_line
from diffusion.convert.layers.dbf import fields_of, records_of
from diffusion.convert.layers.dbf_values import look
from diffusion.convert.layers.layer_text import Texts
from diffusion.errors import LayerError

HEAD = 4096  # bytes
CHARSET = re.compile(rb'(?i:charset)\s+"?(\w+)')
FALLBACK = "cp1252"  # what MapInfo on Windows writes


def verify_decimals(path: Path, texts: Texts, convert: Convert) -> None:
    """Refuse a decimal of a .dat that is none: it is text there, which GDAL reads as far as it can.

    Args:
        path: of the .tab.

    Raises:
        DiffusionError: shows the record and the value.
    """
    dat = path.with_suffix(".dat")
    fields = [f for f in fields_of(dat, texts) if f.letter == "N" and f.name not in convert.drop]
    for first, rows in records_of(dat):
        for one in fields:
            look(one, first, rows)
            if one.odd:
                record, text = one.odd
                found = f"`{one.name}` of record {record:,} of {dat.name} is {text!r}: no number"
                fix = f"leave it out, `drop: [{in_line(one.name)}]`; or {CORRECT}"
                raise LayerError(texts.label, found, fix)


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
            raise LayerError(label, f"states its charset, {charset}", "remove `encoding`")
        return Texts(label)
    if wanted != "auto":
        return Texts(label, codecs.lookup(wanted).name, may_declare=True)
    return Texts(label, otherwise=FALLBACK, may_declare=True)
