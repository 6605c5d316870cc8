"""What is noted of the values of columns: lowest, highest, how many different ones, extent."""

import datetime
import decimal
import json

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from diffusion.config.parts import Write
from diffusion.tables.distinct import EXACT, Distinct
from diffusion.tables.facts import facts_of
from diffusion.tables.ground import MOST, extent
from diffusion.tables.rows import Rows
from diffusion.tables.spread import SAMPLE, Spread
from diffusion.tables.write import write_rows

DAY = datetime.date(2020, 1, 31)


def counted(table: pa.Table, size: int, sorted_by=()) -> dict[str, dict]:
    """Count as the writer does: row group by row group."""
    distinct = Distinct(sorted_by)
    for start in range(0, table.num_rows, size):
        distinct.add(table.slice(start, size).combine_chunks())
    return distinct.counts()


def test_lowest_and_highest_are_as_json_has_them(tmp_path):
    table = pa.table(
        {
            "n": [3, None, 1],
            "x": [1.5, float("nan"), 2.0],
            "zero": [0.0, -0.0, 1.0],
            "endless": [float("inf"), 1.0, 1.0],
            "code": ["2A004", "01053", None],
            "flag": [True, False, None],
            "day": [DAY, None, datetime.date(2021, 2, 1)],
            "at": pa.array([datetime.datetime(2020, 1, 1, 12)] * 3, pa.timestamp("us")),
            "price": pa.array(
                [decimal.Decimal("1.10"), None, decimal.Decimal(-2)], pa.decimal128(9, 2)
            ),
            "nothing": pa.array([None] * 3, pa.int64()),
            "tags": [["a"], [], None],
            "nested": [{"a": 1}] * 3,
            "shape": [b"a", b"b", None],
            "long": ["x" * 200] * 3,
            "a.b": [1, None, 3],
            "a": [{"b": 7}] * 3,
        }
    )
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=2)
    facts = facts_of(tmp_path / "t.parquet", {"n": {"distinct": 2}})
    found = facts["values"]
    assert facts["missing"]["a.b"] == 1
    assert json.loads(json.dumps(found, allow_nan=False)) == {
        "n": {"min": 1, "max": 3, "distinct": 2},
        "x": {"min": 1.5, "max": 2.0},
        "zero": {"min": 0.0, "max": 1.0},
        "code": {"min": "01053", "max": "2A004"},
        "flag": {"min": False, "max": True},
        "day": {"min": "2020-01-31", "max": "2021-02-01"},
        "at": {"min": "2020-01-01T12:00:00", "max": "2020-01-01T12:00:00"},
        "price": {"min": "-2.00", "max": "1.10"},
        "a.b": {"min": 1, "max": 3},
    }
    assert "-0.0" not in json.dumps(found), "as statistics of Parquet name zero"


def test_a_group_that_does_not_tell_makes_the_ends_unknown(tmp_path):
    """Arrow leaves out the statistics of texts beyond 4 kB: what is noted would be too narrow."""
    table = pa.table({"text": ["b", "a" * 5000, "c"]})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=1)
    assert facts_of(tmp_path / "t.parquet")["values"] == {}


@pytest.mark.parametrize("size", [7, 1000])
def test_few_different_values_are_counted_one_by_one(size):
    codes = [f"{n % 97:05}" if n % 5 else None for n in range(3000)]
    found = counted(
        pa.table({"code": codes, "n": pa.array(range(3000)), "no": [None] * 3000}), size
    )
    assert found["code"] == {"distinct": 97}
    assert found["n"] == {"distinct": 3000}
    assert found["no"] == {"distinct": 0}


def test_of_very_few_the_most_frequent_are_told():
    """The sixth, those of a long text, those that come once, and decimals are not."""
    days = [datetime.date(2020, 1, 1 + n % 2) for n in range(100)]
    codes = ["01", None, "2A", "01", *(f"{n % 9}" for n in range(96))]
    given = {"code": codes, "day": days, "long": ["x" * 101, "y"] * 50, "once": range(100)}
    given |= {"x": [0.5] * 100, "flag": [True, *[False] * 99]}
    given |= {"at": pa.array([1] * 100, pa.timestamp("ns")), "many": [n % 21 for n in range(100)]}
    found = counted(pa.table(given), 7)
    assert found["code"]["top"] == [["0", 11], ["1", 11], ["2", 11], ["3", 11], ["4", 11]]
    assert found["code"]["distinct"] == 11
    assert found["day"]["top"] == [["2020-01-01", 50], ["2020-01-02", 50]]
    assert found["flag"]["top"] == [[False, 99], [True, 1]]
    assert not any("top" in found[name] for name in ("long", "once", "x", "at", "many"))


