"""Layers read without loss: ids, names, encodings, coordinates, and what is counted beside."""

import json
import re
import shutil
import zipfile
from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from shapely import Point

from conversions import raw, refusal
from diffusion.config import unused_reading
from diffusion.config.reading import Format
from diffusion.config.vector_formats import LAYERS
from diffusion.errors import DiffusionError


def feature(at=(2, 48), **more) -> dict:
    point = {"type": "Point", "coordinates": at} if at else None
    return {"type": "Feature", "geometry": point, "properties": {"code": "01"}} | more


def collection(*features: dict, **more) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features} | more)


def lines(*features: dict, mark: str = "") -> str:
    return "".join(f"{mark}{json.dumps(item)}\n" for item in features)


POINTS = (Point(2, 48), Point(3, 44))


def layer(shapes=POINTS, crs=4326, **columns):
    columns = columns or {"code": ["01", "2A"]}
    return geopandas.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def test_the_formats_stand_in_the_configuration():
    assert set(LAYERS) == set(unused_reading.LAYERS)
    assert set(LAYERS) < set(Format.__args__)


@pytest.mark.parametrize("kind", ["FlatGeobuf", "LIBKML", "GML", "GPX", "OpenFileGDB"])
def test_formats_of_layers(converter, kind):
    path = converter.folder / ("a.gdb" if kind == "OpenFileGDB" else "a.bin")
    columns = {"name": ["01", "2A"]}
    options = {"layer": "waypoints"} if kind == "GPX" else {}
    layer(**columns).to_file(path, driver=kind, **options)
    if path.is_dir():
        with zipfile.ZipFile(converter.folder / "a.zip", "w") as archive:
            for file in path.iterdir():
                archive.write(file, f"data/a.gdb/{file.name}")
        shutil.rmtree(path)
        path = converter.folder / "a.zip"
    table = converter.table(path, **options)
    name = "Name" if kind == "LIBKML" else "name"
    assert sorted(table[name].to_pylist()) == ["01", "2A"]
    frame = geopandas.read_parquet(converter.target)
    assert frame.crs.to_epsg() == 4326
    assert sorted((p.x, p.y) for p in frame.geometry) == [(2, 48), (3, 44)]
    assert not list(converter.folder.glob("*.gfs")), "nothing is written beside a raw copy"


@pytest.mark.parametrize("mark", ["", "\x1e"])
@pytest.mark.parametrize("name", ["x.geojsonl", "x.json", "x.geojson"])
def test_lines_of_features(converter, name, mark):
    file = converter.file(lines(feature(), feature((3, 44)), mark=mark), name)
    assert converter.table(file)["code"].to_pylist() == ["01", "01"]
    assert len(geopandas.read_parquet(converter.target)) == 2
    if not mark:
        plain = converter.table(file, format="ndjson")
        assert plain["properties_code"].to_pylist() == ["01", "01"]


def test_a_collection_whose_type_stands_last(converter):
    data = json.dumps({"features": [feature()] * 3, "type": "FeatureCollection"})
    assert converter.table(data).num_rows == 3


@pytest.mark.parametrize(
    ("data", "keys", "words"),
    [
        (collection(feature((652000, 6862000))), {}, r"beyond ±180/±90.*\n.*crs"),
        (collection(feature((2, 48))), {"geometry": {"crs": "EPSG:2154"}}, "like degrees"),
        (
            collection(feature(properties={"a": 1, "A": 2})),
            {},
            "columns of one name: A, a",
        ),
        (
            collection(feature()),
            {"columns": {"contour": {"from": "geometry", "type": "string"}}},
            "columns.contour",
        ),
        ("0\nSECTION\n2\nHEADER\n", {}, "cannot be read: error at line 5"),
    ],
)
def test_refused(converter, data, keys, words):
    with pytest.raises(DiffusionError, match=re.compile(words)):
        converter.convert(data, **keys)


def test_a_declared_crs_counts_where_geojson_states_none(converter):
    converter.convert(collection(feature((652000, 6862000))), geometry={"crs": "EPSG:2154"})
    assert geopandas.read_parquet(converter.target).crs.to_epsg() == 2154


def test_coordinates_outside_the_area_of_use_are_told(converter, caplog):
    file = converter.folder / "a.gpkg"
    layer([Point(600000, 2400000)], crs=2154, code=["01"]).to_file(file)
    converter.convert(file)
    assert "outside the area of use of RGF93 v1 / Lambert-93" in caplog.text
    [alert] = converter.notes()["alerts"]  # below the table of a run, not in a job's log alone
    assert "1 of 1 shapes" in alert and "is that the CRS?" in alert


