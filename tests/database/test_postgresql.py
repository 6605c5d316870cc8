"""PostgreSQL as it is: values, types, the snapshot, and all that can go wrong on the way."""

import datetime
import json
import threading
import time
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest
import shapely

from database_servers import PASSWORD
from diffusion.errors import DiffusionError
from diffusion.tables.parquet import read_metadata

pytestmark = pytest.mark.database

KINDS = """CREATE TABLE kinds (
    code char(5), name text, i2 smallint, i4 int, i8 bigint, r real, d double precision,
    n numeric, price numeric(10, 2), yes boolean, day date, local timestamp, moment timestamptz,
    bytes bytea, doc jsonb, list int[], id uuid, mood mood, "Two words" text)"""
ROW = """INSERT INTO kinds VALUES ('01', E'é "x",\\n\\\\.', 1, 2, 9007199254740993, 0.1, 'NaN',
    12.340, 1.10, true, '2024-02-29', '2024-02-29 10:00:00.123456', '2024-06-01 10:00+02',
    '\\x00ff', '{"a": 1}', '{1,2}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'good', '')"""


@pytest.fixture(scope="module")
def made(postgres):
    postgres.admin("CREATE TYPE mood AS ENUM ('bad', 'good')", KINDS, ROW)
    postgres.admin("INSERT INTO kinds (code) VALUES (NULL)")
    postgres.admin(
        "CREATE TABLE many AS SELECT i AS id, repeat('x', 200) AS t "
        "FROM generate_series(1, 300000) AS i"
    )
    return postgres


def refusal(tables, **keys) -> str:
    with pytest.raises(DiffusionError) as caught:
        tables.table(**keys)
    assert PASSWORD not in tables.everything() and PASSWORD not in str(caught.value)
    assert not list((tables.folder / "raw").rglob("provenance.json"))
    return str(caught.value)


def test_values_have_the_types_that_the_server_states(made, tables_of):
    tables = tables_of(made)
    found = tables.table(table="public.kinds")
    full, empty = found.to_pylist()
    assert dict(zip(found.schema.names, map(str, found.schema.types), strict=True)) == {
        "code": "string", "name": "string", "i2": "int16", "i4": "int32", "i8": "int64",
        "r": "float", "d": "double", "n": "double", "price": "decimal128(10, 2)", "yes": "bool",
        "day": "date32[day]", "local": "timestamp[us]", "moment": "timestamp[us, tz=UTC]",
        "bytes": "binary", "doc": "string", "list": "string", "id": "string", "mood": "string",
        "Two words": "string",
    }  # fmt: skip
    assert str(full.pop("d")) == "nan"
    assert full.pop("r") == pytest.approx(0.1)
    assert full.pop("moment") == datetime.datetime(2024, 6, 1, 8, tzinfo=datetime.UTC)
    assert full == {
        "code": "01", "name": 'é "x",\n\\.', "i2": 1, "i4": 2, "i8": 9007199254740993, "n": 12.34,
        "price": Decimal("1.10"), "yes": True, "day": datetime.date(2024, 2, 29),
        "local": datetime.datetime(2024, 2, 29, 10, 0, 0, 123456), "bytes": b"\x00\xff",
        "doc": '{"a": 1}', "list": "{1,2}", "id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "mood": "good", "Two words": None,
    }  # fmt: skip
    assert set(empty.values()) == {None}
    assert "`n` is numeric without a number of digits" in read_metadata(tables.target)["notes"][0]


def test_the_raw_copy_is_what_the_server_sent_and_says_from_where(made, tables_of):
    tables = tables_of(made)
    receipt = tables.fetch(query="SELECT code, name, price FROM kinds ORDER BY code;")
    assert tables.raw(receipt) == 'code,name,price\n01   ,"é ""x"",\n\\.",1.10\n,,\n'
    noted = receipt["partitions"]["all"]
    assert noted["url"] == made.url and noted["records"] == 2
    assert noted["columns"] == [
        {"name": "code", "type": "character(5)"},
        {"name": "name", "type": "text"},
        {"name": "price", "type": "numeric(10,2)"},
    ]
    assert noted["server"].startswith("PostgreSQL ")
    taken = datetime.datetime.fromisoformat(noted["snapshot"])
    assert abs((datetime.datetime.now(datetime.UTC) - taken).total_seconds()) < 60
    assert noted["snapshot_id"] and noted["versions"]["psycopg"]
    assert PASSWORD not in tables.everything() and "reader" not in json.dumps(receipt)


