"""What an answer is that was to be JSON, and how such data are fetched."""

import tempfile
from pathlib import Path

from diffusion.files.sniff import sniff

# what `sniff` calls it: what to do
SOURCES = {
    "html": "that is a web page (HTML): look for the address of the API in its documentation",
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


def other_source(content: bytes) -> str:
    """Return what to write for an answer that is no JSON, in words; empty if it shows nothing."""
    with tempfile.NamedTemporaryFile(prefix="diffusion-answer-") as file:
        file.write(content)
        file.flush()
        kind = sniff(Path(file.name))
    first = content.partition(b"\n")[0]
    if kind == "text" and not (b"\n" in content and any(sign in first for sign in DELIMITED)):
        return ""
    return SOURCES.get(kind, "")
