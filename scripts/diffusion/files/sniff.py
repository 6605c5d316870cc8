"""What a file is, by its first bytes: names and content types are often wrong.

Sources of the signatures: PKWARE APPNOTE 4.3 (zip), 7zFormat.txt (7z), POSIX pax (tar),
RFC 1952 (gz), RFC 8878 (zst), xz-file-format.txt, the Parquet, Arrow (IPC), ORC, SQLite, DuckDB,
dBASE III and OGC GeoPackage specifications, the ESRI shapefile technical description, RFC 7946
(GeoJSON).
"""

import codecs
import io
import re
import tarfile
import zipfile
from pathlib import Path

from diffusion.base.magic import Magic
from diffusion.config.vector_formats import layer_format
from diffusion.errors import AnswerError
from diffusion.files.held import open_bytes
from diffusion.files.ole import OLE, ole_kind
from diffusion.files.statistics import statistics_kind
from diffusion.files.unread import COMMENTED, unread_kind, unread_zip

HEAD = 64 * 1024
CHUNK = 1 << 20
COMPRESSED = ("gz", "zst", "xz", "bz2")  # one stream; a tar may be inside
CONTAINERS = ("zip", "7z", "tar")
PACKED = ("xlsx", "ods", "xlsb")  # workbooks that are a zip

_MAGIC = Magic(
    ("zip", rb"PK(?:\x03\x04|\x05\x06)"),
    ("7z", rb"7z\xbc\xaf\x27\x1c"),
    ("gz", rb"\x1f\x8b\x08"),
    ("zst", rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),  # the second opens a skippable frame
    ("xz", rb"\xfd7zXZ\x00"),
    ("bz2", rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    ("parquet", rb"PAR1"),
    ("shp", rb"\x00\x00\x27\x0a.{24}\xe8\x03\x00\x00"),  # file code 9994, version 1000
    # application_id at byte 68; older files are known by their first table
    ("gpkg", rb"SQLite format 3\x00(?:.{52}GP(?:KG|10|11)|.*gpkg_contents)"),
    ("sqlite", rb"SQLite format 3\x00"),
    ("duckdb", rb".{8}DUCK"),
    # a file; Feather 1; a stream, which begins with the size of its schema
    (
        "arrow",
        rb"ARROW1\x00\x00|FEA1.{,512}?[\x00-\x08]|\xff{4}..[\x00-\x0f]\x00[\x04-\x40]\x00{3}",
    ),
    ("orc", rb"ORC.{,512}?[\x00-\x08]"),  # a header of CSV may begin so
)
# dBASE: a month, a day; the name of the first field, and its type
_DBF = re.compile(
    rb"[\x02\x03\x30\x31\x43\x63\x83\x8b\xcb\xf5].[\x01-\x0c][\x01-\x1f].{28}[A-Za-z_].{10}"
    rb"[CNDLFMIBTGOYV@+]",
    re.DOTALL,
)
_BOMS = (  # UTF-32 before UTF-16: the one begins with the other
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Possessive: a hostile run of comments costs linear time.
_PROLOGUE = r"(?:\s+|<!--.*?-->|<\?.*?\?>)*+"
_HTML_TAG = r"<(?:!doctype\s+html|html|head|body|meta|title|script)\b"
_HTML = re.compile(_PROLOGUE + _HTML_TAG, re.I | re.S)
_XML = re.compile(r"\s*+(?:<\?xml\s|<!--|<!DOCTYPE\s|<[A-Za-z_][\w.:-]*+(?:\s[^<>]*+|/)?>)")
# The roots of error documents: S3, then OGC web services.
_XML_ERROR = re.compile(
    _PROLOGUE + r"<(?:\w+:)?(?:errors?|exception|(?:service)?exceptionreport|fault)\b", re.S | re.I
)
_JSON = re.compile(r'\s*+\x1e?\s*+(?:\{\s*+["}]|\[\s*+["{\[\]\-\dtfn])')
_JSON_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}:]', re.S)
_GEOJSON = re.compile("Feature(Collection)?|(Multi)?(Point|LineString|Polygon)|GeometryCollection")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")


class BoundedReader(io.BufferedReader):
    """A file that refuses to give more than `most` bytes at once.

    zipfile loads a whole central directory, of the size that the archive declares.
    """

    def __init__(self, path: Path, most: int):
        super().__init__(path.open("rb", buffering=0))
        self.most = most

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self.most + 1 if size is None or size < 0 else min(size, self.most + 1)
        data = super().read(wanted)
        if len(data) > self.most:
            raise zipfile.BadZipFile(f"its list of members is beyond {self.most:,} bytes")
        return data


