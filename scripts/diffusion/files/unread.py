"""Formats that are known by their bytes and not read: each with its name and what exports it.

Sources of the signatures: the Python pickle (PEP 3154), PDF, RTF, HDF5, netCDF and Avro
specifications, those of layers (DWG, PMTiles, OSM PBF), of rasters (TIFF 6, BigTIFF, JPEG 2000,
GRIB of the WMO, Esri's ASCII grid), of texts (SpreadsheetML 2003, RFC 2557, PX-file format 2013,
Git LFS v1, RFC 5545, Weka's ARFF, Turtle), MS-XLS (BOF), ODF 1.3 part 2 (mimetype),
and the US Library of Congress' format descriptions (Access).
"""

import codecs
import re
import zipfile
from dataclasses import dataclass

from diffusion.base.magic import Magic

OFFICE = "open it in a spreadsheet (LibreOffice, Excel) and save it as .xlsx or CSV"
TABLES = "look for the same table as CSV, .xlsx or Parquet: publishers often have it"
LAYER = "export it as GeoPackage, with its CRS: QGIS (*Save Features As*), or `ogr2ogr x.gpkg {}`"
RASTER = "make a table or a layer of it, of values at points or by zone: in Python by rasterio or "
RASTER += "rasterstats, or by `gdal_polygonize.py`"
ACCESS = "export its table as CSV: in Access, or by `mdb-export base.mdb TABLE` (mdbtools)"


@dataclass(frozen=True)
class Unread:
    """``name``: as people call it. ``export``: what gives a file that is read."""

    name: str
    export: str


UNREAD = {
    "pdf": Unread("a PDF", TABLES),
    "rtf": Unread("a text document (RTF)", TABLES),
    "docx": Unread("a Word document (.docx)", TABLES),
    "image": Unread("an image", TABLES),
    "tiff": Unread("a TIFF: an image, or a raster such as GeoTIFF", RASTER),
    "raster": Unread("a raster (JPEG 2000, GRIB, or an ASCII grid)", RASTER),
    "ole": Unread("an old Office file that is no workbook, such as .doc", TABLES),
    "locked": Unread(
        "a workbook or document that is protected by a password",
        "open it, and save it without the password",
    ),
    "biff": Unread("an Excel workbook of before 1993 (Excel 2 to 4)", OFFICE),
    "odt": Unread("an OpenDocument file that is no spreadsheet", TABLES),
    "fods": Unread(
        "a flat OpenDocument file (.fods)", "open it in LibreOffice, and save it as .ods"
    ),
    "access": Unread("an Access database (.mdb, .accdb)", ACCESS),
    "r text": Unread("an R file in text (`ascii = TRUE`)", 'in R: `saveRDS(x, "x.rds")`'),
    "avro": Unread("an Avro file", "read it with fastavro, and write it as Parquet"),
    "hdf": Unread(
        "an HDF5 file, as netCDF 4 is",
        "read it with pandas, or netCDF with xarray, and write it with `to_parquet`",
    ),
    "netcdf": Unread("a netCDF file", "read it with xarray: `to_dataframe().to_parquet(…)`"),
    "dbf": Unread(
        "a dBase table (.dbf) without the shapes of a shapefile",
        "read it with `pyogrio.read_dataframe`, and write it with `to_parquet`",
    ),
    "pickle": Unread(
        "a Python pickle, which may run code as it is read",
        "where you trust its author, read it with `pandas.read_pickle`, and write it with "
        "`to_parquet`",
    ),
    "rar": Unread("a RAR archive", "repack it as .zip"),
    "dwg": Unread("a DWG drawing (AutoCAD)", LAYER.format("drawing.dwg")),
    "osm": Unread("OpenStreetMap data (.osm.pbf)", LAYER.format("extract.osm.pbf")),
    "pmtiles": Unread("PMTiles, tiles of a map", "look for the layer that they were made of"),
    "topojson": Unread("TopoJSON", "make it GeoJSON: `mapshaper x.json -o x.geojson`"),
    "web table": Unread("a table of a web page (HTML), as some programs write .xls", OFFICE),
    "one-file page": Unread("a web page in one file (MHTML), as Excel and SAP write .xls", OFFICE),
    "sheet xml": Unread("a workbook in XML (Excel 2003, SAS' ExcelXP)", OFFICE),
    "px": Unread(
        "a PC-Axis file (.px)",
        "look for the same table as CSV or JSON-stat, which its server (PxWeb) gives, too",
    ),
    "pointer": Unread(
        "a pointer of Git LFS, and not the file itself",
        "look for the address of the file itself, which the page of the file downloads from",
    ),
    "sql": Unread(
        "a dump of a database (SQL)",
        "load it into a database and read that, by `from: database`; or export its table as CSV",
    ),
    "calendar": Unread("a calendar (iCalendar) or a list of contacts (vCard)", TABLES),
    "arff": Unread("an ARFF file (Weka)", "read it with `scipy.io.arff`, and write it as Parquet"),
    "matlab": Unread("a MATLAB file", "read it with `scipy.io.loadmat`, and write it as Parquet"),
    "rdf": Unread("RDF (Turtle, N-Triples)", "ask for a table of it in SPARQL: `shape: sparql`"),
    "jsonp": Unread(
        "JSON in a call of a function (JSONP)",
        "ask for JSON itself, without the parameter that names the function (`callback`)",
    ),
    "json twice": Unread(
        "JSON within a text of JSON, as what is encoded twice",
        "decode it in Python: `json.dump(json.loads(json.load(file)), out)`",
    ),
    "no json": Unread("the word `null` alone, which is JSON without a record", TABLES),
    "commented json": Unread(
        "JSON with comments, which is not JSON", "ask its publisher to leave the comments out"
    ),
}

