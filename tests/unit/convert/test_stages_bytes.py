"""The same raw files give the same bytes, whatever the process, the folder and the threads."""

import geopandas
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from conversions import Job, raw, source_of, write_text
from diffusion.convert.stages import convert_table

DECLARED = {"class": "category", "day": "date"}


def hashes(tmp_path, name, keys, make) -> set[str]:
    """Convert in three processes, with 1, 2 and 8 threads, from two copies of the raw file."""
    places = [tmp_path / "first", tmp_path / "else" / "where"]
    for place in places:
        place.mkdir(parents=True)
    copies = [make(place / name) for place in places]
    runs = [(copies[0], 1), (copies[0], 2), (copies[1], 8)]
    jobs = [Job(file.parent / f"job{n}", file, n, 2000, keys) for file, n in runs]
    found = {job.sha256() for job in jobs}
    assert all(str(tmp_path).encode() not in job.table.read_bytes() for job in jobs)
    assert b"/work" not in jobs[0].table.read_bytes()
    return found


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        pytest.param("raw.csv", {}, marks=pytest.mark.slow),
        ("raw.csv", {"sort_by": ["code"], "columns": DECLARED}),
        pytest.param("raw.ndjson", {"columns": DECLARED}, marks=pytest.mark.slow),
    ],
)
def test_tables(tmp_path, name, keys):
    # several of DuckDB's buffers, so that threads do share the work
    size = 30 if name.endswith("csv") else 70
    assert len(hashes(tmp_path, name, keys, lambda path: write_text(path, size))) == 1


@pytest.mark.parametrize(
    "keys",
    [
        {"nulls": [f"n{number}" for number in range(12)]},
        {"where": "v NOT IN (" + ", ".join(f"'{number}'" for number in range(100, 140)) + ")"},
    ],
)
def test_a_long_list_of_values_keeps_the_rows_in_their_order(converter, keys):
    """DuckDB makes a join of it, which gives rows as its threads come: those of any file first."""
    files = [
        converter.file("code,v\n" + "".join(f"{f}-{n},{n}\n" for n in range(30_000)), f"{f}.csv")
        for f in range(8)
    ]
    inputs = [raw(path, f"p={number}", p=str(number)) for number, path in enumerate(files)]
    source = source_of(columns={"code": "string", "v": "int"}, **keys)
    for _ in range(3):
        convert_table("t", source, inputs, converter.target, converter.limits(2, 2000))
        codes = pq.read_table(converter.target)["code"].to_pylist()
        kept = [tuple(map(int, code.split("-"))) for code in codes]
        assert kept == sorted(kept)


def write_layer(path):
    rng = np.random.default_rng(7)
    x, y = rng.uniform(-5, 9, 8_000).round(1), rng.uniform(42, 51, 8_000).round(1)
    shapes = shapely.buffer(shapely.points(x, y), 0.01, quad_segs=1)  # many in one place: ties
    frame = geopandas.GeoDataFrame({"n": rng.integers(0, 9, 8_000)}, geometry=shapes, crs=4326)
    frame.to_file(path, driver="GPKG")
    return path


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({}, marks=pytest.mark.slow),
        {"sort_by": ["n"], "geometry": {"to_crs": "EPSG:2154"}},
    ],
)
def test_vectors(tmp_path, keys):
    found = hashes(tmp_path, "raw.gpkg", keys, write_layer)
    assert len(found) == 1
