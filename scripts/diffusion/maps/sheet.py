"""The sheet around a map: title, frames, and what stands below; the same for every kind of map."""

import textwrap
from collections.abc import Callable, Sequence
from math import ceil

import geopandas as gpd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from shapely.geometry import Polygon, box

from diffusion.errors import MapError
from diffusion.maps.frames import WORLD, Frame, frames_of, located
from diffusion.maps.look import Look
from diffusion.maps.marks import draw_borders, draw_coast, draw_scale, write_labels
from diffusion.maps.paint import Paint

HEIGHT = 9.0  # inches
WIDTHS = {"wide": 8.0, "narrow": 4.2}  # inches
LEFT, RIGHT = 0.035, 0.965  # of the width
LINE = 0.0175  # of the height: a line of small print
CREDITS = {"wide": 0.04, "narrow": 0.07}  # of the height: below, the figure's sources are written
SMALL, GREY = 7.5, "#555555"
FOOT_WIDTH, TITLE_WIDTH = 138 / 8, 62 / 8  # signs in an inch
PIXELS = 150  # an inch; finer outlines only make the SVG heavy
COLUMN = 5  # frames at the left; further ones stand below the map
# in the order in which INSEE's publications have them
LABELS = {
    "fr": {"note": "Note", "reading": "Lecture", "population": "Champ", "source": "Source"},
    "en": {"note": "Note", "reading": "Reading", "population": "Coverage", "source": "Source"},
}
ISLANDS = 0.62  # of the height: where the frames at the left begin, at most
ABREAST, STEP = 3, 0.11  # frames below a narrow map, and the height of each line of them
Legend = Callable[[Figure, float], float]
Place = tuple[float, float, float, float]  # left, bottom, width and height in shares of the sheet
Layout = tuple[Place, list[tuple[Frame, Place]]]  # of the main frame, and of each other


def draw_sheet(
    look: Look,
    data: gpd.GeoDataFrame,
    paint: Paint,
    legend: Legend,
    borders: gpd.GeoDataFrame | None = None,
) -> Figure:
    """Return a figure with the map, its legend, title and what stands below.

    Args:
        look: titles and what stands below.
        data: outlines with ``code``, and whatever ``paint`` needs.
        paint: draws outlines of one frame, in its reference system, on its axes.
        legend: draws the legend from a height on, and returns where it ends.
        borders: larger outlines, whose borders are drawn over the others.
    """
    places, over = located(data), None if borders is None else located(_placed(borders))
    main, frames = frames_of(places, look, data.crs)
    figure = Figure(figsize=(WIDTHS[look.sheet], HEIGHT))
    top, bottom = _title(figure, look), _foot(figure, look)
    start = legend(figure, top) - 0.015
    placed = _narrow if look.sheet == "narrow" else _wide
    main_place, places_of_frames = placed(frames, top, start, bottom)
    axes = figure.add_axes(main_place)
    axes.set_axis_off()
    drawn = [(axes, main)]
    for frame, place in places_of_frames:
        drawn.append((_framed(figure, frame, place), frame))
        if frame.is_window:
            _mark(axes, main, frame)
    for each, frame in drawn:
        _fill(each, frame, places, paint, over, look)
    if look.scale:
        draw_scale(axes, main, look)
    return figure


def _wide(frames: Sequence[Frame], top: float, start: float, bottom: float) -> Layout:
    """Frames at the left, as many as there is room for; Paris at the upper right."""
    islands = [frame for frame in frames if not frame.is_window]
    beside, below = islands[:COLUMN], islands[COLUMN:]
    left, floor = 0.19 if frames else LEFT, bottom + (0.13 if below else 0)
    start = min(ISLANDS, start)
    height = min(0.115, (start - floor) / COLUMN)
    places = [
        (LEFT, start - (row + 1) * height, 0.14, height - 0.028) for row in range(len(beside))
    ]
    places += [(LEFT + 0.19 * column, bottom + 0.01, 0.16, 0.09) for column in range(len(below))]
    windows = [frame for frame in frames if frame.is_window]
    places += [(RIGHT - 0.19, top - 0.135, 0.19, 0.12)] * len(windows)
    known = zip([*islands, *windows], places, strict=True)
    return (left, floor, RIGHT - left, top - floor), list(known)


