"""Vector files of every kind to GeoParquet 1.1."""

import datetime
import io
import json
import sqlite3
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from pyproj import CRS
from shapely import Point, Polygon, box

from conversions import Converter, raw, refusal
from diffusion.convert.json.waiting import MOST
from diffusion.errors import DiffusionError
from diffusion.tables.limits import Limits

SQUARE = box(3, 46, 4, 47)
SQUARES = (SQUARE, box(5, 46, 6, 47))
BOW_TIE = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
SPIKE = Polygon([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0.5), (-1, 0.5), (0, 0.5)])
FLAT = Polygon([(0, 0), (1, 1), (2, 2)])
NAMES = ["Rhône", "Île-de-France"]
DRIVERS = {"geojson": "GeoJSON", "gpkg": "GPKG", "shp": "ESRI Shapefile"}


def layer(shapes=SQUARES, crs=4326, **columns):
    columns = columns or {"code": ["01", "2A"], "n": [1, 2], "nom": NAMES}
    return geopandas.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def write(folder: Path, kind: str, frame=None, **options) -> Path:
    path = folder / f"layer.{kind}"
    frame = layer() if frame is None else frame
    frame.to_file(path, driver=DRIVERS[kind], use_arrow=True, **options)
    return path


def read(converter, *files, **keys) -> geopandas.GeoDataFrame:
    return geopandas.read_parquet(converter.convert(*files, **keys))


def check_geoparquet(path: Path) -> None:
    """The rules of GeoParquet 1.1 for the file metadata and its columns."""
    schema = pq.read_schema(path)
    geo = json.loads(schema.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] in geo["columns"]
    for name, column in geo["columns"].items():
        assert str(schema.field(name).type) == "binary"  # at the root, not repeated
        assert column["encoding"] == "WKB"
        assert CRS.from_json_dict(column["crs"])  # PROJJSON
        table = pq.read_table(path)
        shapes = shapely.from_wkb(table[name].to_numpy())
        present = shapes[~shapely.is_missing(shapes)]
        names = {shape.geom_type + (" Z" if shape.has_z else "") for shape in present}
        assert column["geometry_types"] == sorted(names)
        check_iso_wkb(table[name].to_pylist())
        check_boxes(table, column, shapes)


def check_iso_wkb(values) -> None:
    for wkb in filter(None, values):
        order = "<" if wkb[0] == 1 else ">"
        kind = struct.unpack(f"{order}I", wkb[1:5])[0]
        assert kind in (*range(1, 8), *range(1001, 1008)), kind  # no EWKB flags, no measures


def check_boxes(table, column, shapes) -> None:
    covering = column["covering"]["bbox"]
    assert covering == {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}
    kinds = {str(field.type) for field in table.schema.field("bbox").type}
    assert kinds == {"float"}
    bounds = shapely.bounds(shapes)
    for shape, bound, side in zip(shapes, bounds, table["bbox"].to_pylist(), strict=True):
        if shape is None or shape.is_empty:
            assert side is None
            continue
        assert side["xmin"] <= bound[0] and side["ymin"] <= bound[1]
        assert side["xmax"] >= bound[2] and side["ymax"] >= bound[3]
    if not np.isnan(bounds).all():
        whole = column["bbox"]
        assert len(whole) == (6 if shapely.has_z(shapes).any() else 4)
        half = len(whole) // 2
        assert whole[0] <= np.nanmin(bounds[:, 0]) and whole[half] >= np.nanmax(bounds[:, 2])
        assert whole[1] <= np.nanmin(bounds[:, 1]) and whole[half + 1] >= np.nanmax(bounds[:, 3])


@pytest.mark.parametrize("kind", DRIVERS)
def test_kinds_of_files(converter, kind):
    days = pd.array([datetime.date(2024, 2, 29), None], pd.ArrowDtype(pa.date32()))
    file = write(converter.folder, kind, layer(code=["01", "2A"], n=[1, 2], day=days, nom=NAMES))
    table = converter.table(file)
    assert table.select(["code", "n", "nom", "day"]).to_pydict() == {
        "code": ["01", "2A"],
        "n": [1, 2],
        "nom": NAMES,
        "day": [datetime.date(2024, 2, 29), None],
    }
    types = {name: str(table.schema.field(name).type) for name in ("n", "day")}
    assert types == {"n": "int64", "day": "date32[day]"}
    check_geoparquet(converter.target)
    frame = geopandas.read_parquet(converter.target)
    assert frame.crs == "EPSG:4326"
    assert all(a.equals(b) for a, b in zip(frame.geometry, layer().geometry, strict=True))
    assert list(frame.columns) == ["code", "n", "day", "nom", "geometry"]


