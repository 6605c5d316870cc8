"""Entries of two other registries of sources, fetched and converted: the values are as published.

The server answers as the publishers do: by a redirect, to a POST alone, where a parameter is right.
"""

from pathlib import Path

import geopandas
import pyarrow.parquet as pq
import pytest
import yaml

from diffusion.config.partitions import partitions_of
from diffusion.config.resolve import resolve_config
from diffusion.convert.stages import convert_table
from diffusion.fetch.batch import fetch_batch
from diffusion.raw.inputs import raw_inputs
from diffusion.storage.store import Store
from diffusion.tables.limits import Limits
from fetches import Scripted
from registry_files import ANSWERS, TERRITORIES

TEXT = (Path(__file__).parent / "registries.yaml").read_text("utf-8").replace("2/min", "100/s")
# of each entry: values of some columns, in the order of the first one
VALUES: dict[str, dict[str, list]] = {
    "banatic": {
        "annee": ["2020", "2021", "2022", "2023", "2024"],
        "siren": ["210100012"] * 5,
        "insee": ["01001"] * 5,
    },
    "adminexpress_commune": {
        "INSEE_COM": ["01001", "97101", "97201", "97301", "97401"],
        "territoire": [*TERRITORIES][:5],
    },
    "contours_iris": {"CODE_IRIS": ["010010000", "971010000", "975010000"]},
    "cog_commune_2018": {
        "DEP": ["01", "2A"],
        "COM": ["001", "004"],
        "NCCENR": ["Abergement-Clémenciat", "Ajaccio"],
    },
    "tagc_appartenance": {"CODGEO": ["01001", "2A004"], "EPCI": ["200069193", "242010056"]},
    "bidding_zones": {"zone": ["AT", "BE", "DE_LU", "FR"], "zoneName": ["AT", "BE", "DE_LU", "FR"]},
    "osm_boundaries": {
        "country": ["AL", "BA", "MD", "XK"],
        "id": ["2089055", "2089056", "2089067", "2089078"],
        "tags_admin_level": ["4"] * 4,
    },
    "urban_population": {
        "country_code": ["FRA", "XKX"],
        "2022": [81.5, None],
        "indicator_code": ["SP.URB.TOTL.IN.ZS"] * 2,
    },
    "gas_tracker": {
        "Pipeline Name": ["A", "B"],
        "Capacity": [12.5, None],
        "Status": ["operating", None],
        "feuille": ["Gas pipelines"] * 2,
    },
    "industrial_sites": {
        "site_id": ["0", "1", "2", "3", "4"],
        "company_name": [f"Société; {n}" for n in range(5)],
        "emissions_ets_2014": [100, 200, 300, 400, 500],
    },
    "bassins_de_vie": {"codgeo": ["01001"], "bv2022": ["01093"]},
    "protected_areas": {
        "WDPAID": [0, 1, 2],
        "NAME": ["Ö"] * 3,
        "member": [
            f"WDPA_Jul2025_Public_shp_{n}.zip/WDPA_Jul2025_Public_shp-polygons.shp"
            for n in range(3)
        ],
    },
    "exclusive_economic_zones": {"MRGID": [5677], "SOVEREIGN1": ["France"]},
}
# where the shapes of some begin, by the value of the first column
PLACES = {
    "adminexpress_commune": {about[1]: about[2:] for about in TERRITORIES.values()},
    "contours_iris": {f"{about[1]}0000": about[2:] for about in TERRITORIES.values()},
    "protected_areas": {n: (n, 45) for n in range(3)},
    "exclusive_economic_zones": {5677: (5, 46)},
}


def table_of(name: str, folder: Path) -> tuple[Path, Scripted]:
    """Fetch and convert an entry; returns its table, and the server that was asked."""
    with Scripted(ANSWERS[name]) as server:
        config = yaml.safe_load(TEXT.replace("https://example.org", server.url))
        source = resolve_config(config).sources[name]
        store, names = Store(str(folder / "raw"), None), list(partitions_of(source.partitions))
        receipt = fetch_batch(name, source.fetching, names, store, folder / "scratch", lock={})
    inputs = raw_inputs(receipt, store, folder / "cache")
    target = folder / "table.parquet"
    convert_table(name, source, inputs, target, Limits(1000, 2, folder / "work"))
    return target, server


@pytest.mark.parametrize("name", VALUES)
def test_an_entry_gives_the_values_of_its_publisher(name: str, tmp_path: Path) -> None:
    table, _ = table_of(name, tmp_path)
    found = pq.read_table(table).sort_by(next(iter(VALUES[name]))).to_pydict()
    assert {column: found[column] for column in VALUES[name]} == VALUES[name]
    for key, place in PLACES.get(name, {}).items():
        frame = geopandas.read_parquet(table).set_index(next(iter(VALUES[name])))
        if key in frame.index:
            assert frame.crs == 4326
            assert frame.geometry[key].bounds[:2] == pytest.approx(place, abs=1e-3)


def test_points_of_text_are_points(tmp_path: Path) -> None:
    table, _ = table_of("industrial_sites", tmp_path)
    frame = geopandas.read_parquet(table).sort_values("site_id")
    assert [p and (p.x, p.y) for p in frame.geometry][:3] == [(2.5, 48.5), None, (9.5, 45.5)]
    assert "geom" not in frame


@pytest.mark.parametrize(("name", "count"), [("contours_iris", 1), ("adminexpress_commune", 5)])
def test_an_archive_of_all_partitions_is_asked_for_once(
    name: str, count: int, tmp_path: Path
) -> None:
    _, server = table_of(name, tmp_path)
    assert len(server.asked) == count


def test_all_entries_are_run() -> None:
    assert yaml.safe_load(TEXT)["sources"].keys() == VALUES.keys() == ANSWERS.keys()
