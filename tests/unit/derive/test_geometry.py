"""Geometries through queries and scripts are layers like any other; a frame's index is data."""

import geopandas
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from conversions import Converter
from derivations import entry_of
from diffusion.derive.inputs import PublishedTable
from diffusion.derive.table import derive_script, derive_sql
from diffusion.errors import DiffusionError
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits
from diffusion.tables.parquet import read_metadata

SHAPES = [shapely.box(x, 46, x + 1, 47) for x in range(6)]


@pytest.fixture
def layer(tmp_path):
    """A published layer of six squares: `code`, `geometry`, `bbox`."""
    folder = tmp_path / "published"
    folder.mkdir()
    frame = geopandas.GeoDataFrame({"code": list("aabbcc")}, geometry=SHAPES, crs=4326)
    frame.to_file(folder / "in.gpkg", driver="GPKG")
    table = Converter(folder).convert(folder / "in.gpkg")
    objects = [{"key": "t.parquet", "size": table.stat().st_size, "sha256": "h"}]
    columns = [{"name": name} for name in pq.read_schema(table).names]
    receipt = {"name": "t", "url": str(folder), "objects": objects}
    return PublishedTable(receipt | {"columns": columns, "credits": []}, None)


@pytest.fixture
def derive(layer, tmp_path):
    """Derive a table by SQL, or by the body of a script; return the file."""

    def run(sql: str | None = None, script: str | None = None, **keys):
        target = tmp_path / "out.parquet"
        (tmp_path / "mine").mkdir(exist_ok=True)
        if script:
            (tmp_path / "mine" / "it.py").write_text(
                f"import pandas as pd\ndef derive(inputs, params):\n    {script}\n"
            )
            keys["script"] = "mine/it.py"
        function = derive_sql if sql else derive_script
        with engine(Limits(1000, 1, tmp_path / "scratch")) as con:
            function(con, "x", entry_of(sql=sql, **keys), {"t": layer}, tmp_path, target)
        return target

    return run


@pytest.mark.parametrize("columns", ["*", "code, geometry"])
def test_a_query_over_a_layer_gives_a_layer(derive, columns):
    frame = geopandas.read_parquet(derive(f"SELECT {columns} FROM t WHERE code < 'c'"))
    assert frame.crs.to_epsg() == 4326
    assert sorted(frame["code"]) == list("aabb")
    assert {shape.normalize().wkt for shape in frame.geometry} == {
        shape.normalize().wkt for shape in SHAPES[:4]
    }


def test_geometry_of_a_query_is_honoured(derive):
    target = derive("SELECT * FROM t", geometry={"to_crs": "EPSG:2154", "family": "polygon"})
    frame = geopandas.read_parquet(target)
    assert frame.crs.to_epsg() == 2154
    assert frame.total_bounds[0] > 400_000
    box = pq.read_table(target)["bbox"][0].as_py()
    assert box["xmin"] > 400_000  # not those of the input
    with pytest.raises(DiffusionError, match="not point"):
        derive("SELECT * FROM t", geometry={"family": "point"})


def test_what_happened_to_shapes_is_recorded(derive):
    """As for sources: a run tells it, and a check warns of it."""
    bow = "POLYGON((0 46,1 47,1 46,0 47,0 46))"
    shape = f"__import__('shapely').from_wkt('{bow}')"
    script = f"return inputs['t'].geo().assign(geometry={shape})"
    noted = read_metadata(derive(script=script))
    assert noted["geometry"]["reshaped"] == noted["geometry"]["repaired"] == 6
    script = "frame = inputs['t'].geo(); frame.geometry = frame.translate(9e6, 1e5); return frame"
    moved = derive(
        script=script.replace("return", "frame = frame.set_crs(2154, allow_override=True); return")
    )
    [alert] = read_metadata(moved)["alerts"]
    assert "6 of 6 shapes" in alert and "is that the CRS?" in alert


def test_words_that_pandas_makes_of_no_value_are_told(derive):
    """The text of what is missing is `nan`, which no check takes for missing."""
    script = "return pd.DataFrame({'code': [1.5, None], 'n': [1, 2]})"
    made = derive(script=f"{script}.assign(code=lambda f: f['code'].map(str))")
    [note] = read_metadata(made)["notes"]
    assert note.startswith("`code` has 1 × `nan` as texts: no value")
    assert "notes" not in read_metadata(derive(script=script))