def test_the_same_request_asks_once_and_another_one_needs_a_consent(made, tables_of, monkeypatch):
    tables = tables_of(made)
    tables.fetch(table="kinds")
    monkeypatch.setenv("PGPASSWORD", "no longer valid")
    tables.fetch(table="kinds")
    tables.fetch(table="kinds", offline=True)
    with pytest.raises(DiffusionError, match="fetched by another request") as caught:
        tables.fetch(query="SELECT code FROM kinds")
    assert '"kinds" then' in str(caught.value) and "set a new `vintage`" in str(caught.value)
    with pytest.raises(DiffusionError, match="offline, and there is no raw copy"):
        tables.fetch(table="kinds", vintage="2026", offline=True)


def test_partitions_are_values_and_never_text(made, tables_of):
    tables = tables_of(made)
    values = ["1", "2'; DROP TABLE kinds; --", "%s"]
    query = "SELECT i4, {v} AS same FROM kinds WHERE i4 = 2 AND {v}::text LIKE '%'"
    found = tables.combined(query=query, partitions={"v": values}).to_pydict()
    assert found == {"i4": [2] * 3, "same": values, "v": values}
    whole = tables_of(made, "typed").table(
        query="SELECT i4 FROM kinds WHERE i4 = {i}", partitions={"i": ["2", "3"]}
    )
    assert whole.to_pydict() == {"i4": [2], "i": ["2"]}  # an integer to the server, which knows


@pytest.mark.parametrize(
    ("value", "shown", "remedy"),
    [
        ("date 'infinity'", "`infinity`, which no date", {"type": "date", "nulls": ["infinity"]}),
        ("timestamptz '-infinity'", "`-infinity`", {"type": "timestamp", "nulls": ["-infinity"]}),
        (
            "numeric(5, 2) 'NaN'",
            "`NaN`, which no DECIMAL(5,2)",
            {"type": "float", "nulls": ["NaN"]},
        ),
        ("date '0044-03-15 BC'", "`0044-03-15 BC`, which no date", "string"),
        ("timestamp '0044-03-15 10:00 BC'", "`0044-03-15 10:00:00 BC`", "string"),
    ],
)
def test_values_that_no_table_holds_are_shown_with_a_remedy_that_works(
    made, tables_of, value, shown, remedy
):
    tables, query = tables_of(made), f"SELECT {value} AS x"
    with pytest.raises(DiffusionError) as caught:
        tables.table(query=query)
    assert shown in str(caught.value) and "`columns: {x: " in str(caught.value)
    found = tables.table(query=query, columns={"x": remedy}).to_pydict()["x"]
    assert found == [shown.split("`")[1] if remedy == "string" else None]


def test_declared_types_are_cast_and_counted_as_those_of_every_source(made, tables_of):
    found = tables_of(made).table(
        query="SELECT * FROM (VALUES ('12', 1.5, 't'::boolean, now()), ('x', 2, 'f', NULL)) AS v",
        columns={
            "number": {"type": "int", "from": "column1"},
            "text": {"type": "string", "from": "column2"},
            "column3": "string",
        },
        drop=["column4"],
    )
    assert found.to_pydict() == {
        "number": [12, None], "text": ["1.5", "2"], "column3": ["true", "false"],
    }  # fmt: skip


def test_rows_without_a_value_and_empty_tables_keep_their_columns(made, tables_of):
    found = tables_of(made).table(
        query="SELECT NULL::int AS a UNION ALL SELECT 1 UNION ALL SELECT NULL"
    )
    assert sorted(found.to_pydict()["a"], key=str) == [1, None, None]
    words = refusal(tables_of(made, "empty"), query="SELECT 1 AS a WHERE false")
    assert "the database gave no row" in words and "check `table` or `query`" in words


def test_partitions_of_other_types_or_columns_are_not_put_together(made, tables_of):
    made.admin("CREATE TABLE y2023 (code text, n int)", "INSERT INTO y2023 VALUES ('1', 1)")
    made.admin("CREATE TABLE y2024 (code text, n text)", "INSERT INTO y2024 VALUES ('2', 'x')")
    keys = {"table": "y{year}", "partitions": {"year": ["2023", "2024"]}}
    with pytest.raises(DiffusionError, match=r"`n` is int .+ and text"):
        tables_of(made).table(**keys)
    found = tables_of(made, "declared").combined(**keys, columns={"n": "string"})
    assert found.to_pydict()["n"] == ["1", "x"]


