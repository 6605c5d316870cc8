"""Classes: what the legend tells is what is drawn."""

import numpy as np
import pytest

from diffusion.errors import DiffusionError
from diffusion.maps.classes import classes_of
from diffusion.maps.legend import class_labels
from diffusion.maps.look import ChoroplethLook, look_of
from diffusion.maps.numbers import written


def look(**given) -> ChoroplethLook:
    return look_of(ChoroplethLook, {"value": "rate", **given})


VALUES = {
    "even": np.linspace(0.0, 99.7, 300),
    "skewed": np.exp(np.linspace(0, 12, 200)),
    "signed": np.linspace(-3.4, 11.9, 101),
    "shares": np.linspace(0.0123, 0.3987, 96),
    "small": np.linspace(1e-4, 9e-4, 40),
    "few": np.array([1.0, 1, 1, 1, 2, 2, 7]),
    "one": np.array([5.0, 5, 5]),
    "far": np.linspace(1_000_000, 1_000_004, 30),
}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("method", ["quantiles", "jenks", "equal"])
def test_each_value_is_in_the_class_that_is_told(name, method):
    given = look(classes=method, percent=name == "shares")
    classes = classes_of(list(VALUES[name]), given)
    scale = 100 if given.percent else 1
    # by what a reader sees: the limits as they are written
    told = [round(limit * scale, classes.decimals) for limit in classes.limits]
    assert told == sorted(set(told)), "two classes are told alike"
    for value in VALUES[name] * scale:
        index = classes.index(value / scale)
        last = index == classes.count - 1
        assert told[index] <= value + 1e-9
        assert value < told[index + 1] or (last and value <= told[index + 1] + 1e-9)


def test_quantiles_hold_as_many_values_each():
    classes = classes_of(list(np.linspace(0, 100, 1000)), look(count=4))
    counts = np.bincount([classes.index(value) for value in np.linspace(0, 100, 1000)])
    assert list(counts) == pytest.approx([250] * 4, abs=5)


def test_jenks_finds_the_gaps():
    values = [1, 2, 3, 50, 51, 52, 53, 200, 201]
    classes = classes_of(values, look(classes="jenks", count=3))
    assert [classes.index(value) for value in values] == [0, 0, 0, 1, 1, 1, 1, 2, 2]


def test_signs_never_share_a_class_or_a_family_of_colours():
    classes = classes_of(list(np.linspace(-3.4, 11.9, 101)), look())
    assert classes.centre == 0
    assert 0 in classes.limits
    colours = classes.colours("bwr")  # blue, white, red
    for limit, colour in zip(classes.limits, colours, strict=False):
        red, blue = int(colour[1:3], 16), int(colour[5:7], 16)
        assert (red < blue) == (limit < 0), (limit, colour)


def test_limits_of_ones_own_hold_all_values():
    classes = classes_of([1, 5, 9], look(classes=[0, 5, 10]))
    assert [classes.index(value) for value in (1, 4.9, 5, 10)] == [0, 0, 1, 1]
    assert class_labels(classes, "fr", False) == ["de 0 à moins de 5", "de 5 à 10"]
    assert class_labels(classes, "en", False) == ["0 to under 5", "5 to 10"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"classes": [0, 5]}, "params.classes: values go from 1 to 9, the classes from 0 to 5"),
        ({"classes": [5, 1]}, "params.classes: [5.0, 1.0] are no limits of classes"),
        ({"classes": [0, 5, 10], "centre": 3}, "params.centre: 3 is no limit of a class"),
        ({"centre": 40}, "params.centre: all values are on one side of 40: 1 to 9"),
        (
            {"colours": "YlOrBrr"},
            "there are no colours `YlOrBrr` [map]\n  → did you mean `YlOrBr`?",
        ),
        ({"classes": "jenk"}, "params.classes: "),
        ({"count": 1}, "params.count: Expected `int` >= 2"),
        ({"titel": "x"}, "params.titel: a map has no such option [map]\n  → did you mean `title`?"),
    ],
)
def test_what_does_not_fit_is_told(given, words):
    with pytest.raises(DiffusionError) as told:
        classes_of([1.0, 5.0, 9.0], look(**given)).colours(given.get("colours", ""))
    assert words in str(told.value)


def test_numbers_are_written_as_in_the_language():
    assert written(1234567.891, 2, "fr") == "1\u202f234\u202f567,89"
    assert written(1234567.891, 2, "en") == "1,234,567.89"
    assert written(-0.123, 1, "fr", percent=True) == "\u221212,3\u00a0%"
    assert written(-0.0001, 1, "en") == "0.0"