@pytest.mark.parametrize(
    ("given", "keys", "words"),
    [
        ({"sql": "SELECT geometry AS a, geometry AS b FROM t"}, {}, "`b` holds geometries"),
        ({"sql": "SELECT 'x' AS Geometry, geometry AS b FROM t"}, {}, "`b` holds geometries"),
        (
            {"script": "f = inputs['t'].geo().rename_geometry('a'); return f.assign(geometry=1)"},
            {},
            "there is a column `geometry`",
        ),
        (
            {
                "script": "f = inputs['t'].geo().assign(c=lambda f: f.centroid); "
                "return pd.DataFrame(f)"
            },
            {},
            "several geom",
        ),
        ({"sql": "SELECT geometry, geometry AS b FROM t"}, {}, "`b` holds geometries"),
        ({"sql": "SELECT code FROM t"}, {"geometry": {"crs": "EPSG:4326"}}, "no column `geometry`"),
        ({"sql": "SELECT * FROM t"}, {"geometry": {"crs": "EPSG:2154"}}, "declared is EPSG:2154"),
        (
            {"script": "return inputs['t'].geo().to_crs(2154)"},
            {"geometry": {"crs": "EPSG:4326"}},
            r"states .*\(EPSG:2154\), declared is EPSG:4326",
        ),
        ({"script": "return inputs['t'].geo().assign(c=lambda f: f.centroid)"}, {}, "several geom"),
        ({"script": "return pd.DataFrame({'n': [1, 2]}, index=[2020, 2021])"}, {}, "has no name"),
    ],
)
def test_refused(derive, given, keys, words):
    with pytest.raises(DiffusionError, match=words):
        derive(**given, **keys)


def test_a_plain_frame_of_a_layer_stays_a_layer(derive):
    frame = geopandas.read_parquet(derive(script="return inputs['t'].frame()"))
    assert (len(frame), frame.crs.to_epsg()) == (6, 4326)


@pytest.mark.parametrize(
    "script",
    [
        "return inputs['t'].geo().dissolve('code')",
        "f = inputs['t'].frame(['code']).assign(n=1); return f.groupby('code')[['n']].sum()",
    ],
)
def test_a_named_index_is_a_column(derive, script):
    assert sorted(pd.read_parquet(derive(script=script))["code"]) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "given",
    [
        {"sql": "SELECT code, geometry AS contour, bbox FROM t"},
        {"script": "return inputs['t'].geo().rename_geometry('contour')"},
        {"script": "return inputs['t'].geo().rename(columns={'geometry': 'contour'})"},
        {"script": "return pd.DataFrame(inputs['t'].geo()).set_axis(['code', 'contour'], axis=1)"},
        {"script": "return inputs['t'].frame().rename(columns={'geometry': 'contour'})"},
        {
            "script": "return inputs['t'].dataset().to_table().select(['code', 'geometry'])"
            ".rename_columns(['code', 'contour'])"
        },
    ],
)
def test_a_renamed_geometry_stays_one(derive, given):
    """With its CRS, its box, and the name that geometries have in every table."""
    target = derive(**given, geometry={"to_crs": "EPSG:2154"})
    frame = geopandas.read_parquet(target)
    assert frame.crs.to_epsg() == 2154
    assert sorted(frame.columns) == ["code", "geometry"]
    back = frame.to_crs(4326).sort_values("code").geometry
    assert sorted(round(shape.centroid.x, 3) for shape in back) == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert pq.read_table(target).column_names == ["code", "geometry", "bbox"]


FRAME = "f = pd.DataFrame({'k': ['a', 'b', 'b'], 'n': [1, 2, 0]})"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "f['x'] = pd.period_range('2024-01', periods=3, freq='M')",
            "type period[M].*to_timestamp",
        ),
        ("f = f.set_index(pd.period_range('2024', periods=3, freq='Y', name='y'))", "`y` is of"),
        ("f['x'] = pd.to_timedelta([1, 2, 3], unit='h')", "timedelta64.*total_seconds"),
        ("f = pd.concat([f, f], axis=1)", "several columns are called k, n"),
        ("f = f.groupby('k')['n'].sum()", "returned a Series.*reset_index"),
        ("f['x'] = pd.Series([1, 'a', None], dtype=object)", "values of several types.*astype"),
    ],
)
def test_what_pandas_has_and_no_table(derive, body, words):
    """A month was published as the number 648; the others ended in tracebacks."""
    with pytest.raises(DiffusionError, match=f"(?s){words}".replace("[", "[[]")):
        derive(script=f"{FRAME}; {body}; return f")


def test_what_is_no_number_is_told(derive):
    """As a rate where nobody lives: DuckDB and pandas give infinity, and nothing fails."""
    by_script = derive(script=f"{FRAME}; return f.assign(r=1 / f['n'])")
    assert read_metadata(by_script)["alerts"] == [
        "`r` has 1 value that is infinite, as a division by 0 gives"
    ]
    by_query = derive(
        "SELECT code, x, 1 / x AS r, CAST('nan' AS FLOAT) AS q "
        "FROM (SELECT code, ascii(code) - 97 AS x FROM t)"
    )
    infinite, nan = read_metadata(by_query)["alerts"]
    assert infinite.startswith("`r` has 2 values that are infinite")
    assert nan.startswith("`q` has 6 values that are NaN")
    assert "alerts" not in read_metadata(derive("SELECT code, 1.5::DOUBLE AS r FROM t"))
