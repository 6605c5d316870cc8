"""A PostGIS as it is: tables with geometries become GeoParquet, in the system of their SRID."""

import psycopg
import pytest
import shapely

from diffusion.errors import DiffusionError

pytestmark = pytest.mark.database
WGS84 = {"geometry": {"to_crs": "EPSG:4326"}}


@pytest.fixture(scope="module")
def postgis(postgres):
    """A base of its own on the server, for the names of PostGIS; skipped where it has none."""
    available = "SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'"
    if not postgres.admin(available):
        pytest.skip("no PostGIS: apt-get install --no-install-recommends postgresql-15-postgis-3")
    postgres.admin("CREATE DATABASE places")
    url = postgres.url.replace("/postgres", "/places")
    with psycopg.connect(url, user="admin", autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute("""
            CREATE TABLE places (id int, geom geometry(PointZ, 2154), at geography(Point, 4326));
            INSERT INTO places VALUES
                (1, ST_SetSRID(ST_MakePoint(652000, 6862000, 35), 2154), 'POINT(2.35 48.86)'),
                (2, NULL, NULL);
            CREATE TABLE areas AS
                SELECT ST_Multi(ST_Buffer(geom, 9))::geometry(MultiPolygon, 2154) AS geom
                FROM (SELECT ST_Force2D(geom) AS geom FROM places WHERE id = 1) AS p;
            CREATE TABLE curves AS
                SELECT ST_GeomFromText('CIRCULARSTRING(0 0, 1 1, 2 0)', 4326) AS g;
            CREATE TABLE nowhere AS SELECT ST_MakePoint(1, 2) AS g;
            CREATE TABLE boxes AS SELECT 'BOX(1 2,3 4)'::box2d AS b;
            GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC""")
    return url


def test_geometries_are_read_with_their_system_and_heights(postgis, postgres, tables_of):
    def table(folder, **keys):
        tables = tables_of(postgres, folder)
        tables.base["url"] = postgis
        return tables.table(**keys)

    found = table("points", table="places", drop=["at"], **WGS84)
    full, empty = sorted(found.to_pylist(), key=lambda row: row["id"])
    shape = shapely.from_wkb(full["geometry"])
    assert (round(shape.x, 2), round(shape.y, 2), shape.z) == (2.35, 48.86, 35)
    assert empty["geometry"] is None
    (area,) = table("areas", table="areas", **WGS84)["geometry"].to_pylist()
    assert shapely.from_wkb(area).geom_type == "MultiPolygon"
    geography = table("geography", query="SELECT at FROM places WHERE id = 1")
    assert shapely.from_wkb(geography["geometry"][0].as_py()) == shapely.Point(2.35, 48.86)
    assert table("boxes", table="boxes")["b"].to_pylist() == ["BOX(1 2,3 4)"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "places",
            'several columns of geometries: geom, at \\[layer\\]\n  → .* `drop: \\["at"\\]`',
        ),
        ("curves", "holds curves.*\n  → .*`ST_CurveToLine`"),
        ("nowhere", "nothing states their CRS"),
    ],
)
def test_what_no_table_holds_is_refused(postgis, postgres, tables_of, name, words):
    tables = tables_of(postgres)
    tables.base["url"] = postgis
    with pytest.raises(DiffusionError, match=words):
        tables.table(table=name)
