"""A zipped shapefile of 35,000 polygons to GeoParquet, and a small window of it read from S3."""

from pathlib import Path

from bench.base import OURS, Bench, connection_to, convert, resolved
from bench.data import polygons_zip
from bench.measure import Goal, Row, ratio

POLYGONS = 35_000
GEOPANDAS, GPIO = "geopandas", "geoparquet-io"
# 1 % of the area over which the polygons lie
WINDOW = (2.0, 46.0, 3.25, 46.85)


def measure(bench: Bench) -> Row:
    place, count = bench.place("shapefile"), bench.size(POLYGONS, 500)
    archive = polygons_zip(place / "communes.zip", count)
    ours = place / "ours.parquet"
    contenders = [
        bench.ours(OURS, "shapefile.diffusion", archive, ours),
        bench.ours(GEOPANDAS, "shapefile.geopandas", archive, place / "geopandas.parquet"),
        bench.peer(GPIO, "shapefile.geoparquet_io", archive, place / "gpio.parquet"),
    ]
    runs = bench.alternate(contenders, "shapefile")
    sizes = {name: run.facts["bytes"] for name, run in runs.items()}
    read, found = _window(bench, ours)
    share = read / sizes[OURS]
    goals = [
        Goal("time, to geopandas", ratio(runs, OURS, GEOPANDAS), 1.2),
        Goal("file, to geopandas'", sizes[OURS] / sizes[GEOPANDAS], 0.7),
        Goal("bytes read for a window of 1 % of the area", 100 * share, 10, "%"),
    ]
    said = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in sizes.items())
    notes = [
        f"Files: {said}.",
        f"The window gives {found:,} of {count:,} polygons and reads {read:,} bytes (counted at "
        "a proxy before the S3 server); geopandas' own file has no covering boxes and is read "
        "whole.",
        "Diffusion also verifies the archive, repairs geometries and orders them along a Hilbert "
        "curve.",
    ]
    return Row(f"Zipped shapefile, {count:,} polygons → GeoParquet", runs, goals, notes)


def _window(bench: Bench, table: Path) -> tuple[int, int]:
    """Publish the table; return the bytes that a reader of the window is sent, and its rows."""
    from counting_proxy import CountingProxy
    from diffusion.derive.inputs import PublishedTable

    environment = dict(bench.s3_environment())
    receipt = bench.publish("window", table)
    with CountingProxy(environment["AWS_ENDPOINT_URL"]) as proxy:
        environment["AWS_ENDPOINT_URL"] = proxy.endpoint
        found = PublishedTable(receipt, connection_to(environment)).geo(bbox=WINDOW)
        return proxy.bytes_sent, len(found)


def diffusion(archive: str, target: str) -> dict:
    """What the job convert_table calls."""
    source = resolved(
        **{"from": "archive", "url": archive, "member": "*.shp"},
        geometry={"family": "polygon", "crs": "EPSG:4326"},
    )
    return {"bytes": convert(source, archive, target).stat().st_size}


def geopandas(archive: str, target: str) -> dict:
    import geopandas as gpd

    gpd.read_file(archive).to_parquet(target)
    return {"bytes": Path(target).stat().st_size}


def geoparquet_io(archive: str, target: str) -> dict:
    """Its command, after unzipping: it reads no archive."""
    import zipfile

    import duckdb
    import duckdb_extension_spatial
    from geoparquet_io.cli.main import cli

    extension = next(Path(duckdb_extension_spatial.__path__[0]).rglob("*.duckdb_extension"))
    duckdb.sql(f"INSTALL '{extension}'")  # else a download
    folder = Path(target).parent / "members"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    arguments = ["convert", "geoparquet", str(next(folder.glob("*.shp"))), target]
    cli(arguments, standalone_mode=False)
    return {"bytes": Path(target).stat().st_size}
