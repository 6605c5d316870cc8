"""MariaDB as it is, which MySQL's protocol is spoken with: values, types, and what can go wrong."""

import datetime
import threading
import time
import tracemalloc
from decimal import Decimal

import pytest
import shapely

from database_servers import PASSWORD
from diffusion.errors import DiffusionError
from diffusion.tables.parquet import read_metadata

pytestmark = pytest.mark.database

KINDS = """CREATE TABLE kinds (
    flag tinyint(1), small tinyint unsigned, whole int, big bigint unsigned, f float, d double,
    price decimal(10, 2), day date, local datetime(6), moment timestamp NULL, y year, bits bit(9),
    bytes blob, code char(5), text text, doc json, e enum('x', 'y'), t time, `Two words` text)"""
ROW = """INSERT INTO kinds VALUES (1, 255, -2, 18446744073709551615, 3.14159274, 0.1, 1.10,
    '2024-02-29', '2024-02-29 10:00:00.5', '2024-06-01 10:00', 2024, b'100000001', x'00ff', '01',
    'é "x",\\n\\\\.', '{"a": 1}', 'y', '10:00', '')"""


@pytest.fixture(scope="module")
def made(mariadb):
    mariadb.admin("SET time_zone = '+02:00'", KINDS, ROW)
    mariadb.admin("INSERT INTO kinds (whole) VALUES (NULL)")
    mariadb.admin("CREATE TABLE many AS SELECT seq AS id FROM seq_1_to_200000")
    return mariadb


def refusal(tables, **keys) -> str:
    with pytest.raises(DiffusionError) as caught:
        tables.table(**keys)
    assert PASSWORD not in tables.everything() + str(caught.value)
    assert not list((tables.folder / "raw").rglob("provenance.json"))
    return str(caught.value)


def test_values_have_the_types_that_the_server_states(made, tables_of):
    tables = tables_of(made)
    found = tables.table(table="kinds")
    full, empty = found.to_pylist()
    assert dict(zip(found.schema.names, map(str, found.schema.types), strict=True)) == {
        "flag": "int8", "small": "uint8", "whole": "int32", "big": "uint64", "f": "float",
        "d": "double", "price": "decimal128(10, 2)", "day": "date32[day]",
        "local": "timestamp[us]", "moment": "timestamp[us, tz=UTC]", "y": "int16",
        "bits": "uint64", "bytes": "binary", "code": "string", "text": "string", "doc": "string",
        "e": "string", "t": "string", "Two words": "string",
    }  # fmt: skip
    assert full.pop("f") == pytest.approx(3.14159)
    assert full.pop("moment") == datetime.datetime(2024, 6, 1, 8, tzinfo=datetime.UTC)
    assert full == {
        "flag": 1, "small": 255, "whole": -2, "big": 2**64 - 1, "d": 0.1, "price": Decimal("1.10"),
        "day": datetime.date(2024, 2, 29),
        "local": datetime.datetime(2024, 2, 29, 10, 0, 0, 500000),
        "y": 2024, "bits": 257, "bytes": b"\x00\xff", "code": "01", "text": 'é "x",\n\\.',
        "doc": '{"a": 1}', "e": "y", "t": "10:00:00", "Two words": None,
    }  # fmt: skip
    assert set(empty.values()) == {None}
    assert "six digits" in read_metadata(tables.target)["notes"][0]


def test_the_raw_copy_tells_what_is_missing_from_what_is_empty(made, tables_of):
    tables = tables_of(made)
    receipt = tables.fetch(query="SELECT code, `Two words` FROM kinds")
    assert tables.raw(receipt) == '"code","Two words"\n"01",""\n,\n'
    noted = receipt["partitions"]["all"]
    assert noted["records"] == 2 and noted["server"].startswith("MariaDB 1")
    assert noted["snapshot"] and noted["versions"]["PyMySQL"]
    assert "reader" not in tables.everything() and PASSWORD not in tables.everything()