def test_the_same_from_memory_and_from_a_file(converter, monkeypatch):
    """Where memory has no room for a layer it waits in a file: the table is the same."""
    when = pd.to_datetime(["2024-02-29T12:30:15.123", None])
    of_all_kinds = layer(
        [BOW_TIE, SQUARE],
        **{"code": ["01", "2A"], "n": np.array([1, 2], "int16"), "x": np.array([0.5, 1], "f4")},
        **{"yes": [True, False], "when": when, "zone": when.tz_localize("UTC"), "no": [None, None]},
        **{"raw": [b"a", None], "time": [datetime.time(1, 2, 3), None]},
        span=pd.to_timedelta([5, None], unit="s"),
    )
    source = converter.folder / "source.parquet"
    of_all_kinds.to_parquet(source)
    package = write(converter.folder, "gpkg", of_all_kinds.drop(columns=["time", "no", "span"]))
    # a duration is read as a number, where that is declared
    for file, columns in ((package, {}), (source, {"span": "int"})):
        held = converter.convert(file, columns=columns).read_bytes()
        types = converter.columns(file, columns=columns)
        monkeypatch.setattr(Limits, "layers_mb", 0)
        assert converter.convert(file, columns=columns).read_bytes() == held, types
        monkeypatch.undo()


def test_many_small_layers(converter):
    """More than are held in memory: the rest waits in files; all rows are there, and the order."""
    frames = [layer(n=[i, i], code=["01", "2A"], nom=NAMES) for i in range(MOST + 5)]
    files = [
        write(converter.folder, "geojson", f).rename(converter.folder / f"{i:02}")
        for i, f in enumerate(frames)
    ]
    table = converter.table(*files, sort_by=["n"])
    assert table["n"].to_pylist() == [i for i in range(len(files)) for _ in range(2)]


LOADED = """
import sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from conversions import Converter
converter = Converter(Path(sys.argv[1]).parent)
converter.convert(Path(sys.argv[1]))
print(*sys.modules)
import geopandas  # what GDAL's binding was told is undone
assert len(geopandas.read_file(sys.argv[1])) == 2
"""


@pytest.mark.parametrize("form", ["gpkg", "shp", "geojson"])
def test_a_layer_loads_neither_pandas_nor_geopandas(converter, form):
    command = [sys.executable, "-c", LOADED, str(write(converter.folder, form))]
    done = subprocess.run([*command, *filter(None, sys.path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"pandas", "geopandas"} & set(done.stdout.split()) == set()


def test_dates_stay_dates(converter):
    features = [
        {"type": "Feature", "geometry": None, "properties": {"d": "2024-02-29", "id": "01"}},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {}},
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features})
    table = converter.table(data)
    assert str(table.schema.field("d").type) == "date32[day]"
    assert str(table.schema.field("id").type) == "string"
    assert table["d"].to_pylist() == [None, datetime.date(2024, 2, 29)]  # no geometry comes last
    check_geoparquet(converter.target)


@pytest.mark.parametrize(
    ("written", "cpg", "names"),
    [
        ("UTF-8", "UTF-8", NAMES),
        ("UTF-8", "ISO-8859-1", NAMES),  # lies
        ("UTF-8", None, NAMES),
        ("ISO-8859-1", "ISO-8859-1", NAMES),
        ("ISO-8859-1", "UTF-8", NAMES),  # lies
        ("ISO-8859-1", None, NAMES),
        ("CP1252", "1252", ["Œuvre", "5 €"]),
        ("CP1252", None, ["Œuvre", "5 €"]),
        ("CP850", "850", NAMES),
        ("ISO-8859-15", "8859-15", ["Œuvre", "5 €"]),
        ("UTF-8", "nonsense", ["abc", "def"]),
    ],
)
def test_encodings_of_shapefiles(converter, written, cpg, names):
    file = converter.folder / "layer.shp"
    layer(nom=names).to_file(file, encoding=written)
    file.with_suffix(".cpg").unlink()
    if cpg:
        file.with_suffix(".CPG").write_text(cpg)
    assert read(converter, file)["nom"].to_list() == names
    lies = (written == "UTF-8") != (cpg == "UTF-8") and cpg in ("UTF-8", "ISO-8859-1")
    notes = str(converter.notes().get("notes"))
    assert ("read as that" in notes) == lies
    assert "says None" not in notes


