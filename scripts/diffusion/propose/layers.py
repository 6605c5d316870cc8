"""Geometries of a sample: their CRS, where the file states none, and their family."""

import json

import pyarrow.parquet as pq

from diffusion.errors import DiffusionError
from diffusion.propose.bench import Bench, Made
from diffusion.propose.draft import Draft, laid_over
from diffusion.propose.table import refine

STATES_NONE = "states no CRS"
# of coordinates without one: what they may be, and where they then lie (xmin, ymin, xmax, ymax)
LIKELY = {
    "EPSG:4326": ((-180, -90, 180, 90), "degrees of longitude and latitude"),
    "EPSG:2154": ((0, 6_000_000, 1_300_000, 7_200_000), "metres of Lambert-93"),
}
FAMILIES = {"point": "Point", "line": "LineString", "polygon": "Polygon"}
LONGITUDES = ("lon", "lng", "long", "longitude")
LATITUDES = ("lat", "latitude")


def refined_with_crs(draft: Draft, bench: Bench) -> Made:
    """Refine a draft; where its file states no CRS, try those that its coordinates may have.

    Raises:
        DiffusionError: the sample cannot be read, or none of them fits.
    """
    try:
        return refine(draft, bench)
    except DiffusionError as error:
        if STATES_NONE not in error.found:
            raise
        refused = error
    keys = dict(draft.keys)
    for crs, (within, words) in LIKELY.items():
        draft.keys = laid_over(keys, {"geometry": {"crs": crs}})
        try:
            made = refine(draft, bench)
        except DiffusionError:
            continue
        if _lies_within(made, within):
            draft.why["geometry"] = f"the file states no CRS: these are {words}?"
            draft.doubts.append(f"the file states no CRS; its coordinates look like {words}, {crs}")
            return made
    raise refused


def _geo(made: Made) -> dict:
    metadata = pq.read_schema(made.path).metadata or {}
    columns = json.loads(metadata.get(b"geo", b"{}")).get("columns", {})
    return columns.get("geometry", {})


def _lies_within(made: Made, within: tuple[float, ...]) -> bool:
    box = _geo(made).get("bbox", [])
    if len(box) != len(within):
        return False
    return all(low <= value for low, value in zip(within[:2], box[:2], strict=True)) and all(
        value <= high for value, high in zip(box[2:], within[2:], strict=True)
    )


def propose_geometry(draft: Draft, made: Made) -> None:
    """Propose the family of the geometries and their CRS; tell of coordinates in columns."""
    described = _geo(made)
    if not described:
        _tell_coordinates(draft, made)
        return
    kinds = {kind.split()[0].removeprefix("Multi") for kind in described.get("geometry_types", [])}
    family = [name for name, kind in FAMILIES.items() if kinds == {kind}]
    ident = (described.get("crs") or {}).get("id") or {}
    code = f"{ident['authority']}:{ident['code']}" if ident.get("authority") == "EPSG" else ""
    found = {"family": family[0]} if family else {}
    found |= {"crs": code} if code else {}
    draft.keys = laid_over(draft.keys, {"geometry": found} if found else {})


def _tell_coordinates(draft: Draft, made: Made) -> None:
    numbers = {n.lower(): n for n, kind in made.types.items() if kind in ("double", "int64")}
    lon = next((numbers[name] for name in LONGITUDES if name in numbers), "")
    lat = next((numbers[name] for name in LATITUDES if name in numbers), "")
    if lon and lat and "geometry" not in draft.all_keys:
        key = f"geometry: {{from: {{lon: {lon}, lat: {lat}}}}}"
        draft.doubts.append(f"`{lon}` and `{lat}` are coordinates? To make points of them: `{key}`")
