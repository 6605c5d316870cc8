"""What an answer is that was to be JSON, and how such data are fetched."""

import re
import tempfile
from collections.abc import Collection
from pathlib import Path

from diffusion.files.sniff import sniff

# what `sniff` calls it: what to do
SOURCES = {
    "html": "that is a web page (HTML): look for the address of the API in its documentation; or "
    "it may ask to log in, or say that the service is down",
    "xml": "that is XML: write `format: xml`; or ask for JSON, by a parameter such as `format`",
    "text": "if that is delimited text, write `from: file`; of text in pages, `format: csv`",
    "ndjson": "those are lines of JSON: write `from: file`; of lines in pages, `format: ndjson`",
    "geojsonseq": "those are lines of GeoJSON: write `from: file`",
    "zip": "that is an archive: write `from: archive`",
    "7z": "that is an archive: write `from: archive`",
    "tar": "that is an archive: write `from: archive`",
    "gz": "that is a compressed file: write `from: file`",
    "parquet": "that is a Parquet file: write `from: file`",
    "xlsx": "that is a workbook: write `from: file`",
    "gpkg": "that is a GeoPackage: write `from: file`",
}
DELIMITED = (b";", b",", b"\t")  # a line of a text without any is a sentence
JSONP = re.compile(rb"\s*(/\*.*?\*/)?\s*[\w.$]+\s*\(\s*[\[{].*\)\s*;?\s*", re.DOTALL)
# what programs write before an answer when they fail
WARNED = re.compile(rb"\s*<(br|b|p|div|font|pre|table|center|h\d|style)\b", re.IGNORECASE)
SHAPES = {"jsonstat": {"dimension", "value"}, "sdmx": {"dataSets"}}  # names at the top
AT_BYTE = re.compile(r"byte (\d+)\)?$")
AROUND = 30  # bytes shown on each side


def other_source(content: bytes) -> str:
    """Return what to write for an answer that is no JSON, in words; empty if it shows nothing."""
    if JSONP.fullmatch(content):
        return "that is JSON within a call (JSONP): leave out the parameter `callback` or `jsonp`"
    if WARNED.match(content):
        return "that begins as a web page, or with a warning of the server's program: read it"
    with tempfile.NamedTemporaryFile(prefix="diffusion-answer-") as file:
        file.write(content)
        file.flush()
        kind = sniff(Path(file.name))
    first = content.partition(b"\n")[0]
    if kind == "text" and not (b"\n" in content and any(sign in first for sign in DELIMITED)):
        return ""
    return SOURCES.get(kind, "")


def shape_words(names: Collection[str]) -> str:
    """Return what to write for an object that is a table of another shape; empty for others."""
    for shape, needed in SHAPES.items():
        if needed <= {*names}:
            return f"that is one table: write `from: file` and `json: {{shape: {shape}}}`"
    return ""


def fault_words(content: bytes, error: Exception) -> str:
    """Return the text at which JSON is broken, in words; empty where it is at the beginning."""
    found = AT_BYTE.search(str(error))
    at = int(found[1]) if found else 0
    if not at or at >= len(content):
        return ""
    text = content[max(at - AROUND, 0) : at + AROUND].decode("utf-8", "replace")
    shown = "".join(c if c.isprintable() else " " for c in text)
    words = f"at byte {at:,} stands `{shown}`"
    return f"{words}, and JSON has no NaN" if content[at:].startswith((b"NaN", b"aN")) else words
