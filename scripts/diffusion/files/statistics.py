"""Files of statistical packages: how they are recognised, and the tables of a transport file.

Sources: the US Library of Congress' format descriptions (SAS, SPSS, Stata), SAS' TS-140 (transport
files, version 5 and 8), R Internals 1.8 (serialization).
"""

import mmap
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from diffusion.base.magic import Magic
from diffusion.files.mapped import mapped

PIECE = 1 << 20
SIGNATURES = Magic(
    ("sas7bdat", rb"\x00{12}\xc2\xea\x81\x60"),
    ("xpt", rb"HEADER RECORD\*{7}LIB"),
    ("dta", rb"<stata_dta>|[\x69-\x73][\x01\x02]\x01\x00"),
    ("sav", rb"\$FL[23]@\(#\)"),
    ("por", rb".{0,240}ASCII SPSS PORT FILE"),
    ("rdata", rb"RD[AXB][234]\n"),
    ("rds", rb"[XB]\n\x00\x00\x00[\x02\x03]|B\n[\x02\x03]\x00\x00\x00"),
)
RELEASE = re.compile(rb"<release>(\d+)</release>")
UNICODE = 118  # the first release of Stata's format that is UTF-8 throughout
RECORD = 80  # bytes
MEMBER = re.compile(rb"HEADER RECORD\*{7}(?:MEMBER |MEMBV8 ) HEADER RECORD")
NAME_AT, NAME_LENGTHS = 8, {b"MEMBER ": 8, b"MEMBV8 ": 32}


def statistics_kind(head: bytes) -> str | None:
    """Return the format of a file of SAS, Stata, SPSS or R, if its first bytes show one."""
    return SIGNATURES.kind(head)


def states_encoding(path: Path, form: str) -> bool:
    """Return whether a file says in which encoding its text is."""
    if form != "dta":
        return form != "xpt"
    with path.open("rb") as file:
        found = RELEASE.search(file.read(200))
    return found is not None and int(found[1]) >= UNICODE


def transport_tables(path: Path) -> dict[str, tuple[int, int]]:
    """Return the tables of a SAS transport file: name → where its records begin and end."""
    with mapped(path) as data:
        starts = [found.start() for found in MEMBER.finditer(data) if not found.start() % RECORD]
        ends = [*starts[1:], len(data)]
        return {
            _table_name(data, start): (start, end) for start, end in zip(starts, ends, strict=True)
        }


def transport_of_one(path: Path, place: tuple[int, int], target: Path) -> Path:
    """Write a transport file of one of its tables: the header of the whole, then its records."""
    with path.open("rb") as file, target.open("wb") as copy:
        copy.writelines(_pieces(file.fileno(), (0, 3 * RECORD)))
        copy.writelines(_pieces(file.fileno(), place))
    return target


def _table_name(data: mmap.mmap, start: int) -> str:
    at = start + 2 * RECORD + NAME_AT  # behind two headers
    length = NAME_LENGTHS[data[start + 20 : start + 27]]
    return data[at : at + length].decode("latin-1").strip()


def _pieces(file: int, place: tuple[int, int]) -> Iterator[bytes]:
    with closing(mmap.mmap(file, 0, prot=mmap.PROT_READ)) as data:
        for at in range(*place, PIECE):
            yield data[at : min(at + PIECE, place[1])]