def test_a_column_that_is_dropped_between_two_partitions_is_no_null(made, tables_of):
    made.admin("CREATE TABLE yearly AS SELECT 2023 AS year, 1 AS n UNION ALL SELECT 2024, 2")
    query = "SELECT * FROM yearly WHERE year = {y}"
    keys = {"query": query, "partitions": {"y": ["2023", "2024"]}}
    tables = tables_of(made)
    tables.fetch("y=2023", **keys)
    made.admin("ALTER TABLE yearly DROP COLUMN n")
    for convert in (tables.table, tables.combined):
        with pytest.raises(DiffusionError, match=r"`n` is in .+ and not in .+") as caught:
            convert(**keys)
        assert "the table was changed" in caught.value.found
        assert "new `vintage`" in caught.value.fix


def test_a_column_cannot_be_dropped_while_the_rows_come(made, tables_of):
    """Types are asked in the transaction that reads: the change waits, and fails here."""
    made.admin("CREATE TABLE held AS SELECT 1 AS a, 2 AS b")
    reads = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND query LIKE 'COPY%'"
    errors = []

    def drop() -> None:
        while not made.admin(reads)[0][0]:
            time.sleep(0.02)
        try:
            made.admin("SET lock_timeout = '100ms'", "ALTER TABLE held DROP COLUMN b")
        except psycopg.errors.LockNotAvailable as error:
            errors.append(error)

    changing = threading.Thread(target=drop)
    changing.start()
    query = "SELECT *, pg_sleep(1)::text AS slept FROM held"
    found = tables_of(made).table(query=query).to_pylist()
    changing.join()
    assert (found[0]["a"], found[0]["b"], len(errors)) == (1, 2, 1)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"table": "nothere"}, ["sources.t.table", 'relation "nothere" does not exist']),
        ({"query": "SELECT no FROM kinds"}, ['column "no" does not exist', "check the names"]),
        ({"query": "SELECT 1 FROM"}, ["syntax error", "correct `query`"]),
        ({"query": "SELECT 1 AS a, 2 AS a"}, ["several columns are called `a`", "AS b_a"]),
        ({"query": "SELECT 1/i2 FROM (VALUES (0)) v (i2)"}, ["division by zero"]),
        ({"query": "SELECT setval('s', 1)"}, ["read-only transaction", "changes nothing"]),
        ({"query": "SELECT pg_sleep(5)", "timeout": 0.3}, ["more than 0.3 seconds", "`timeout`"]),
        ({"table": "secret"}, ["permission denied for table secret", "GRANT SELECT"]),
    ],
)
def test_what_the_server_refuses_is_told_and_nothing_is_frozen(made, tables_of, keys, expected):
    made.admin("DROP TABLE IF EXISTS secret", "CREATE TABLE secret (a int)",
               "REVOKE ALL ON secret FROM reader", "CREATE SEQUENCE IF NOT EXISTS s",
               "GRANT UPDATE ON SEQUENCE s TO reader")  # fmt: skip
    words = refusal(tables_of(made), **keys)
    assert all(part in words for part in expected), words


def test_a_base_without_an_encoding_gives_text_or_an_error(made, tables_of):
    made.admin("CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' "
               "TEMPLATE template0")  # fmt: skip
    tables, url = tables_of(made), made.url.replace("/postgres", "/bytes")
    assert tables.table(url=url, query=r"SELECT E'\xc3\xa9' AS x").to_pydict() == {"x": ["é"]}
    words = refusal(tables_of(made, "latin"), url=url, query="SELECT chr(233) AS x")
    assert "invalid byte sequence" in words and "convert_from(name::bytea, 'LATIN1')" in words


def test_a_wrong_password_a_server_away_and_a_variable_that_holds_the_url(
    made, tables_of, monkeypatch
):
    tables = tables_of(made)
    whole = made.url.replace("//", "//reader:p%C3%A4ssword%2Fwith%3Asigns%40@")
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("RENTS", whole)
    by_name = {"url": "", "url_env": "RENTS", "table": "kinds"}
    assert tables.table(**by_name).num_rows == 2
    everything = tables.everything()
    assert PASSWORD not in everything and "%2Fwith" not in everything and "reader" not in everything
    monkeypatch.setenv("RENTS", whole.replace("/postgres", "/other"))
    with pytest.raises(DiffusionError, match="fetched by another request"):
        tables.fetch(**by_name)
    monkeypatch.setenv("RENTS", whole.replace("%2F", "/"))
    words = refusal(tables_of(made, "a"), **by_name)
    assert "the variable RENTS holds" in words and "ssword/with" not in words
    monkeypatch.delenv("RENTS")
    assert "export RENTS=" in refusal(tables_of(made, "b"), **by_name)
    tables = tables_of(made, "c")
    monkeypatch.setenv("PGPASSWORD", "wrong-secret")
    words = refusal(tables, table="kinds")
    assert "authentication failed" in words and "~/.pgpass" in words
    assert "wrong-secret" not in words
    away = "postgresql://127.0.0.1:1/base"
    words = refusal(tables_of(made, "d"), table="kinds", url=away)
    assert "refused" in words and "is the server up" in words