def _narrow(frames: Sequence[Frame], top: float, start: float, bottom: float) -> Layout:
    """The legend above the map, and all frames below it."""
    del top
    floor, width = bottom + ceil(len(frames) / ABREAST) * STEP, (RIGHT - LEFT) / ABREAST
    found = []
    for number, frame in enumerate(frames):
        row, column = divmod(number, ABREAST)
        x, y = LEFT + column * width, floor - (row + 1) * STEP + 0.005
        found.append((frame, (x, y, width - 0.03, STEP - 0.03)))
    return (LEFT, floor, RIGHT - LEFT, start - floor), found


def _placed(borders: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if borders.crs is None:
        fix = "state it where they are read: `geometry: {crs: …}`"
        raise MapError("borders", "they have no reference system", fix)
    return borders[~(borders.geometry.isna() | borders.geometry.is_empty)]


def _fill(
    axes: Axes,
    frame: Frame,
    places: gpd.GeoDataFrame,
    paint: Paint,
    over: gpd.GeoDataFrame | None,
    look: Look,
) -> None:
    part = _generalised(frame.of(places), axes, look)
    paint(axes, part[~part.geometry.is_empty])
    draw_coast(axes, part)
    if over is not None and len(above := frame.of(over)):
        draw_borders(axes, _generalised(above, axes, look))
    axes.set(xticks=[], yticks=[], xlabel="", ylabel="")
    if not frame.is_window:  # an island stands in a box of any form
        axes.set_aspect("equal", adjustable="datalim" if frame.name else "box")
    else:
        axes.set_aspect("equal", anchor="NE" if look.sheet == "wide" else "N")
        west, south, east, north = _plane(frame, frame.crs).bounds
        axes.set(xlim=(west, east), ylim=(south, north))
    if look.labels and (len(part) > 1 or not frame.name):
        write_labels(axes, part, framed=bool(frame.name))


def _generalised(part: gpd.GeoDataFrame, axes: Axes, look: Look) -> gpd.GeoDataFrame:
    """Return outlines without what is finer than the picture."""
    west, south, east, north = part.total_bounds
    place = axes.get_position()
    pixels = max(place.width * WIDTHS[look.sheet], place.height * HEIGHT) * PIXELS
    detail = max(east - west, north - south) / pixels / 2
    if set(part.geom_type) <= {"Polygon", "MultiPolygon"}:
        part.geometry = part.simplify_coverage(detail)  # neighbours keep a common border
    return part


def _framed(figure: Figure, frame: Frame, place: Place) -> Axes:
    axes = figure.add_axes(place)
    axes.set_title(frame.name, fontsize=SMALL, pad=2, color=GREY)
    for side in axes.spines.values():
        side.set(color="#bbbbbb", linewidth=0.6)
    return axes


def _mark(axes: Axes, main: Frame, window: Frame) -> None:
    """Show on the main map what a window shows larger."""
    west, south, east, north = _plane(window, main.crs).bounds
    corner = Rectangle((west, south), east - west, north - south, fill=False, linewidth=0.6)
    corner.set_edgecolor(GREY)
    axes.add_patch(corner)


def _plane(frame: Frame, crs: object) -> Polygon:
    return gpd.GeoSeries([box(*frame.box)], crs=WORLD).to_crs(crs).iloc[0]


def _title(figure: Figure, look: Look) -> float:
    """Write title and subtitle; return where they end."""
    y = 0.975
    for text, size, colour in ((look.title, 14, "black"), (look.subtitle, 10, GREY)):
        for line in textwrap.wrap(text, int(TITLE_WIDTH * WIDTHS[look.sheet] * 14 / size)):
            figure.text(LEFT, y, line, fontsize=size, color=colour, va="top")
            y -= size / 72 / HEIGHT * 1.35
    return y - 0.01


def _foot(figure: Figure, look: Look) -> float:
    """Write what a reader must know, from below; return where it ends."""
    said = [
        f"{label} : {text}" if look.language == "fr" else f"{label}: {text}"
        for name, label in LABELS[look.language].items()
        if (text := getattr(look, name))
    ]
    signs, floor = int(FOOT_WIDTH * WIDTHS[look.sheet]), CREDITS[look.sheet]
    lines = [line for text in said for line in textwrap.wrap(text, signs)]
    for row, line in enumerate(reversed(lines)):
        figure.text(LEFT, floor + row * LINE, line, fontsize=SMALL, color=GREY, va="bottom")
    return floor + len(lines) * LINE + 0.01
