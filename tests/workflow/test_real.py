"""Real official data, by configuration alone: outlines, communes, departments and EPCI, joined."""

import geopandas
import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.slow  # 37,590 communes and their outlines; only where the data are
CONFIG = """
project: {name: real, licence: Licence Ouverte 2.0}
vintage: "6.0.0"
sources:
  departements:
    from: archive
    url: {real}/departements-shp.zip
    attribution: IGN, Admin Express 2018
    geometry: {family: polygon, crs: "EPSG:4326"}
    checks: {unique: [code_insee], rows: [101, 101]}
  communes:
    from: archive
    url: {real}/etalab-decoupage-administratif-6.0.0.tgz
    member: "**/communes.json"
    attribution: Etalab, découpage administratif
    columns: {code: string, codesPostaux: "list[string]", population: int}
    sort_by: [departement, code]
    partition_by: [region]
    checks: {not_null: [code, nom, type], regex: {code: '(\\d{2}|2[AB])\\d{3}'}}
  noms_departements:
    from: archive
    url: {real}/etalab-decoupage-administratif-6.0.0.tgz
    member: "**/departements.json"
    checks: {unique: [code], foreign_keys: {code: departements.code_insee}, warn: [foreign_keys]}
  epci:
    from: archive
    url: {real}/etalab-decoupage-administratif-6.0.0.tgz
    member: "**/epci.json"
    columns: {membres: json}
    checks: {unique: [code]}
derive:
  communes_par_departement:
    inputs: [communes, noms_departements]
    sql: >
      SELECT d.code AS departement, d.nom,
        count(*) AS communes, sum(c.population)::BIGINT AS population
      FROM communes AS c JOIN noms_departements AS d ON c.departement = d.code
      WHERE c.type = 'commune-actuelle' GROUP BY ALL
    sort_by: [departement]
    checks: {unique: [departement], rows: [109, 109]}
  membres_par_epci:
    inputs: [epci]
    sql: SELECT code, nom, json_array_length(membres) AS membres FROM epci
    sort_by: [code]
  carte_communes:
    script: config/examples/chapter/carte.py
    figure: true
    inputs: [communes_par_departement, departements]
    params:
      value: communes
      key: departement
      code: code_insee
      colours: YlGnBu
      title: Communes par département
      without_outline: ["975", "977", "978", "984", "986", "987", "988", "989"]
"""


@pytest.fixture(scope="module")
def run(real, tmp_path_factory):
    from projects import Project

    config = yaml.safe_load(CONFIG.replace("{real}", str(real)))
    project = Project(tmp_path_factory.mktemp("real"), config)
    project.run()
    return project


def test_communes_are_counted_by_department(run):
    counts = pd.read_parquet(run.path("published/communes_par_departement.parquet"))
    assert len(counts) == 109  # 101 departments and 8 overseas collectivities
    assert counts["communes"].sum() == 34969
    assert counts.set_index("departement").loc["2A", "nom"] == "Corse-du-Sud"
    assert 60_000_000 < counts["population"].sum() < 75_000_000


def test_outlines_are_whole(run):
    outlines = geopandas.read_parquet(run.path("published/departements.parquet"))
    assert len(outlines) == 101
    assert outlines.crs.to_epsg() == 4326
    assert outlines.is_valid.all()
    assert {"Côte-d'Or", "Drôme"} <= set(outlines["nom"])


def test_codes_of_a_folder_come_back_as_strings(run):
    communes = pd.read_parquet(run.path("published/communes"))
    assert len(communes) == 37590
    assert {"01001", "2A004"} <= set(communes["code"])
    assert {"01", "84"} <= set(communes["region"].dropna())
    assert list(communes.loc[communes["code"] == "01001", "codesPostaux"].iloc[0]) == ["01400"]


def test_epci_members_are_counted(run):
    members = pd.read_parquet(run.path("published/membres_par_epci.parquet"))
    assert len(members) == 1255
    assert 34_000 < members["membres"].sum() < 36_000


def test_the_map_is_drawn(run):
    assert run.path("published/carte_communes.png").stat().st_size > 50_000
