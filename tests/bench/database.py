"""A table of PostgreSQL to Parquet, beside SQLAlchemy with pandas: the chapter's way."""

from pathlib import Path

from bench.base import OURS, Bench, resolved
from bench.measure import Goal, Row, ratio

ROWS = 5_000_000
FETCH = "Diffusion, fetch alone"
QUARTER = "Diffusion, a quarter of the rows"
PANDAS = "SQLAlchemy + pandas"
TABLE = """CREATE TABLE {name} AS SELECT
    i AS id, lpad((i % 36000)::text, 5, '0') AS code, 'Commune ' || (i % 36000) AS nom,
    (i * 7919 % 100000) / 100.0::float8 AS loyer, (i * 31 % 500000 / 100.0)::numeric(12, 2) AS prix,
    i % 2 = 0 AS meuble, date '2000-01-01' + (i % 9000)::int AS jour,
    timestamp '2020-01-01' + i * interval '1 second' AS maj, (i % 7)::int AS pieces,
    CASE WHEN i % 10 > 0 THEN 'note ' || i END AS note
    FROM generate_series(1, {rows}::bigint) AS i"""


def measure(bench: Bench) -> Row:
    from database_servers import Postgres

    place, rows = bench.place("database"), bench.size(ROWS, 1000)
    server = bench.stack.enter_context(Postgres())
    server.make_reader()
    for name, count in (("rents", rows), ("quarter", rows // 4)):
        server.admin(TABLE.format(name=name, rows=count), f"VACUUM ANALYZE {name}")
    given = {"environment": server.environment}
    url = server.url
    contenders = [
        bench.ours(OURS, "database.diffusion", url, "rents", place / "ours", "whole", **given),
        bench.ours(FETCH, "database.diffusion", url, "rents", place / "fetch", **given),
        bench.ours(QUARTER, "database.diffusion", url, "quarter", place / "few", "whole", **given),
        bench.peer(PANDAS, "database.pandas", url, place / "out.parquet", rounds=2, **given),
    ]
    runs = bench.alternate(contenders, "database")
    goals = [Goal("memory, to a quarter of the rows", ratio(runs, OURS, QUARTER, "peak"), 1.2)]
    if PANDAS in runs:
        goals += [
            Goal("time of the fetch, to SQLAlchemy + pandas", ratio(runs, FETCH, PANDAS), 0.15),
            Goal("time, to SQLAlchemy + pandas", ratio(runs, OURS, PANDAS), 0.5),
            Goal("memory, to SQLAlchemy + pandas", ratio(runs, OURS, PANDAS, "peak"), 0.25),
        ]
    facts = runs[OURS].facts
    notes = [
        f"10 columns of 8 types; the raw copy has {facts['raw'] / 1e6:,.0f} MB, the table "
        f"{facts['bytes'] / 1e6:,.0f} MB. The server's own time, on the same machine, is in all.",
        "Diffusion freezes what the server sent (COPY), compressed and with its hash, counts the "
        "rows twice, sorts them in a total order and keeps the server's types; the other does not.",
    ]
    return Row(f"PostgreSQL, {rows:,} rows of 10 columns → Parquet", runs, goals, notes)


def diffusion(url: str, table: str, folder: str, whole: str = "") -> dict:
    """What the jobs fetch_raw and convert_table call."""
    import shutil

    from diffusion.fetch.batch import fetch_batch
    from diffusion.storage.store import Store

    place = Path(folder)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    source = resolved(**{"from": "database", "url": url, "table": table, "sort_by": ["id"]})
    store = Store(str(place / "raw"), None)
    receipt = fetch_batch("dpe", source, ["all"], store, place / "scratch", lock={})
    (provenance,) = receipt["partitions"].values()
    facts = {"raw": provenance["files"][0]["size"]}
    if whole:
        from diffusion.convert.stages import convert_table
        from diffusion.raw.inputs import raw_inputs
        from diffusion.tables.limits import Limits

        inputs = raw_inputs(receipt, store, place / "cache")
        limits = Limits(2000, 2, place / "work")
        convert_table("dpe", source, inputs, place / "table.parquet", limits)
        facts["bytes"] = (place / "table.parquet").stat().st_size
    return facts


def pandas(url: str, target: str) -> dict:
    """The chapter's lines: a connection, a query, a frame."""
    import pandas as pd
    import sqlalchemy

    address = url.replace("postgresql://", "postgresql+psycopg://")
    frame = pd.read_sql("SELECT * FROM rents", sqlalchemy.create_engine(address))
    frame.to_parquet(target)
    return {"bytes": Path(target).stat().st_size}
