"""`diffusion source` of databases that are files: their tables, keys and types."""

import sqlite3

import duckdb
import pytest

ROWS = [("01001", 1.5, 1), ("2A004", 2.5, 2), ("75056", None, 2)]


@pytest.fixture(params=["sqlite", "duckdb"])
def base(request, added) -> str:
    """Make a base with two tables and a view; returns its address."""
    kind = request.param
    connect = sqlite3.connect if kind == "sqlite" else duckdb.connect
    connection = connect(str(added.folder / f"b.{kind}"))
    connection.execute("CREATE TABLE loyers (code VARCHAR PRIMARY KEY, loyer DOUBLE, n INTEGER)")
    connection.executemany("INSERT INTO loyers VALUES (?, ?, ?)", ROWS)
    connection.execute("CREATE TABLE noms (first_name VARCHAR, n INTEGER)")
    connection.execute("INSERT INTO noms VALUES ('Ana', 1), ('Bob', 2)")
    connection.execute("CREATE VIEW chers AS SELECT code, loyer FROM loyers WHERE loyer > 2")
    connection.commit()
    connection.close()
    return f"{kind}:///b.{kind}"


def test_a_table_of_several(base: str, added) -> None:
    code, words = added(base)
    assert code == 1 and "the database has 3" in words and "add --resource TEXT" in words
    assert all(f"    {name}" in words for name in ("chers", "loyers", "noms"))
    code, words = added(base, "--resource", "loy")
    assert code == 0, words
    assert added.keys("loyers") == {
        "from": "database",
        "url": base,
        "table": "loyers",
        "checks": {"unique": ["code"], "not_null": ["code"]},
    }
    assert "# its primary key" in words
    table = added.table("loyers")
    assert [tuple(row.values()) for row in table.to_pylist()] == ROWS
    assert str(table.schema.field("n").type).startswith("int")


def test_a_view_has_no_primary_key(base: str, added) -> None:
    code, words = added(base, "--resource", "chers", "--name", "t")
    assert code == 0 and "primary key" not in words and added.table("t").num_rows == 1


def test_a_key_that_is_an_accident_is_none(base: str, added) -> None:
    code, words = added(base, "--set", "table: noms")
    assert code == 0 and "checks" not in added.keys("noms") and "no key was found" in words


def test_a_query(base: str, added) -> None:
    query = "SELECT n, count(*) AS communes FROM loyers GROUP BY n ORDER BY n"
    code, words = added(base, "--set", f"query: '{query}'", "--name", "t")
    assert code == 0, words
    assert added.keys("t")["query"] == query and "table" not in added.keys("t")
    assert added.table("t").to_pylist() == [{"n": 1, "communes": 1}, {"n": 2, "communes": 2}]


def test_an_address_in_a_variable(base: str, added, monkeypatch) -> None:
    monkeypatch.setenv("BASE", base)
    code, words = added("env:BASE", "--resource", "loyers")
    assert code == 0, words
    assert added.keys("loyers")["url_env"] == "BASE" and "url" not in added.keys("loyers")
    assert added.table("loyers").num_rows == 3
    code, words = added("env:NOTHING")
    assert code == 1 and "the variable NOTHING is not set" in words


def test_the_path_leads_from_the_current_folder(base: str, added, tmp_path, monkeypatch) -> None:
    kind = base.partition(":")[0]
    place = tmp_path / "elsewhere"
    place.mkdir()
    (added.folder / f"b.{kind}").rename(place / f"b.{kind}")
    code, words = added(base)
    assert code == 1 and "there is no such file" in words
    code, words = added(f"{kind}:///{place}/b.{kind}", "--resource", "loyers")
    assert code == 0, words
    assert added.keys("loyers")["url"] == f"{kind}:///{place}/b.{kind}"


def test_an_empty_base(added) -> None:
    sqlite3.connect(added.folder / "e.db").execute("CREATE TABLE t (a)").connection.close()
    code, words = added("sqlite:///e.db", "--resource", "zzz")
    assert code == 1
    sqlite3.connect(added.folder / "n.db").execute("PRAGMA user_version = 1").connection.close()
    code, words = added("sqlite:///n.db")
    assert code == 1 and "there is no table that may be read" in words


@pytest.mark.parametrize(
    "typed", ["postgresql://me:s3cret@h/b", "mysql://me:s3cret@h/b?password=x"]
)
def test_a_password_is_refused_and_not_shown(typed: str, added) -> None:
    code, words = added(typed)
    assert code == 1 and "a password stands in it" in words and "s3cret" not in words
    assert "diffusion source env:NAME" in words
