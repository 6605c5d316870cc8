"""An index that pandas keeps in the metadata of Parquet alone is a column of the table."""

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely


def written(folder, years: range, name: str, shapes: bool = False):
    frame = pd.DataFrame({"v": [10 * year for year in years]})
    frame.index = pd.RangeIndex(years.start, years.stop, years.step, name=name)
    path = folder / f"{years.start}.parquet"
    if shapes:
        points = [shapely.Point(2, 48)] * len(years)
        frame = gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")
    frame.to_parquet(path, row_group_size=2)
    assert name not in pq.read_schema(path).names
    return path


@pytest.mark.parametrize("shapes", [False, True])
def test_a_hidden_index_is_a_column(converter, tmp_path, shapes):
    first = written(tmp_path, range(2015, 2020), "annee", shapes)
    second = written(tmp_path, range(2030, 2020, -2), "annee", shapes)
    found = converter.columns(first, second)
    years = [*range(2015, 2020), *range(2030, 2020, -2)]
    rows = list(zip(found["annee"], found["v"], strict=True))
    rows = sorted(rows) if shapes else rows  # a layer is sorted along its shapes
    assert rows == [(y, 10 * y) for y in (sorted(years) if shapes else years)]


def test_metadata_of_another_table_and_no_name(converter, tmp_path):
    path = written(tmp_path, range(2015, 2020), "annee")
    pq.write_table(pq.read_table(path).slice(1, 2), path)
    assert converter.columns(path) == {"v": [20160, 20170]}
    frame = pd.DataFrame({"v": [1, 2]})
    frame.to_parquet(path)
    assert converter.columns(path) == {"v": [1, 2]}
