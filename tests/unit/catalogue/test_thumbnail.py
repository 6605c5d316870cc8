"""The picture of a geographic table: small, of this version, and bounded in time and memory."""

import io
import json
from pathlib import Path

import geopandas
import pytest
from PIL import Image
from shapely import LineString, MultiPolygon, Point, Polygon, box

from catalogues import SHA, config_of, manifest_of
from diffusion.catalogue import thumbnail
from diffusion.catalogue.files import refresh_catalogue, write_catalogue
from diffusion.catalogue.keys import key_of
from diffusion.catalogue.page.outlines import outlines_in
from diffusion.catalogue.thumbnail import COLOURS, drawn, is_of, is_our_picture, outside_of
from diffusion.errors import DiffusionError
from diffusion.publish.manifest import MANIFEST
from diffusion.storage.store import Store

KEY = key_of("shapes", "thumbnail.png")
LINE, FILL, PAPER = ("#{:02x}{:02x}{:02x}".format(*colour) for colour in COLOURS.values())
SQUARE = box(0, 0, 3000, 2000)
GEO = {"crs": "EPSG:2154", "types": ["Polygon"], "bbox": [0, 0, 3000, 2000]}
GEO |= {"bbox_wgs84": [-1.3, -5.9, -1.3, -5.9]}


def table(folder: Path, *shapes) -> Path:
    path = folder / "t.parquet"
    frame = geopandas.GeoDataFrame(geometry=list(shapes), crs="EPSG:2154")
    frame.to_parquet(path, write_covering_bbox=True)
    return path