def test_a_password_in_a_file_and_a_service(made, tables_of, monkeypatch, tmp_path):
    tables, kept = tables_of(made), tmp_path / "pgpass"
    kept.write_text(f"127.0.0.1:{made.port}:*:reader:{PASSWORD.replace(':', chr(92) + ':')}\n")
    kept.chmod(0o600)
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", str(kept))
    assert tables.table(table="kinds").num_rows == 2
    services = tmp_path / "services"
    services.write_text(f"[rents]\nhost=127.0.0.1\nport={made.port}\ndbname=postgres\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    by_service = tables_of(made, "service").table(table="kinds", url="postgresql://?service=rents")
    assert by_service.num_rows == 2


def test_a_connection_that_is_cut_is_read_anew_as_a_whole(made, tables_of, monkeypatch):
    """Half of the rows of one try and the rest of another are no snapshot."""
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)
    query = "SELECT id, t FROM many"
    words = cut_while_reading(made, lambda: refusal(tables_of(made), query=slowly(query)))
    assert "the connection broke" in words and "nothing was frozen" in words
    tables = tables_of(made, "again")
    found = cut_while_reading(made, lambda: tables.table(query=slowly(query), retries=1), once=True)
    assert sorted(found.to_pydict()["id"]) == list(range(1, 300001))


def slowly(query: str) -> str:
    """Return a query that waits in its midst, once some rows have been sent."""
    return f"SELECT id, t FROM ({query}) AS q WHERE id <> 200000 OR pg_sleep(0.7) IS NOT NULL"


def cut_while_reading(server, read, once: bool = False):
    """End the connection of the reader while rows come: each time, or once."""
    sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'reader' "
    sql += "AND query LIKE 'COPY%' AND wait_event = 'PgSleep'"
    done = threading.Event()

    def cut() -> None:
        while not done.is_set():
            if server.admin(sql)[0][0] and once:
                return
            time.sleep(0.05)

    cutting = threading.Thread(target=cut)
    cutting.start()
    try:
        return read()
    finally:
        done.set()
        cutting.join()


def test_a_query_that_somebody_cancels_is_not_asked_again(made, tables_of):
    sql = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE usename = 'reader' "
    sql += "AND wait_event = 'PgSleep'"
    stopped = threading.Event()

    def cancel() -> None:
        while not stopped.is_set():
            made.admin(sql)
            time.sleep(0.05)

    canceling = threading.Thread(target=cancel)
    canceling.start()
    words = refusal(tables_of(made), query="SELECT pg_sleep(5)::text AS x", retries=3)
    stopped.set()
    canceling.join()
    assert "somebody on the server ended the statement" in words and "tried" not in words


def test_geometries_of_postgis_have_the_system_that_their_srid_names(made, tables_of):
    """A type of the same name whose values are written as PostGIS writes them: EWKB in hex."""
    made.admin(
        "CREATE TYPE geometry",
        "CREATE FUNCTION g_in(cstring) RETURNS geometry AS 'textin' LANGUAGE internal STRICT",
        "CREATE FUNCTION g_out(geometry) RETURNS cstring AS 'textout' LANGUAGE internal STRICT",
        "CREATE TYPE geometry (INPUT = g_in, OUTPUT = g_out, LIKE = text)",
        "CREATE TABLE places (id numeric, geom geometry, other geometry)",
    )

    def add(name: str, x: float, y: float, srid: int) -> str:
        point = shapely.set_srid(shapely.Point(x, y), srid)
        return f"('{name}', '{shapely.to_wkb(point, hex=True, include_srid=True)}', NULL)"

    rows = ", ".join([add("1", 652000, 6862000, 2154), add("2", 652001, 6862000, 2154)])
    made.admin(f"INSERT INTO places VALUES {rows}")
    keys = {"table": "places", "drop": ["other"]}
    tables = tables_of(made)
    found = tables.table(**keys, geometry={"to_crs": "EPSG:4326", "family": "point"})
    shapes = shapely.from_wkb(found["geometry"].to_pylist())
    assert [round(shape.x, 2) for shape in shapes] == [2.35, 2.35]
    assert found.schema.field("id").type == pa.int64()
    made.admin(f"INSERT INTO places VALUES {add('3', 2, 48, 4326)}")
    with pytest.raises(DiffusionError, match="several SRIDs: 2154 and 4326") as caught:
        tables_of(made, "mixed").table(**keys)
    assert "ST_Transform" in str(caught.value)
