"""The Hilbert curve along which geometries lie."""

import duckdb
import numpy as np
from geopandas import GeoSeries

from diffusion.tables.geoparquet import hilbert_order

BOXES = """SELECT {'xmin': x, 'ymin': y, 'xmax': x + 1, 'ymax': y + 1}::STRUCT(
    xmin FLOAT, ymin FLOAT, xmax FLOAT, ymax FLOAT) AS bbox FROM points"""


def places(points: np.ndarray, bounds: list[float]) -> list[int | None]:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE points (x FLOAT, y FLOAT)")
        con.executemany("INSERT INTO points VALUES (?, ?)", points.tolist())
        order = hilbert_order(con, bounds)
        sql = f"SELECT {order} FROM ({BOXES} UNION ALL SELECT NULL)"
        return [row[0] for row in con.execute(sql).fetchall()]


def test_the_curve_is_that_of_geopandas():
    points = np.random.default_rng(1).uniform(-100, 100, (500, 2)).astype(np.float32)
    bounds = [-100.0, -100.0, 101.0, 101.0]
    middles = ((points.astype(float) + (points + np.float32(1)).astype(float)) / 2).T
    expected = GeoSeries.from_xy(*middles).hilbert_distance(total_bounds=bounds, level=16)
    assert places(points, bounds) == [*expected, None]


def test_boxes_in_one_place():
    assert places(np.array([[3, 4], [3, 4]]), [3, 4, 3, 4]) == [0, 0, None]
