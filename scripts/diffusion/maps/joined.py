"""Outlines with the values that belong to them; nothing is left out unasked."""

from collections.abc import Iterable

import geopandas as gpd
import pandas as pd

from diffusion.errors import MapError
from diffusion.maps.look import Look

SHOWN = 8  # codes that an error names
VALUE = "value"  # the column of the values, beside the geometry
REASON, LABEL = "reason", "label"  # why there is no value; what is written on the outline


def joined(
    outlines: gpd.GeoDataFrame, values: pd.DataFrame, look: Look, numbers: bool = True
) -> gpd.GeoDataFrame:
    """Return code, value, reason, label and geometry of each outline; null where there is none.

    Args:
        numbers: whether values must be numbers.

    Raises:
        DiffusionError: a column is missing, a code comes twice, a value is of no outline, or an
            outline has neither a place nor a reference system.
    """
    reasons = _reasons(values, look)
    values, outlines = _column(values, look, numbers), _shapes(outlines, look)
    keys, codes = values[look.key], outlines[look.code]
    if pd.api.types.is_numeric_dtype(keys) != pd.api.types.is_numeric_dtype(codes):
        one, other = keys.tolist()[0], codes.tolist()[0]
        found = f"`{look.key}` has {one!r}, `{look.code}` of the outlines {other!r}"
        raise MapError("params.key", found, "have both as text: codes are `string` columns")
    _refuse_twice(keys, f"`{look.key}` of the values")
    _refuse_twice(codes, f"`{look.code}` of the outlines")
    _refuse_unmatched(keys, codes, look)
    found = values.set_index(look.key)[look.value]
    return gpd.GeoDataFrame(
        {
            "code": codes,
            VALUE: codes.map(found),
            REASON: codes.map(reasons),
            LABEL: outlines[look.labels] if look.labels else None,
        },
        geometry=outlines.geometry,
        crs=outlines.crs,
    ).reset_index(drop=True)


def _reasons(values: pd.DataFrame, look: Look) -> dict:
    """Return why there is no value, by code: of rows without one."""
    if not look.reason:
        return {}
    _refuse_unknown(values, look, "reason", "value", "key")
    without = values[values[look.value].isna() & values[look.reason].notna()]
    return dict(zip(without[look.key], without[look.reason].map(str), strict=True))


def _refuse_unknown(values: pd.DataFrame, look: Look, *options: str) -> None:
    for option in options:
        if (name := getattr(look, option)) not in values.columns:
            fix = f"there are: {', '.join(map(str, values.columns))}"
            raise MapError(f"params.{option}", f"the values have no column `{name}`", fix)


def _column(values: pd.DataFrame, look: Look, numbers: bool) -> pd.DataFrame:
    _refuse_unknown(values, look, "value", "key")
    if values.empty:
        raise MapError("the values", "the table has no row", "check what it is made from")
    if numbers and not pd.api.types.is_numeric_dtype(values[look.value]):
        found = f"`{look.value}` is no number, such as {values[look.value].tolist()[0]!r}"
        raise MapError("params.value", found, "name a column of numbers")
    kept = values[[look.key, look.value]].dropna(subset=[look.value])
    if kept.empty:
        raise MapError("params.value", f"`{look.value}` has no value", "check the table")
    if count := int(kept[look.key].isna().sum()):
        fix = "leave them out of the table, or give them a code"
        raise MapError("params.key", f"{count} values have no `{look.key}`", fix)
    if numbers and not kept[look.value].abs().lt(float("inf")).all():
        found = f"`{look.value}` is infinite somewhere"
        raise MapError("params.value", found, "a share of nothing is null: NULLIF(total, 0)")
    return kept


def _shapes(outlines: gpd.GeoDataFrame, look: Look) -> gpd.GeoDataFrame:
    for option, name in (("code", look.code), ("labels", look.labels)):
        if name and name not in outlines.columns:
            fix = f"there are: {', '.join(map(str, outlines.columns))}"
            raise MapError(f"params.{option}", f"the outlines have no column `{name}`", fix)
    if outlines.crs is None:
        fix = "state it where they are read: `geometry: {crs: …}`"
        raise MapError("outlines", "they have no reference system", fix)
    empty = outlines[look.code][outlines.geometry.isna() | outlines.geometry.is_empty]
    if len(empty):
        raise MapError("outlines", f"no shape: {listed(empty)}", "complete them")
    return outlines


def _refuse_twice(codes: pd.Series, what: str) -> None:
    if twice := sorted(set(codes[codes.duplicated()])):
        fix = "a map shows one value for each outline: keep or sum up to one row a code"
        raise MapError(what, f"{len(twice)} come several times: {listed(twice)}", fix)


def _refuse_unmatched(keys: pd.Series, codes: pd.Series, look: Look) -> None:
    without, known = sorted(set(keys) - set(codes)), set(keys)
    lacking = [key for key in without if key not in look.without_outline]
    if lacking:
        found = f"{len(lacking)} of {len(keys)} have no outline: {listed(lacking)}"
        fix = "take outlines that have them"
        if len(lacking) < len(keys):
            names = ", ".join(f'"{key}"' for key in without)
            fix += f"; to leave them out of the map: `without_outline: [{names}]`"
        raise MapError(f"`{look.key}` of the values", found, fix)
    idle = [key for key in look.without_outline if key not in without]
    if idle:
        state = "has an outline" if idle[0] in known else "has no value"
        raise MapError("params.without_outline", f"`{idle[0]}` {state}", "take it out")


def listed(codes: Iterable) -> str:
    """Return the first codes of some, in words."""
    texts = list(map(str, codes))
    return ", ".join(texts[:SHOWN]) + (", …" if len(texts) > SHOWN else "")