def colour(picture: bytes, x: float, y: float) -> str:
    """Return the colour at a place, in shares of width and height."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    red, green, blue = image.getpixel((int(x * image.width), int(y * image.height)))
    return f"#{red:02x}{green:02x}{blue:02x}"


def test_shapes_fill_the_picture(tmp_path):
    found = drawn(table(tmp_path, SQUARE), SHA, GEO)
    assert Image.open(io.BytesIO(found)).size == (600, 400)
    assert len(found) < 3000
    assert [colour(found, 0.5, 0.5), colour(found, 0.005, 0.5)] == [FILL, PAPER]
    assert is_of(found, SHA) and is_our_picture(found)
    assert not is_of(found, SHA.replace("0", "f"))
    assert drawn(table(tmp_path, SQUARE), SHA, GEO) == found, "the same again"


def test_holes_are_empty_and_what_lies_in_them_is_seen(tmp_path):
    hole = [(1000, 500), (2000, 500), (2000, 1500), (1000, 1500)]
    ring, within = Polygon(SQUARE.exterior, [hole]), box(1400, 900, 1600, 1100)
    found = drawn(table(tmp_path, within, ring, None), SHA, GEO)
    assert [colour(found, x, 0.5) for x in (0.1, 0.4, 0.5)] == [FILL, PAPER, FILL]


def test_points_lines_and_parts(tmp_path):
    parts = MultiPolygon([box(0, 0, 500, 2000), box(2500, 0, 3000, 2000)])
    line, point = LineString([(1000, 0), (1000, 2000)]), Point(2000, 1000)
    found = drawn(table(tmp_path, parts, line, point), SHA, GEO)
    assert [colour(found, x, 0.5) for x in (0.1, 0.9, 0.5)] == [FILL, FILL, PAPER]
    assert colour(found, (18 + 1000 * 0.188) / 600, 0.25) not in (PAPER, FILL)
    assert colour(found, (18 + 2000 * 0.188) / 600, 0.5) == LINE


@pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_BYTES"])
def test_of_very_many_shapes_the_footer_is_drawn(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(thumbnail, limit, 0)
    monkeypatch.setattr(thumbnail, "_draw_shapes", None)
    found = drawn(table(tmp_path, box(0, 0, 100, 100), box(2900, 1900, 3000, 2000)), SHA, GEO)
    assert colour(found, 0.5, 0.5) == FILL, "the box of both"


def test_few_that_lie_far_away_are_counted_and_not_shown(tmp_path):
    near = [box(x, y, x + 9, y + 9) for x in range(0, 100, 10) for y in range(0, 100, 10)]
    geo = GEO | {"bbox": [0, 0, 60_010, 60_010]}
    path = table(tmp_path, *near, box(60_000, 60_000, 60_010, 60_010), None)
    found = drawn(path, SHA, geo)
    assert outside_of(found) == 1
    assert [colour(found, x, 0.45) for x in (0.28, 0.72)] == [FILL, FILL]
    many = [box(x, x, x + 9, x + 9) for x in range(60_000, 60_200, 10)]
    found = drawn(table(tmp_path, *near, *many), SHA, geo)
    assert outside_of(found) == 0
    assert colour(found, 0.5, 0.5) == PAPER
    assert is_of(found, SHA)


def test_degrees_have_the_form_that_they_have_on_the_ground(tmp_path):
    """One of longitude is half as wide at 60° north, also where what is far away is left out."""
    near = [box(x / 5, 59 + y / 5, x / 5 + 0.2, 59.2 + y / 5) for x in range(10) for y in range(10)]
    path = tmp_path / "t.parquet"
    frame = geopandas.GeoDataFrame(geometry=[*near, box(-60, -20, -59, -19)], crs="EPSG:4326")
    frame.to_parquet(path, write_covering_bbox=True)
    whole = [-60, -20, 2, 61]
    found = drawn(path, SHA, {"bbox": whole, "bbox_wgs84": whole})
    left = 0.5 - 0.25 * 376 / 600
    edge = [colour(found, x, 0.47) == PAPER for x in (left - 0.02, left + 0.02)]
    assert edge == [True, False]


def test_across_the_180th_meridian(tmp_path):
    path = tmp_path / "t.parquet"
    shapes = [box(178, -20, 180, -10), box(-180, -20, -178, -10)]
    geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:4326").to_parquet(path)
    geo = {"bbox": [-180, -20, 180, -10], "bbox_wgs84": [178, -20, -178, -10]}
    found = drawn(path, SHA, geo)
    assert [colour(found, x, 0.3) for x in (0.45, 0.55)] == [FILL, FILL]


@pytest.mark.parametrize("bbox", [[5, 5, 5, 5], [5, 5, 0, 5, 5, 9]])
def test_one_point(tmp_path, bbox):
    found = drawn(table(tmp_path, Point(5, 5)), SHA, GEO | {"bbox": bbox})
    assert colour(found, 0.5, 0.5) == LINE


@pytest.fixture
def place(tmp_path, monkeypatch) -> Store:
    """A prefix whose table ``shapes`` was made on this machine."""
    monkeypatch.chdir(tmp_path)
    tables = tmp_path / "results" / "tables"
    tables.mkdir(parents=True)
    path = table(tmp_path, SQUARE).rename(tables / "shapes.parquet")
    facts = {"sha256": SHA, "size": path.stat().st_size, "checks": None}
    (tables / "shapes.json").write_text(json.dumps(facts))
    store = Store(str(tmp_path / "published"), None)
    publish(store)
    return store


def publish(store: Store, sha: str = SHA, geo: dict = GEO) -> None:
    manifest = manifest_of()
    manifest["tables"]["shapes"] |= {"table_sha256": sha, "geo": geo}
    store.put(MANIFEST, json.dumps(manifest).encode(), "")


def asset(store: Store) -> dict | None:
    found = json.loads(store.read(key_of("shapes", "collection.json"))[0])
    return found["assets"].get("thumbnail")


def map_of(store: Store) -> list[str]:
    return outlines_in(store.read("page-of/shapes.html")[0].decode())


def test_it_is_drawn_once_and_kept_elsewhere(place, tmp_path, monkeypatch):
    write_catalogue(place, config_of(), tmp_path)
    picture = place.read(KEY)[0]
    assert asset(place)["file:size"] == len(picture)
    assert map_of(place) == ["M1164 776l0 -752 -1128 0 0 752z"]
    monkeypatch.setattr("diffusion.catalogue.pictures.drawn", None)
    write_catalogue(place, config_of(), tmp_path)
    refresh_catalogue(place)
    assert asset(place)
    assert len(map_of(place)) == 1, "taken from the page that is there"
    publish(place, SHA.replace("0", "f"))
    refresh_catalogue(place)
    assert asset(place) is None, "of another version"
    assert map_of(place) == []
    assert place.read(KEY)[0] == picture, "nothing published is removed"


def test_one_that_spans_the_globe_is_drawn_anew_across_the_meridian(place, tmp_path):
    write_catalogue(place, config_of(), tmp_path)
    before = place.read(KEY)[0]
    publish(place, geo=GEO | {"bbox_wgs84": [178, -20, -178, -10]})
    write_catalogue(place, config_of(), tmp_path)
    assert place.read(KEY)[0] != before
    assert asset(place)["file:size"] == len(place.read(KEY)[0])


def test_a_picture_of_somebody_else_is_left(place, tmp_path):
    place.put(KEY, b"\x89PNG\r\n\x1a\nmine", "")
    with pytest.raises(DiffusionError, match="did not make"):
        write_catalogue(place, config_of(), tmp_path)
    assert place.read(KEY)[0].endswith(b"mine")
