"""What a map shows and says: the keywords of ``choropleth``, ``circles`` and ``typology``."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from diffusion.config.parts import Section
from diffusion.errors import MapError

Language = Literal["fr", "en"]
Decimals = Annotated[int, msgspec.Meta(ge=0, le=9)]
Count = Annotated[int, msgspec.Meta(ge=2, le=9)]
Classing = Literal["quantiles", "jenks", "equal"] | list[float]
AnyLook = TypeVar("AnyLook", bound="Look")


class Look(Section, kw_only=True):
    """What every map has.

    Attributes:
        value: column that is shown.
        key: its table's column of codes.
        code: the outlines' column of codes.
        without_outline: keys that are left out, as they have no outline.
        reason: its table's column that says why there is no value, such as "secret statistique".
        labels: the outlines' column of what is written on them, as far as there is room.
        scale: whether a bar of scale stands below the main frame.
        layout: ``france`` has a frame for each overseas region; ``single`` is one map; ``auto`` is
            ``france`` where all outlines lie in its frames and one of them holds Paris.
        zoom: in ``france``, a frame for Paris and its suburbs where they are several outlines.
        sheet: ``narrow`` is for a phone: half as wide, with all frames below the map.
        title, subtitle: above the map.
        legend: what the values are, with their unit.
        population: what is counted ("Champ").
        reading: how one value is read ("Lecture").
        note: whatever else a reader must know.
        source: publisher and year of the values.
        language: of the map's own words, and of how numbers are written.
        percent: values are shares: 0.12 is shown as 12 %.
        decimals: of numbers in the legend; by default as few as tell them apart.
    """

    value: str
    key: str = "code"
    code: str = "code"
    without_outline: tuple[str, ...] = ()
    reason: str = ""
    labels: str = ""
    scale: bool = False
    layout: Literal["auto", "france", "single"] = "auto"
    zoom: bool = True
    sheet: Literal["wide", "narrow"] = "wide"
    title: str = ""
    subtitle: str = ""
    legend: str = ""
    population: str = ""
    reading: str = ""
    note: str = ""
    source: str = ""
    language: Language = "fr"
    percent: bool = False
    decimals: Decimals | None = None


class ChoroplethLook(Look, kw_only=True):
    """What a map of classes has beside.

    Attributes:
        classes: how values are classed, or the limits of the classes, the outer ones included.
        count: number of classes, unless their limits are given.
        centre: limit between two families of colours; 0 where values have both signs.
        colours: a colour map of matplotlib's, or a colour for each class, from the lowest on.
    """

    classes: Classing = "quantiles"
    count: Count = 5
    centre: float | None = None
    colours: str | list[str] = ""


class Shade(Section, kw_only=True):
    """What the colours of circles stand for: a share, mean or rate, see ``ChoroplethLook``."""

    value: str
    legend: str = ""
    percent: bool = False
    decimals: Decimals | None = None
    classes: Classing = "quantiles"
    count: Count = 5
    centre: float | None = None
    colours: str | list[str] = ""


class CirclesLook(Look, kw_only=True):
    """What a map of circles has beside.

    Attributes:
        colour: of circles, unless ``shade`` gives them others.
        largest: the radius, in points, of the largest circle.
        shade: a second column, of shares, that colours the circles.
    """

    colour: str = "#2a6f97"
    largest: Annotated[float, msgspec.Meta(gt=0, le=100)] = 26
    shade: Shade | None = None


class TypologyLook(Look, kw_only=True):
    """What a map of kinds has beside: ``colours`` of each, in the order of the legend."""

    colours: dict[str, str] = msgspec.field(default_factory=dict)


def look_of(kind: type[AnyLook], given: Mapping[str, Any]) -> AnyLook:
    """Return keywords as a struct.

    Raises:
        DiffusionError: a keyword is not known, is missing, or is of another kind.
    """
    if unknown := sorted(given.keys() - set(kind.__struct_fields__)):
        from diffusion.config.schema import did_you_mean  # jsonschema only for this

        guess = did_you_mean(unknown[0], kind.__struct_fields__)
        fix = f"{guess}A map knows: {', '.join(sorted(kind.__struct_fields__))}"
        raise MapError(f"params.{unknown[0]}", "a map has no such option", fix)
    try:
        return msgspec.convert(dict(given), kind)
    except msgspec.ValidationError as error:
        words, _, place = str(error).partition(" - at `$.")
        name = place.rstrip("`") or "value"
        fix = "see scripts/diffusion/maps/look.py for what each option takes"
        raise MapError(f"params.{name}", words, fix) from error
