"""Whether coordinates fit their CRS: one stray shape neither hides nor condemns the others."""

import numpy as np
import pytest
from pyproj import CRS

from diffusion.errors import DiffusionError
from diffusion.tables.crs import known_crs
from diffusion.tables.extent import Extent

DEGREES = [(2.35, 48.85), (3, 44), (-4.5, 48.4)]
METRES = [(652000, 6862000), (700000, 6600000), (147000, 6837000)]
WEB = [(261600, 6250000), (334000, 5465000), (0, 0)]


def told(
    epsg: int, points, caplog, is_guess: bool = False, batch: int = 2, to=None, is_stated=True
) -> str:
    """Return what is said about points: an error, or else warnings."""
    target = CRS.from_epsg(to) if to else None
    extent = Extent(CRS.from_epsg(epsg), "a.shp", is_guess, target, is_stated=is_stated)
    boxes = np.array([(x, y, x, y) for x, y in points], float)
    caplog.clear()
    try:
        for at in range(0, len(boxes), batch):
            extent.add(boxes[at : at + batch])
        extent.verify()
    except DiffusionError as error:
        return f"error: {error}"
    assert all(doubt in caplog.text for doubt in extent.doubts)
    assert bool(extent.doubts) == bool(caplog.text)  # what is warned of is kept with the table
    return caplog.text


@pytest.mark.parametrize("epsg", [2154, 3857, 32631, 27572, 2056, 27700])
@pytest.mark.parametrize("stray", [[], [METRES[0]], [(0, 0)] * 5])
def test_degrees_in_a_crs_of_metres(epsg, stray, caplog):
    """Also where one shape has other coordinates, and where many have none."""
    said = told(epsg, [*DEGREES, *stray], caplog)
    assert said.startswith("error") and "3 of " in said and "like degrees" in said
    assert f"EPSG:{epsg}" in said and "metres" in said and "EPSG:4326" in said


def test_coordinates_beyond_the_projection(caplog):
    """Also where the file itself states the CRS; a few among others are told."""
    beyond = [(25_000_000, 6_700_000), (65_000_000, 680_000_000)]
    said = told(32631, [*beyond, (0, 0)], caplog)
    assert said.startswith("error") and "2 of 3 shapes (such as x 2.5e+07" in said
    assert "have no place on Earth in WGS 84 / UTM zone 31N" in said
    few = told(32631, [*beyond[:1], *[(500_000, 5_000_000)] * 3], caplog)
    assert "outside the area of use" in few and not few.startswith("error")


@pytest.mark.parametrize(
    ("epsg", "points"),
    [
        (2154, METRES),
        (3857, WEB),
        (3857, [(0, 0)] * 3),  # none was geocoded: nothing says that this is not the CRS
        (4326, DEGREES),
        (4326, [(0, 0), (180, -90)]),
        (3832, [(3_000_000, 100_000), (-2_000_000, -100_000)]),  # across the 180th meridian
        (2154, []),
    ],
)
def test_coordinates_that_fit(epsg, points, caplog):
    assert told(epsg, points, caplog) == ""
    assert told(epsg, points, caplog, is_guess=True) == ""


@pytest.mark.parametrize("stray", [(0, 0), (2.35, 48.85), (5e6, 5e6)])
def test_one_stray_shape_is_told_and_condemns_nothing(stray, caplog):
    for is_guess in (True, False):
        said = told(2154, [*METRES, stray], caplog, is_guess)
        assert "1 of 4 shapes" in said and not said.startswith("error")
        assert "outside the area of use" in said


def test_some_like_degrees_where_the_area_of_use_says_nothing(caplog):
    said = told(3857, [*WEB[:2], WEB[0], DEGREES[0]], caplog)
    assert "1 of 4 shapes lie like degrees" in said and not said.startswith("error")


def test_another_crs_in_metres_is_an_error_where_it_is_a_guess(caplog):
    lambert_2 = [(600000, 2400000), (650000, 2200000)]
    assert "2 of 2 shapes" in told(2154, lambert_2, caplog)
    assert told(2154, lambert_2, caplog, is_guess=True).startswith("error")
    assert told(2154, [*lambert_2, *METRES], caplog, is_guess=True).startswith("error") is False


@pytest.mark.parametrize(
    "points",
    [
        [(x / 1000, y / 1000) for x, y in METRES],  # kilometres
        [(600000, 2400000), (650000, 2200000)],  # Lambert II
    ],
)
def test_far_from_a_crs_that_the_configuration_alone_states(points, caplog):
    said = told(2154, points, caplog, is_stated=False)
    assert said.startswith("error") and "far from it" in said
    assert not told(2154, points, caplog).startswith("error")  # the file says so itself