MAGIC = Magic(
    ("pdf", rb"\s*%PDF-"),
    ("rtf", rb"\{\\rtf"),
    ("image", rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a"),
    ("tiff", rb"II[*+]\x00|MM\x00[*+]"),  # the second of each is a BigTIFF
    ("raster", rb"\x00\x00\x00\x0cjP  \r\n|GRIB.{3}[\x01\x02]|(?i:ncols\s+\d+\s+nrows\s+\d+\s)"),
    ("biff", rb"\x09[\x00\x02\x04][\x04\x06]\x00[\x00-\x04]\x00[\x10\x20\x40]\x00"),
    ("fods", rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*+>\s*+)?<office:document\s"),
    ("access", rb"\x00\x01\x00\x00Standard (?:Jet|ACE) DB"),
    ("r text", rb"A\r?\n[23]\r?\n\d{5,6}\r?\n"),
    ("avro", rb"Obj\x01"),
    ("hdf", rb"\x89HDF\r\n\x1a\n"),
    ("netcdf", rb"CDF[\x01\x02\x05]"),
    ("rar", rb"Rar!\x1a\x07"),
    ("pickle", rb"\x80(?:[\x04\x05]\x95|[\x02\x03][c(}\]X])"),
    ("dwg", rb"AC10\d\d\x00"),
    ("osm", rb".{4}\x0a\x09OSMHeader"),
    ("pmtiles", rb"PMTiles"),
    ("topojson", rb'\s*\{(?=.*?"(?:arcs|objects|transform)"\s*:)(?=.*?"type"\s*:\s*"Topology")'),
)
# Texts, which would be read as lines of a table. Possessive: they cost linear time.
_SETTING = rb"(?:SET|BEGIN|PRAGMA|START|USE|DROP|LOCK|CREATE (?:DATABASE|SCHEMA)|SELECT pg_catalog)"
_ROWS = rb"(?:CREATE\s+TABLE|INSERT\s+INTO|COPY\s[^;]*?\sFROM\s+stdin)\b"
TEXTS = Magic(
    ("web table", rb"(?i:<table\b[^>]*+>\s*+<(?:tr|thead|tbody|caption|colgroup|col)\b)"),
    ("web table", rb"(?i:<html\b[^>]*?\burn:schemas-microsoft-com:office:excel)"),
    ("one-file page", rb"(?i:MIME-Version:\s*+1\.0\b.*?multipart/related)"),
    (
        "sheet xml",
        rb"(?:<\?[^>]*+>\s*+|<!--.*?-->\s*+)*+<(?:\w+:)?Workbook\s[^>]*?office:spreadsheet",
    ),
    ("px", rb'(?i:CHARSET|AXIS-VERSION)\s*+=\s*+"[^"]*+"\s*+;'),
    ("pointer", rb"version https://git-lfs\.github\.com/spec/"),
    ("calendar", rb"BEGIN:V(?:CALENDAR|CARD)\b"),
    ("arff", rb"(?i:(?:%[^\n]*+\n\s*+)*+@relation\s)"),
    ("matlab", rb"MATLAB 5\.0 MAT-file"),
    (
        "rdf",
        rb"@(?:prefix\s+\S*:|base)\s+<|<[a-z]+:[^>\s]*+>\s+<[a-z]+:[^>\s]*+>\s+[<\"_][^\n]*\.\s*?\n",
    ),
    ("jsonp", rb"(?:/\*\*/\s*+)?[A-Za-z_$][\w.$]*+\(\s*+[\[{]\s*+[\"{\[]"),
    ("json twice", rb'"\s*+[\[{]\s*+(?:\\n\s*+)*+(?:\\"|[\[{])'),
    ("no json", rb"null\s*+\Z"),
    ("sql", rb"(?i:(?:\s|--[^\n]*+\n|/\*.*?\*/;?|" + _SETTING + rb"\b[^;]*+;)*+" + _ROWS + rb")"),
)
COMMENTED = re.compile(r"\s*+(?://[^\n]*+\n\s*+|/\*.*?\*/\s*+)++(?=[\[{])", re.S)


def unread_kind(head: bytes) -> str | None:
    """Return the kind of a file that is not read, or None."""
    return MAGIC.kind(head) or TEXTS.kind(head.removeprefix(codecs.BOM_UTF8).lstrip())


def unread_zip(archive: zipfile.ZipFile) -> str | None:
    """Return the kind of a document that is a zip, or None."""
    names = archive.NameToInfo
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        mime = archive.read("mimetype")
        if b"opendocument" in mime:
            return "ods" if b"spreadsheet" in mime else "odt"
    if "xl/workbook.bin" in names:
        return "xlsb"
    return "docx" if "word/document.xml" in names else None


def refusal(kind: str) -> tuple[str, str] | None:
    """Return what a file of this kind is, and what to do; None where it is not known."""
    known = UNREAD.get(kind)
    if known is None:
        return None
    fix = f"{known.export}; publish that as a file of your own, or ask its publisher for it"
    return f"this is {known.name}, which is not read", fix
