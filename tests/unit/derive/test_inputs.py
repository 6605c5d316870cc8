"""Published tables are read in place: only the needed columns and row groups leave the server."""

from decimal import Decimal

import duckdb
import geopandas
import pyarrow.compute as pc
import pytest

from counting_proxy import CountingProxy
from derivations import derived, entry_of
from diffusion.config.parts import Server
from diffusion.derive.inputs import PublishedTable
from diffusion.derive.table import derive_script, derive_sql
from diffusion.errors import DiffusionError
from diffusion.storage.connection import connection
from diffusion.storage.hashing import sha256_of
from diffusion.storage.store import Store
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits
from diffusion.tables.parquet import read_metadata, write_parquet

ROWS = 400_000


@pytest.fixture(scope="module")
def big(s3, tmp_path_factory):
    """A table of 400,000 rows, sorted by code, on S3 behind a proxy that counts bytes."""
    path = tmp_path_factory.mktemp("big") / "big.parquet"
    con = duckdb.connect()
    batches = con.sql(
        "SELECT lpad((i // 4000)::VARCHAR, 3, '0') AS code, md5(i::VARCHAR) AS name, "
        f"hash(i) % 1000 / 7.0 AS value FROM range({ROWS}) r(i) ORDER BY i"
    ).to_arrow_reader(10_000)
    write_parquet(batches, batches.schema, path, row_group_rows=20_000, metadata={})
    link = connection(Server(endpoint=s3.endpoint), s3.environment())
    digest = sha256_of(path)
    Store("s3://lake/in-place", link).put("big.parquet", path, digest)
    with CountingProxy(s3.endpoint) as proxy:
        through = connection(Server(endpoint=proxy.endpoint), s3.environment())
        receipt = {
            "name": "big",
            "url": "s3://lake/in-place",
            "objects": [{"key": "big.parquet", "size": path.stat().st_size, "sha256": digest}],
            "columns": [{"name": name} for name in ("code", "name", "value")],
            "credits": ["Somebody — Licence"],
        }
        yield PublishedTable(receipt, through), proxy, path.stat().st_size


def test_a_query_reads_only_its_columns_and_row_groups(big, tmp_path):
    table, proxy, size = big
    proxy.bytes_sent = 0
    entry = entry_of(
        sql="SELECT code, avg(value) AS mean FROM big WHERE code = '042' GROUP BY code"
    )
    with engine(Limits(1000, 1, tmp_path)) as con:
        derive_sql(con, "mean", entry, {"big": table}, tmp_path, tmp_path / "mean.parquet")
    assert 0 < proxy.bytes_sent < 0.03 * size, f"{proxy.bytes_sent} of {size} bytes"
    assert read_metadata(tmp_path / "mean.parquet")["inputs"] == {"big": table.sha256}


def test_a_frame_reads_only_its_columns_and_row_groups(big):
    table, proxy, size = big
    proxy.bytes_sent = 0
    frame = table.frame(columns=["code"], filter=pc.field("code") == "042")
    assert len(frame) == 4000
    assert proxy.bytes_sent < 0.03 * size


def test_the_result_does_not_depend_on_the_run(big, tmp_path):
    """Groups come in any order and sums of floats depend on theirs: the bytes must not."""
    table, _, _ = big
    entry = entry_of(
        sql="SELECT code, sum(value) AS total, avg(value) AS mean FROM big GROUP BY ALL"
    )
    files = []
    for number in range(3):
        target = tmp_path / f"{number}.parquet"
        with engine(Limits(1000, 1, tmp_path / str(number))) as con:
            derive_sql(con, "sums", entry, {"big": table}, tmp_path, target)
        files.append(target.read_bytes())
    assert files[0] == files[1] == files[2]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT nothing FROM big", ("nothing", "big: code, name, value")),
        ("SELECT * FROM elsewhere", ("no table `elsewhere` among its inputs", "big: code, name")),
        ("SELECT * FROM constraint_", ("no table `constraint_`", "→ what a query reads stands")),
        ("SELECT * FROM bigs", ("no table `bigs`", "→ did you mean `big`? what a query reads")),
        (
            "SELECT * FROM big a JOIN big b ON a.code = b.code",
            ("`code` (as `code_1`), `name` (as `name_1`)", "`b.* EXCLUDE (code)`"),
        ),
        ("WITH j AS (SELECT a.*, b.code FROM big a, big b) FROM j", ("`code` (as `code_1`)",)),
        ("SELECT * FROM read_csv('/etc/passwd')", ("disabled",)),
        (
            "SELECT code, TIMESTAMP '2020-01-02' - TIMESTAMP '2020-01-01' AS d FROM big",
            ("`d` is a duration (INTERVAL)", "date_diff('day', begin, end)"),
        ),
    ],
)
def test_a_wrong_query_is_explained(big, tmp_path, sql, words):
    with engine(Limits(1000, 1, tmp_path)) as con, pytest.raises(DiffusionError) as error:
        derive_sql(con, "x", entry_of(sql=sql), {"big": big[0]}, tmp_path, tmp_path / "x.parquet")
    assert "derive.x.sql" in str(error.value)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM big a JOIN big b USING (code, name, value)",
        "SELECT a.code, b.* EXCLUDE (code) FROM big a JOIN big b ON a.name = b.name",
        "SELECT code, code AS code_1 FROM big",  # as the query says
        "FROM (PIVOT (SELECT code, code AS k FROM big WHERE code < '002') ON k USING count(*))",
    ],
)
def test_names_that_are_meant_are_no_doubles(big, tmp_path, sql):
    assert derived({"big": big[0]}, tmp_path, f"{sql} LIMIT 9")


