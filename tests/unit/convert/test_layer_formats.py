"""Drawings, MapInfo's files and EsriJSON are layers like any other."""

import json
import zipfile
from datetime import date

import geopandas
import pytest
from shapely import Point

from conversions import refusal

POINTS = [Point(652000, 6862000), Point(700000, 6600000)]
LAMBERT = {"crs": "EPSG:2154"}
ANSWER = {
    "geometryType": "esriGeometryPoint",
    "spatialReference": {"wkid": 102100, "latestWkid": 3857},
    "fields": [
        {"name": "OBJECTID", "type": "esriFieldTypeOID"},
        {"name": "code", "type": "esriFieldTypeString", "length": 5},
        {"name": "jour", "type": "esriFieldTypeDate"},
    ],
    "features": [
        {
            "attributes": {"OBJECTID": 7, "code": "01", "jour": 1700000000000},
            "geometry": {"x": 261600, "y": 6250000},
        },
        {
            "attributes": {"OBJECTID": 9, "code": "Rhône", "jour": None},
            "geometry": {"x": 334000, "y": 5465000},
        },
    ],
}


def mapinfo(converter, ending: str, charset: str | None = None, encoding: str = "utf-8"):
    """Write a layer as MapInfo does; return its main file."""
    file = converter.folder / f"a.{ending}"
    for path in converter.folder.glob("a.*"):
        path.unlink()
    columns = {"code": ["01", "2A"], "nom": ["Rhone", "Herault"], "n": [1, 2]}
    frame = geopandas.GeoDataFrame(columns, geometry=POINTS, crs=2154)
    frame.to_file(file, driver="MapInfo File")
    for path in converter.folder.glob("a.*"):
        data = path.read_bytes()
        data = data.replace(b"Neutral", charset.encode()) if charset else data
        if path.suffix in (".mid", ".dat"):
            data = data.replace(b"Rhone", "Rhône".encode(encoding)[:5].ljust(5))
        path.write_bytes(data)
    return file


@pytest.mark.parametrize("ending", ["tab", "mif"])
@pytest.mark.parametrize(
    ("charset", "encoding", "declared"),
    [
        (None, "cp1252", "auto"),
        (None, "cp850", "cp850"),
        ("WindowsLatin1", "cp1252", "auto"),
    ],
)
def test_mapinfo(converter, ending, charset, encoding, declared):
    file = mapinfo(converter, ending, charset, encoding)
    frame = geopandas.read_parquet(converter.convert(file, encoding=declared))
    assert frame.crs.to_epsg() == 2154
    assert sorted(frame["nom"]) == ["Herault", "Rhône"]
    by_code = frame.set_index("code").geometry
    assert by_code["01"].distance(POINTS[0]) < 0.01 and by_code["2A"].distance(POINTS[1]) < 0.01


@pytest.mark.parametrize(("ending", "missing"), [("tab", ".dat"), ("tab", ".map"), ("mif", ".mid")])
def test_mapinfo_in_an_archive(converter, ending, missing):
    """With the files that belong to it; without one, it is named."""
    file = mapinfo(converter, ending, encoding="cp1252")
    for name, left_out in (("whole.zip", ""), ("part.zip", missing)):
        with zipfile.ZipFile(converter.folder / name, "w") as archive:
            for path in sorted(converter.folder.glob("a.*")):
                if path.suffix != left_out:
                    archive.write(path, f"données/{path.name.upper()}")
    for path in converter.folder.glob("a.*"):
        path.unlink()
    keys = {"from": "archive", "member": f"*.{ending}"}
    assert converter.table(converter.folder / "whole.zip", **keys).num_rows == 2
    said = refusal(converter, converter.folder / "part.zip", **keys)
    assert f"{file.name.upper()} has no {missing} beside it" in said


@pytest.mark.parametrize("ending", ["tab", "mif"])
def test_text_of_mapinfo_in_doubt(converter, ending):
    said = refusal(converter, mapinfo(converter, ending, None, "cp850"))
    assert "`nom` of record 1 is not cp1252: it would be Rh“ne" in said
    assert "`encoding: cp850` reads Rhône" in said
    said = refusal(converter, mapinfo(converter, ending, "WindowsLatin1"), encoding="cp850")
    assert "states its charset, WindowsLatin1" in said


