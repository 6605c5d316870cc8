"""The same raw files give the same bytes, whatever the process, the folder and the threads."""

import geopandas
import numpy as np
import pytest
import shapely

from conversions import Job, write_text

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