CHANGING = {
    "SELECT code, current_date AS day FROM big": ("`current_date`", "DATE '2025-03-19'"),
    "SELECT code, now() AS d, CURRENT_TIMESTAMP AS e FROM big": ("`now()`, `current_timestamp`",),
    "FROM big SELECT code, age(DATE '2020-01-01') AS a": ("`age()`", "the day that is meant"),
    "SELECT * FROM big ORDER BY random() LIMIT 9": ("`random()`", "left(md5(code), 1)"),
    "SELECT uuid() AS key, code FROM big": ("`uuid()`", "`md5(…)` of the columns"),
    "WITH a AS (SELECT list_transform([1], lambda x: x + random()) AS r FROM big) FROM a": (
        "`random()`",
    ),
    "SELECT * FROM big USING SAMPLE 10 ROWS": ("a sample without a seed", "(bernoulli, 42)"),
    "PIVOT (SELECT code, random() AS r FROM big) ON code USING sum(r)": ("`random()`",),
    "PIVOT (SELECT code, name FROM big USING SAMPLE 1%) ON code USING count(*)": ("a sample",),
}


@pytest.mark.parametrize("sql", CHANGING)
def test_a_result_that_is_another_one_at_every_run(big, tmp_path, sql):
    with engine(Limits(1000, 1, tmp_path)) as con, pytest.raises(DiffusionError) as error:
        derive_sql(con, "x", entry_of(sql=sql), {"big": big[0]}, tmp_path, tmp_path / "x.parquet")
    for word in CHANGING[sql]:
        assert word in str(error.value)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'now()' AS t, age(DATE '2020-01-02', DATE '2020-01-01')::VARCHAR AS a FROM big",
        'SELECT code AS "current_date", 1 AS "random" FROM big -- now()',
        "SELECT code FROM big USING SAMPLE 1% (bernoulli, 42)",
        "SELECT code FROM big WHERE left(md5(code), 1) = '0'",
        "SELECT code FROM big TABLESAMPLE reservoir(5) REPEATABLE (3)",
        "SELECT code, DATE '2025-03-19' AS today, today.now FROM big, (SELECT 1 AS now) today",
        "FROM (PIVOT (SELECT code, 'now()' AS k FROM big WHERE code < '002') ON k USING count(*))",
        "SELECT code, reservoir_quantile(value, 0.5) AS q FROM big GROUP BY code",
    ],
)
def test_results_that_are_the_same_at_every_run(big, tmp_path, sql):
    first = derived({"big": big[0]}, tmp_path, sql)
    data = (tmp_path / "out.parquet").read_bytes()
    assert first == derived({"big": big[0]}, tmp_path, sql)
    assert (tmp_path / "out.parquet").read_bytes() == data


