"""Make `scripts/standins/data/` from the official files in `../shared/real`; run once.

    python scripts/dev/make_standin_data.py

Writes communes.csv (the prefectures, the communes that tests name and about 40 more for each
department), departements.csv and contours.csv (simplified outlines, each with its middle).
Sources: Etalab, découpage administratif (MIT); IGN Admin Express 2018 (Licence Ouverte).
"""

import csv
import json
import sys
import tarfile
from pathlib import Path

import geopandas
import shapely

sys.path.insert(0, str(Path(__file__).parents[1]))

from standins.places import RHONE

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
DATA = Path(__file__).parents[1] / "standins" / "data"
NAMED_BY_TESTS = {"01001", "01450", "2A004", "2B033", "69123", "75056", "97105"}
PER_DEPARTMENT = 40
DETAIL, FINE = 0.02, 0.006  # degrees that lines may move: in Europe, and overseas
ISLET = 0.004  # square degrees; smaller parts are left out
GRID = 0.001  # degrees: about 100 m


def read_official(name: str) -> list[dict]:
    """One of the JSON arrays of the Etalab package."""
    with tarfile.open(REAL / "etalab-decoupage-administratif-6.0.0.tgz") as package:
        return json.load(package.extractfile(f"package/data/{name}.json"))


def choose_communes(communes: list[dict], prefectures: set[str]) -> list[dict]:
    """Those that must be there, and every n-th of each department in the order of codes."""
    chosen = {}
    for departement in sorted({commune["departement"] for commune in communes}):
        local = [commune for commune in communes if commune["departement"] == departement]
        step = max(1, len(local) // PER_DEPARTMENT)
        wanted = prefectures | NAMED_BY_TESTS | {commune["code"] for commune in local[::step]}
        chosen |= {commune["code"]: commune for commune in local if commune["code"] in wanted}
    return [chosen[code] for code in sorted(chosen)]


def split_rhone(shape: shapely.Geometry) -> dict[str, shapely.Geometry]:
    """The Rhône as OpenStreetMap has it, in two: along the middle between their centres."""
    points = shapely.MultiPoint([centre for _, centre in RHONE.values()])
    cells = shapely.voronoi_polygons(points, extend_to=shape)
    parts = {}
    for code, (_, centre) in RHONE.items():
        [cell] = [cell for cell in cells.geoms if cell.contains(shapely.Point(centre))]
        parts[code] = cell.intersection(shape)
    return parts


def contours_of(departements: geopandas.GeoDataFrame) -> dict[str, shapely.Geometry]:
    """The 102 contours, simplified: neighbours keep a common border, islets go."""
    shapes = departements.set_index("code_insee").geometry
    is_overseas = shapes.index.str.len() == 3
    found: dict[str, shapely.Geometry] = {}
    for part, detail, least in ((~is_overseas, DETAIL, ISLET), (is_overseas, FINE, ISLET / 20)):
        whole = shapely.set_precision(shapes[part].array, 1e-5)
        simple = shapely.coverage_simplify(whole, detail)
        for code, shape in zip(shapes[part].index, simple, strict=True):
            pieces = [piece for piece in shapely.get_parts(shape) if piece.area >= least]
            found[code] = shapely.MultiPolygon(pieces) if len(pieces) > 1 else pieces[0]
    found |= split_rhone(found.pop("69"))
    return {code: shapely.set_precision(found[code], GRID).normalize() for code in sorted(found)}


def centre_of(shape: shapely.Geometry) -> tuple[float, float, float]:
    """The middle of the largest circle that a contour holds, and its radius, in degrees."""
    circle = shapely.maximum_inscribed_circle(shape, 0.001)
    (lon, lat), _ = circle.coords
    return round(lon, 3), round(lat, 3), round(circle.length - 0.002, 3)


def write_csv(name: str, header: list[str], rows: list[list]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    shapes = geopandas.read_file(REAL / "departements-shp.zip")
    codes = set(shapes["code_insee"])
    points = shapes.set_index("code_insee").representative_point()  # a centroid may be at sea
    departements = [d for d in read_official("departements") if d["code"] in codes]
    communes = [c for c in read_official("communes") if c["type"] == "commune-actuelle"]
    communes = [c for c in communes if c.get("departement") in codes]
    prefectures = {d["chefLieu"] for d in departements}

    DATA.mkdir(exist_ok=True)
    write_csv(
        "communes.csv",
        ["code", "nom", "departement", "population"],
        [
            [c["code"], c["nom"], c["departement"], c.get("population", 0)]
            for c in choose_communes(communes, prefectures)
        ],
    )
    write_csv(
        "departements.csv",
        ["code", "nom", "prefecture", "lon", "lat"],
        [
            [d["code"], d["nom"], d["chefLieu"]]
            + [round(value, 3) for value in (points[d["code"]].x, points[d["code"]].y)]
            for d in departements
        ],
    )
    contours = contours_of(shapes)
    write_csv(
        "contours.csv",
        ["code", "lon", "lat", "radius", "wkt"],
        [
            [code, *centre_of(shape), shapely.to_wkt(shape, rounding_precision=3)]
            for code, shape in contours.items()
        ],
    )


if __name__ == "__main__":
    main()
