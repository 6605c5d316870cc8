"""Small files as the publishers of two registries of sources have them; see test_registries.py."""

import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import geopandas
import openpyxl
import shapely

from archives import sevenzip_of, zip_of
from fetches import Answer, Asked

DELIVERED = "1_DONNEES_LIVRAISON_2024"
# of a territory of IGN's: CRS, a commune, and where it is
TERRITORIES = {
    "LAMB93_FXX": (2154, "01001", 5.0, 46.1),
    "RGAF09UTM20_GLP": (5490, "97101", -61.5, 16.2),
    "RGAF09UTM20_MTQ": (5490, "97201", -61.0, 14.6),
    "UTM22RGFG95_GUF": (2972, "97301", -53.0, 4.0),
    "RGR92UTM40S_REU": (2975, "97401", 55.5, -21.1),
    "RGSPM06U21_SPM": (4467, "97501", -56.3, 46.9),
}


def layer(name: str, lon: float, lat: float, crs: int = 4326, **columns: object) -> list[tuple]:
    """Return the files of a layer of one small square: of a shapefile, or of a GeoPackage."""
    square = geopandas.GeoSeries([shapely.box(lon, lat, lon + 0.1, lat + 0.1)], crs=4326)
    frame = geopandas.GeoDataFrame({k: [v] for k, v in columns.items()}, geometry=square)
    with tempfile.TemporaryDirectory() as folder:
        frame.to_crs(crs).to_file(Path(folder, Path(name).name), encoding="UTF-8")
        place = Path(name).parent
        return [(f"{place / p.name}", p.read_bytes()) for p in Path(folder).iterdir()]


