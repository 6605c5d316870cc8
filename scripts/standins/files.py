"""The same 250 communes in every file format and archive that the pipeline reads.

Each file is made when it is first asked for, kept in memory, and always has the same bytes.
"""

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import tarfile
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from standins import families, registers, shapes
from standins.answers import Answer, Request, file_answer, text
from standins.contours import zip_of
from standins.formats import feature
from standins.odd_tables import elections, finess
from standins.places import departements
from standins.records import records
from standins.spreadsheet import communes_xlsx
from standins.statistics import communes_dta, communes_ods, communes_rdata

PREFIX = "/files/"
README = "Communes de démonstration, sans valeur officielle.\n".encode()
PAGE = """<!DOCTYPE html>
<html lang="fr"><head><title>Service indisponible</title></head>
<body><h1>Le service est momentanément indisponible</h1></body></html>
""".encode()


def answer(request: Request) -> Answer:
    """`/files/{name}` for the names of `FILES`."""
    name = request.path.removeprefix(PREFIX)
    if name not in FILES:
        return text(404, "Not found")
    content_type, _ = FILES[name]
    return file_answer(request, content(name), content_type)


@cache
def content(name: str) -> bytes:
    """The bytes of a file."""
    return FILES[name][1]()


def _csv(rows: list[dict], delimiter: str = ",") -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def _plain() -> bytes:
    return _csv(records())


def _latin1() -> bytes:
    """As older French spreadsheets export: `;`, Latin-1, decimal comma."""
    rows = [
        row | {"surface": f"{row['population'] / 100 + 1.25:.2f}".replace(".", ",")}
        for row in records()
    ]
    return _csv(rows, ";").decode().encode("latin-1")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _nested() -> bytes:
    """Objects, arrays and absent keys below `data.items`."""
    items = []
    for row in records():
        department = departements()[row["departement"]]
        item = row | {"departement": {"code": department.code, "nom": department.nom}}
        item["codesPostaux"] = [row["code"][:4] + "0", row["code"][:4] + "5"]
        if department.prefecture == row["code"]:
            item["prefecture"] = True
        items.append(item)
    return _json({"data": {"items": items}, "total": len(items)})


def _ndjson() -> bytes:
    return b"".join(_json(row) + b"\n" for row in records())


def _zstd(data: bytes) -> bytes:
    from backports import zstd

    return zstd.compress(data)


def _parquet() -> bytes:
    import pyarrow
    import pyarrow.parquet

    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(records()), buffer)
    return buffer.getvalue()


def _geojson() -> bytes:
    features = [feature(row) for row in records()]
    return _json({"type": "FeatureCollection", "features": features})


def _geopackage() -> bytes:
    import pyogrio.raw

    # GDAL writes the time of day into the file, except when it is told what time it is
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2018-01-01T00:00:00.000Z"})
    try:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "points.geojson", Path(folder) / "points.gpkg"
            source.write_bytes(content("points.geojson"))
            meta, _, geometry, columns = pyogrio.raw.read(source)
            pyogrio.raw.write(
                target, geometry, columns, meta["fields"], crs="EPSG:4326", layer="points",
                geometry_type="Point", driver="GPKG",
            )  # fmt: skip
            return target.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _halves() -> bytes:
    """A zip of two tables with the same columns."""
    halves: dict[str, list[dict]] = {"nord.csv": [], "sud.csv": []}
    for row in records():
        north = departements()[row["departement"]].lat > 46.5
        halves["nord.csv" if north else "sud.csv"].append(row)
    return zip_of({name: _csv(rows) for name, rows in halves.items()})


def _tar() -> bytes:
    """The table and a read-me in a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in (("LISEZMOI.txt", README), ("communes.csv", _plain())):
            member = tarfile.TarInfo(f"communes/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def _seven_zip() -> bytes:
    import py7zr

    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, py7zr.SevenZipFile(buffer, "w") as archive:
        for name, data in (("communes.csv", _plain()), ("LISEZMOI.txt", README)):
            path = Path(folder) / name  # from a file, whose time and mode can be set
            path.write_bytes(data)
            path.chmod(0o644)
            os.utime(path, (0, 0))
            archive.write(path, name)
    return buffer.getvalue()


def _stata() -> bytes:
    return communes_dta(records(), {place.prefecture for place in departements().values()})


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "communes.csv": ("text/csv; charset=utf-8", _plain),
    "communes_latin1.csv": ("text/csv", _latin1),
    "elections.txt": ("text/plain", elections),
    "finess.csv": ("text/csv; charset=utf-8", finess),
    "communes_bom.csv": ("text/csv; charset=utf-8", lambda: b"\xef\xbb\xbf" + _plain()),
    "communes.csv.gz": ("application/gzip", lambda: gzip.compress(_plain(), mtime=0)),
    "communes.tsv": ("text/tab-separated-values", lambda: _csv(records(), "\t")),
    "communes.json": ("application/json", lambda: _json(records())),
    "communes_nested.json": ("application/json", _nested),
    "communes.ndjson": ("application/x-ndjson", _ndjson),
    "communes.ndjson.zst": ("application/zstd", lambda: _zstd(_ndjson())),
    "communes.parquet": ("application/vnd.apache.parquet", _parquet),
    "communes.xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda: communes_xlsx(records()),
    ),
    "communes.ods": (
        "application/vnd.oasis.opendocument.spreadsheet",
        lambda: communes_ods(records()),
    ),
    "communes.dta": ("application/x-stata-dta", _stata),
    "communes.RData": ("application/octet-stream", lambda: communes_rdata(records())),
    "points.geojson": ("application/geo+json", _geojson),
    "points.gpkg": ("application/geopackage+sqlite3", _geopackage),
    "communes.zip": ("application/zip", _halves),
    "communes.7z": ("application/x-7z-compressed", _seven_zip),
    "communes.tar.gz": ("application/gzip", lambda: gzip.compress(_tar(), mtime=0)),
    "communes.tar.bz2": ("application/x-bzip2", lambda: bz2.compress(_tar())),
    "communes.tar.xz": ("application/x-xz", lambda: lzma.compress(_tar())),
    "communes.tar.zst": ("application/zstd", lambda: _zstd(_tar())),
    **shapes.FILES,
    **families.FILES,
    **registers.FILES,
    "page.html": ("text/html; charset=utf-8", lambda: PAGE),
}
