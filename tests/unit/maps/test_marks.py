"""What stands on outlines: reasons for gaps, names, borders, a bar of scale."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PatchCollection

from diffusion.errors import DiffusionError
from diffusion.maps.choropleth import choropleth
from diffusion.maps.marks import NAME, round_length
from outlines import country, grid, values

SECRET = "secret statistique"


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def names(axes) -> set[str]:
    return {text.get_text() for text in axes.texts if text.get_fontsize() == NAME}


def test_each_reason_for_no_value_has_its_own_box_and_hatching():
    outlines, given = grid(5), values(grid(5), 1.0, 2.0, None, None)
    given["why"] = [None, "an idle word", SECRET, None]
    figure = choropleth(outlines, given, value="rate", reason="why")
    said = texts(figure)
    assert [f"{SECRET}  (1)", "sans donnée  (2)"] == said[-2:]
    kinds = [kind for kind in figure.axes[0].collections if isinstance(kind, PatchCollection)]
    assert [len(kind.get_paths()) for kind in kinds] == [5, 1, 2]
    hatches = [kind.get_hatch() for kind in kinds[1:]]
    assert len(set(hatches)) == 2
    assert hatches == [patch.get_hatch() for patch in figure.artists if patch.get_hatch()]


def test_reasons_that_no_reader_tells_apart_are_refused():
    given = values(grid(7), 1.0, 2.0, *[None] * 5)
    given["why"] = [None, None, *"abcde"]
    with pytest.raises(DiffusionError, match="there are 5 reasons for no value"):
        choropleth(grid(7), given, value="rate", reason="why")
    with pytest.raises(DiffusionError, match=r"params\.reason: the values have no column `wy`"):
        choropleth(grid(7), given, value="rate", reason="wy")


def test_names_neither_cover_each_other_nor_leave_their_frame():
    outlines = country().assign(nom=[f"a department of a long name {n}" for n in range(9)])
    figure = choropleth(outlines, values(outlines, *range(9)), value="rate", labels="nom")
    main, window = figure.axes[0], figure.axes[-1]
    assert names(main) >= {"a department of a long name 0", "a department of a long name 1"}
    assert len(names(main)) == 3  # of Paris and its neighbour one
    pen = FigureCanvasAgg(figure).get_renderer()
    for text in window.texts:
        box, frame = text.get_window_extent(pen), window.get_window_extent(pen)
        assert frame.x0 <= box.x0 <= box.x1 <= frame.x1
    assert not any(names(axes) for axes in figure.axes[1:-1])  # their frames are named already


def lines_of(axes, over: bool) -> list[LineCollection]:
    """Return the borders of larger outlines, or the coast."""
    lines = [kind for kind in axes.collections if isinstance(kind, LineCollection)]
    return [line for line in lines if (line.get_zorder() > 3) == over]


def test_a_fine_line_goes_around_all_outlines_and_not_between_them():
    outlines = grid(3)
    (axes,) = choropleth(outlines, values(outlines, 1, 2, 3), value="rate").axes
    (coast,) = lines_of(axes, over=False)
    ends = coast.get_paths()[0].get_extents()
    assert (ends.width, ends.height) == pytest.approx((3000, 1000))
    assert len(coast.get_paths()) == 1


def test_outlines_on_one_another_have_one_coast_unless_they_are_very_many(monkeypatch):
    outlines = grid(3)
    outlines.geometry = outlines.buffer(100, join_style="mitre")
    (axes,) = choropleth(outlines, values(outlines, 1, 2, 3), value="rate").axes
    (coast,) = lines_of(axes, over=False)
    assert coast.get_paths()[0].get_extents().width == pytest.approx(3200)
    monkeypatch.setattr("diffusion.maps.marks.MANY", 3)
    (axes,) = choropleth(outlines, values(outlines, 1, 2, 3), value="rate").axes
    assert lines_of(axes, over=False) == []


def test_larger_outlines_stand_over_the_others_in_every_frame():
    outlines = country()
    borders = country({"a": (2.35, 48.855, 0.5), "b": (-61.5, 16.2, 0.3)}, "EPSG:3857")
    figure = choropleth(outlines, values(outlines, *range(9)), borders, value="rate")
    lines = {axes.get_title(): len(lines_of(axes, over=True)) for axes in figure.axes}
    assert [name for name, count in lines.items() if count] == [
        "",
        "Guadeloupe",
        "Paris et petite couronne",
    ]
    with pytest.raises(DiffusionError, match="borders: they have no reference system"):
        nowhere = borders.set_crs(None, allow_override=True)
        choropleth(outlines, values(outlines, *range(9)), nowhere, value="rate")


def test_a_bar_of_scale_is_as_long_as_it_says():
    figure = choropleth(grid(5), values(grid(5), *range(5)), value="rate", scale=True)
    [bar] = figure.axes[0].lines
    assert names(figure.axes[0]) == {"1 km"}
    assert max(bar.get_xdata()) - min(bar.get_xdata()) == pytest.approx(1000)
    feet = grid(5).set_crs("EPSG:2263", allow_override=True)  # a plane in feet
    figure = choropleth(feet, values(feet, *range(5)), value="rate", scale=True)
    [bar] = figure.axes[0].lines
    assert names(figure.axes[0]) == {"200 m"}
    assert max(bar.get_xdata()) - min(bar.get_xdata()) == pytest.approx(200 / 0.3048, rel=1e-3)
    assert [round_length(most) for most in (234, 99, 1, 0.6)] == [200, 50, 1, 0.5]


def test_the_world_has_no_one_scale():
    world = country({"a": (-100, 40, 5), "b": (100, 40, 5)})
    with pytest.raises(DiffusionError, match="a map this wide has no one scale"):
        choropleth(world, values(world, 1, 2), value="rate", scale=True)


def test_a_narrow_sheet_has_all_its_frames_below_the_map():
    outlines = country()
    said = {"note": "n " * 80, "source": "INSEE", "title": "a title of many words " * 3}
    figure = choropleth(outlines, values(outlines, *range(9)), value="rate", sheet="narrow", **said)
    assert tuple(figure.get_size_inches()) == (4.2, 9)
    main, *frames = [axes.get_position() for axes in figure.axes]
    assert len(frames) == 6
    assert all(frame.y1 < main.y0 and frame.x0 >= 0 and frame.x1 <= 1 for frame in frames)
    assert not any(a.overlaps(b) for i, a in enumerate(frames) for b in frames[:i])
    pen = FigureCanvasAgg(figure).get_renderer()
    boxes = [text.get_window_extent(pen) for text in figure.texts]
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)
    # the legend above the map, what must be known below the frames
    legend = [
        box for text, box in zip(figure.texts, boxes, strict=True) if "moins" in text.get_text()
    ]
    edge = figure.transFigure.transform((0, main.y1))[1]
    assert min(box.y0 for box in legend) > edge
    notes = max(
        box.y1 for text, box in zip(figure.texts, boxes, strict=True) if text.get_va() == "bottom"
    )
    assert notes < figure.transFigure.transform((0, min(frame.y0 for frame in frames)))[1]