def book(sheets: dict[str, list[list]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def banatic(asked: Asked) -> Answer:
    """An address that stays leads to an archive: a workbook a year, its columns named by it."""
    if asked.path.startswith("/fr/datasets/r/"):
        return Answer(302, {"Location": "/resources/siren-insee.zip"})
    files = []
    for year in range(2020, 2025):
        rows = [["siren", "insee", "Nom_com", f"ptot_{year}"], ["210100012", "01001", "A", year]]
        files.append((f"Banatic_SirenInsee{year}.xlsx", book({"insee_siren": rows})))
    return Answer(body=zip_of(files))


def adminexpress(asked: Asked) -> Answer:
    """A 7z for each territory, in the CRS of that, with several layers."""
    name = next(name for name in TERRITORIES if name in asked.path)
    crs, code, lon, lat = TERRITORIES[name]
    place = f"A/{DELIVERED}/ADECOG_3-2_SHP_{name}"
    files = layer(f"{place}/COMMUNE.shp", lon, lat, crs, INSEE_COM=code)
    files += layer(f"{place}/REGION.shp", lon, lat, crs, INSEE_REG="84")
    return Answer(body=sevenzip_of([*files, ("A/LISEZ-MOI.pdf", b"%PDF")]))


def iris(asked: Asked) -> Answer:
    """One 7z of all territories."""
    files = []
    for name in ("LAMB93_FXX", "RGAF09UTM20_GLP", "RGSPM06U21_SPM"):
        crs, code, lon, lat = TERRITORIES[name]
        place = f"C/{DELIVERED}/CONTOURS-IRIS_3-0_SHP_{name}-2023"
        about = {"CODE_IRIS": f"{code}0000", "INSEE_COM": code}
        files += layer(f"{place}/CONTOURS-IRIS.shp", lon, lat, crs, **about)
    return Answer(body=sevenzip_of(files))


def cog(asked: Asked) -> Answer:
    text = "REG\tDEP\tCOM\tNCC\tNCCENR\r\n84\t01\t001\tABERGEMENT\tAbergement-Clémenciat\r\n"
    text += "94\t2A\t004\tAJACCIO\tAjaccio\r\n"
    return Answer(body=zip_of([("comsimp2018.txt", text.encode("latin-1"))]))


def tagc(asked: Asked) -> Answer:
    above = [["Table d'appartenance"], ["Mise en ligne"], ["Champ"], [], ["Code", "Département"]]
    rows = [["CODGEO", "DEP", "REG", "EPCI"], ["01001", "01", "84", "200069193"]]
    rows += [["2A004", "2A", "94", "242010056"]]
    sheets = {"COM": [*above, *rows], "ARM": above, "Documentation": [["x"]]}
    return Answer(body=zip_of([("table-appartenance-geo-communes-24.xlsx", book(sheets))]))


def zone(asked: Asked) -> Answer:
    square = json.loads(shapely.to_geojson(shapely.box(9, 46, 10, 47)))
    about = {"zoneName": Path(asked.path).stem}
    feature = {"type": "Feature", "properties": about, "geometry": square}
    return Answer(body=json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())


def overpass(asked: Asked) -> Answer:
    """A POST with a form, and no other."""
    query = parse_qs(asked.body.decode()).get("data", [""])[0]
    if asked.method != "POST" or not query.startswith("[out:json]"):
        return Answer(400, body=b"parse error")
    country = query.partition('="')[2][:2]
    element = {"type": "relation", "id": 2088990 + ord(country[0])}
    element |= {"center": {"lat": 42.5, "lon": 20.9}, "tags": {"name": country, "admin_level": "4"}}
    about = {"version": 0.6, "osm3s": {"timestamp_osm_base": "2024-02-22T00:00:00Z"}}
    return Answer(body=json.dumps({**about, "elements": [element]}).encode())


def indicator(asked: Asked) -> Answer:
    """The World Bank's files: a byte order mark, titles, and a comma behind each row."""
    if "downloadformat=csv" not in asked.path:
        return Answer(400)
    about = '"Urban population (% of total population)","SP.URB.TOTL.IN.ZS"'
    rows = '"Data Source","World Development Indicators",\n\n"Last Updated Date","2025-07-01",\n\n'
    rows += '"Country Name","Country Code","Indicator Name","Indicator Code","2022","2023",\n'
    rows += f'"France","FRA",{about},"81.5","81.8",\n"Kosovo","XKX",{about},"","",\n'
    name = "SP.URB.TOTL.IN.ZS_DS2_en_csv_v2_1.csv"
    files = {f"Metadata_Indicator_API_{name}": '"INDICATOR_CODE"\n"x"\n', f"API_{name}": rows}
    return Answer(body=zip_of([(n, b"\xef\xbb\xbf" + text.encode()) for n, text in files.items()]))


def tracker(asked: Asked) -> Answer:
    rows = [
        ["Pipeline Name", "Capacity", "Status"],
        ["A", 12.5, "operating"],
        ["B", "--", "unknown"],
    ]
    sheets = {"About": [["Europe Gas Tracker"]], "Gas pipelines": rows}
    return Answer(body=book(sheets | {"LNG terminals": [["Terminal"], ["C"]]}))


def sites(asked: Asked) -> Answer:
    """`;` between cells, and in a point, which is in quotes; some have none."""
    text = "SiteID;CompanyName;Country;Emissions_ETS_2014;geom\n"
    places = ["POINT(2.5 48.5)", "", "POINT(9.5 45.5)", "POINT(9 45)", "POINT(9 44)"]
    for number, place in enumerate(places):
        point = f"SRID=4326;{place}" if place else ""
        text += f'{number};"Société; {number}";France;{number + 1}00;"{point}"\n'
    return Answer(body=text.encode())


def bassins(asked: Asked) -> Answer:
    files = layer("com_bv2022_2022.shp", 5, 46, codgeo="01001", libgeo="Ain", bv2022="01093")
    table = zip_of([file for file in files if file[0].endswith(".dbf")])
    outlines = zip_of(layer("bv2022_2022.shp", 5, 46, bv2022="01093"))
    return Answer(body=zip_of([("com_bv2022_2022.zip", table), ("bv2022_2022.zip", outlines)]))


def areas(asked: Asked) -> Answer:
    """Three shapefiles of areas, and of points, each in a zip of its own."""
    files = [("Resources/manual.pdf", b"%PDF")]
    for number in range(3):
        name = "WDPA_Jul2025_Public_shp"
        shapes = layer(f"{name}-polygons.shp", number, 45, WDPAID=number, NAME="Ö")
        shapes += layer(f"{name}-points.shp", number, 45, WDPAID=9)
        files.append((f"{name}_{number}.zip", zip_of(shapes)))
    return Answer(body=zip_of(files))


def eez(asked: Asked) -> Answer:
    """The archive, to who posts a form; to others the form."""
    form = parse_qs(asked.body.decode())
    if asked.method != "POST" or form.get("agree") != ["1"] or "name=World" not in asked.path:
        return Answer(200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><form>I agree</form>")
    files = layer("W/eez_v12_lowres.gpkg", 5, 46, MRGID=5677, SOVEREIGN1="France")
    return Answer(body=zip_of([*files, ("W/LICENSE_EEZ_v12.txt", b"CC BY")]))


ANSWERS: dict[str, Callable[[Asked], Answer]] = {
    "banatic": banatic,
    "adminexpress_commune": adminexpress,
    "contours_iris": iris,
    "cog_commune_2018": cog,
    "tagc_appartenance": tagc,
    "bidding_zones": zone,
    "osm_boundaries": overpass,
    "urban_population": indicator,
    "gas_tracker": tracker,
    "industrial_sites": sites,
    "bassins_de_vie": bassins,
    "protected_areas": areas,
    "exclusive_economic_zones": eez,
}
