"""Make `scripts/standins/data/` from the official files in `../shared/real`; run once.

    python scripts/dev/make_standin_data.py

Writes communes.csv (the prefectures, the communes that tests name and about 40 more for each
department), departements.csv (with the centre of each) and outline.wkt (metropolitan France).
Sources: Etalab, découpage administratif (MIT); IGN Admin Express 2018 (Licence Ouverte).
"""

import csv
import json
import tarfile
from pathlib import Path

import geopandas
import shapely

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
DATA = Path(__file__).parents[1] / "standins" / "data"
NAMED_BY_TESTS = {"01001", "01450", "2A004", "2B033", "69123", "75056", "97105"}
PER_DEPARTMENT = 40


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


def outline_of(departements: geopandas.GeoDataFrame) -> shapely.MultiPolygon:
    """The mainland and Corsica (the two largest parts), with fewer than 150 vertices."""
    metropolitan = departements[departements["code_insee"].str.len() == 2]
    whole = shapely.set_precision(metropolitan.geometry.union_all(), 0.0001)
    largest = sorted(whole.geoms, key=lambda part: -part.area)[:2]
    outline = shapely.MultiPolygon([shapely.Polygon(part.exterior) for part in largest])
    outline = shapely.set_precision(outline.simplify(0.13), 0.001)
    if shapely.get_num_coordinates(outline) >= 150:
        raise ValueError("the outline has 150 vertices or more: simplify it further")
    return outline


def write_csv(name: str, header: list[str], rows: list[list]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    shapes = geopandas.read_file(REAL / "departements-shp.zip").set_index("code_insee")
    centres = shapes.geometry.representative_point()  # a centroid may lie in the sea
    departements = [d for d in read_official("departements") if d["code"] in shapes.index]
    communes = [c for c in read_official("communes") if c["type"] == "commune-actuelle"]
    communes = [c for c in communes if c.get("departement") in shapes.index]
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
            + [round(value, 3) for value in (centres[d["code"]].x, centres[d["code"]].y)]
            for d in departements
        ],
    )
    outline = outline_of(shapes.reset_index())
    (DATA / "outline.wkt").write_text(shapely.to_wkt(outline, rounding_precision=3) + "\n")


if __name__ == "__main__":
    main()
