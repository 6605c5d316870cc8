"""TopoJSON, dBase tables, KMZ, tables of a geodatabase, GPX: each value and shape as it is."""

import json
import struct
import subprocess
import sys
import zipfile
from copy import deepcopy
from pathlib import Path

import geopandas
import pandas as pd
import pyogrio
import pytest
from shapely import Point, Polygon, from_wkt, get_num_coordinates

from conversions import refusal

# a square and a triangle that share a border, a point, and a row without a shape
TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.25], "translate": [2, 48]},
    "arcs": [
        [[10, 0], [0, 10]],
        [[10, 10], [-10, 0], [0, -10], [10, 0]],
        [[10, 10], [10, -5], [-10, -5]],
    ],
    "objects": {
        "dep": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "id": "01", "properties": {"x": "a"}},
                {"type": "MultiPolygon", "arcs": [[[-3, -1]]], "id": "2A", "properties": {"x": 3}},
                {"type": "Point", "coordinates": [1, 2], "id": "p", "properties": {"x": None}},
                {"type": None, "id": "n", "properties": {}},
            ],
        }
    },
}


# in a process of its own: in this one, GDAL knows the drivers alone that are read by
BY_GDAL = """
import pyogrio, sys
for _, row in pyogrio.read_dataframe(sys.argv[1], layer="dep").iterrows():
    print(row["id"], row.geometry)
"""


def test_topojson_is_what_gdal_reads_of_it(converter):
    file = converter.file(json.dumps(TOPOLOGY), "t.json")
    table = geopandas.read_parquet(converter.convert(file)).set_index("id")
    found = table.geometry
    command = [sys.executable, "-c", BY_GDAL, str(file)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    gdal = dict(line.split(" ", 1) for line in out.splitlines())
    assert set(found.index) == {"01", "2A", "p", "n"} and found["n"] is None
    assert all(found[name].equals(from_wkt(gdal[name])) for name in ("01", "2A", "p"))
    assert [get_num_coordinates(found[name]) for name in ("01", "2A")] == [5, 4]
    assert found["01"].equals(Polygon([(2, 48), (7, 48), (7, 50.5), (2, 50.5)]))
    assert table["x"].dropna().to_dict() == {"01": "a", "2A": "3"}


def test_topojson_in_another_encoding(converter):
    point = {"type": "Point", "coordinates": [1, 2], "properties": {"nom": "é"}}
    data = json.dumps(TOPOLOGY | {"objects": {"a": point}}, ensure_ascii=False).encode("cp1252")
    assert "`encoding: cp1252` reads" in refusal(converter, data)
    assert converter.columns(data, encoding="cp1252")["nom"] == ["é"]


def changed(**keys: object) -> str:
    return json.dumps(deepcopy(TOPOLOGY) | keys)


OBJECT = TOPOLOGY["objects"]["dep"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (changed(objects={"a": OBJECT, "b": OBJECT}), "layers: a, b"),
        (changed(arcs=TOPOLOGY["arcs"][:2]), "a shape has the arc -3, and there are 2"),
        (changed(arcs=[*TOPOLOGY["arcs"][:2], [[1, 1], [1, 1]]]), "does not begin where the one"),
        (
            changed(arcs=[*TOPOLOGY["arcs"][:2], [[10, 10], [1, 1]]]),
            "a ring is not closed",
        ),
        (changed(objects={"a": {"type": "Curve"}}), "of the type 'Curve', which there is not"),
        (changed()[:-1] + ', "arcs": []}', "the key `arcs` twice"),
        (changed(transform={"scale": [0.5, 0.25], "translate": [2, 480]}), "480"),
    ],
)
def test_topojson_that_is_wrong_is_refused(converter, data: str, words: str):
    assert words in refusal(converter, data)


FRAME = geopandas.GeoDataFrame(
    {"code": ["01", "2A"], "n": [1, 2], "nom": ["Rhône", "Hérault"]},
    geometry=[Point(2.5, 48.5), Point(3.25, 45)],
    crs=4326,
)


def dbf(folder: Path) -> bytearray:
    FRAME.to_file(folder / "a.shp", encoding="cp1252")
    return bytearray((folder / "a.dbf").read_bytes())


def test_a_dbf_alone_is_a_table(converter):
    data = dbf(converter.folder)
    expected = {"code": ["01", "2A"], "n": [1, 2], "nom": ["Rhône", "Hérault"]}
    assert converter.columns(bytes(data)) == expected
    data[int.from_bytes(data[8:10], "little")] = ord("*")  # the first record is deleted
    assert converter.columns(bytes(data))["code"] == ["2A"]
    with zipfile.ZipFile(converter.folder / "a.zip", "w") as archive:
        archive.writestr("A.DBF", bytes(data).replace(b"\xe9", b"\x82"))
        archive.writestr("A.CPG", "cp850")
    file = converter.folder / "a.zip"
    assert converter.columns(file, **{"from": "archive"})["nom"] == ["Hérault"]


@pytest.mark.parametrize(
    ("letter", "words"),
    [("I", "`n` of table.dbf is of type 'I'"), ("M", "the number of a block of a memo file")],
)
def test_a_dbf_with_values_of_other_forms(converter, letter: str, words: str):
    data = dbf(converter.folder)
    data[32 + 32 + 11] = ord(letter)  # the type of the second field
    assert words in refusal(converter, bytes(data))
    assert converter.columns(bytes(data), drop=["n"])["code"] == ["01", "2A"]


def test_a_dbf_that_is_cut_off(converter):
    data = bytes(dbf(converter.folder))
    assert "is cut off: 1 of 2 rows" in refusal(converter, data[:-30])
    assert "is cut off" in refusal(converter, b"a;b\n", format="dbf")


