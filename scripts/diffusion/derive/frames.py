"""Data frames of scripts: what stands in their index is data, too."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from diffusion.config.parts import Geometry
from diffusion.errors import DerivedError

UNTYPED = {  # types of pandas that no table has, and which would be other numbers in it
    "period[": "`.dt.to_timestamp()`, or `.astype(str)`",
    "timedelta64": "`.dt.total_seconds()`, or `.dt.days`",
}


def verify_frame(frame: Any, where: str) -> None:
    """Refuse what looks like a frame, and is no table.

    Raises:
        DiffusionError: a Series, columns of one name or of several levels, a type that tables have
            not.
    """
    if hasattr(frame, "to_frame") and not hasattr(frame, "columns"):
        fix = "return a frame: `.reset_index(name=…)` where its index is data, else `.to_frame()`"
        raise DerivedError(where, f"`derive` returned a {type(frame).__name__}", fix)
    if not hasattr(frame, "dtypes") or not hasattr(frame, "columns"):
        return
    if frame.columns.nlevels > 1:
        shown = ", ".join(map(repr, frame.columns[:3].tolist()))
        fix = "make one name of each: `frame.columns = ['_'.join(map(str, c)) for c in "
        fix += "frame.columns]`; or name what is aggregated, `.agg(total=('column', 'sum'))`"
        raise DerivedError(where, f"its columns have names of several levels: {shown} …", fix)
    if not frame.columns.is_unique:
        twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
        fix = "rename one of them, or leave it out: `.rename(columns=…)`, `.drop(columns=…)`"
        raise DerivedError(where, f"several columns are called {', '.join(twice)}", fix)
    for name, kind in frame.dtypes.items():
        for begin, way in UNTYPED.items():
            if str(kind).startswith(begin):
                found = f"`{name}` is of pandas' type {kind}, which no table has"
                raise DerivedError(where, found, f"make it text, a moment or a number: {way}")


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


def as_table(result: Any, geometry: Geometry, where: str) -> tuple[Any, Mapping | None]:
    """Return a frame as a table, and what is known of its geometries; all else as it is."""
    verify_frame(result, where)
    result = with_geometry(result, where)
    try:
        if hasattr(result, "geometry") and hasattr(result, "to_crs"):
            from diffusion.tables.frames import frame_to_arrow

            return frame_to_arrow(index_as_columns(result, where), geometry, where)
        if hasattr(result, "to_parquet"):
            frame = index_as_columns(result, where)
            verify_frame(frame, where)  # with what was its index
            return pa.Table.from_pandas(frame, preserve_index=False), None
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        fix = "make it one type: `.astype(str)`, `pd.to_numeric(…)` …"
        raise DerivedError(where, f"a column has values of several types: {error}", fix) from error
    return result, None