def test_a_shapefile_of_parts_that_do_not_belong_together(converter):
    for name, rows in (("a", 2), ("b", 1)):
        layer(code=["01", "2A"]).iloc[:rows].to_file(converter.folder / f"{name}.shp")
    shutil.copy(converter.folder / "b.dbf", converter.folder / "a.dbf")
    with pytest.raises(DiffusionError, match="2 shapes, but 1 rows"):
        converter.convert(converter.folder / "a.shp")


def test_deleted_records_are_no_loss(converter):
    file = converter.folder / "a.shp"
    layer().to_file(file)
    dbf = bytearray(file.with_suffix(".dbf").read_bytes())
    dbf[int.from_bytes(dbf[8:10], "little")] = ord("*")
    file.with_suffix(".dbf").write_bytes(dbf)
    assert converter.table(file)["code"].to_pylist() == ["2A"]


def test_rings_and_bounds(converter):
    """Outer rings counter-clockwise, and said to be so; the bounds of the file are exact."""
    hole = shapely.Polygon(
        [(0, 0), (0, 9.1), (9.1, 9.1), (9.1, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]]
    )
    file = converter.folder / "a.gpkg"
    layer([hole, shapely.MultiPolygon([hole])]).to_file(file)
    shapes = geopandas.read_parquet(converter.convert(file)).geometry
    for part in shapely.get_parts(shapes.to_numpy()):
        assert part.exterior.is_ccw and not part.interiors[0].is_ccw
    assert all(shape.equals(hole) for shape in shapes)
    column = json.loads(pq.read_schema(converter.target).metadata[b"geo"])["columns"]["geometry"]
    assert column["orientation"] == "counterclockwise"
    assert column["bbox"] == [0, 0, 9.1, 9.1]


def test_shapes_that_reprojection_made_invalid_are_repaired(converter):
    """Valid in degrees, crossed in metres: the parallel that an edge follows is a curve there."""
    notch = shapely.Polygon([(0, 60), (20, 60), (10, 60.1), (19, 65), (1, 65)])
    moved = geopandas.GeoSeries([notch], crs=4326).to_crs(3035)
    file = converter.folder / "a.gpkg"
    layer([notch], code=["01"]).to_file(file)
    assert notch.is_valid and not moved.is_valid.all()
    frame = geopandas.read_parquet(converter.convert(file, geometry={"to_crs": "EPSG:3035"}))
    assert frame.geometry.is_valid.all()


def test_further_columns_of_geometries(converter):
    frame = layer()
    frame["middle"] = frame.geometry.centroid
    file: Path = converter.folder / "a.bin"
    frame.to_parquet(file)
    with pytest.raises(DiffusionError, match="several columns of geometries: geometry, middle"):
        converter.convert(file)
    assert converter.table(file, drop=["middle"]).column_names == ["code", "geometry", "bbox"]


def parquet_twins(path: Path) -> None:
    pq.write_table(pa.table({"Code": ["x"], "n": [1], "code": ["01"]}), path)


def geoparquet_twins(path: Path) -> None:
    layer(POINTS[:1], Code=["x"], n=[1], code=["01"]).to_parquet(path)


def geojson_twins(path: Path) -> None:
    path.write_text(collection(feature(properties={"Code": "x", "n": 1, "code": "01"})))


def json_twins(path: Path) -> None:
    path.write_text('[{"Code": "x", "n": 1, "code": "01"}]')


TWINS = (parquet_twins, geoparquet_twins, geojson_twins, json_twins)


@pytest.mark.parametrize("write", TWINS)
def test_names_that_differ_by_case(converter, write):
    """SQL does not tell them apart: `drop` of one leaves the other, with its own values."""
    path = converter.folder / "a.bin"
    write(path)
    said = refusal(converter, path)
    assert "columns of one name: Code, code" in said and "`drop: [Code]`" in said
    table = converter.table(path, drop=["Code"])
    assert [table[name].to_pylist() for name in ("code", "n")] == [["01"], [1]]
    table = converter.table(path, drop=["code"])
    assert table["Code"].to_pylist() == ["x"] and "code" not in table.column_names
    assert "not in the data" in refusal(converter, path, drop=["Code", "CODE"])
    file = converter.combined([[raw(path, "a")], [raw(path, "b")]], drop=["code"])
    assert pq.read_table(file)["Code"].to_pylist() == ["x", "x"]
