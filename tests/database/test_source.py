"""`diffusion source` of a server: its tables, their keys and types; nothing of who asks is kept."""

import shlex
import sqlite3
import tempfile
from urllib.parse import quote

import pytest

from added import Added
from database_servers import PASSWORD
from fenced import blocks_of

PAGE = "postgresql://db.example.org:5432/base"
MAKE = (
    "CREATE TABLE loyers (code varchar(5), annee int, loyer numeric(8, 2), le date, "
    "PRIMARY KEY (code, annee))",
    "INSERT INTO loyers VALUES ('01001', 2023, 1.50, '2024-01-02'), "
    "('01001', 2024, NULL, '2024-01-02'), ('2A004', 2024, 2.25, NULL)",
    "CREATE TABLE autres (nom varchar(20))",
)


@pytest.fixture
def added(tmp_path, monkeypatch, capsys) -> Added:
    folder, scratch = tmp_path / "project", tmp_path / "scratch"
    (folder / "config").mkdir(parents=True)
    scratch.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    return Added(folder, scratch, capsys)


@pytest.fixture(params=["postgres", "mariadb"])
def server(request, monkeypatch):
    found = request.getfixturevalue(request.param)
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    found.admin(*MAKE)
    yield found
    found.admin("DROP TABLE loyers", "DROP TABLE autres")


def test_a_table_of_a_server(server, added) -> None:
    code, words = added(server.url)
    assert code == 1 and "    autres\n" in words and "    loyers" in words
    code, words = added(server.url, "--resource", "loyers")
    assert code == 0, words
    keys = {"unique": ["code", "annee"], "not_null": ["code", "annee"]}
    assert added.keys("loyers") == {
        "from": "database",
        "url": server.url,
        "table": "loyers",
        "checks": keys,
    }
    rows = added.table("loyers").sort_by([("code", "ascending"), ("annee", "ascending")])
    assert rows["code"].to_pylist() == ["01001", "01001", "2A004"]
    assert [str(v) for v in rows["loyer"].to_pylist()] == ["1.50", "None", "2.25"]
    assert str(rows.schema.field("le").type) == "date32[day]"
    assert PASSWORD not in added.path.read_text() + words


def test_an_address_with_its_password_in_a_variable(server, added, monkeypatch) -> None:
    user = next(v for n, v in server.environment.items() if "USER" in n)
    for name in server.environment:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BASE", server.url.replace("://", f"://{user}:{quote(PASSWORD, safe='')}@"))
    code, words = added("env:BASE", "--resource", "loyers")
    assert code == 0, words
    assert added.keys("loyers")["url_env"] == "BASE"
    assert PASSWORD not in added.path.read_text() + words


def test_the_page_s_commands(postgres, added, monkeypatch) -> None:
    for name, value in postgres.environment.items():
        monkeypatch.setenv(name, value)
    postgres.admin(*MAKE, "CREATE TABLE communes (code text PRIMARY KEY)")
    postgres.admin("INSERT INTO communes VALUES ('01001')")
    (added.folder / "data").mkdir()
    with sqlite3.connect(added.folder / "data/base.db") as base:
        base.execute("CREATE TABLE communes (code TEXT, n INT)")
        base.execute("INSERT INTO communes VALUES ('01001', 1)")
    [block] = [b for b in blocks_of("docs/source.md") if b.heading == "A database"]
    lines = [shlex.split(line, comments=True) for line in block.text.splitlines()]
    typed = [line[2:] for line in lines if line[:2] == ["diffusion", "source"]]
    here = [[word.replace(PAGE, postgres.url) for word in words] for words in typed]
    try:
        assert [added(*words)[0] for words in here] == [1, 0, 0, 0]
    finally:
        postgres.admin("DROP TABLE loyers", "DROP TABLE autres", "DROP TABLE communes")
    assert added.keys("communes")["table"] == "communes" and "query" in added.keys("loyers")
    assert added.keys("communes_2")["url"] == "sqlite:///data/base.db"


def test_what_may_not_be_read_is_not_offered(server, added, request) -> None:
    if "postgres" not in request.node.name:
        pytest.skip("MariaDB shows what the role may read, by itself")
    server.admin("CREATE TABLE secret_one (a int)", "REVOKE SELECT ON secret_one FROM PUBLIC")
    server.admin(*(f"REVOKE ALL ON secret_one FROM {server.environment['PGUSER']}",))
    try:
        code, words = added(server.url)
        assert code == 1 and "secret_one" not in words and "loyers" in words
    finally:
        server.admin("DROP TABLE secret_one")
