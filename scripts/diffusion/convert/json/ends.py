"""The first and the last record of a JSON text in UTF-8, as Python's own reader sees them."""

import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from diffusion.config.reading import RecordsRead
from diffusion.convert.headers.notes import AGAIN, BROKEN, ENDED
from diffusion.convert.names import composed
from diffusion.convert.relation import Number, Record
from diffusion.convert.spelling import spelled_name
from diffusion.errors import JsonError
from diffusion.files.json_scan import JsonScan
from diffusion.files.lines import LONGEST

CHUNK = 1 << 20
SHOWN = 100  # characters of a record that an error shows
FEW = 1 << 16  # bytes that most records have room in
DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=Number)


def ends_of_lines(path: Path, last: int) -> list[object]:
    """Return the first and the last record of NDJSON; ``last``: offset of the latter."""
    with path.open("rb") as file:
        first = 0
        while (line := file.readline(LONGEST)) and line.isspace():
            first = file.tell()
    return _values(path, (first, last))


def ends_of_array(path: Path, scanned: JsonScan) -> list[object]:
    """Return the first and the last element of the outermost array."""
    return _values(path, (scanned.first, scanned.last)) if scanned.elements else []


def ends_of_zstd(path: Path) -> list[object]:
    """Return the first and the last record of our own file of an API's records."""
    from backports import zstd

    with zstd.open(path) as file:
        first, tail = file.readline(), b""
        while data := file.read(CHUNK):
            tail += data
            tail = tail[tail.rstrip(b"\n").rfind(b"\n") + 1 :]
    return [value for value in map(_decoded, (first, tail or first)) if value is not None]


def refuse_broken_off(ends: Sequence[object], label: str) -> None:
    """Refuse lines the last of which has no key of the first one, and reports an error.

    Args:
        ends: the first and the last record.

    Raises:
        DiffusionError: with the last line.
    """
    first, last = (ends[0], ends[-1]) if ends else (None, None)
    if not isinstance(first, dict) or not isinstance(last, dict) or first.keys() & last.keys():
        return
    text = json.dumps(last, ensure_ascii=False)
    if BROKEN.fullmatch(text):
        raise JsonError(label, f"{ENDED}\n  {text[:SHOWN]}", AGAIN)


def note_on_last(ends: Sequence[Record]) -> str:
    """Return the note that the last record has no name of the first one, as what ends a stream.

    Args:
        ends: the first and the last record, by the names of columns.
    """
    if len(ends) < 2 or not ends[0] or not ends[-1] or ends[0].keys() & ends[-1].keys():
        return ""
    shown = ", ".join(f"`{name}`" for name in sorted(ends[-1]))[:SHOWN]
    return f"its last record has no name of the first one, and others: {shown}; it may be none"


def flat_ends(ends: Iterable[object], read: RecordsRead, columns: Collection[str]) -> list[Record]:
    """Return records with their objects flattened, by the names of columns; none of what is none.

    Args:
        read: how the names of columns are made.
    """
    return [_flat(record, read.separator, columns, read.names) for record in ends]


def _flat(record: object, separator: str, columns: Collection[str], spelling: str) -> Record:
    found: dict[str, object] = {}
    todo: list[tuple[tuple[str, ...], object]] = [((), record)] if isinstance(record, dict) else []
    while todo:
        path, value = todo.pop()
        name = spelled_name(composed(separator.join(path)), spelling)
        if isinstance(value, dict) and name not in columns:
            todo += [((*path, key), inner) for key, inner in value.items()]
        else:
            found[name] = str(value).lower() if isinstance(value, bool) else value
    return found


def _values(path: Path, offsets: Iterable[int]) -> list[object]:
    """Return the values at offsets; what Python cannot read there, its reader is to tell."""
    values = []
    with path.open("rb") as file:
        for offset in offsets:
            file.seek(offset)
            data = file.read(FEW)
            while (value := _decoded(data)) is None and len(data) < LONGEST:
                if not (more := file.read(len(data))):
                    break
                data += more
            values += [value] if value is not None else []
    return values


def _decoded(data: bytes) -> object:
    try:
        return DECODER.raw_decode(data.decode(errors="ignore").lstrip())[0]
    except ValueError:
        return None
