"""Rules between the keys that state how raw bytes become rows."""

from collections.abc import Iterator

from diffusion.config.reading import AnyRead, FileRead
from diffusion.errors import DiffusionError


def reading_problems(where: str, read: AnyRead) -> Iterator[DiffusionError]:
    """Yield what is wrong in how a source is read, before anything is fetched."""
    if not isinstance(read, FileRead):
        return
    each = [read.encoding] if isinstance(read.encoding, str) else read.encoding.values()
    declared = {f"{where}.encoding": name for name in each}
    declared[f"{where}.csv.encoding"] = read.csv.encoding
    for key, name in declared.items():
        if name != "auto" and not _is_codec(name):
            fix = "write one of Python's names, e.g. utf-8, cp1252, iso-8859-15, mac_roman, utf-16"
            yield DiffusionError(key, f"there is no encoding `{name}`", fix)
    if read.encoding != "auto" and read.csv.encoding != "auto":
        fix = "keep one of the two; `encoding` of the source can name members"
        yield DiffusionError(f"{where}.csv.encoding", "set together with `encoding`", fix)
    if read.csv.escape and read.csv.escape in (read.csv.quote, read.csv.delimiter):
        fix = "leave it out: quotes that are doubled are read without it"
        yield DiffusionError(f"{where}.csv.escape", "is the same as another sign of `csv`", fix)
    for section in ("csv", "xlsx"):
        names = [name.lower() for name in getattr(read, section).names]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            found = f"names that come twice: {', '.join(twice)}"
            yield DiffusionError(f"{where}.{section}.names", found, "give each column its own name")


def _is_codec(name: str) -> bool:
    try:
        "".encode(name)
    except LookupError:  # none of that name, or one that is not of text, such as base64
        return False
    return True