def test_a_cpg_of_an_unknown_encoding(converter):
    file = converter.folder / "layer.shp"
    layer(nom=["été", "où"]).to_file(file, encoding="cp1252")
    file.with_suffix(".cpg").write_text("nonsense")
    assert read(converter, file)["nom"].to_list() == ["été", "où"]
    [note] = converter.notes()["notes"]
    assert "says 'nonsense', which is no encoding that is known" in note


def test_utf_8_cut_at_the_width_of_a_field(converter):
    file = write(converter.folder, "shp", layer([SQUARE] * 4, nom=["été", "île", "où", "çà"]))
    dbf = file.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace("ù".encode(), b"\xc3 "))
    assert sorted(read(converter, file)["nom"]) == ["o", "çà", "été", "île"]
    [note] = converter.notes()["notes"]
    assert "`nom`: 1 values end within a character" in note


LAMBERT_ESRI = (
    'PROJCS["RGF_1993_Lambert_93",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",'
    '6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000.0],'
    'PARAMETER["False_Northing",6600000.0],PARAMETER["Central_Meridian",3.0],'
    'PARAMETER["Standard_Parallel_1",44.0],PARAMETER["Standard_Parallel_2",49.0],'
    'PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1.0]]'
)


@pytest.mark.parametrize(
    ("prj", "declared", "found"),
    [
        (LAMBERT_ESRI, None, 2154),
        (LAMBERT_ESRI, "EPSG:2154", 2154),
        (
            LAMBERT_ESRI,
            "EPSG:4326",
            "the file states RGF93 v1 / Lambert-93 (EPSG:2154), declared is EPSG:4326",
        ),
        (None, "EPSG:2154", 2154),
        (None, None, "the file states no CRS"),
    ],
)
def test_crs(converter, prj, declared, found):
    file = write(converter.folder, "shp", layer([Point(700000, 6600000)] * 2, crs=2154))
    file.with_suffix(".prj").unlink()
    if prj:
        file.with_suffix(".prj").write_text(prj)
    keys = {"geometry": {"crs": declared}}
    if isinstance(found, str):
        assert found in refusal(converter, file, **keys)
    else:
        assert read(converter, file, **keys).crs.to_epsg() == found


@pytest.mark.parametrize("height", [(), (100.0,)])
def test_reprojected(converter, height):
    points = [Point(3, 46.5, *height), Point(2.35, 48.85, *height)]
    file = write(converter.folder, "gpkg", layer(points))
    frame = read(converter, file, geometry={"to_crs": "EPSG:2154"})
    expected = layer(points).to_crs(2154).set_index("code")["geometry"]
    got = frame.set_index("code")["geometry"]
    assert got.distance(expected, align=True).max() < 1e-6
    assert got["01"].distance(Point(700000, 6600000)) < 1e-3
    assert got.has_z.tolist() == [bool(height)] * 2
    assert [*got["2A"].coords[0][2:]] == [*height]  # heights are kept as they are
    check_geoparquet(converter.target)


def test_points_that_have_no_place_in_the_crs(converter):
    file = write(converter.folder, "gpkg", layer([Point(93, 0), Point(2, 48)]))
    said = refusal(converter, file, geometry={"to_crs": "EPSG:32631"})
    assert "1 points have no place in" in said


def test_several_layers(converter):
    for name in ("a", "b"):
        write(converter.folder, "gpkg", layer(x=[name, name]), layer=name)
    path = converter.folder / "layer.gpkg"
    assert "layers: a, b" in refusal(converter, path)
    assert "layers: a, b" in refusal(converter, path, layer="c")
    assert read(converter, path, layer="b")["x"].tolist() == ["b", "b"]


