"""The communes and departments that every stand-in is generated from (official, `data/`)."""

import csv
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent / "data"
Point = tuple[float, float]

# INSEE and the DPE know one Rhône, the OpenStreetMap contours know two: the department around
# Villefranche and the métropole of Lyon.
RHONE = {"69D": ("Rhône", (4.58, 45.98)), "69M": ("Métropole de Lyon", (4.86, 45.74))}


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


class Contour(NamedTuple):
    """An outline, and the largest circle in it: ``centre`` and ``radius`` in degrees."""

    code: str
    centre: Point
    radius: float
    wkt: str


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
def contours() -> dict[str, Contour]:
    """The 102 contours by code: simplified, of IGN's Admin Express 2018 (Licence Ouverte)."""
    return {
        row["code"]: Contour(
            row["code"], (float(row["lon"]), float(row["lat"])), float(row["radius"]), row["wkt"]
        )
        for row in _read("contours.csv")
    }


@lru_cache
def contour_names() -> dict[str, str]:
    """The names of the 102 contours by code: 69D and 69M in place of 69."""
    names = {code: place.nom for code, place in departements().items() if code != "69"}
    names |= {code: name for code, (name, _) in RHONE.items()}
    return dict(sorted(names.items()))