SCRIPTS = {
    "pandas": "def derive(inputs, params):\n    return inputs['big'].frame().head(params['rows'])",
    "arrow": "def derive(inputs, params):\n    return inputs['big'].dataset().head(params['rows'])",
    "geo": (
        "import geopandas as gpd\n"
        "def derive(inputs, params):\n"
        "    f = inputs['big'].frame().head(params['rows'])\n"
        "    return gpd.GeoDataFrame(f, geometry=gpd.points_from_xy(f.value, f.value), crs=2154)"
    ),
}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_a_script_may_return_any_table(big, tmp_path, kind):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "it.py").write_text(SCRIPTS[kind])
    entry, target = (
        entry_of(script="mine/it.py", params={"rows": 7}),
        tmp_path / "x.parquet",
    )
    with engine(Limits(1000, 1, tmp_path / "scratch")) as con:
        derive_script(con, "mine", entry, {"big": big[0]}, tmp_path, target)
    read = geopandas.read_parquet if kind == "geo" else __import__("pandas").read_parquet
    assert len(read(target)) == 7
    assert kind != "geo" or read(target).crs.to_epsg() == 2154
    assert read_metadata(target)["credits"] == ["Somebody — Licence"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", "there is no function `derive`"),
        ("def derive(inputs, params):\n    return 3", "returned int"),
        (
            "def derive(inputs, params):\n"
            "    f = inputs['big'].frame().groupby('code').agg({'value': ['min', 'max']})\n"
            "    return f.reset_index()",
            r"names of several levels: \('code', ''\), \('value', 'min'\)(.|\n)*frame.columns = \[",
        ),
        (
            "import pyarrow as pa\n"
            "def derive(inputs, params):\n"
            "    return pa.table({'n': pa.array([1], pa.decimal256(50))})",
            r"derive.mine \(mine/it.py\): .*Unsupported",
        ),
    ],
)
def test_a_script_of_another_shape_is_explained(big, tmp_path, text, words):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "it.py").write_text(text)
    with engine(Limits(1000, 1, tmp_path)) as con, pytest.raises(DiffusionError, match=words):
        derive_script(
            con,
            "mine",
            entry_of(script="mine/it.py"),
            {"big": big[0]},
            tmp_path,
            tmp_path / "x",
        )


def test_a_geo_table_is_read_by_box(tmp_path):
    (tmp_path / "geo").mkdir()
    (tmp_path / "geo" / "it.py").write_text(
        "import geopandas as gpd\n"
        "def derive(inputs, params):\n"
        "    points = gpd.GeoSeries.from_xy(range(80), range(80), crs='EPSG:4326')\n"
        "    return gpd.GeoDataFrame({'n': range(80)}, geometry=points)\n"
    )
    with engine(Limits(1000, 1, tmp_path)) as con:
        entry = entry_of(script="geo/it.py")
        derive_script(con, "p", entry, {}, tmp_path, tmp_path / "p.parquet")
    receipt = {
        "name": "p",
        "url": str(tmp_path),
        "objects": [{"key": "p.parquet", "size": 1, "sha256": "h"}],
    }
    near = PublishedTable(receipt | {"columns": [], "credits": []}, None).geo(bbox=(10, 10, 12, 12))
    assert sorted(near["n"]) == [10, 11, 12]
    assert near.crs.to_epsg() == 4326


@pytest.mark.parametrize(
    ("private", "there", "words", "remedy"),
    [
        (True, True, "that was made and checked: it was replaced", "remove it, and run"),
        (True, False, "no such file, though it was made and checked", "run `snakemake` again: it"),
        (False, True, "that was published: it was replaced since", "--forcerun publish_sources"),
    ],
)
def test_an_input_that_was_altered(tmp_path, private, there, words, remedy):
    """One that is not published is made again: publishing does not mend it."""
    if there:
        (tmp_path / "x.parquet").write_bytes(b"altered")
    item = {"key": "x.parquet", "size": 7, "sha256": "0" * 64}
    receipt = {"name": "x", "url": str(tmp_path), "objects": [item], "private": private}
    with pytest.raises(DiffusionError) as caught:
        PublishedTable(receipt, None).verify()
    assert words in caught.value.found
    assert remedy in caught.value.fix
    assert ("forcerun" in caught.value.fix) != private


def test_sums_of_ints_are_ints_and_never_cut(big, tmp_path):
    sums = "SELECT sum(length(code)) AS n, sum(CAST(1 AS DECIMAL(4, 2))) AS d FROM big"
    [row] = derived({"big": big[0]}, tmp_path, sums)
    assert isinstance(row["n"], int) and isinstance(row["d"], Decimal)
    huge = "SELECT sum(9223372036854775807) AS n FROM big"
    with pytest.raises(DiffusionError, match=r"derive\.mine\.sql: .*out of range[^→]*→ .*CAST\("):
        derived({"big": big[0]}, tmp_path, huge)
    [row] = derived(
        {"big": big[0]}, tmp_path, f"SELECT CAST(n AS DECIMAL(38, 0)) AS n FROM ({huge})"
    )
    assert row["n"] > 2**63