def test_a_table_without_geometries_is_no_layer(converter):
    path = write(converter.folder, "gpkg")
    pyogrio.write_dataframe(layer().drop(columns="geometry"), path, layer="styles")
    assert len(read(converter, path)) == 2
    said = refusal(converter, path, layer="styles")
    assert "`styles` is a table without geometries" in said and "layers: layer" in said


@pytest.mark.parametrize("kind", ["gpkg", "shp"])
def test_empty_layer(converter, kind):
    path = write(converter.folder, kind, layer().iloc[:0], geometry_type="Polygon")
    assert read(converter, path).columns.tolist() == ["code", "n", "nom", "geometry"]
    check_geoparquet(converter.target)


@pytest.mark.parametrize(
    "shapes",
    [
        [None, SQUARE],
        [Polygon(), SQUARE],
        [None, None],
        [Point(1, 2), Point(1, 2)],
        [Point(1, 2, 3), Point(4, 5, 9)],
        [Point(1, 2, 3), SQUARE],
        [SQUARE, shapely.MultiPolygon([SQUARE]), shapely.LineString([(0.1, 0.2), (0.3, 0.1)])],
        [Point(0.1 + i * 1e-9, 1 / 3) for i in range(9)],  # between two float32
    ],
)
def test_geometries_of_all_sorts(converter, shapes):
    names = [str(number) for number in range(len(shapes))]
    file = write(converter.folder, "gpkg", layer(shapes, nom=names), geometry_type="Unknown")
    frame = read(converter, file).set_index("nom").geometry
    for name, shape in zip(names, shapes, strict=True):
        found = frame[name]
        assert found is None if shape is None else shapely.equals_identical(found, shape)
    check_geoparquet(converter.target)


def drop_triggers(db: sqlite3.Connection) -> None:
    """They call functions that GDAL adds to SQLite."""
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{name}"')


def gpkg_with(folder: Path, wkb: bytes) -> Path:
    """Put WKB that geopandas cannot write into a layer."""
    path = write(folder, "gpkg", layer([Point(0, 0)] * 2), geometry_type="Unknown")
    with sqlite3.connect(path) as db:
        drop_triggers(db)
        blob = b"GP\x00\x01" + struct.pack("<i", 4326) + wkb
        db.execute("UPDATE layer SET geom = ? WHERE code = '01'", [blob])
    return path


def test_measures_are_left_out_and_rings_closed(converter):
    measured = struct.pack("<BI3d", 1, 2001, 1, 2, 5)
    path = gpkg_with(converter.folder, measured)
    assert read(converter, path).set_index("code").geometry["01"].wkt == "POINT (1 2)"
    assert "1 geometries have measures (M)" in str(converter.notes()["notes"])
    check_geoparquet(converter.target)
    path.unlink()
    path = gpkg_with(converter.folder, struct.pack("<BI4d", 1, 3001, 1, 2, 5, 7))
    assert read(converter, path).set_index("code").geometry["01"].wkt == "POINT Z (1 2 5)"
    path.unlink()
    path = gpkg_with(converter.folder, struct.pack("<BI3d", 1, 2001, 1, 2, float("nan")))
    assert read(converter, path).set_index("code").geometry["01"].wkt == "POINT (1 2)"
    assert "(M)" not in str(converter.notes()["notes"]), "no value, as in many shapefiles"
    unclosed = struct.pack("<BIII6d", 1, 3, 1, 3, 0, 0, 1, 0, 1, 1)
    path.unlink()
    path = gpkg_with(converter.folder, unclosed)
    assert read(converter, path).set_index("code").geometry["01"].area == 0.5


def test_moments_that_gdal_would_cut(converter):
    moments = {"at": pd.to_datetime(["2024-01-02T03:04:05.123"]), "n": [1]}
    path = write(converter.folder, "gpkg", layer([Point(0, 0)], **moments))
    assert converter.columns(path)["at"][0].microsecond == 123000
    with sqlite3.connect(path) as db:
        drop_triggers(db)
        db.execute("UPDATE layer SET at = '2024-01-02T03:04:05.123456Z'")
    assert "finer than milliseconds, 2024-01-02T03:04:05.123456Z" in refusal(converter, path)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE layer SET at = '2024-01-02T03:04:05.123456+01:00'")
    assert "finer than milliseconds, 2024-01-02T03:04:05.123456+01:00" in refusal(converter, path)
    assert "at" not in converter.columns(path, drop=["at"])