def test_a_drawing(converter):
    file = converter.folder / "a.dxf"
    geopandas.GeoSeries(POINTS).to_file(file, driver="DXF")
    file = file.rename(converter.folder / "raw.bin")
    assert "a DXF drawing states no CRS" in refusal(converter, file)
    frame = geopandas.read_parquet(converter.convert(file, geometry=LAMBERT))
    assert frame.crs.to_epsg() == 2154
    assert sorted(frame.geometry.x) == [652000, 700000]


def test_esrijson(converter):
    frame = geopandas.read_parquet(converter.convert(json.dumps(ANSWER)))
    frame = frame.set_index("OBJECTID").sort_index()
    assert frame.crs.to_epsg() == 3857
    assert frame["code"].tolist() == ["01", "Rhône"]
    assert frame.loc[7, "jour"].isoformat() == "2023-11-14T22:13:20"  # UTC, as ArcGIS says
    assert (frame.geometry[9].x, frame.geometry[9].y) == (334000, 5465000)


def test_a_part_of_an_arcgis_layer(converter):
    said = refusal(converter, json.dumps(ANSWER | {"exceededTransferLimit": True}))
    assert "a part of the layer" in said and "resultOffset" in said
    twice = json.dumps(ANSWER).replace('"code": "01"', '"code": "01", "code": "02"')
    assert "key `code` twice" in refusal(converter, twice)


def mif(converter, kind: str, *values: str, shapes: int = 2):
    """Write a layer with a column `v` of a type, whose values are as they are given."""
    head = 'Version 300\nCharset "WindowsLatin1"\nDelimiter ","\nCoordSys Earth Projection 1, 104\n'
    head += f"Columns 2\n  code Char(5)\n  v {kind}\nData\n\n"
    (converter.folder / "a.mif").write_text(head + "Point 2 48\n" * shapes)
    (converter.folder / "a.mid").write_text("".join(f'"x",{value}\n' for value in values))
    return converter.folder / "a.mif"


@pytest.mark.parametrize(
    ("kind", "odd"),
    [
        ("Decimal(10,2)", "1,50"),
        ("Decimal(10,2)", "NULL"),
        ("Float", "abc"),
        ("Integer", "1.7"),
        ("Integer", "99999999999"),
        ("Logical", "X"),
        ("Date", "20240230"),
        ("Date", "05/01/2024"),
        ("DateTime", "20240230100000000"),
    ],
)
def test_values_of_mapinfo_that_are_none(converter, kind, odd):
    file = mif(converter, kind, "", f'"{odd}"')
    said = refusal(converter, file)
    assert f"`v` of row 2 of a.mid is '{odd}'" in said and "`drop: [v]`" in said
    assert "v" not in converter.columns(file, drop=["v"])
    assert "take its text, `columns: {v: string}`" in said
    head = file.read_bytes()
    read = converter.columns(file, columns={"v": "string"})
    assert set(read["v"]) == {None, odd} and read["code"] == ["x", "x"]
    assert file.read_bytes() == head


@pytest.mark.parametrize(
    ("kind", "values", "read"),
    [
        ("Decimal(10,2)", ['"2.5"', "1e3"], [2.5, 1000.0]),
        ("Integer", ["5.0", "-7"], [5, -7]),
        ("Logical", ["T", "0"], [True, False]),
        ("Date", ["20240229", ""], [date(2024, 2, 29), None]),
    ],
)
def test_values_of_mapinfo(converter, kind, values, read):
    found = converter.columns(mif(converter, kind, *values))["v"]
    assert sorted(found, key=str) == sorted(read, key=str)


def test_shapes_of_mapinfo_without_a_row(converter):
    """GDAL leaves them out."""
    said = refusal(converter, mif(converter, "Integer", "1", "2", shapes=3))
    assert "3 shapes, but 2 rows in a.mid" in said
    converter.convert(mif(converter, "Integer", "1", "", shapes=2))
    assert "1 empty values of `v` are 0" in str(converter.notes()["notes"])
