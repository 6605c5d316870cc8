"""Addresses whose point lies in another department than their code says."""

import geopandas as gpd


def derive(inputs, params) -> gpd.GeoDataFrame:
    columns = [
        "numero_dpe",
        "geo_adresse",
        "code_insee_commune_actualise",
        "tv016_departement_code",
        "geopoint",
    ]
    dpe = inputs["dpe"].frame(columns=columns).dropna(subset=["geopoint", "tv016_departement_code"])
    latitude, longitude = (
        dpe.pop("geopoint").str.split(",", n=1, expand=True).astype(float).to_numpy().T
    )
    points = gpd.GeoDataFrame(
        dpe, geometry=gpd.points_from_xy(longitude, latitude), crs="EPSG:4326"
    )
    outlines = (
        inputs["departements_insee"]
        .geo(columns=["code"])
        .rename(columns={"code": "departement_trouve"})
    )
    found = points.sjoin(outlines.to_crs(points.crs), predicate="within").drop(
        columns="index_right"
    )
    wrong = found[found["departement_trouve"] != found["tv016_departement_code"]]
    return wrong.reset_index(drop=True)  # the numbers of rows in the input are no data