def sniff(path: Path) -> str:
    """Name the kind of content of a file, whatever the file is called.

    Returns:
        zip, 7z, tar, gz, zst, xz, bz2, parquet, arrow, orc, sqlite, duckdb, dbf, xlsx, xls, ods,
        xlsb, a format of statistics (``files.statistics``), a layer's format (``LAYERS``), html,
        xml, json, ndjson, text (none of those but decodable: delimited text), empty or binary; or
        a kind of ``files.unread``.
    """
    with open_bytes(path) as file:
        head = file.read(HEAD)
    if not head:
        return "empty"
    if kind := _MAGIC.kind(head):
        return _zip_kind(path) if kind == "zip" else kind
    if head.startswith(OLE):
        return ole_kind(path)
    if known := layer_format(head) or statistics_kind(head) or unread_kind(head):
        return known
    if _DBF.match(head):
        return "dbf"
    if is_tar_header(head[: tarfile.BLOCKSIZE]):
        return "tar"
    text = _decode(head)
    if text is None:
        return "binary"
    return _sniff_text(path, text)


def refuse_html(path: Path, kind: str, where: str) -> None:
    """Raise a DiffusionError if a web page or an XML error was received in place of data.

    Args:
        kind: of its content, see ``sniff``.
    """
    if kind not in ("html", "xml"):
        return
    with path.open("rb") as file:
        text = _decode(file.read(HEAD)) or ""
    if kind == "xml" and not _XML_ERROR.match(text):
        return
    page = "a web page (HTML)" if kind == "html" else "an XML error message"
    start = " ".join(text.split())[:200]
    raise AnswerError(
        where,
        f"the server sent {page} in place of data: {start}",
        "Read what it says and open the address in a browser: the link may have moved, the "
        "service may be down, or it may ask you to log in.\nThen correct `url`, or try later.",
    )


def is_tar_header(block: bytes) -> bool:
    """Return whether 512 bytes are a tar header: by its checksum, even without a magic number."""
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except tarfile.HeaderError:
        return False
    return True


def _zip_kind(path: Path) -> str:
    try:
        with BoundedReader(path, 16 * CHUNK) as file, zipfile.ZipFile(file) as archive:
            if "xl/workbook.xml" in archive.NameToInfo:
                return "xlsx"
            return unread_zip(archive) or "zip"
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError):
        return "zip"  # a damaged zip is still a zip: reading it reports what is wrong


def _decode(head: bytes) -> str | None:
    """The text of the first bytes, None if they are none; the last character may be cut."""
    encoding, skip = next(((e, len(bom)) for bom, e in _BOMS if head.startswith(bom)), ("utf-8", 0))
    if encoding == "utf-8" and b"\x00" in head:
        return None
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head[skip:])
    except UnicodeDecodeError:
        text = head.decode("latin-1")
        # Every byte is a Latin-1 character: only control characters betray other content.
        return None if _CONTROLS.search(text) else text


def _sniff_text(path: Path, text: str) -> str:
    if _HTML.match(text):
        return "html"
    if _XML.match(text):
        return "xml"
    if comments := COMMENTED.match(text):
        return "commented json" if _JSON.match(text, comments.end()) else "text"
    if not _JSON.match(text):
        return "text"
    if text.lstrip().startswith("["):
        return "json"
    kind = _type_at(text, 1)
    if _second_line_is_object(path):
        return "geojsonseq" if kind == "Feature" else "ndjson"
    is_collection = not kind and '"features"' in text and _type_at(text, 3) == "Feature"
    return "geojson" if is_collection or _GEOJSON.fullmatch(kind) else "json"


def _second_line_is_object(path: Path) -> bool:
    """Return whether a line that ends with } is followed by a line that starts with {, or is null.

    That never happens inside one JSON document, where a comma separates them. Reads to the
    second line: a few KiB, or more where one record is that long.
    """
    last, ended = b"", False
    with path.open("rb") as file:
        while piece := file.readline(HEAD):
            # Without its NULs and marks, UTF-16 reads as ASCII here.
            text = piece.replace(b"\x00", b"").strip(b"\xef\xbb\xbf\xff\xfe\x1e \t\r\n")
            if ended and text:
                return last == b"}" and (text.startswith(b"{") or text == b"null")
            last = text[-1:] or last
            ended = ended or (bool(last) and piece.endswith(b"\n"))
    return False


def _type_at(text: str, wanted: int) -> str:
    """The value of the first "type" key so deep in a JSON object, if this first part has it."""
    depth, last_two = 0, ("", "")
    for token in _JSON_TOKEN.findall(text):
        if depth == wanted and last_two == ('"type"', ":"):
            return token.strip('"')
        if token in ("{", "["):
            depth += 1
        elif token in ("}", "]"):
            depth -= 1
            if depth == 0:
                return ""  # what follows is another line
        last_two = (last_two[1], token)
    return ""
