"""Maps: each outline once, in its frame and colour; nothing is left out unasked."""

import pytest
from matplotlib.collections import LineCollection, PatchCollection, PathCollection
from matplotlib.colors import to_hex

from diffusion.errors import DiffusionError
from diffusion.maps.choropleth import choropleth
from diffusion.maps.circles import circles
from diffusion.maps.gaps import GREY as GAP
from outlines import FRANCE, country, grid, values

TERRITORIES = {"975": (-56.3, 46.9, 0.1), "988": (165.5, -21.3, 0.5), "987": (-149.4, -17.6, 0.2)}


def frames(figure) -> dict[str, int]:
    """Return the number of outlines in each frame, by its name."""
    return {
        axes.get_title(): sum(
            len(kind.get_paths())
            for kind in axes.collections
            if not isinstance(kind, LineCollection)
        )
        for axes in figure.axes
    }


def areas(axes) -> list[PatchCollection]:
    return [kind for kind in axes.collections if isinstance(kind, PatchCollection)]


def texts(figure) -> str:
    return "\n".join(text.get_text() for text in figure.texts)


def test_france_has_frames_by_place_whatever_the_codes_are():
    outlines = country().assign(code=[f"x{n}" for n in range(len(FRANCE))])
    found = frames(choropleth(outlines, values(outlines, *range(9)), value="rate"))
    islands = ["Guadeloupe", "Martinique", "Guyane", "La Réunion", "Mayotte"]
    assert found == {"": 4, **dict.fromkeys(islands, 1), "Paris et petite couronne": 2}


def test_further_territories_have_frames_where_there_are_outlines():
    outlines = country({**FRANCE, **TERRITORIES}, "EPSG:4326")
    found = frames(choropleth(outlines, values(outlines, *range(12)), value="rate", zoom=False))
    assert "Paris et petite couronne" not in found
    assert sum(found.values()) == len(outlines)
    assert {"Saint-Pierre-et-Miquelon", "Nouvelle-Calédonie", "Polynésie française"} <= set(found)


def test_each_frame_is_on_the_sheet():
    outlines = country({**FRANCE, "975": TERRITORIES["975"]})
    figure = choropleth(outlines, values(outlines, *range(10)), value="rate", zoom=False)
    assert len(figure.axes) == 7
    assert all(axes.get_position().y0 > 0 for axes in figure.axes)


def test_another_country_is_one_frame_in_its_own_plane():
    outlines = grid(6)
    figure = choropleth(outlines, values(outlines, *range(6)), value="rate")
    assert frames(figure) == {"": 6}
    west, east = figure.axes[0].get_xlim()
    assert west <= 0
    assert east >= 6000


def test_each_outline_has_the_colour_of_its_class_and_gaps_are_told():
    outlines = grid(4)
    given = values(outlines, 1.0, 6.0, 9.0)
    figure = choropleth(outlines, given, value="rate", classes=[0, 5, 10], language="en")
    shapes, hatched = areas(figure.axes[0])
    colours = [to_hex(colour) for colour in shapes.get_facecolor()]
    assert colours[1] == colours[2] != colours[0]
    assert colours[3] == GAP
    assert hatched.get_hatch()
    assert len(hatched.get_paths()) == 1
    assert "5 to 10  (2)\n0 to under 5  (1)\nno data  (1)" in texts(figure)


def test_without_gaps_there_is_no_word_of_them():
    outlines = grid(3)
    assert "no data" not in texts(
        choropleth(outlines, values(outlines, 1, 2, 3), value="rate", language="en")
    )


def test_circles_are_as_large_as_their_values_in_every_frame():
    outlines = country()
    figure = circles(outlines, values(outlines, *[100, 25] * 4, 400), value="rate", zoom=False)
    drawn = [kind for axes in figure.axes for kind in axes.collections]
    sizes = [
        size for kind in drawn if isinstance(kind, PathCollection) for size in kind.get_sizes()
    ]
    assert len(sizes) == len(outlines)
    assert sorted(size / max(sizes) for size in sizes) == pytest.approx(
        [25 / 400] * 4 + [100 / 400] * 4 + [1]
    )


def test_what_a_reader_must_know_stands_below():
    outlines = grid(3)
    said = {"population": "logements", "reading": "r", "note": "n", "source": "INSEE, 2024"}
    figure = choropleth(outlines, values(outlines, 1, 2, 3), value="rate", **said)
    heights = {text.get_text(): text.get_position()[1] for text in figure.texts}
    lines = ("Note : n", "Lecture : r", "Champ : logements", "Source : INSEE, 2024")
    below = [heights[line] for line in lines]
    assert below == sorted(below, reverse=True)


@pytest.mark.parametrize(
    ("change", "look", "words"),
    [
        (
            lambda v: v.assign(code=["a0", "975", "a2"]),
            {},
            "1 of 3 have no outline: 975 [map]\n  → take outlines that have them; to leave them "
            'out of the map: `without_outline: ["975"]`',
        ),
        (lambda v: v.assign(code="a0"), {}, "`code` of the values: 1 come several times: a0"),
        (
            lambda v: v.assign(code=[1, 2, 3]),
            {},
            "params.key: `code` has 1, `code` of the outlines",
        ),
        (lambda v: v.assign(code=["a0", None, "a2"]), {}, "params.key: 1 values have no `code`"),
        (lambda v: v.assign(rate=["1", "2", "3"]), {}, "params.value: `rate` is no number"),
        (lambda v: v.assign(rate=[1, 2, float("inf")]), {}, "`rate` is infinite somewhere"),
        (lambda v: v.assign(rate=float("nan")), {}, "params.value: `rate` has no value"),
        (
            lambda v: v,
            {"value": "rat"},
            "the values have no column `rat` [map]\n  → there are: code, rate",
        ),
        (lambda v: v, {"code": "id"}, "the outlines have no column `id`"),
        (lambda v: v, {"without_outline": ["zz"]}, "params.without_outline: `zz` has no value"),
        (lambda v: v, {"without_outline": ["a0"]}, "params.without_outline: `a0` has an outline"),
        (lambda v: v, {"layout": "france"}, "outlines: in no frame of France: a0, a1, a2"),
    ],
)
def test_what_would_be_left_out_is_an_error(change, look, words):
    outlines = grid(3)
    with pytest.raises(DiffusionError) as told:
        choropleth(outlines, change(values(outlines, 1.0, 2.0, 3.0)), **{"value": "rate", **look})
    assert words in str(told.value)


def test_what_has_no_outline_can_be_left_out():
    outlines = grid(3)
    given = values(outlines, 1.0, 2.0, 3.0).assign(code=["a0", "975", "a2"])
    figure = choropleth(outlines, given, value="rate", without_outline=["975"])
    assert "sans donnée  (1)" in texts(figure)


def test_totals_below_zero_are_no_circles():
    outlines = grid(3)
    with pytest.raises(DiffusionError) as told:
        circles(outlines, values(outlines, -1, 2, 3), value="rate")
    assert "goes from -1 to 3: no circle shows that [map]\n  → draw a `choropleth` of it" in str(
        told.value
    )