@pytest.mark.parametrize(("stated", "told"), [(1, True), (2, False)])
def test_records_behind_those_that_a_dbf_counts(converter, stated, told):
    """Of a program that ended before it counted them; blocks may be filled up behind the end."""
    data = bytearray(dbf(converter.folder))
    data[4:8] = stated.to_bytes(4, "little")
    assert converter.table(bytes(data), drop=["n"]).num_rows == stated
    assert ("1 more are behind them" in str(converter.notes().get("notes"))) == told
    converter.convert(bytes(data) + bytes(512) + b" " * 512, drop=["n"])
    assert ("more are behind" in str(converter.notes().get("notes"))) == told


def test_a_number_of_a_dbf_that_is_none(converter):
    data = bytes(dbf(converter.folder))
    start = int.from_bytes(data[8:10], "little")
    at = data.index(b" 1", start)
    assert "is '1,5': no number" in refusal(converter, data[: at - 1] + b"1,5" + data[at + 2 :])


def mapinfo(folder: Path) -> Path:
    file = folder / "m.tab"
    (FRAME.assign(d=[12.5, 0.25])).to_file(file, driver="MapInfo File")
    return file


def test_a_decimal_of_mapinfo_that_is_none(converter):
    """It is text; that of the second field takes the place of a whole number of eight bytes."""
    file = mapinfo(converter.folder)
    tab, dat = file.with_suffix(".tab"), file.with_suffix(".dat")
    assert converter.columns(file)["d"] == [12.5, 0.25]
    data, size = bytearray(dat.read_bytes()), 8
    start, step = (int.from_bytes(data[at : at + 2], "little") for at in (8, 10))
    at = start + 1 + 254
    assert struct.unpack("<q", data[at : at + size]) == (1,)
    tab.write_text(tab.read_text("latin-1").replace("n LargeInt", "n Decimal (8, 1)"), "latin-1")
    data[32 + 32 + 11], data[32 + 32 + 17] = ord("N"), 1
    for number, text in enumerate((b"     1.5", b"     2.5")):
        data[at + number * step : at + number * step + size] = text
    dat.write_bytes(data)
    assert converter.columns(file)["n"] == [1.5, 2.5]
    dat.write_bytes(bytes(data).replace(b" 2.5", b" 2,5"))
    assert "`n` of record 2 of m.dat is '2,5': no number" in refusal(converter, file)


KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>
<name>a</name><Point><coordinates>2,48</coordinates></Point></Placemark>{}</Document></kml>"""


def test_a_kmz(converter):
    with zipfile.ZipFile(converter.folder / "a.kmz", "w") as archive:
        archive.writestr("doc.kml", KML.format(""))
        archive.writestr("files/icon.png", b"\x89PNG\r\n\x1a\n")
    assert converter.columns(converter.folder / "a.kmz")["Name"] == ["a"]
    link = "<NetworkLink><Link><href>b.kml</href></Link></NetworkLink>"
    converter.convert(KML.format(link))
    assert "1 links lead to other files" in str(converter.notes()["notes"])


def test_folders_of_one_name_in_a_kml(converter):
    point = "<Placemark><name>{}</name><Point><coordinates>2,48</coordinates></Point></Placemark>"
    folders = "".join(f"<Folder><name>A</name>{point.format(n)}</Folder>" for n in "bc")
    data = KML.split("<Placemark>")[0] + folders + "</Document></kml>"
    assert "layers: A, A (#2)" in refusal(converter, data)
    assert converter.columns(data, layer="A")["Name"] == ["b"]
    assert "other folders are called `A`, too" in str(converter.notes()["notes"])
    assert converter.columns(data, layer="A (#2)")["Name"] == ["c"]


GPX = """<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">
<wpt lat="48" lon="2"><name>a</name></wpt>{}</gpx>"""


def test_the_only_layer_of_a_gpx_that_is_not_empty(converter):
    assert converter.columns(GPX.format(""))["name"] == ["a"]
    track = '<trk><trkseg><trkpt lat="48" lon="2"/><trkpt lat="49" lon="2"/></trkseg></trk>'
    assert "layers: waypoints, tracks, track_points" in refusal(converter, GPX.format(track))


def test_a_table_of_a_geodatabase(converter):
    folder = converter.folder / "a.gdb"
    FRAME.to_file(folder, driver="OpenFileGDB", layer="lay")
    attributes = pd.DataFrame({"code": ["01"], "v": [1.5]})
    pyogrio.write_dataframe(attributes, folder, layer="attr", driver="OpenFileGDB", append=True)
    with zipfile.ZipFile(converter.folder / "a.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"x/a.gdb/{path.name}")
    file, keys = converter.folder / "a.zip", {"from": "archive"}
    assert geopandas.read_parquet(converter.convert(file, **keys)).crs.to_epsg() == 4326
    assert converter.columns(file, table="attr", **keys) == {"code": ["01"], "v": [1.5]}
    assert "`layer: lay`, in place of `table`" in refusal(converter, file, table="lay", **keys)
    assert "tables: attr" in refusal(converter, file, table="other", **keys)


def test_a_geodatabase_that_is_not_whole(converter):
    folder = converter.folder / "a.gdb"
    FRAME.to_file(folder, driver="OpenFileGDB")
    with zipfile.ZipFile(converter.folder / "a.zip", "w") as archive:
        for path in folder.iterdir():
            if path.name != "a00000004.gdbtable":
                archive.write(path, f"a.gdb/{path.name}")
    words = refusal(converter, converter.folder / "a.zip", **{"from": "archive"})
    assert "a.gdb" in words and "all its files" in words
