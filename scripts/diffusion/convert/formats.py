"""Which format a raw file is of: declared, or known by its bytes."""

from pathlib import Path

from diffusion.config.reading import R_FILES, STATISTICS, WORKBOOKS, FileRead
from diffusion.config.vector_formats import LAYERS
from diffusion.convert.typed.as_parquet import FORMATS as COPIED
from diffusion.errors import ArchiveError, DiffusionError, EncodingError, FileFormatError
from diffusion.files.encodings import as_utf8, wide_encoding
from diffusion.files.sniff import COMPRESSED, CONTAINERS, sniff
from diffusion.files.unread import refusal

TEXTS = ("text", "json", "ndjson", "xml", "binary")  # what text of fixed width may look like


def format_of(path: Path, read: FileRead, label: str, place: Path) -> str:
    """Return the format: declared, or of the bytes, which an encoding that is declared is for."""
    if read.format != "auto":
        return read.format
    if read.fixed.columns and sniff(path) in TEXTS:
        return "fixed"
    form, encoding = _sniffed(path), read.encoding_of(label)
    if form == "gpkg" and read.table is not None:
        return "sqlite"  # which it is as well: a table of it that is no layer
    if form == "binary" and encoding != "auto":
        return _sniffed(as_utf8(path, encoding, place / "text", label))
    return form


def _sniffed(path: Path) -> str:
    kind = "gdb" if path.is_dir() else sniff(path)
    return "csv" if kind == "text" else kind


def not_read(path: Path, form: str, label: str) -> DiffusionError:
    """Return the error for what is of no format that is read."""
    if form in (*CONTAINERS, *COMPRESSED):
        fix = "take another `member:`; or ask the publisher for a plain archive, and once it is "
        fix += "there set a new `vintage`"
        return ArchiveError(label, f"is an archive in an archive ({form}): not opened", fix)
    if known := refusal(form):
        return FileFormatError(label, *known)
    if form == "empty":
        fix = "leave it out (a narrower `member:` or `url:`); or set a new `vintage` once its "
        fix += "publisher has filled it"
        return FileFormatError(label, "the file is empty: it has 0 bytes", fix)
    if form == "binary" and (shown := wide_encoding(path)):
        found = f"its zero bytes are those of text in {shown}, without a byte order mark"
        return EncodingError(label, found, f"state `encoding: {shown}`")
    if form == "binary":
        fix = "if it is text, state its encoding, `encoding: …`; else ask the publisher for CSV, "
        fix += ".xlsx or Parquet"
        return FileFormatError(label, "this is no text, and no format that is known", fix)
    formats = (*WORKBOOKS, *STATISTICS, *R_FILES, *COPIED, *LAYERS)
    fix = "declare `format:` if it is csv, json, ndjson, parquet, xml, "
    fix += f"{', '.join(formats)}; "
    fix += "else ask the publisher for one of these"
    return FileFormatError(label, f"the format is not known: {form}", fix)
