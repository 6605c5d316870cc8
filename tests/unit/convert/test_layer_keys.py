"""The key of a layer's rows: a column unless it merely numbers them, and never gone unsaid."""

import geopandas
import pyogrio
import pytest
from shapely import Point

from conversions import raw, refusal
from diffusion.convert.layers import geopackage, layer_opened
from diffusion.errors import DiffusionError

POINTS = (Point(2, 48), Point(3, 44))


def package(folder, name: str, keys: list[int] | None = None, key: str = "fid"):
    """Write a GeoPackage of two rows with keys of its own, or with those that GDAL gives."""
    frame = geopandas.GeoDataFrame({"code": ["01", "2A"]}, geometry=list(POINTS), crs=4326)
    if keys:
        frame[key] = keys
    path = folder / f"{name}.gpkg"
    pyogrio.write_dataframe(frame, path, FID=key)
    return path


@pytest.mark.parametrize(
    ("key", "keys", "options", "name"),
    [
        ("fid", None, {}, None),
        ("fid", [5, 7], {}, "fid"),
        ("fid", [2, 1], {}, None),  # GDAL reads rows in the order of their keys
        ("id_parcelle", [1, 2], {}, "id_parcelle"),
        ("fid", None, {"columns": {"fid": "int"}}, "fid"),
        ("fid", None, {"columns": {"numero": {"from": "fid", "type": "int"}}}, "numero"),
        ("fid", [5, 7], {"drop": ["fid"]}, None),
        ("fid", [5, 7], {"columns": {"code": "string"}, "keep": "declared"}, None),
    ],
)
def test_the_key_of_a_geopackage(converter, key, keys, options, name):
    path = package(converter.folder, "a", keys, key)
    found = converter.columns(path, **options)
    rest = found.keys() - {"code", "geometry", "bbox"}
    assert rest == ({name} if name else set())
    if name:
        assert dict(zip(found["code"], found[name], strict=True)) == dict(
            zip(["01", "2A"], keys or [1, 2], strict=True)
        )
    said = str(converter.notes().get("notes", ""))
    assert ("`fid`" in said) == (key == "fid" and not options)


def test_a_key_that_is_one_in_some_files_only(converter):
    files = [package(converter.folder, "a"), package(converter.folder, "b", [5, 7])]
    words = refusal(converter, *files)
    assert "numbers the rows of a.gpkg, and has other values in b.gpkg" in words
    batches = [[raw(file, file.stem)] for file in files]
    with pytest.raises(DiffusionError, match="numbers the rows of batch part-0"):
        converter.combined(batches)
    assert sorted(converter.columns(*files, columns={"fid": "int"})["fid"]) == [1, 2, 5, 7]
    assert "fid" not in converter.columns(*files, drop=["fid"])


def test_the_first_and_the_last_feature_come_as_they_are(converter, monkeypatch):
    path = package(converter.folder, "a", [5, 7], "id_parcelle")
    for at, code in ((0, "01"), (-1, "2A")):
        ends = geopackage.text_ends(path, "a")
        assert ends[at]["code"] == code
        ends[at] = {**ends[at], "code": "?"}
        with monkeypatch.context() as patch:
            patch.setattr(layer_opened, "text_ends", lambda *_: ends)  # noqa: B023
            assert "record did not come as it is" in refusal(converter, path)
