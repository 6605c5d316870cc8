"""The examples of databases as users run them, against real servers: tried, published, locked."""

import pyarrow.parquet as pq
import pytest
import yaml

from database_servers import PASSWORD
from diffusion.run.cli import main
from projects import REPOSITORY
from standins.records import records

pytestmark = pytest.mark.database

EXAMPLES = REPOSITORY / "config" / "examples"
COLUMNS = "code varchar(5), nom text, departement varchar(3), population int"
ROWS = ", ".join(
    "('{code}', '{name}', '{departement}', {population})".format(
        name=row["nom"].replace("'", "''"), **row
    )
    for row in records()
)
CHOSEN = ("01", "2A", "75")


@pytest.fixture
def examples(postgres, mariadb) -> dict:
    """The examples as one configuration, with the servers of the tests."""
    postgres.admin(f"CREATE TABLE communes ({COLUMNS}, geom text)")
    postgres.admin(f"INSERT INTO communes VALUES {ROWS.replace(')', ', NULL)')}")
    mariadb.admin(f"CREATE TABLE communes ({COLUMNS})", f"INSERT INTO communes VALUES {ROWS}")
    config = {"project": {"name": "databases"}, "vintage": "2025-03-19", "sources": {}}
    for name, server in (("postgresql", postgres), ("mariadb", mariadb)):
        text = (EXAMPLES / f"database_{name}.yaml").read_text("utf-8")
        source = yaml.safe_load(text)["sources"]
        source[f"database_{name}"]["url"] = server.url
        config["sources"] |= source
    return config


def test_examples_are_tried_run_and_kept(examples, postgres, mariadb, project, monkeypatch, capsys):
    variables = postgres.environment | mariadb.environment
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    made = project(examples, variables)
    monkeypatch.chdir(made.folder)
    for name in examples["sources"]:
        code, told = main(["try", name], made.folder), capsys.readouterr()
        assert (code, told.err) == (0, ""), told
        assert "a try, nothing is frozen" in told.out and "✓ checks passed" in told.out
    assert "asking mysql://127.0.0.1" in told.out and "rows of MariaDB" in told.out

    made.run()
    by_code = {row["code"]: row for row in records()}
    found = pq.read_table(made.path("published/database_postgresql.parquet"))
    assert {row["code"]: row for row in found.to_pylist()} == by_code
    assert list(map(str, found.schema.types))[0::3] == ["string", "int32"]
    found = pq.read_table(made.path("published/database_mariadb.parquet")).to_pylist()
    some = {code for code, row in by_code.items() if row["departement"] in CHOSEN}
    assert {row["code"] for row in found} == some

    for path in made.folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert PASSWORD.encode() not in path.read_bytes(), path
    assert "reader" not in made.path("results/raw/database_postgresql/all.json").read_text()
    lock = made.path("config/sources.lock.yaml")
    assert main(["lock"], made.folder) == 0 and "rows.csv.zst" in lock.read_text()