@pytest.mark.parametrize("kind", ["gpkg", "fgb", "gml"])
@pytest.mark.filterwarnings("ignore:Non-conformant content")
def test_moments_with_an_offset_are_turned_to_utc(converter, kind):
    at = pd.to_datetime(["2024-01-02T03:04:05", "2024-07-02T03:04:05.123"], format="ISO8601")
    rows = layer([Point(0, 0), Point(1, 1)], at=at.tz_localize("Europe/Paris"))
    path = converter.folder / f"raw.{kind}"
    rows.to_file(path)
    found = sorted(converter.columns(path)["at"])
    assert [f"{moment:%m %H:%M %f %Z}" for moment in found] == [
        "01 02:04 000000 UTC",
        "07 01:04 123000 UTC",
    ]


def test_curves_are_refused(converter):
    path = gpkg_with(converter.folder, struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0))
    assert "holds curves" in refusal(converter, path)


@pytest.mark.parametrize(
    ("shape", "family", "kept", "areas"),
    [
        (BOW_TIE, "polygon", "MultiPolygon", (0, 2)),
        (SPIKE, "polygon", "Polygon", (1, 1)),
        (SPIKE, "any", "GeometryCollection", (1, 1)),
        (FLAT, "polygon", "MultiPolygon", (0, 0)),  # empty: for the checks to refuse
        (FLAT, "any", "MultiLineString", (0, 0)),
    ],
)
def test_repaired(converter, shape, family, kept, areas, caplog):
    file = write(converter.folder, "gpkg", layer([shape, SQUARE]), geometry_type="Unknown")
    frame = read(converter, file, geometry={"family": family}).set_index("code")
    assert frame.geometry["01"].geom_type == kept
    assert frame.geometry.is_valid.all()
    before, after = areas
    noted = converter.notes()["geometry"]
    counted = {"repaired": 1, "unsound": int(frame.geometry.is_empty.sum())}
    counted |= {} if shape is SPIKE else {"reshaped": 1}
    assert noted == counted | {"area_before": before, "area_after": after}
    assert "1 invalid geometries repaired" in caplog.text
    check_geoparquet(converter.target)


def test_not_repaired_when_told_so(converter):
    file = write(converter.folder, "gpkg", layer([BOW_TIE, SQUARE]))
    assert read(converter, file, geometry={"repair": False}).geometry.is_valid.sum() == 1


def test_another_family_than_declared(converter):
    file = write(converter.folder, "gpkg", layer([Point(0, 0), SQUARE]), geometry_type="Unknown")
    said = refusal(converter, file, geometry={"family": "polygon"})
    assert "1 geometries are Point, not polygon" in said


def test_columns_of_a_layer(converter):
    frame = layer(code=["01", "2A"], bbox=["x", "y"])
    file = write(converter.folder, "gpkg", frame)
    assert read(converter, file).columns.tolist() == ["code", "bbox_", "geometry"]
    kept = read(converter, file, keep="declared", columns={"code": "category"})
    assert kept.columns.tolist() == ["code", "geometry"]
    assert converter.columns(file, drop=["geometry", "bbox_"]) == {"code": ["01", "2A"]}
    assert b"geo" not in pq.read_schema(converter.target).metadata


def test_shapefile_in_a_folder_of_a_zip(converter):
    write(converter.folder, "shp")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in converter.folder.glob("layer.*"):
            archive.write(file, f"données/é/{file.name}")
    frame = read(converter, buffer.getvalue(), **{"from": "archive"}, member="*.shp")
    assert frame["nom"].tolist() == NAMES


def test_geoparquet_is_read_as_such(converter):
    source = converter.folder / "source.parquet"
    layer().rename_geometry("forme").to_parquet(source, write_covering_bbox=True)
    frame = read(converter, source, geometry={"to_crs": "EPSG:2154"})
    assert frame.crs == "EPSG:2154"
    assert frame.columns.tolist() == ["code", "n", "nom", "geometry"]
    check_geoparquet(converter.target)


