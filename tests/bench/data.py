"""Generated data like the chapter's: columns of the DPE, `;`, codes of communes, accents."""

from pathlib import Path

# i is the number of the row; hashes of it stand for chance, so that every run has the same data
DEPARTEMENT = """CASE hash(i*3) % 97 WHEN 0 THEN '2A' WHEN 1 THEN '2B'
    ELSE lpad((hash(i*3) % 97 - 1)::varchar, 2, '0') END"""
DPE = f"""
SELECT 'FR' || lpad(i::varchar, 9, '0') AS numero_dpe,
    date '2012-01-02' + (hash(i) % 3460)::int AS date_etablissement_dpe,
    round((hash(i*7) % 80000) / 100.0, 2) AS consommation_energie,
    chr(65 + (hash(i*5) % 7)::int) AS classe_consommation_energie,
    round((hash(i*11) % 9000) / 100.0, 2) AS estimation_ges,
    chr(65 + (hash(i*13) % 7)::int) AS classe_estimation_ges,
    {DEPARTEMENT} || lpad((hash(i*17) % 999)::varchar, 3, '0') AS code_insee_commune_actualise,
    {DEPARTEMENT} AS tv016_departement_code,
    (1850 + hash(i*29) % 171)::int AS annee_construction,
    round((hash(i*19) % 20000) / 100.0, 2) AS surface_thermique_lot,
    ['Maison Individuelle', 'Logement', 'Bâtiment collectif'][1 + (hash(i*43) % 3)::int]
        AS tr002_type_batiment_description,
    ['Vente', 'Location', 'Neuf'][1 + (hash(i*47) % 3)::int] AS tr001_modele_dpe_type_libelle,
    (hash(i*23) % 300) || ' Rue de l''Église, Châteauneuf-' || (hash(i*53) % 5000) AS geo_adresse,
    round((hash(i*31) % 100) / 100.0, 2) AS geo_score,
    (42 + (hash(i*37) % 80000) / 10000.0) || ',' || ((hash(i*41) % 80000) / 10000.0) AS _geopoint
FROM range({{rows}}) r(i)
"""
COLUMNS = {
    "numero_dpe": "string",
    "date_etablissement_dpe": "date",
    "consommation_energie": "float",
    "classe_consommation_energie": "category",
    "estimation_ges": "float",
    "classe_estimation_ges": "category",
    "code_insee_commune_actualise": "string",
    "tv016_departement_code": "string",
    "annee_construction": "int",
    "surface_thermique_lot": "float",
    "tr002_type_batiment_description": "category",
    "tr001_modele_dpe_type_libelle": "category",
    "geo_adresse": "string",
    "geo_score": "float",
    "_geopoint": "string",
}
CODES = ["code_insee_commune_actualise", "tv016_departement_code"]
PIECE = 100_000  # polygons held in memory while they are written
ORDER = ["tv016_departement_code", "code_insee_commune_actualise"]
CHECKS = {
    "unique": ["numero_dpe"],
    "not_null": ["numero_dpe", *CODES],
    "regex": {"code_insee_commune_actualise": r"(\d{2}|2[AB])\d{3}"},
    "allowed": {"classe_consommation_energie": list("ABCDEFG")},
    "range": {"annee_construction": [1000, 2021]},
}


def dpe_file(path: Path, rows: int) -> Path:
    """Write the certificates, 15 columns: about 140 bytes a row in .csv, 500 in .ndjson."""
    import duckdb

    form = {".csv": "FORMAT csv, DELIMITER ';'", ".ndjson": "FORMAT json"}[path.suffix]
    if not path.exists():
        duckdb.sql(f"COPY ({DPE.format(rows=rows)}) TO '{path}' ({form})")
    return path


def dpe_in_order(path: Path, rows: int) -> Path:
    """Write the certificates by `ORDER`, and by the first column, which is unique."""
    import duckdb

    unordered = dpe_file(path.with_name("dpe.csv"), rows)
    keys = ", ".join([*ORDER, next(iter(COLUMNS))])
    sql = f"SELECT * FROM read_csv('{unordered}', delim=';', all_varchar=true) ORDER BY {keys}"
    if not path.exists():
        duckdb.sql(f"COPY ({sql}) TO '{path}' (FORMAT csv, DELIMITER ';')")
    return path


def dpe_pages(rows: int, size: int) -> list[bytes]:
    """Return pages of ``size`` records as JSON arrays."""
    import duckdb

    query = f"""
        SELECT '[' || string_agg(to_json(d)::varchar, ',' ORDER BY numero_dpe) || ']'
        FROM ({DPE.format(rows=rows)}) d GROUP BY substr(numero_dpe, 3)::int // {size}
        ORDER BY min(numero_dpe)"""
    return [row[0].encode() for row in duckdb.sql(query).fetchall()]


def polygons_zip(path: Path, count: int) -> Path:
    """Write a zipped shapefile of ``count`` polygons of 64 corners, over metropolitan France."""
    import zipfile

    if path.exists():
        return path
    _write_polygons(path.with_suffix(".shp"), count, driver="ESRI Shapefile", encoding="UTF-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in sorted(path.parent.glob(f"{path.stem}.*")):
            if member != path:
                archive.write(member, member.name)
                member.unlink()
    return path


def polygons_gpkg(path: Path, count: int) -> Path:
    """Write a GeoPackage of as many such polygons, about 1.4 kB each."""
    for start in range(0, count, PIECE):
        piece = min(PIECE, count - start)
        _write_polygons(path, piece, start, driver="GPKG", append=start > 0, SPATIAL_INDEX="NO")
    return path


def _write_polygons(path: Path, count: int, start: int = 0, **settings: object) -> None:
    import numpy
    import pyogrio.raw
    import shapely

    rng = numpy.random.default_rng(1 + start)
    turn = numpy.linspace(0, 2 * numpy.pi, 64, endpoint=False)
    lon, lat = rng.uniform(-4.5, 8, count), rng.uniform(42.5, 51, count)
    radius = 0.03 * rng.uniform(0.7, 1.3, (count, 64))
    corners = numpy.stack([numpy.cos(turn) * radius, numpy.sin(turn) * radius], axis=-1)
    corners = numpy.round(corners + numpy.stack([lon, lat], axis=-1)[:, None], 6)
    shapes = shapely.polygons(numpy.concatenate([corners, corners[:, :1]], axis=1))
    numbers = numpy.arange(start, start + count)
    fields = {
        "code_insee": numpy.array([f"{n % 95 + 1:02}{n // 95:03}" for n in numbers], object),
        "nom": numpy.array([f"Saint-Étienne-des-Châteaux {n}" for n in numbers], object),
        "wikipedia": numpy.array([f"fr:Saint-Étienne {n}" for n in numbers], object),
        "surf_ha": rng.uniform(100, 5000, count).round(1),
    }
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=list(fields.values()),
        fields=list(fields),
        geometry_type="Polygon",
        crs="EPSG:4326",
        **settings,
    )