@pytest.mark.parametrize("is_stated", [True, False])
@pytest.mark.parametrize(("epsg", "points"), [(2154, METRES), (4171, DEGREES)])
def test_x_and_y_exchanged_in_a_crs_of_one_region(epsg, points, is_stated, caplog):
    turned = [(y, x) for x, y in points]
    said = told(epsg, turned, caplog, is_stated=is_stated)
    assert said.startswith("error") and "once" in said and "are exchanged" in said
    assert told(epsg, points, caplog, is_stated=is_stated) == ""


def test_a_national_grid_is_used_beyond_its_zone(caplog):
    """Norway is in UTM 33, 12 to 18 degrees east, from 5 degrees to 31."""
    bergen, oslo = (-32000, 6734000), (262000, 6650000)
    assert "error" not in told(25833, [bergen, oslo], caplog, is_stated=False)


def test_the_area_of_use_of_the_crs_that_shapes_are_moved_to(caplog):
    """Degrees of Réunion have coordinates in Lambert-93, and mean nothing there."""
    reunion = (55.5, -21.1)
    said = told(4326, [*DEGREES, reunion, (0, 0)], caplog, to=2154)
    assert "1 of 5 shapes (such as x 55.5" in said and "EPSG:2154" in said and "to_crs" in said
    assert told(4326, DEGREES, caplog, to=2154) == ""
    assert told(4326, [*DEGREES, reunion], caplog, to=3857) == ""
    assert told(2154, METRES, caplog, to=4326) == ""


@pytest.mark.parametrize("undefined", ["Undefined geographic SRS", "Undefined Cartesian SRS"])
def test_a_crs_without_a_place_is_none(undefined):
    placeless = CRS.from_epsg(4326).to_json_dict() | {"name": undefined}
    placeless.pop("id")
    with pytest.raises(DiffusionError, match=f"states no CRS, but `{undefined}`"):
        known_crs(placeless, None, "a")
    assert known_crs(placeless, "EPSG:2154", "a").to_epsg() == 2154
    drawing = 'LOCAL_CS["Nonearth",UNIT["metre",1]]'
    with pytest.raises(DiffusionError, match="states no CRS, but `Nonearth`"):
        known_crs(drawing, None, "a")


def test_beyond_the_earth():
    with pytest.raises(DiffusionError, match="beyond ±180/±90"):
        Extent(CRS.from_epsg(4326), "a", False).add(np.array([[2, 48, 2, 48], [2, 91, 2, 91]]))


FRANCE = [(-4.5 + n % 11, 42.5 + n % 8) for n in range(40)]


@pytest.mark.parametrize("stray", [[], [(48.8, 2.3)], [(43.3, 5.4), (48.1, -1.7)]])
@pytest.mark.parametrize("further", [[], [(55.5, -21.1), (-61.5, 16.2)]])
def test_longitude_and_latitude_exchanged_among_others(stray, further, caplog):
    """Points of France in the sea off Somalia; Réunion and Guadeloupe are where they are."""
    said = told(4326, [*FRANCE, *stray, *further] * 2, caplog)
    shapes = f"{2 * len(stray)} shapes lie where others do once longitude and latitude"
    assert (shapes in said) == bool(stray) and bool(said) == bool(stray)


@pytest.mark.parametrize(
    "points",
    [
        [(x, y) for x in range(-170, 170, 10) for y in range(-60, 70, 10)],  # the world
        [(30 + n % 9, 34 + n % 7) for n in range(40)],  # a region around the diagonal
        [(44 + n % 7, 2 + n % 7) for n in range(40)] + [(45.3, 13.9)] * 10,  # Somalia, Yemen
    ],
)
def test_where_nothing_shows_what_is_exchanged(points, caplog):
    assert told(4326, points, caplog) == ""


OVERSEAS = [(55.5, -21.1), (-61.5, 16.2), (-61, 14.6), (-52.3, 4.9), (45.2, -12.8), (-56.2, 46.8)]


@pytest.mark.parametrize(
    "points", [FRANCE, FRANCE[:10], OVERSEAS * 2, [*FRANCE, *OVERSEAS, (0, 0)]]
)
def test_all_of_france_exchanged(points, caplog):
    said = told(4326, [(y, x) for x, y in points], caplog)
    assert said.startswith("error") and "lie in France once longitude and latitude" in said
    assert "if they are right, write `geometry: {swap_xy: false}`" in said
    assert told(4326, points, caplog) == ""
