"""Sources that are databases: addresses, queries and their axes, told before anything is asked."""

import pytest

from diffusion.config.databases import parse_address
from diffusion.config.fetching import fetch_from_text
from diffusion.config.parts import as_text
from diffusion.config.queries import Bound, bound
from diffusion.config.resolve import ConfigError, resolve_config

URL = "postgresql://db.example:5432/base"


def resolved(**keys: object):
    source = {"from": "database", "vintage": "2025"} | keys
    return resolve_config({"project": {"name": "t"}, "sources": {"t": source}}).sources["t"]


def problems(**keys: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        resolved(**keys)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("postgresql://db.example:5432/base", "postgresql://db.example:5432/base"),
        ("postgres://me@db.example/base?sslmode=require", "postgresql://db.example/base"),
        ("postgresql+psycopg://[::1]:5432/b%20c", "postgresql://[::1]:5432/b%20c"),
        ("postgresql:///base?host=/run/pg", "postgresql:///base?host=/run/pg"),
        ("postgresql://?service=rents", "postgresql:///?service=rents"),
        ("mysql+pymysql://db.example/base", "mysql://db.example/base"),
        ("mariadb://db.example:3307/base?ssl_ca=/ca.pem", "mysql://db.example:3307/base"),
        ("sqlite:///data/rents.db", "sqlite:///data/rents.db"),
        ("sqlite:data/rents.db", "sqlite:///data/rents.db"),
        ("duckdb:////data/rents.duckdb", "duckdb:////data/rents.duckdb"),
    ],
)
def test_addresses_as_users_know_them(url, public):
    assert parse_address(url).public == public
    source = resolved(url=url, table="public.rents")
    assert fetch_from_text(as_text(source.fetch)) == source.fetch


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"url": "postgresql://me:secret@db.example/base"}, "a password stands in it"),
        ({"url": "mysql://db.example/base?password=secret"}, "a password stands in it"),
        ({"url": "postgresql://db.example:x/base"}, "it has a port that is no number"),
        (
            {"url": "postgresql://db.example/base?sslmod=x"},
            "it states `sslmod`, which is no",
        ),
        ({"url": "sqlite://rents.db"}, "it has two slashes"),
        ({"url": "https://db.example/base"}, "found `https://db.example/base` with"),
        ({"url": URL, "url_env": "RENTS"}, "set together with `url`"),
        ({}, "neither `url` nor `url_env` is set"),
        ({"url": URL, "query": "SELECT 1"}, "set together with `query`"),
        ({"url": URL, "table": None}, "neither `table` nor `query` is set"),
    ],
)
def test_what_the_user_reads(keys, expected):
    (found,) = problems(**{"table": "rents"} | keys)
    assert expected in found
    assert "secret@" not in found and "=secret" not in found
    assert "\n  → " in found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("DELETE FROM rents WHERE dep = {dep}", "it is no SELECT"),
        ("SELECT * FROM rents WHERE dep = {dep}; DROP TABLE rents", "several statements"),
        ("SELECT * FROM rents WHERE dep = '{dep}'", "{dep} stands in quotes: '{dep}'"),
        ("SELECT * FROM rents WHERE dep = $x$ {dep}$x$", "{dep} stands in quotes"),
        (r"SELECT '\'' AS a, b FROM rents WHERE dep = {dep}", "can be read in two ways"),
        ("SELECT * FROM rents WHERE dep = {dep} AND year = {year}", "uses {year}, which is not"),
        ("SELECT * FROM rents -- WHERE dep = {dep}", "the axis is used nowhere"),
    ],
)
def test_a_query_that_is_no_query(query, expected):
    assert any(
        expected in found for found in problems(url=URL, query=query, partitions={"dep": ["1"]})
    )


def test_axes_are_bound_where_they_stand_and_nowhere_else():
    query = "-- {dep}\nSELECT '{1}', \"{dep}x\" FROM t WHERE d = {dep} OR '{dep' || {dep} = 'a''b'"
    value = "x'; DROP TABLE t; --"
    found = bound(f"{query} ; ", {"dep": value})
    assert [part.text for part in found if isinstance(part, Bound)] == [value, value]
    text = "".join("?" if isinstance(part, Bound) else part for part in found)
    assert text == "-- {dep}\nSELECT '{1}', \"{dep}x\" FROM t WHERE d = ? OR '{dep' || ? = 'a''b'"


def test_a_database_under_another_kind_is_told():
    (found,) = problems(**{"from": "file", "url": URL})
    assert "a database goes with `from: database`, and `table: …` or `query: …`" in found
    assert any(
        "did you mean `database`?" in f for f in problems(**{"from": "postgresql", "url": URL})
    )
