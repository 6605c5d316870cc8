"""Columns of R's data frames, each by its class, or refused with what to do in R."""

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.files.r_objects import RObject
from diffusion.files.r_values import NO_INTEGER

PLAIN_CLASSES = {"haven_labelled", "vctrs_vctr", "double", "integer", "character", "labelled"}
NO_LONG, EXACT, MOST_SECONDS = -(2**63), 2**53, 2.5e11


class UnfitError(ValueError):
    """A column is none of a table; ``fix``: what to do in R."""

    def __init__(self, found: str, fix: str):
        super().__init__(found)
        self.fix = fix


@dataclass(frozen=True)
class MadeColumn:
    """A column: its values, and what readers should know of it."""

    array: pa.Array
    told: str = ""


def made_column(column: RObject) -> MadeColumn:
    """Return a column by its class.

    Raises:
        UnfitError: no table has values of this class.
    """
    classes, kind = column.classes, column.kind
    if "factor" in classes:
        levels = np.array([None, *column.attributes["levels"].values], dtype=object)
        numbers = np.where(column.values == NO_INTEGER, 0, column.values)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(levels):
            raise UnfitError(
                "is a factor with codes that none of its levels has", "make it anew in R"
            )
        return MadeColumn(pa.array(levels[numbers], pa.string()))
    if "integer64" in classes:
        values = np.asarray(column.values).view("i8")
        return MadeColumn(pa.array(values, pa.int64(), mask=values == NO_LONG))
    if kind in ("integer", "double") and "Date" in classes:
        return MadeColumn(_moments(column, pa.date32(), 1))
    if kind in ("integer", "double") and "POSIXct" in classes:
        zone = next(iter(column.texts("tzone")), "")
        told = f"moments in UTC, which R shows in {zone}" if zone not in ("", "UTC", "GMT") else ""
        return MadeColumn(_moments(column, pa.timestamp("us", "UTC"), 1_000_000), told)
    if "difftime" in classes:
        units = next(iter(column.texts("units")), "secs")
        return MadeColumn(_plain(column), f"a duration, its number of {units}")
    strange = [name for name in classes if name not in PLAIN_CLASSES]
    told = f"of class {'/'.join(strange)}: its values as they are stored" if strange else ""
    if "labels" in column.attributes:
        told = "the codes, whose labels stay in the file"
    return _without_missing(MadeColumn(_plain(column), told), column)


def _without_missing(made: MadeColumn, column: RObject) -> MadeColumn:
    """Return a column without the values that SPSS has for missing ones, as haven keeps them."""
    values, lowest = column.attributes.get("na_values"), column.attributes.get("na_range")
    if values is None and lowest is None:
        return made
    is_none = pa.array([False] * len(made.array))
    if values is not None:
        known = values.values if values.kind == "text" else np.asarray(values.values, "f8")
        of_kind = pa.string() if values.kind == "text" else pa.float64()
        is_none = pc.is_in(made.array.cast(of_kind), value_set=pa.array(known, of_kind))
    if lowest is not None:
        numbers, (least, most) = made.array.cast(pa.float64()), lowest.values
        within = pc.and_(pc.greater_equal(numbers, least), pc.less_equal(numbers, most))
        is_none = pc.or_(is_none, pc.fill_null(within, False))
    count = pc.sum(is_none).as_py() or 0
    words = f"{count:,} values that are declared missing are none" if count else ""
    told = "; ".join(filter(None, (made.told, words)))
    return MadeColumn(pc.if_else(is_none, None, made.array), told)


def _plain(column: RObject) -> pa.Array:
    """Return values as they are stored; whole numbers are, though R has most as floats."""
    kind = column.kind
    if "dim" in column.attributes or kind == "list":
        what = "/".join(column.classes) or ("a matrix" if kind != "list" else "a list")
        if "sfc" in column.classes:
            fix = 'write a layer in R: `sf::st_write(x, "x.gpkg")`'
            raise UnfitError(f"holds geometries ({what})", fix)
        if "POSIXlt" in column.classes:
            raise UnfitError(f"holds moments as lists ({what})", "in R: `{0} <- as.POSIXct({0})`")
        raise UnfitError(f"is {what}, which is no column of a table", "take it apart in R")
    if kind == "text":
        return pa.array(column.values, pa.string())
    if kind == "logical":
        values = np.asarray(column.values)
        return pa.array(values == 1, pa.bool_(), mask=values == NO_INTEGER)
    if kind == "integer":
        values = np.asarray(column.values)
        return pa.array(values.astype("i8"), pa.int64(), mask=values == NO_INTEGER)
    if kind != "double":
        raise UnfitError(f"is of type {kind}, which no table has", "make it numbers or text in R")
    values = np.asarray(column.values)
    array = pa.array(values, pa.float64(), from_pandas=True)  # NA and NaN
    known = values[~np.isnan(values)]
    is_whole = (known == np.floor(known)) & (np.abs(known) < EXACT)
    return array.cast(pa.int64()) if len(known) and is_whole.all() else array


def _moments(column: RObject, kind: pa.DataType, scale: int) -> pa.Array:
    """Return days or moments since 1970, which R stores as integers or floats."""
    values = np.asarray(column.values).astype("f8")
    if column.kind == "integer":
        values[np.asarray(column.values) == NO_INTEGER] = np.nan
    most = MOST_SECONDS / (1 if scale > 1 else 86_400)
    if (beyond := values[np.abs(values) > most]).size:
        shown = f"{beyond[0]:g}" if math.isfinite(beyond[0]) else "Inf"
        raise UnfitError(f"has {shown} among its dates", "in R: `{0}[!is.finite({0})] <- NA`")
    is_none = np.isnan(values)
    numbers = np.where(is_none, 0, values)
    whole = np.floor(numbers) if scale == 1 else np.round(np.round(numbers, 6) * scale)
    stored = pa.int32() if scale == 1 else pa.int64()
    return pa.array(whole.astype("i8"), stored, mask=is_none).cast(kind)
