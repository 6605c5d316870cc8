"""Content is known by its bytes: real files of each kind, all without an extension."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import tarfile
import time
import zipfile
from pathlib import Path

import geopandas
import openpyxl
import py7zr
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd
from shapely.geometry import Point

from diffusion.errors import DiffusionError
from diffusion.files.sniff import HEAD, refuse_html, sniff

CSV = "code;libellé\n01001;L'Abergement-Clémenciat\n".encode()
PLACES = geopandas.GeoDataFrame({"code": ["2A004"]}, geometry=[Point(8.7, 41.9)], crs=4326)
FEATURES = json.loads(PLACES.to_json())
S3_ERROR = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>'


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def zipped(name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def tarred(mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=tarfile.USTAR_FORMAT) as archive:
        info = tarfile.TarInfo("data.csv")
        info.size = len(CSV)
        archive.addfile(info, io.BytesIO(CSV))
    return buffer.getvalue()


def workbook() -> bytes:
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    return buffer.getvalue()


def sevenzipped() -> bytes:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w") as archive:
        archive.writestr(CSV, "data.csv")
    return buffer.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), buffer)
    return buffer.getvalue()


def lines(*records: object) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


def old_tar() -> bytes:
    """A tar from before POSIX: no magic, only a checksum."""
    block = bytearray(tarred())
    block[257:265] = bytes(8)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return bytes(block)


LONG = {"text": "é" * HEAD}
WITH_TYPE = {"results": [{"geometry": {"type": "Point"}}], "x": "type"}
FILES = [
    ("empty", b""),
    ("zip", zipped("data.csv", CSV)),
    ("zip", zipped("stored.xlsx", workbook(), zipfile.ZIP_STORED)),
    ("zip", zipped("data.csv", CSV)[:-10]),
    ("zip", b"PK\x05\x06" + bytes(18)),
    ("xlsx", workbook()),
    ("7z", sevenzipped()),
    ("tar", tarred()),
    ("tar", old_tar()),
    ("gz", tarred("w:gz")),
    ("gz", gzip.compress(CSV)),
    ("zst", zstd.compress(CSV)),
    ("xz", lzma.compress(CSV)),
    ("bz2", bz2.compress(CSV)),
    ("text", b"BZh1;the name of a column\n"),
    ("parquet", parquet()),
    ("html", b"<html><body>502 Bad Gateway"),
    ("html", b"\xef\xbb\xbf \r\n<!-- a --> <!-- b -->\n<!DocType HTML>"),
    ("html", S3_ERROR[:38] + b'\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN">'),
    ("html", "<HEAD>".encode("utf-16")),
    ("xml", S3_ERROR),
    ("xml", b"<wfs:FeatureCollection xmlns:wfs='x'><a/>"),
    ("text", b"<5 ans;>=5 ans\n1;2\n"),
    ("json", lines([{"code": "01"}])),
    ("json", lines({"code": "01"})),
    ("json", json.dumps([{"a": {}}, {"b": {}}], indent=1).encode()),
    ("json", b'{"features": [\n{"a": 1}\n,\n{"a": 2}]}'),
    ("json", b"\xef\xbb\xbf \n" + lines(WITH_TYPE)),
    ("json", lines(LONG)),
    ("ndjson", lines({"a": 1}, {"a": 2})),
    ("ndjson", b"\xef\xbb\xbf\n" + lines({"a": 1}) + b"\r\n\r\n" + lines({"a": 2})),
    ("ndjson", lines({"a": 1}, {"a": 2}).decode().encode("utf-16")),
    ("ndjson", lines(LONG, LONG)),
    ("geojsonseq", lines(*FEATURES["features"], *FEATURES["features"])),
    ("geojson", lines(FEATURES)),
    ("geojson", json.dumps({"crs": {"type": "name"}} | FEATURES, indent=2).encode()),
    ("geojson", lines(FEATURES["features"][0]["geometry"])),
    ("text", CSV),
    ("text", CSV.decode().encode("latin-1")),
    ("text", CSV.decode().encode("utf-16")),
    ("text", b"a" * (HEAD - 1) + "é".encode()),
    ("text", b"[code],[name]\n01,x\n"),
    ("text", b"SET;USE\n1;2\n"),
    ("text", b"-- code;v\n1;2\n"),
    ("text", b"charset;px\n1;2\n"),
    ("text", b"f(x);g([x])\n1;2\n"),
    ("text", b"insert;into\n1;2\n"),
    ("xml", b"<table><rec><a>1</a></rec></table>"),
    ("binary", bytes(range(256))),
    ("binary", b"\xe9\x01\x02"),
    ("binary", b"a;b\n\x00"),
]


@pytest.mark.parametrize(("kind", "data"), FILES, ids=[f"{i}-{f[0]}" for i, f in enumerate(FILES)])
def test_sniff_knows_content_by_its_bytes(tmp_path, kind, data):
    assert sniff(write(tmp_path / "raw", data)) == kind


def test_sniff_knows_vector_files(tmp_path):
    PLACES.to_file(tmp_path / "places.shp")
    PLACES.to_file(tmp_path / "places.gpkg")
    assert sniff(tmp_path / "places.shp") == "shp"
    assert sniff(tmp_path / "places.gpkg") == "gpkg"

    package = bytearray((tmp_path / "places.gpkg").read_bytes())
    package[68:72] = bytes(4)
    assert sniff(write(tmp_path / "old", package)) == "gpkg"

    with sqlite3.connect(tmp_path / "other.db") as database:
        database.execute("create table t (a)")
    assert sniff(tmp_path / "other.db") == "sqlite"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!doctype html>\n<title>Page\n  introuvable</title>", "<title>Page introuvable</title>"),
        (S3_ERROR, "<Error><Code>AccessDenied</Code>"),
        (b"<ows:ExceptionReport version='2'>", "<ows:ExceptionReport"),
    ],
)
def test_refuse_html_shows_the_page(tmp_path, data, words):
    with pytest.raises(DiffusionError) as caught:
        path = write(tmp_path / "data.csv", data + b" " + b"x" * 9999)
        refuse_html(path, sniff(path), "sources.dpe.url")
    assert str(caught.value).startswith("sources.dpe.url: the server sent ")
    assert "in place of data" in caught.value.found
    assert words in caught.value.found
    assert len(caught.value.found) < 300
    assert "browser" in caught.value.fix


@pytest.mark.parametrize("data", [CSV, b"", b"<inventory><Error/></inventory>"])
def test_refuse_html_lets_data_through(tmp_path, data):
    path = write(tmp_path / "raw", data)
    refuse_html(path, sniff(path), "sources.dpe.url")


def test_hostile_text_takes_linear_time(tmp_path):
    start = time.monotonic()
    for text in (b"<!---->" * 9000 + b"x", b" " * HEAD, b'{"' * 30000, b"<a " + b" " * HEAD):
        sniff(write(tmp_path / "raw", text))
    assert time.monotonic() - start < 2