def test_up_to_the_limit_the_count_is_exact_and_beyond_it_says_that_it_is_not():
    """0 has the hash 0 in DuckDB; values come again, in other row groups; some are missing."""
    values = np.random.default_rng(1).permutation(np.tile(np.arange(EXACT), 3))
    more = pa.array(np.arange(3 * EXACT) * 7, mask=np.arange(3 * EXACT) % 4 == 0)
    texts = pa.array([f"commune {n}" for n in values])
    found = counted(pa.table({"n": values, "x": values * 0.5, "t": texts, "m": more}), 40_000)
    assert [found[name] for name in "nxt"] == [{"distinct": EXACT}] * 3
    assert found["m"].pop("approximate")
    assert found["m"]["distinct"] == pytest.approx(3 * EXACT * 0.75, rel=0.03)


def test_the_first_column_of_the_order_is_counted_by_its_runs():
    codes = sorted(f"{n % 200_000:06}" for n in range(400_000))
    column = pa.chunked_array([pa.array([*codes, None, None])])
    found = counted(pa.table({"code": column}), 30_000, ["code"])
    assert found["code"] == {"distinct": 200_000}, "exact, whatever their number"


def test_geometries_lists_and_structs_are_not_counted():
    table = pa.table({"a": [[1]], "b": [{"x": 1}], "c": [b"x"], "d": [1]})
    assert counted(table, 10) == {"d": {"distinct": 1}}


def spread(table: pa.Table, size: int) -> dict[str, dict]:
    """Look as the writer does: row group by row group."""
    found = Spread()
    for start in range(0, table.num_rows, size):
        found.add(table.slice(start, size).combine_chunks())
    return {name: known["spread"] for name, known in found.found().items()}


