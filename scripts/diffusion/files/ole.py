"""What an old Office file is, by the names of the streams within it.

Source: [MS-CFB] 2.6.1, directory entries of 128 bytes each, at a multiple of them.
"""

import re
from pathlib import Path

from diffusion.files.mapped import mapped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTRY, STREAM = 128, 2
KINDS = {"workbook": "xls", "book": "xls", "encryptedpackage": "locked"}
NAME = re.compile(
    b"|".join(re.escape(name.encode("utf-16-le") + b"\0\0") for name in KINDS), re.IGNORECASE
)


def ole_kind(path: Path) -> str:
    """Return ``xls``, ``locked`` for what a password protects, ``ole`` for all else."""
    with mapped(path) as data:
        for found in NAME.finditer(data):
            at = found.start()
            if at % ENTRY == 0 and data[at + 64 : at + 67] == bytes((len(found[0]), 0, STREAM)):
                return KINDS[found[0][:-2].decode("utf-16-le").lower()]
    return "ole"
