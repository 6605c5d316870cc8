"""Data frames of scripts: what stands in their index is data, too."""

from typing import Any

from diffusion.errors import DerivedError


def index_as_columns(frame: Any, where: str) -> Any:
    """Return a frame whose named index, such as the key of ``groupby``, is columns.

    Raises:
        DiffusionError: an index without a name that is no range: nobody knows whether it is data.
    """
    names = list(frame.index.names)
    if names == [None] and type(frame.index).__name__ == "RangeIndex":
        return frame
    shown = ", ".join(map(repr, frame.index[:3].tolist()))
    if None in names:
        fix = "if it is data, name it: `frame.index.name = …`; if not: `.reset_index(drop=True)`"
        raise DerivedError(where, f"the frame's index has no name: {shown} …", fix)
    if twice := [name for name in names if name in frame.columns]:
        fix = "rename one of them; or `.reset_index(drop=True)`"
        raise DerivedError(where, f"its index and a column are both called {twice[0]!r}", fix)
    return frame.reset_index()


def with_geometry(frame: Any, where: str) -> Any:
    """Return a frame whose one column of geometries is the active one, whatever its name.

    `.rename(columns={"geometry": …})` leaves a GeoDataFrame without an active one, and
    `pd.DataFrame(…)` makes it a plain frame: the column keeps its CRS, and stays a geometry.

    Raises:
        DiffusionError: several columns of geometries, and none is the active one.
    """
    if not hasattr(frame, "dtypes") or (hasattr(frame, "geometry") and hasattr(frame, "to_crs")):
        return frame
    found = [name for name, kind in frame.dtypes.items() if str(kind) == "geometry"]
    if len(found) > 1:
        fix = "keep one: drop the others, or make them text with `.to_wkt()`"
        shown = ", ".join(map(str, found))
        raise DerivedError(where, f"several geometry columns: {shown}", fix)
    if not found:
        return frame
    from geopandas import GeoDataFrame

    return GeoDataFrame(frame, geometry=found[0])
