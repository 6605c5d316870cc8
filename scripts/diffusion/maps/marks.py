"""What stands on the outlines: borders of larger ones, names, a bar of scale."""

from math import floor, log10
from typing import TYPE_CHECKING, Any

from pyproj import CRS

from diffusion.errors import MapError
from diffusion.maps.joined import LABEL
from diffusion.maps.numbers import written
from diffusion.maps.paint import MANY

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

    from diffusion.maps.frames import Frame
    from diffusion.maps.look import Look

INK, NAME = "#3d3d3d", 6.5  # colour of what is written on a map, and the size of names in points
COAST = "#8c8c8c"
SHARE = 0.2  # of the frame's width: the longest bar of scale
LONGEST = 1_000_000  # metres; of what is wider, no plane has one scale


def draw_borders(axes: "Axes", part: "gpd.GeoDataFrame") -> None:
    """Draw the borders of larger outlines, such as departments over communes."""
    part.boundary.plot(ax=axes, color=INK, linewidth=0.7, zorder=4)


def draw_coast(axes: "Axes", part: "gpd.GeoDataFrame") -> None:
    """Draw a fine line around all outlines: the palest colours end where the paper begins.

    None where it would take long: around very many that are not neighbours with common borders.
    """
    areas = part.geometry[part.geom_type.isin(("Polygon", "MultiPolygon"))].force_2d()
    is_coverage = areas.is_valid_coverage()
    if areas.empty or not (is_coverage or (len(areas) < MANY and areas.is_valid.all())):
        return
    whole = areas.union_all(method="coverage" if is_coverage else "unary")
    # without holes: where neighbours have no common border, slivers lie between them
    line = type(areas)([whole], crs=areas.crs).explode().exterior
    line.plot(ax=axes, color=COAST, linewidth=0.4, zorder=3)


def write_labels(axes: "Axes", part: "gpd.GeoDataFrame", framed: bool) -> None:
    """Write names of outlines, the largest first, of which none covers another.

    Args:
        framed: none leaves its frame, either; otherwise the sheet.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.patheffects import withStroke

    axes.apply_aspect()
    figure = axes.get_figure(root=True)
    pen = FigureCanvasAgg(figure).get_renderer()
    named = part[part[LABEL].notna()]
    taken: list[Bbox] = []
    style: dict[str, Any] = {"fontsize": NAME, "ha": "center", "va": "center", "color": INK}
    style["zorder"] = 6
    frame = axes.get_window_extent(pen) if framed or figure is None else figure.bbox
    for index in named.area.sort_values(ascending=False).index:
        place = named.geometry[index].representative_point()
        halo = [withStroke(linewidth=1.6, foreground="white")]
        text = axes.text(place.x, place.y, str(named[LABEL][index]), path_effects=halo, **style)
        room = text.get_window_extent(pen)
        inside = frame.containsx(room.x0) and frame.containsx(room.x1) and frame.containsy(room.y0)
        if not inside or any(room.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(room)


def draw_scale(axes: "Axes", frame: "Frame", look: "Look") -> None:
    """Draw a bar of a round length at the lower left of the main frame.

    Raises:
        DiffusionError: the plane is not one of lengths, or as wide as the world.
    """
    axes.apply_aspect()
    unit = CRS.from_user_input(frame.crs).axis_info[0].unit_conversion_factor
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    length = round_length((east - west) * unit * SHARE)
    if length > LONGEST or CRS.from_user_input(frame.crs).is_geographic:
        found = "a map this wide has no one scale"
        raise MapError("params.scale", found, "leave `scale` out")
    x, y = west + 0.02 * (east - west), south + 0.02 * (north - south)
    ends, tick = (x, x + length / unit), 0.008 * (north - south)
    axes.plot(
        [ends[0], ends[0], ends[1], ends[1]], [y + tick, y, y, y + tick], color=INK, linewidth=0.9
    )
    shown, word = (length / 1000, "km") if length >= 1000 else (length, "m")
    label = f"{written(shown, 0, look.language)} {word}"
    style: dict[str, Any] = {"fontsize": NAME, "ha": "center", "va": "bottom", "color": INK}
    axes.text(sum(ends) / 2, y + tick, label, **style)
    axes.set(xlim=(west, east), ylim=(south, north))


def round_length(most: float) -> float:
    """Return the greatest of 1, 2, 5, 10, 20, 50 … that is not more: 234 → 200."""
    unit = 10.0 ** floor(log10(most))
    return next(step * unit for step in (5, 2, 1) if step * unit <= most)