def test_metadata_of_geoparquet(converter):
    """An epoch is told; a column that is not described is an error in words."""
    file = converter.folder / "source.parquet"
    layer().to_parquet(file)
    table = pq.read_table(file)
    geo = json.loads(table.schema.metadata[b"geo"])

    def write_metadata(**change) -> None:
        metadata = table.schema.metadata | {b"geo": json.dumps(geo | change)}
        pq.write_table(table.replace_schema_metadata(metadata), file)

    write_metadata(columns={"geometry": geo["columns"]["geometry"] | {"epoch": 2019.5}})
    read(converter, file)
    assert "of the epoch 2019.5" in str(converter.notes()["notes"])
    write_metadata(primary_column="geom")
    assert "`geom` has the geometries, but describe `geometry`" in refusal(converter, file)


def test_files_of_one_crs_with_and_without_heights(converter):
    """They are the same on a map; nor does it matter who published the CRS."""
    for crs, wanted in ((4979, 4326), ("IGNF:LAMB93", 2154)):
        shapes = [Point(3, 46, 100) if crs == 4979 else Point(650_000, 6_800_000)]
        one = geopandas.GeoDataFrame({"n": [1]}, geometry=shapes, crs=crs)
        other = geopandas.GeoDataFrame({"n": [2]}, geometry=[*map(shapely.force_2d, shapes)])
        paths = []
        for number, frame in enumerate([one, other.set_crs(wanted)]):
            frame.to_parquet(path := converter.folder / f"{number}.parquet")
            paths.append(path)
        for order in (paths, paths[::-1]):
            found = read(converter, *order)
            assert found.crs.to_epsg() == wanted and sorted(found["n"]) == [1, 2]


def test_batches_and_files_of_several_crs(converter):
    frames = {"a": layer(), "b": layer().to_crs(2154)}
    files = [
        write(converter.folder, "gpkg", f).rename(converter.folder / f"{n}.gpkg")
        for n, f in frames.items()
    ]
    batches = [[raw(file, file.stem)] for file in files]
    with pytest.raises(DiffusionError, match="the files are in WGS 84 and RGF93"):
        converter.combined(batches)
    keys = {"geometry": {"to_crs": "EPSG:4326"}}
    converter.combined(batches, **keys)
    check_geoparquet(converter.target)
    assert geopandas.read_parquet(converter.target).total_bounds.round(6).tolist() == [3, 46, 6, 47]
    several = converter.target.read_bytes()
    assert converter.combined([[*batches[0], *batches[1]]], **keys).read_bytes() == several


@pytest.fixture(scope="module")
def france(tmp_path_factory) -> Path:
    """A layer of 100,000 small squares all over France, in no order."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-5, 9, 100_000), rng.uniform(42, 51, 100_000)
    frame = layer(shapely.box(x, y, x + 0.01, y + 0.01), n=range(100_000))
    converter = Converter(tmp_path_factory.mktemp("france"))
    return converter.convert(write(converter.folder, "gpkg", frame), row_group_rows=200_000)


def test_a_small_box_reads_few_row_groups(france):
    box_ = (2, 46, 3.4, 46.9)  # 1 % of the layer
    file = pq.ParquetFile(france)
    total = file.metadata.num_row_groups
    assert total == 100
    path_of = {file.metadata.row_group(0).column(i).path_in_schema: i for i in range(6)}
    touched = 0
    for group in map(file.metadata.row_group, range(total)):
        stats = {p: group.column(i).statistics for p, i in path_of.items() if p.startswith("bbox")}
        touched += (
            stats["bbox.xmin"].min <= box_[2] and stats["bbox.xmax"].max >= box_[0]
            and stats["bbox.ymin"].min <= box_[3] and stats["bbox.ymax"].max >= box_[1]
        )  # fmt: skip
    assert touched <= 8, touched
    found = geopandas.read_parquet(france, bbox=box_)
    everything = geopandas.read_parquet(france)
    assert sorted(found["n"]) == sorted(everything[everything.intersects(box(*box_))]["n"])


def test_duckdb_reads_it(france):
    with duckdb.connect() as con:
        kind, count = con.execute(
            f"SELECT typeof(any_value(geometry)), count(bbox.xmin) FROM '{france}'"
        ).fetchall()[0]
    assert kind.startswith("GEOMETRY")
    assert count == 100_000