def test_partitions_are_values_and_geometries_have_their_system(made, tables_of):
    value = "it's \\' OR 1=1 -- %s"
    found = tables_of(made).table(
        query="SELECT {v} AS same WHERE {v} <> ''", partitions={"v": [value]}
    )
    assert found.to_pydict()["same"] == [value]
    made.admin("CREATE TABLE places (id int, g geometry)")
    made.admin("INSERT INTO places VALUES (1, ST_GeomFromText('POINT(652000 6862000)', 2154))")
    tables = tables_of(made, "places")
    (shape,) = tables.table(table="places", geometry={"to_crs": "EPSG:4326"})[
        "geometry"
    ].to_pylist()
    assert round(shapely.from_wkb(shape).y, 2) == 48.86


def test_days_that_are_none_are_shown_with_a_remedy_that_works(made, tables_of):
    made.admin("SET sql_mode = ''", "CREATE TABLE z AS SELECT DATE('2024-01-01') AS d",
               "UPDATE z SET d = '0000-00-00'")  # fmt: skip
    tables = tables_of(made)
    with pytest.raises(DiffusionError, match="`0000-00-00`, which no date"):
        tables.table(table="z")
    nulls = {"d": {"type": "date", "nulls": ["0000-00-00"]}}
    assert tables.table(table="z", columns=nulls).to_pydict() == {"d": [None]}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"table": "nothere"}, ["sources.t.table", "doesn't exist", "check the names"]),
        ({"query": "SELECT 1 AS a, 2 AS a"}, ["several columns are called `a`"]),
        ({"query": "SELECT whole FROM kinds FOR UPDATE"}, ["READ ONLY", "changes nothing"]),
        ({"query": "SELECT SLEEP(5)", "timeout": 0.3}, ["more than 0.3 seconds", "`timeout`"]),
        ({"table": "mysql.user"}, ["denied", "GRANT SELECT"]),
        ({"table": "kinds", "url": "mysql://127.0.0.1:1/base"}, ["refused", "is the server up"]),
        ({"table": "kinds", "url": "{url}?password="}, ["Access denied", "MYSQL_PWD"]),
    ],
)
def test_what_the_server_refuses_is_told_and_nothing_is_frozen(
    made, tables_of, monkeypatch, keys, expected
):
    tables = tables_of(made)
    if "{url}" in keys.get("url", ""):
        monkeypatch.setenv("MYSQL_PWD", "wrong-secret")
    keys = {name: value.replace("{url}?password=", made.url) if name == "url" else value
            for name, value in keys.items()}  # fmt: skip
    words = refusal(tables, **keys)
    assert all(part in words for part in expected), words
    assert "wrong-secret" not in words


def test_a_password_in_a_file(made, tables_of, monkeypatch, tmp_path):
    made.admin("CREATE USER filed@'%' IDENTIFIED BY 'a%b#c'", "GRANT SELECT ON base.* TO filed@'%'")
    tables = tables_of(made)
    for name in ("MYSQL_USER", "MYSQL_PWD"):
        monkeypatch.delenv(name)
    (tmp_path / ".my.cnf").write_text("[client]\nuser = filed\npassword = a%b#c\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tables.table(table="kinds").num_rows == 2


def test_a_connection_that_is_cut_is_read_anew_as_a_whole(made, tables_of, monkeypatch):
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)
    done = threading.Event()

    def cut() -> None:
        sql = "SELECT id FROM information_schema.processlist WHERE user = 'reader' AND info LIKE "
        while not done.is_set():
            for (number,) in made.admin(sql + "'%many%'"):
                time.sleep(0.3)
                made.admin(f"KILL {number}")
                return
            time.sleep(0.02)

    query = "SELECT id FROM many WHERE id <> 150000 OR SLEEP(0.7) = 0"
    tables = tables_of(made)
    cutting = threading.Thread(target=cut)
    cutting.start()
    found = tables.table(query=query, retries=1).to_pydict()
    done.set()
    cutting.join()
    assert sorted(found["id"]) == list(range(1, 200001))


def test_memory_does_not_grow_with_the_rows(made, tables_of):
    """The rows are streamed: read at once, all 24 MB would be here."""
    tables = tables_of(made)
    tracemalloc.start()
    tables.fetch(query="SELECT REPEAT('x', 2000) AS t FROM many LIMIT 12000")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000
