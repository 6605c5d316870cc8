"""Maps of kinds, and of totals with a share beside; colours that readers tell apart."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PatchCollection, PathCollection
from matplotlib.colors import to_hex, to_rgb

from diffusion.errors import DiffusionError
from diffusion.maps.choropleth import choropleth
from diffusion.maps.circles import circles
from diffusion.maps.classes import Classes
from diffusion.maps.gaps import GREY
from diffusion.maps.typology import COLOURS, typology
from outlines import grid, values

# how red, green and blue light is seen without one of three cones (Machado et al., 2009)
SEEN = {
    "by most": np.eye(3),
    "without red cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "without green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "without blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = [[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]]


def seen(colour: str, by: str) -> np.ndarray:
    """Return a colour in CIELAB, in which a difference of 2 is just seen."""
    rgb = np.array(to_rgb(colour))
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.array(XYZ) @ np.clip(np.array(SEEN[by]) @ light, 0, 1) / [0.9505, 1, 1.0888]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest(colours, by: str) -> float:
    known = [seen(colour, by) for colour in colours]
    return min(float(np.linalg.norm(a - b)) for i, a in enumerate(known) for b in known[:i])


@pytest.mark.parametrize("by", SEEN)
def test_colours_are_told_apart_with_every_kind_of_sight(by):
    for count in range(2, 10):
        steps = Classes(range(count + 1), None, 0).colours()
        signs = Classes(range(-(count // 2), count - count // 2 + 1), 0, 0).colours()
        least = 15 if count <= 5 else 8
        assert nearest(steps, by) > least
        assert nearest(signs, by) > least
    assert nearest(COLOURS, by) > 15
    # a gap is hatched, as its grey is nearly that of the class around the centre
    assert nearest([GREY, *Classes(range(-2, 4), 0, 0).colours()], by) < 10


def kinds(outlines, *words) -> pd.DataFrame:
    return pd.DataFrame({"code": outlines["code"][: len(words)], "kind": words})


def colours_of(figure) -> list[str]:
    shapes = next(k for k in figure.axes[0].collections if isinstance(k, PatchCollection))
    return [to_hex(colour) for colour in shapes.get_facecolor()]


def texts(figure) -> list[str]:
    return [text.get_text().replace("\N{NO-BREAK SPACE}", " ") for text in figure.texts]


def test_each_outline_has_the_colour_of_its_kind():
    figure = typology(grid(4), kinds(grid(4), "urbain", "rural", "urbain"), value="kind")
    one, two, three, four = colours_of(figure)
    assert one == three != two
    assert four == GREY
    assert [text for text in texts(figure) if "(" in text] == [
        "rural  (1)",
        "urbain  (2)",
        "sans donnée  (1)",
    ]


def test_stated_colours_are_taken_in_their_order():
    stated = {"urbain": "#aa0000", "périurbain": "grey", "rural": "green"}
    given = kinds(grid(3), "rural", "urbain", "rural")
    figure = typology(grid(3), given, value="kind", colours=stated)
    assert colours_of(figure) == ["#008000", "#aa0000", "#008000"]
    assert [text for text in texts(figure) if "(" in text] == ["urbain  (1)", "rural  (2)"]


def test_kinds_may_be_numbers():
    figure = typology(
        grid(2), kinds(grid(2), 1, 2), value="kind", colours={"1": "red", "2": "blue"}
    )
    assert colours_of(figure) == ["#ff0000", "#0000ff"]


@pytest.mark.parametrize(
    ("words", "look", "found"),
    [
        ("abcdefghi", {}, "params.value: `kind` has 9 kinds, such as a, b"),
        ("ab", {"colours": {"a": "red"}}, "params.colours: b: no colour is stated"),
        ("ab", {"colours": {"a": "redd", "b": "red"}}, "params.colours: `redd` is no colour"),
    ],
)
def test_what_no_reader_could_read_is_refused(words, look, found):
    outlines = grid(len(words))
    with pytest.raises(DiffusionError) as caught:
        typology(outlines, kinds(outlines, *words), value="kind", **look)
    assert found in str(caught.value)


def shaded(given, **shade):
    return circles(grid(len(given)), given, value="total", shade={"value": "rate", **shade})


def test_circles_have_the_colour_of_their_share():
    outlines = grid(5)
    given = values(outlines, 0.1, 0.3, None, 0.3, 0.2).assign(total=[9.0, 4, 1, 0, None])
    figure = shaded(given, classes=[0, 0.2, 0.5], colours=["yellow", "red"], percent=True)
    [drawn] = [k for k in figure.axes[0].collections if isinstance(k, PathCollection)]
    assert [to_hex(colour) for colour in drawn.get_facecolor()] == ["#ffff00", "#ff0000", GREY]
    boxes = [text for text in texts(figure) if "(" in text]
    # of circles only: nothing is drawn for 0, nor without a total
    assert boxes[-3:] == ["de 20 % à 50 %  (1)", "de 0 % à moins de 20 %  (1)", "sans donnée  (1)"]
    assert len(drawn.get_sizes()) == 3


def test_a_share_that_is_nowhere_is_an_error():
    given = values(grid(2), 0.1, None).assign(total=[0.0, 3.0])
    with pytest.raises(DiffusionError, match="`rate` is null wherever there is a circle"):
        shaded(given)
    with pytest.raises(
        DiffusionError, match=r"params\.shade\.value: the values have no column `x`"
    ):
        circles(grid(2), given, value="total", shade={"value": "x"})


@pytest.mark.parametrize(
    ("colours", "found"),
    [(["red"], "1 colours for 2 classes"), (["red", "bleu"], "`bleu` is no colour")],
)
def test_colours_that_are_no_colours(colours, found):
    with pytest.raises(DiffusionError, match=found):
        choropleth(
            grid(2), values(grid(2), 1, 9), value="rate", classes=[0, 5, 10], colours=colours
        )
