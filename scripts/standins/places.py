"""The communes and departments that every stand-in is generated from (official, `data/`)."""

import csv
import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent / "data"
Point = tuple[float, float]

# INSEE and the DPE know one Rhône, the OpenStreetMap contours know two: the department around
# Villefranche and the métropole of Lyon.
RHONE = {"69D": ("Rhône", (4.58, 45.98)), "69M": ("Métropole de Lyon", (4.86, 45.74))}
ISLAND_RADII = {"971": 0.28, "972": 0.24, "973": 1.4, "974": 0.28, "976": 0.14}  # degrees


class Commune(NamedTuple):
    code: str
    nom: str
    departement: str
    population: int


class Departement(NamedTuple):
    code: str
    nom: str
    prefecture: str
    lon: float
    lat: float


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache
def communes() -> dict[str, Commune]:
    """Every commune by its code, in the order of codes."""
    rows = _read("communes.csv")
    return {
        row["code"]: Commune(
            row["code"], row["nom"], row["departement"], int(row["population"] or 0)
        )
        for row in rows
    }


@lru_cache
def departements() -> dict[str, Departement]:
    """The 101 departments by their code."""
    rows = _read("departements.csv")
    return {
        row["code"]: Departement(
            row["code"], row["nom"], row["prefecture"], float(row["lon"]), float(row["lat"])
        )
        for row in rows
    }


@lru_cache
def contour_names() -> dict[str, str]:
    """The names of the 102 contours by code: 69D and 69M in place of 69."""
    names = {code: place.nom for code, place in departements().items() if code != "69"}
    names |= {code: name for code, (name, _) in RHONE.items()}
    return dict(sorted(names.items()))


@lru_cache
def centres() -> dict[str, Point]:
    """(longitude, latitude) of each of the 102 contours by code."""
    points = {
        code: RHONE[code][1]
        if code in RHONE
        else (departements()[code].lon, departements()[code].lat)
        for code in contour_names()
    }
    return points


@lru_cache
def inner_radius(code: str) -> float:
    """Degrees around a centre that are certainly inside its own contour, coast apart.

    The contours are the cells of points nearer to one centre than to any other, so nothing
    closer than half the way to the nearest other centre can be elsewhere.
    """
    if code in ISLAND_RADII:
        return 0.6 * ISLAND_RADII[code]
    here = centres()[code]
    nearest = min(math.dist(here, there) for other, there in centres().items() if other != code)
    return min(0.45 * nearest, 0.3)