def test_few_values_are_spread_as_they_are():
    """Whole numbers and days have bars of whole numbers; one value alone, or a few, have none."""
    years = [2010 + n % 5 for n in range(100)]
    days = [DAY + datetime.timedelta(days=n // 2) for n in range(99)]
    at = pa.array(range(0, 100_000_000, 1_000_000), pa.timestamp("us"))
    given = {"year": years, "day": [*days, None], "x": [n / 4 for n in range(100)], "at": at}
    given |= {"price": pa.array([decimal.Decimal(n) for n in range(100)], pa.decimal128(9, 2))}
    given |= {"same": [1] * 100, "few": [*range(19), *[None] * 81], "code": ["a", "b"] * 50}
    given |= {"odd": [float("nan"), float("inf"), *map(float, range(98))], "flag": [True] * 100}
    found = spread(pa.table(given), 7)
    assert found.pop("year") == {"from": 2010, "to": 2014, "counts": [20] * 5}
    assert found.pop("day") == {
        "from": "2020-01-31",
        "to": "2020-03-21",
        "counts": [6] * 16 + [3],
    }
    assert found.pop("x") == {"from": 0.0, "to": 24.75, "counts": [5] * 20}
    assert found.pop("at")["to"] == "1970-01-01T00:01:39"
    assert found.pop("price")["counts"] == [5] * 20
    assert sum(found.pop("odd")["counts"]) == 98, "what is no number is nowhere"
    assert found == {}


def test_of_many_rows_the_same_ones_are_looked_at_however_they_come():
    """Rows that come in a period, one a year, are all met, whatever the size of row groups."""
    given = pa.table({"year": np.tile(np.arange(2010, 2026), 20_000)})
    found = spread(given, 100_000)
    assert found == spread(given, 777)
    counts = found["year"].pop("counts")
    assert found["year"] == {"from": 2010, "to": 2025, "sampled": True}
    assert SAMPLE / 2 < sum(counts) <= SAMPLE
    assert all(count == pytest.approx(sum(counts) / 16, rel=0.15) for count in counts)


def test_a_few_values_far_away_do_not_flatten_the_others():
    days = [DAY + datetime.timedelta(days=n) for n in range(1000)]
    far = [datetime.date(1, 1, 1), *days, *[datetime.date(9999, 12, 31)] * 5]
    found = spread(
        pa.table({"day": far, "huge": [2.0**62] * 5 + [1.0 * n for n in range(1001)]}), 100
    )
    assert (found["day"]["from"], found["day"]["to"]) > ("2020-02-01", "2022-10-01")
    assert found["day"]["outside"] >= 6
    assert found["huge"]["to"] < 1001
    assert (
        spread(pa.table({"day": [datetime.date(1, 1, 1), *[datetime.date.max] * 30]}), 9)["day"][
            "to"
        ]
        == "9999-12-31"
    )


def test_values_without_a_difference_or_a_day_stop_nothing():
    """The largest float stands for no value in files of GIS; days before year 1 have no name."""
    largest, days = 1.7976931348623157e308, [n - 800_000 for n in range(40)]
    table = {
        "all": [-largest] * 20 + [largest] * 20,
        "x": [-largest, *map(float, range(38)), largest],
    }
    given = pa.table(table | {"day": pa.array(days, pa.date32())})
    found = spread(
        given.append_column("at", pa.array([-(2**63) + 1, *range(39)], pa.timestamp("us"))), 9
    )
    assert found.keys() == {"x", "day", "at"}
    assert (found["x"]["from"], found["x"]["to"], found["x"]["outside"]) == (0.0, 37.0, 2)
    assert (found["day"]["from"], found["day"]["to"]) == ("0001-01-01", "0001-01-01")


def test_bars_that_floats_cannot_tell_apart_are_none():
    large = [2**62 + n for n in range(500)]
    spread = Spread()
    spread.add(pa.table({"large": large, "wide": [n << 50 for n in range(500)]}))
    assert spread.found().keys() == {"wide"}


def test_what_counts_values_is_no_secret(tmp_path, monkeypatch):
    """A value that a variable holds, too, is told by its name; a number of rows is none."""
    monkeypatch.setattr("diffusion.base.variables._values", {"1000": "${YEAR}"})
    pq.write_table(pa.table({"n": [1000, *range(1, 25)]}), tmp_path / "t.parquet")
    known = {"distinct": 1000, "spread": {"from": 1, "to": 1000, "counts": [1000]}}
    found = facts_of(tmp_path / "t.parquet", {"n": known})["values"]["n"]
    assert (found["max"], found["distinct"]) == ("${YEAR}", 1000)
    assert found["spread"] == {"from": 1, "to": "${YEAR}", "counts": [1000]}


def test_counting_changes_no_byte(tmp_path):
    table = pa.table({"n": range(1000), 'odd "name"': [f"{n % 7}" for n in range(1000)]})
    for name, is_counted in (("a", True), ("b", False)):
        rows = Rows(table.schema, table.to_batches(100))
        write_rows(rows, tmp_path / name, Write(), {}, counted=is_counted)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def geo_schema(bbox: list[float], crs: str | None) -> pa.Schema:
    from pyproj import CRS

    column: dict = {"geometry_types": [], "bbox": bbox}
    column |= {"crs": json.loads(CRS(crs).to_json())} if crs else {}
    geo = {"primary_column": "geometry", "columns": {"geometry": column}}
    return pa.schema([]).with_metadata({b"geo": json.dumps(geo).encode()})


@pytest.mark.parametrize(
    ("bbox", "crs", "degrees"),
    [
        ([2.0, 48.0, 3.0, 49.0], "EPSG:4326", [2.0, 48.0, 3.0, 49.0]),
        ([2.0, 48.0, 3.0, 49.0], None, [2.0, 48.0, 3.0, 49.0]),
        ([2.0, 48.0, 10.0, 3.0, 49.0, 90.0], "EPSG:4979", [2.0, 48.0, 3.0, 49.0]),
        ([652000, 6862000, 653000, 6863000], "EPSG:2154", [2.345, 48.857, 2.359, 48.866]),
        ([178.0, -20.0, -179.0, -10.0], "EPSG:4326", [178.0, -20.0, -179.0, -10.0]),
    ],
)
def test_the_extent_in_degrees(bbox, crs, degrees):
    found = extent(geo_schema(bbox, crs))
    assert found["bbox"] == bbox
    assert found["bbox_wgs84"] == pytest.approx(degrees, abs=0.002)


def test_a_table_without_shapes_has_no_extent():
    assert extent(pa.schema([])) == {}
    assert duckdb.sql("SELECT hash(0)").fetchall() == [(0,)], "why the slot of 0 is not empty"


def published_box(tmp_path, shapes, crs, **written) -> dict:
    """Write shapes as a table is, and return what is known of where they lie."""
    from pyproj import CRS

    from diffusion.config.parts import Geometry
    from diffusion.tables.geoparquet import geo_metadata
    from diffusion.tables.shapes import Shapes

    work = Shapes(Geometry(), CRS(crs), "t")
    wkb, boxes = work.arrays(np.array(shapes))
    table = pa.table({"geometry": wkb, "bbox": boxes})
    rows, path = Rows(table.schema, table.to_batches(2)), tmp_path / "t.parquet"
    metadata = geo_metadata(work.facts())
    counts = write_rows(rows, path, Write(**written), metadata, counted=True)
    return facts_of(path, counts)["geo"]


def test_the_box_in_degrees_is_around_the_shapes_and_not_around_their_own_box(tmp_path):
    """The corners of a box in Lambert 93 lie far out at sea, and in Italy."""
    import geopandas

    brest, nice, lille = (shapely.Point(*at) for at in ((-4.5, 48.4), (7.3, 43.7), (3.1, 50.6)))
    flat = geopandas.GeoSeries([brest, None, nice, lille], crs=4326).to_crs(2154)
    found = published_box(tmp_path, flat, "EPSG:2154")
    assert found["bbox_wgs84"] == pytest.approx([-4.5, 43.7, 7.3, 50.6], abs=1e-5)
    assert found["bbox"] == pytest.approx(flat.total_bounds)
    assert extent(pq.read_schema(tmp_path / "t.parquet"))["bbox_wgs84"][2] > 7.7


def test_of_very_many_boxes_neighbours_become_one(tmp_path):
    shapes = [shapely.Point(600_000 + n, 6_600_000 + n) for n in range(MOST * 3)]
    found = published_box(tmp_path, shapes, "EPSG:2154")["bbox_wgs84"]
    assert found == pytest.approx([1.696, 46.493, 1.736, 46.521], abs=1e-3)


CUT = shapely.MultiPolygon(
    [shapely.box(179.75, -17, 180, -16), shapely.box(-180, -17, -179.5, -16)]
)


@pytest.mark.parametrize(
    ("shapes", "crs", "degrees"),
    [
        ([shapely.box(177.2, -18.3, 178, -17), shapely.Point(-176.1, -13)], 4326, [177.2, -176.1]),
        ([CUT, None], 4326, [179.75, -179.5]),
        ([CUT, shapely.Point(10.1, -17)], 4326, [10.1, -179.5]),
        ([CUT, shapely.Point(-1, -17)], 4326, [179.75, -1]),
        ([CUT, shapely.Point(-1, -17), shapely.Point(5, -17)], 4326, [-180, 180]),
        ([CUT, shapely.box(-3, -17, 1, -16)], 4326, [-180, 180]),
        ([shapely.Point(-61.5, -16.2), shapely.Point(55.5, -17)], 4326, [-61.5, 55.5]),
        ([shapely.box(-180, -17, 180, -16)], 4326, [-180, 180]),
        ([shapely.box(1_800_000, 3_900_000, 2_400_000, 4_000_000)], 3460, [176.9, -177.5]),
    ],
)
def test_a_box_across_the_180th_meridian_begins_in_the_east(tmp_path, shapes, crs, degrees):
    west, _, east, _ = published_box(tmp_path, shapes, crs)["bbox_wgs84"]
    assert [west, east] == (degrees if crs == 4326 else pytest.approx(degrees, abs=0.1))


def test_degrees_that_do_not_begin_at_greenwich_are_turned(tmp_path):
    """NTF (Paris) counts grads from Paris."""
    found = published_box(tmp_path, [shapely.Point(0, 54.3), shapely.Point(1, 54)], "EPSG:4807")
    assert found["bbox_wgs84"] == pytest.approx([2.337, 48.6, 3.237, 48.87], abs=2e-3)
