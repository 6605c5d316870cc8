"""Every overlay of config/examples/, run as a user runs it, against the stand-ins and a real S3.

They run in one project, the similar ones in a second: their sources have names of their own.
What a table must hold beside the 250 communes stands in ``TABLES``, one entry an example: an
overlay without one fails.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import geopandas
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml

from diffusion.config.resolve import resolve_config
from diffusion.run.cli import main
from embedded_s3 import EmbeddedS3
from projects import REPOSITORY, Project
from standins import files
from standins.dpe import dpe_count
from standins.formats import CLIENT
from standins.places import communes, departements
from standins.records import records
from standins.server import Standins

EXAMPLES = REPOSITORY / "config" / "examples"
# those that need a server of a database run in tests/database
SERVED = {"database_postgresql", "database_mariadb"}
NAMES = sorted({path.stem for path in EXAMPLES.glob("*.yaml")} - SERVED)
LOCAL = ("file_local", "database_sqlite")
# slow, as others go nearly the same way; each style and format has its unit tests besides
SIMILAR = {f"api_{style}" for style in ("link_header", "page", "offset", "cursor", "one_page")}
SIMILAR |= {"archive_tar", "file_compressed", "file_tsv", "file_ndjson", "file_json_text"}
SIMILAR |= {"file_json_arrays", "file_ods", "file_stata", "file_r"}
SIMILAR |= {"api_melodi", "api_hubeau", "api_tabular", "archive_sirene_stock", "archive_rna"}
SIMILAR |= {"file_eurostat", "file_opendatasoft", "file_post"}
BASE = {"project": {"name": "examples"}, "vintage": "2025-03-19", "sources": {}}
COMMUNES = {row["code"]: row for row in records()}
TOKEN = "stand-in-token"
TEXT, INTEGER, REAL = pa.string(), pa.int64(), pa.float64()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedS3]:
    """A bucket with the communes whole and in two halves."""
    folder = tmp_path_factory.mktemp("lake") / "data"
    place = folder / "example-bucket" / "communes"
    north, south = (files.content("communes.csv").splitlines(True)[i::2] for i in (0, 1))
    parts = {"communes.csv": files.content("communes.csv")}
    parts["parts/nord.csv"] = b"".join(north)
    parts["parts/sud.csv"] = b"".join([north[0], *south])
    parts["parts/LISEZMOI.txt"] = files.README
    for name, data in parts.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    with EmbeddedS3(folder, ["example-bucket"]) as server:
        yield server


def overlay(name: str, sources: Standins, lake: EmbeddedS3) -> str:
    """The text of an example, its hosts replaced by those of the tests."""
    text = (EXAMPLES / f"{name}.yaml").read_text("utf-8")
    assert "https://example.org" in text or "s3://example-bucket" in text or name in LOCAL
    text = text.replace("limit: 30/min", "limit: 50/s")  # all examples ask one host
    return text.replace("https://example.org", sources.url).replace(
        "https://minio.example.org", lake.endpoint
    )


def environment(lake: EmbeddedS3) -> dict[str, str]:
    """The keys that the examples name, and those of the environment."""
    keys = {"EXAMPLE_ACCESS_KEY": lake.access_key, "EXAMPLE_SECRET_KEY": lake.secret_key}
    own = {"EXAMPLE_TOKEN": TOKEN, "EXAMPLE_CLIENT": CLIENT, "PYTHONUTF8": "1"}
    return keys | lake.environment() | own


def make_project(folder: Path, lake: EmbeddedS3) -> Project:
    project = Project(folder, BASE, environment(lake))
    project.path("data").mkdir()
    project.path("data/communes.csv").write_bytes(files.content("communes.csv"))
    with sqlite3.connect(project.path("data/communes.db")) as base:
        columns = ", ".join(records()[0])
        base.execute(f"CREATE TABLE communes ({columns})")
        rows = [tuple(row.values()) for row in records()]
        base.executemany("INSERT INTO communes VALUES (?, ?, ?, ?)", rows)
        base.execute("CREATE TABLE departements (code, nom)")
        named = [(code, place.nom) for code, place in departements().items()]
        base.executemany("INSERT INTO departements VALUES (?, ?)", named)
    return project


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, sources: Standins, lake: EmbeddedS3) -> Project:
    """The quick examples in one project, run once."""
    folder = tmp_path_factory.mktemp("examples")
    return run_all([name for name in NAMES if name not in SIMILAR], folder, sources, lake)


@pytest.fixture(scope="module")
def ran_similar(
    tmp_path_factory: pytest.TempPathFactory, sources: Standins, lake: EmbeddedS3
) -> Project:
    """The others."""
    return run_all(sorted(SIMILAR), tmp_path_factory.mktemp("similar"), sources, lake)


def run_all(names: list[str], folder: Path, sources: Standins, lake: EmbeddedS3) -> Project:
    """Run examples as one project."""
    project = make_project(folder / "project", lake)
    everything = dict(BASE["sources"])
    for name in names:
        everything |= yaml.safe_load(overlay(name, sources, lake))["sources"]
    project.configure(BASE | {"sources": everything})
    project.run("--keep-going", timeout=600)
    return project


@pytest.mark.parametrize("name", NAMES)
def test_a_try_of_each(
    name: str,
    sources: Standins,
    lake: EmbeddedS3,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    """`diffusion try` reads a sample of each, and leaves the folder as it was."""
    project = make_project(tmp_path / "project", lake)
    declared = yaml.safe_load(overlay(name, sources, lake))
    project.configure(BASE | declared)
    monkeypatch.chdir(project.folder)
    for variable, value in environment(lake).items():
        monkeypatch.setenv(variable, value)
    before = set(project.folder.rglob("*"))
    for source, keys in declared["sources"].items():
        code, told = main(["try", source], project.folder), capsys.readouterr()
        assert (code, told.err) == (0, ""), told
        cells = {line.split()[0]: line.split()[1:] for line in told.out.splitlines() if line}
        for column, kind in keys.get("columns", {}).items():
            kind = kind if isinstance(kind, str) else kind["type"]
            assert cells[column][:2] == [kind, "declared"]
        assert "✓ checks passed" in told.out and TOKEN not in told.out
    assert set(project.folder.rglob("*")) == before


def table(project: Project, name: str) -> pa.Table:
    return pq.read_table(project.path(f"published/{name}.parquet"))


def types(found: pa.Table) -> dict[str, pa.DataType]:
    return {field.name: field.type for field in found.schema}


def is_communes(found: pa.Table, population: str = "population") -> None:
    """All 250, with codes as text, names as they are written, and numbers as numbers."""
    kinds = types(found)
    assert (kinds["code"], kinds[population]) == (TEXT, INTEGER)
    rows = {row["code"]: row for row in found.to_pylist()}
    assert rows.keys() == COMMUNES.keys()
    assert found.num_rows == 250
    assert {"01001", "2A004", "97105"} < rows.keys()
    for code, row in rows.items():
        assert row["nom"] == COMMUNES[code]["nom"]
        assert row[population] == COMMUNES[code]["population"]
    assert any("é" in row["nom"] for row in rows.values())


def plain(project: Project, name: str) -> None:
    found = table(project, name)
    is_communes(found)
    assert found.column("departement").to_pylist() == [
        COMMUNES[code]["departement"] for code in found.column("code").to_pylist()
    ]
    assert types(found)["departement"] == TEXT


def joined(project: Project, name: str) -> None:
    plain(project, name)
    rows = table(project, name).select(["departement", "nom_departement"]).to_pylist()
    assert all(row["nom_departement"] == departements()[row["departement"]].nom for row in rows)


def stata(project: Project, name: str) -> None:
    plain(project, name)
    found = table(project, name)
    labels = found.column("prefecture_label").to_pylist()
    assert labels == [["non", "oui"][code] for code in found.column("prefecture").to_pylist()]


def data_fair(project: Project, name: str) -> None:
    found = table(project, name)
    assert found.num_rows == dpe_count("01450") + dpe_count("2A004")
    assert types(found)["date_etablissement_dpe"] == pa.date32()
    same = found.column("commune") == found.column("code_insee_commune_actualise")
    assert found.column_names[-1] == "commune" and same
    assert set(found.column("commune").to_pylist()) == {"01450", "2A004"}


def shapefile(project: Project, name: str) -> None:
    found = geopandas.read_parquet(project.path(f"published/{name}.parquet"))
    assert {"01", "2A", "69D", "69M", "976"} < set(found["code_insee"])
    assert (len(found), found.crs.to_epsg()) == (102, 4326)
    assert "Côte-d'Or" in set(found["nom"])
    kept = {path.suffix for path in project.path(f"published/{name}").iterdir()}
    assert {".shp", ".shx", ".dbf"} <= kept
    provenance = json.loads(project.path(f"results/raw/{name}/all.json").read_text())
    facts = provenance["partitions"]["all"]
    assert facts["url"].endswith("/contours/departements-20180101-shp.zip")
    assert "/fr/datasets/r/" in facts["asked"]


def many(project: Project, name: str) -> None:
    plain(project, name)
    counts = table(project, name).column("fichier").value_counts().to_pylist()
    assert {item["values"] for item in counts} == {"nord.csv", "sud.csv"}


def semicolons(project: Project, name: str) -> None:
    plain(project, name)
    found = table(project, name)
    assert types(found)["surface_km2"] == REAL
    assert "surface" not in found.column_names
    for row in found.to_pylist():
        assert row["surface_km2"] == pytest.approx(round(row["population"] / 100 + 1.25, 2))


def elections(project: Project, name: str) -> None:
    found = table(project, name)
    assert (found.num_rows, found.num_columns) == (250, 105)
    kinds = types(found)
    assert (kinds["code_de_la_commune"], kinds["voix_12"]) == (TEXT, INTEGER)
    assert (kinds["pct_voix_exp_12"], kinds["nom_12"]) == (REAL, TEXT)
    first = found.to_pylist()[0]
    assert [first[f"voix{end}"] for end in ("", "_2", "_12")] == [7, 14, 84]
    assert first["pct_abs_ins"] == pytest.approx(100 * 100 / first["inscrits"], abs=0.01)
    assert "1ère circonscription" in first.values()


def finess(project: Project, name: str) -> None:
    found = geopandas.read_parquet(project.path(f"published/{name}.parquet"))
    overseas = sum(code.startswith("97") for code in COMMUNES)
    assert (len(found), found.crs.to_epsg()) == (250 - overseas, 4326)
    assert set(found.columns) == {"finess", "x", "y", "origine", "maj", "geometry"}
    paris = found[found["finess"].str.startswith("75")].geometry.iloc[0]
    assert (round(paris.x), round(paris.y)) == (2, 49)
    manifest = json.loads(project.path("published/manifest.json").read_text("utf-8"))
    assert manifest["tables"][name]["left_out"]["rows"] == 250 + overseas


def nested(project: Project, name: str) -> None:
    found = table(project, name)
    is_communes(found)
    kinds = types(found)
    assert pa.types.is_list(kinds["codes_postaux"])
    assert (kinds["codes_postaux"].value_type, kinds["prefecture"]) == (TEXT, pa.bool_())
    rows = {row["code"]: row for row in found.to_pylist()}
    assert rows["01001"]["codes_postaux"] == ["01000", "01005"]
    assert (rows["01001"]["departement_code"], rows["01001"]["departement_nom"]) == ("01", "Ain")
    assert (rows["01001"]["prefecture"], rows["01053"]["prefecture"]) == (None, True)


def json_stat(project: Project, name: str) -> None:
    found = table(project, name)
    is_communes(found)
    assert found.column_names == ["code", "nom", "time", "population", "status"]
    provisional = found.filter(pc.equal(found.column("status"), "p"))
    assert provisional.num_rows == 25
    assert set(found.column("time").to_pylist()) == {"2024"}  # the other year has no value


def as_text(project: Project, name: str) -> None:
    found = table(project, name)
    assert found.column_names == ["code", "departement", "codes_postaux"]
    rows = {row["code"]: row for row in found.to_pylist()}
    assert rows["2A004"]["departement"] == {"code": "2A", "nom": "Corse-du-Sud"}
    assert json.loads(rows["2A004"]["codes_postaux"]) == ["2A000", "2A005"]


def parquet(project: Project, name: str) -> None:
    found = table(project, name)
    is_communes(found, "habitants")
    assert set(found.column_names) == {"code", "nom", "habitants"}
    assert found.column("code").to_pylist() == sorted(COMMUNES)


def points(epsg: int) -> Callable[[Project, str], None]:
    def check(project: Project, name: str) -> None:
        plain(project, name)
        found = geopandas.read_parquet(project.path(f"published/{name}.parquet"))
        assert found.crs.to_epsg() == epsg
        paris = found.set_index("code").to_crs(4326).loc["75056"].geometry
        assert (paris.geom_type, round(paris.x), round(paris.y)) == ("Point", 2, 49)

    return check


def objects(column: str, values: set[str]) -> Callable[[Project, str], None]:
    def check(project: Project, name: str) -> None:
        plain(project, name)
        assert set(table(project, name).column(column).to_pylist()) == values

    return check


def two_axes(project: Project, name: str) -> None:
    folder = project.path(f"published/{name}")
    kept = sorted(path.parent.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))
    assert kept == [f"by_departement=_{code}" for code in ("01", "2A")]
    query = "SELECT departement, annee, count(*), count(DISTINCT code) FROM read_parquet(?)"
    query += " GROUP BY ALL ORDER BY ALL"
    found = duckdb.execute(query, [str(folder / "**/*.parquet")]).fetchall()
    size = {c: sum(r["departement"] == c for r in COMMUNES.values()) for c in ("01", "2A")}
    assert found == [
        (code, year, size[code], size[code]) for code in ("01", "2A") for year in (2023, 2024)
    ]


def rows_of(project: Project, name: str, count: int, **kinds: pa.DataType) -> list[dict]:
    """The rows of a table, once their number and the types of some columns are right."""
    found = table(project, name)
    assert found.num_rows == count
    assert kinds.items() <= types(found).items()
    return found.to_pylist()


def sirene(project: Project, name: str) -> None:
    """Three of one commune, 1,005 in two pages of another, none of a third."""
    rows = rows_of(project, name, 3 + 1005, siret=TEXT, cree=pa.date32())
    assert {row["commune"] for row in rows} == {"01001", "2A004"}


def sirene_stock(project: Project, name: str) -> None:
    rows = rows_of(project, name, 250 - 63, siret=TEXT, siege=pa.bool_())
    assert {row["voie"] for row in rows} == {None, "DE L'ÉGLISE"}


def dvf(project: Project, name: str) -> None:
    """Two lines a sale, thirty sales a year."""
    rows = rows_of(project, name, 120, valeur_fonciere=REAL, date_mutation=pa.date32())
    assert {row["annee"]: row["date_mutation"].year for row in rows} == {"2023": 2023, "2024": 2024}
    assert {150000.5, 150029.5} < {row["valeur_fonciere"] for row in rows}
    first = {(row["code_departement"], row["code_commune"], row["code_postal"]) for row in rows}
    assert ("01", "001", "01000") in first


def rna(project: Project, name: str) -> None:
    rows = rows_of(project, name, 250, id=TEXT, dissolution=pa.date32())
    assert sum(row["dissolution"] is None for row in rows) == 166
    assert {row["commune"] for row in rows} == set(COMMUNES)
    assert all("L'ÉCOLE" in row["titre"] and row["siret"] is None for row in rows)


def ban(project: Project, name: str) -> None:
    size = sum(row["departement"] in ("01", "2A") for row in COMMUNES.values())
    rows = rows_of(project, name, 3 * size, code_insee=TEXT, rep=TEXT)
    assert {len(row["cad_parcelles"] or []) for row in rows} == {0, 2}
    assert geopandas.read_parquet(project.path(f"published/{name}.parquet")).crs == 4326


def melodi(project: Project, name: str) -> None:
    rows = rows_of(project, name, 250, geo=TEXT, population=INTEGER)
    found = {row["geo"].removeprefix("2024-COM-"): row["population"] for row in rows}
    assert found == {code: row["population"] for code, row in COMMUNES.items()}


def bdm(project: Project, name: str) -> None:
    rows = rows_of(project, name, 24, idbank=TEXT, periode=TEXT, valeur=REAL)
    assert {row["idbank"] for row in rows} == {"001759970", "001763852"}
    assert [row["periode"] for row in rows if row["valeur"] is None] == ["2024-12"] * 2
    first = {row["idbank"]: row["valeur"] for row in rows if row["periode"] == "2024-01"}
    assert first == {"001759970": 100.1, "001763852": 200.1}


def hubeau(project: Project, name: str) -> None:
    places = [place for place in communes().values() if place.departement in ("01", "2A")]
    rows = rows_of(project, name, len(places), code_bss=TEXT, x=REAL)
    assert {row["code_commune_insee"] for row in rows} == {place.code for place in places}


def eurostat(project: Project, name: str) -> None:
    rows = rows_of(project, name, 40, time_period=TEXT, obs_value=REAL)
    assert {row["obs_flag"] for row in rows} == {None, "p"}
    assert sum(row["obs_value"] is None for row in rows) == 1


def tabular(project: Project, name: str) -> None:
    large = [row for row in COMMUNES.values() if row["population"] > 1000]
    rows = rows_of(project, name, len(large), code=TEXT, population=INTEGER)
    assert sorted(rows, key=lambda row: row["code"]) == large


TABLES: dict[str, Callable[[Project, str], None]] = {
    **{f"api_{style}": plain for style in ("next_url", "link_header", "page", "offset")},
    **{f"api_{style}": plain for style in ("cursor", "one_page", "post", "secured")},
    **{f"archive_{kind}": plain for kind in ("7z", "tar")},
    **{f"file_{kind}": plain for kind in ("compressed", "tsv", "ndjson", "xlsx", "local")},
    "file_ods": plain,
    "file_stata": stata,
    "file_r": plain,
    "api_data_fair": data_fair,
    "api_features": points(2154),
    "api_csv": plain,
    "api_oauth2": plain,
    "file_export": plain,
    "file_post": plain,
    "archive_zip_shapefile": shapefile,
    "archive_zip_many": many,
    "file_csv": semicolons,
    "file_elections": elections,
    "file_finess": finess,
    "file_json": nested,
    "file_json_text": as_text,
    "file_json_stat": json_stat,
    **{f"file_{kind}": plain for kind in ("json_keyed", "json_arrays", "sparql", "xml")},
    **{f"file_{kind}": plain for kind in ("fixed", "sqlite", "feather")},
    "api_xml": plain,
    "api_world_bank": plain,
    "file_parquet": parquet,
    "file_geojson": points(2154),
    "file_geopackage": points(4326),
    "s3_object": plain,
    "s3_glob": objects("objet", {"nord.csv", "sud.csv"}),
    "s3_partitions": objects("moitie", {"nord", "sud"}),
    "partitions_two_axes": two_axes,
    "database_sqlite": joined,
    "api_sirene": sirene,
    "archive_sirene_stock": sirene_stock,
    "archive_dvf": dvf,
    "archive_rna": rna,
    "file_ban": ban,
    "api_melodi": melodi,
    "api_bdm": bdm,
    "api_hubeau": hubeau,
    "api_wfs": points(2154),
    "file_eurostat": eurostat,
    "file_opendatasoft": points(4326),
    "api_tabular": tabular,
}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SIMILAR])
def test_an_example_gives_the_table_it_promises(name: str, ran: Project) -> None:
    assert name in TABLES, "write what its table must hold"
    TABLES[name](ran, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SIMILAR))
def test_a_similar_example_gives_the_table_it_promises(name: str, ran_similar: Project) -> None:
    TABLES[name](ran_similar, name)


@pytest.mark.parametrize("name", [*NAMES, *sorted(SERVED)])
def test_an_example_is_short_and_valid_alone(name: str) -> None:
    path = EXAMPLES / f"{name}.yaml"
    text = path.read_text("utf-8")
    assert 8 <= len(text.splitlines()) <= 30
    assert text.startswith("# ")
    config = resolve_config(BASE | yaml.safe_load(text), [path], {})
    assert list(config.sources) == [name]
    assert f"[{name}]({name}.yaml)" in (EXAMPLES / "README.md").read_text("utf-8")


def test_the_key_is_in_no_file(ran: Project) -> None:
    for path in ran.folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert TOKEN.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("name", ["api_next_url", pytest.param("s3_glob", marks=pytest.mark.slow)])
def test_an_example_runs_beside_a_configuration(
    name: str, tmp_path: Path, sources: Standins, lake: EmbeddedS3
) -> None:
    project = make_project(tmp_path / "project", lake)
    own = {"from": "file", "url": "data/communes.csv", "columns": {"code": "string"}}
    project.configure(BASE | {"sources": {"own": own}})
    extra = project.path("example.yaml")
    extra.write_text(overlay(name, sources, lake), "utf-8")
    config = str(project.path("config/config.yaml"))
    project.run("--configfile", config, str(extra))
    TABLES[name](project, name)
    assert table(project, "own").num_rows == 250
