"""Arrow, Feather, ORC, tables of SQLite and DuckDB files: values keep their types, or say so."""

import io
import sqlite3
import warnings
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather, orc
from shapely import Point

from conversions import refusal
from diffusion.config.reading import Convert, FileRead
from diffusion.convert.given import Given
from diffusion.convert.typed.as_parquet import write_rows
from diffusion.errors import DiffusionError

NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)
ROWS = {
    "code": pa.array(["01", "2A", None]),
    "n": pa.array([1, None, 2**53 + 1], pa.int64()),
    "d": pa.array([Decimal("1.10"), None, Decimal("2.00")], pa.decimal128(10, 2)),
    "z": pa.array([NOON] * 3, pa.timestamp("us", "Europe/Paris")),
    "s": pa.array([{"x": 1, "y": "é"}] * 3),
    "l": pa.array([[1, None], [], None]),
}
TABLE = pa.table(ROWS)


def arrow(table: pa.Table, kind=pa.ipc.new_stream) -> bytes:
    out = io.BytesIO()
    with kind(out, table.schema) as writer:
        writer.write_table(table, 2)
    return out.getvalue()


def in_orc(table: pa.Table) -> bytes:
    out = io.BytesIO()
    orc.write_table(table, out, stripe_size=1)
    return out.getvalue()


def in_feather(table: pa.Table, **keys: object) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        feather.write_feather(table, out, **keys)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [arrow(TABLE), arrow(TABLE, pa.ipc.new_file), in_feather(TABLE), in_orc(TABLE)],
    ids=["stream", "file", "feather", "orc"],
)
def test_values_are_those_of_parquet(converter, data: bytes):
    pq.write_table(TABLE, converter.folder / "same.parquet")
    expected = converter.table(converter.folder / "same.parquet")
    found = converter.table(data)
    assert found.schema.equals(expected.schema) and found.equals(expected)


def test_the_first_feather(converter):
    plain = pa.table({"code": ["01", "2A"], "n": [1, 2]})
    assert converter.columns(in_feather(plain, version=1)) == plain.to_pydict()


def test_values_that_parquet_has_in_another_way(converter):
    """Dictionaries that differ from batch to batch, runs, views, small decimals."""
    kind = pa.dictionary(pa.int8(), pa.string())
    schema = pa.schema([("d", kind), ("r", pa.run_end_encoded(pa.int32(), pa.string()))])
    out = io.BytesIO()
    with pa.ipc.new_stream(out, schema) as writer:
        for values in (["a", "b"], ["c", None]):
            runs = pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], pa.int32()), values)
            column = pa.array(values).dictionary_encode().cast(kind)
            writer.write_batch(pa.record_batch([column, runs], schema=schema))
    assert converter.columns(out.getvalue()) == {
        "d": ["a", "b", "c", None],
        "r": ["a", "b", "c", None],
    }
    views = pa.table({"s": pa.array(["a" * 20, None], pa.string_view())})
    assert converter.columns(arrow(views)) == views.to_pydict()


FRAME = geopandas.GeoDataFrame({"code": ["01"]}, geometry=[Point(652000, 6862000)], crs=2154)
GEOARROW = pa.table(FRAME.to_arrow(geometry_encoding="geoarrow"))
LARGE = pa.table({"n": range(1000)})
BAD_TEXT = arrow(pa.table({"s": ["éé", "b"]}), pa.ipc.new_file).replace(b"\xc3\xa9", b"\xff\xa9", 1)
UNION = pa.UnionArray.from_dense(
    pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), [pa.array([1]), pa.array(["x"])]
)
FAR = pa.table({"t": pa.array([datetime(9999, 12, 31)], pa.timestamp("us"))})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (arrow(TABLE)[:-200], "Expected to read"),
        (arrow(TABLE, pa.ipc.new_file)[:-20], "Not an Arrow file"),
        (BAD_TEXT, "is damaged, in records 1 to 2"),
        (in_orc(LARGE)[:-9], "cannot be read"),
        (in_orc(FAR), "ask its publisher for Parquet, which has such moments"),
        (arrow(pa.table({"A": [1], "a": [2]})), "columns of one name: A, a"),
        (arrow(pa.table({"u": UNION})), "`u` is dense_union<0: int64=0, 1: string=1>, a type that"),
        (arrow(pa.table({"d": pa.array([1], pa.duration("s"))})), "`d` holds durations of seconds"),
        (arrow(GEOARROW), "encoded as geoarrow.point"),
        (arrow(TABLE) + arrow(TABLE), "goes on behind the end of its stream"),
        (arrow(pa.table({})), "has no column"),
    ],
    ids=range(11),
)
def test_what_is_no_table_is_refused(converter, data: bytes, words: str):
    assert words in refusal(converter, data)


def test_a_type_that_no_table_holds_can_be_left_out(converter):
    data = arrow(pa.table({"k": [1, 2], "u": UNION}))
    assert converter.columns(data, drop=["u"]) == {"k": [1, 2]}


def test_a_stream_without_its_end_is_told(converter):
    converter.convert(arrow(TABLE)[:-8])
    assert "has no mark at its end: that 3 rows are all" in str(converter.notes()["notes"])


@pytest.mark.parametrize("encode", [in_feather, arrow])
def test_geometries_have_the_crs_that_is_stated(converter, encode):
    FRAME.to_feather(converter.folder / "g.feather")
    table = pa.table(FRAME.to_arrow(geometry_encoding="WKB"))
    data = (converter.folder / "g.feather").read_bytes() if encode is in_feather else arrow(table)
    assert geopandas.read_parquet(converter.convert(data)).crs.to_epsg() == 2154
    assert "declared is EPSG:4326" in refusal(converter, data, geometry={"crs": "EPSG:4326"})


def test_text_that_begins_as_a_magic_number(converter):
    assert converter.columns("ORCID;FEA1\n0000-0001;x\n") == {"ORCID": ["0000-0001"], "FEA1": ["x"]}


def sqlite(folder: Path, *statements: str | tuple[str, Sequence]) -> Path:
    path = folder / "x.db"
    path.unlink(missing_ok=True)
    base = sqlite3.connect(path)
    with base:
        for statement in statements:
            base.execute(*((statement,) if isinstance(statement, str) else statement))
    base.close()
    return path


@pytest.mark.parametrize(
    ("declared", "values", "kind", "expected"),
    [
        ("TEXT", ["01", None], "string", ["01", None]),
        ("INTEGER", [1, None], "int64", [1, None]),
        ("REAL", [1.5, 2], "double", [1.5, 2.0]),
        ("NUMERIC", [1, 2.5], "double", [1.0, 2.5]),
        ("NUMERIC", [2**53 + 1, 2.5], "string", ["9007199254740993", "2.5"]),
        ("INTEGER", [1, "2A"], "string", ["1", "2A"]),
        ("DATE", ["2024-01-02", "2024-02-30"], "string", ["2024-01-02", "2024-02-30"]),
        ("", [b"\0\xff", b"a"], "binary", [b"\0\xff", b"a"]),
        ("", [b"\0\xff", 7], "string", ["\\x00ff", "7"]),
    ],
)
def test_a_column_of_sqlite_is_what_its_values_are(converter, declared, values, kind, expected):
    inserts = [("INSERT INTO t VALUES (?, ?)", row) for row in enumerate(values)]
    file = sqlite(converter.folder, f"CREATE TABLE t (k INTEGER, v {declared})", *inserts)
    found = converter.table(file, sort_by=["k"])
    assert (str(found.schema.field("v").type), found["v"].to_pylist()) == (kind, expected)
    is_told = "holds values of several types, and is text" in str(converter.notes().get("notes"))
    assert is_told == (kind == "string" and len({type(v) for v in values} - {type(None)}) > 1)


def test_a_declared_type_reads_the_text_of_each_value(converter):
    file = sqlite(
        converter.folder, "CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1), ('x'), (3)"
    )
    assert converter.columns(file, columns={"n": "int"})["n"] == [1, None, 3]
    assert converter.notes()["cast_failures"]["n"]["failed"] == 1


TWO = ("CREATE TABLE a (x)", "CREATE TABLE b (x)", "INSERT INTO b VALUES (7)")
VIEW = "CREATE VIEW v AS SELECT x + 1 AS y FROM b"


def test_which_table_is_meant(converter):
    file = sqlite(converter.folder, *TWO, VIEW)
    assert "tables: a, b; views: v" in refusal(converter, file)
    assert "has no table `z`" in refusal(converter, file, table="z")
    assert converter.columns(file, table="b") == {"x": [7]}
    assert converter.columns(file, table="v") == {"y": [8]}
    with duckdb.connect(str(converter.folder / "x.duckdb")) as base:
        for statement in (
            "CREATE TABLE a (x INT)",
            "CREATE SCHEMA s",
            "CREATE TABLE s.b AS SELECT 7 AS x",
        ):
            base.execute(statement)
    file = converter.folder / "x.duckdb"
    assert "tables: a, s.b" in refusal(converter, file)
    assert converter.columns(file, table="s.b") == {"x": [7]}
    assert "table: has no effect: the data are csv" in refusal(converter, "a\n1\n", table="a")


def test_a_table_of_a_geopackage_that_is_no_layer(converter):
    file = converter.folder / "g.gpkg"
    FRAME.to_file(file, layer="lay")
    base = sqlite3.connect(file)
    with base:
        base.execute("CREATE TABLE attr (k TEXT)")
        base.execute("INSERT INTO attr VALUES ('01')")
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('attr', 'attributes')"
        )
    base.close()
    assert converter.columns(file, table="attr") == {"k": ["01"]}
    assert "`table: attr`" in refusal(converter, file, layer="attr")
    assert "`layer: lay`, in place of `table`" in refusal(converter, file, table="lay")


def test_a_journal_beside_a_database_has_changes_that_it_has_not(converter):
    file = converter.folder / "w.db"
    base = sqlite3.connect(file)
    base.execute("PRAGMA journal_mode = wal")
    base.execute("CREATE TABLE t (x)")
    base.commit()
    with zipfile.ZipFile(converter.folder / "w.zip", "w") as archive:
        for path in (file, converter.folder / "w.db-wal", converter.folder / "w.db-shm"):
            archive.write(path, path.name)
    words = refusal(converter, converter.folder / "w.zip")
    assert "w.db has w.db-wal beside it, with changes" in words and "VACUUM INTO" in words
    base.execute("INSERT INTO t VALUES (5)")
    base.commit()
    base.close()  # which writes it into the file, still marked as in this mode
    assert converter.columns(file) == {"x": [5]}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("CAST(x'52e96e' AS TEXT)", "`encoding: cp1252` reads Rén"),
        ("'a' || char(0) || 'b'", "`x` of record 2 has a NUL"),
    ],
)
def test_texts_of_sqlite(converter, value: str, words: str):
    file = sqlite(converter.folder, "CREATE TABLE t (x)", f"INSERT INTO t VALUES ('é'), ({value})")
    assert words in refusal(converter, file)


def test_texts_of_sqlite_in_a_declared_encoding(converter):
    file = sqlite(
        converter.folder, "CREATE TABLE t (x)", "INSERT INTO t VALUES (CAST(x'52e96e' AS TEXT))"
    )
    assert converter.columns(file, encoding="cp1252") == {"x": ["Rén"]}


def test_databases_that_cannot_be_read(converter):
    file = sqlite(
        converter.folder, "CREATE TABLE t (x)", *["INSERT INTO t VALUES (hex(zeroblob(3000)))"] * 9
    )
    assert "malformed" in refusal(converter, file.read_bytes()[:-8192])
    assert "if it is encrypted" in refusal(converter, b"\x9c" * 4096, format="sqlite")
    assert "has no table" in refusal(converter, sqlite(converter.folder, "PRAGMA user_version = 1"))
    with duckdb.connect(str(converter.folder / "x.duckdb")) as base:
        base.execute("CREATE TABLE t AS SELECT range AS x FROM range(100000)")
    data = (converter.folder / "x.duckdb").read_bytes()
    words = refusal(converter, data[:-300_000])
    assert "cannot be read by DuckDB" in words and "COPY t TO 't.parquet'" in words


def duck(converter, sql: str) -> Path:
    path = converter.folder / "x.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as base:
        base.execute(sql)
    return path


def test_types_of_duckdb(converter):
    file = duck(
        converter,
        """CREATE TABLE t AS SELECT '01' AS code,
        170141183460469231731687303715884105727::HUGEINT AS h, 5::HUGEINT AS small,
        1.10::DECIMAL(10, 2) AS d, DATE '2024-01-02' AS day,
        TIMESTAMPTZ '2024-01-01 12:00+02' AS z, {'a': 1, 'b': 'x'} AS s, [1, 2] AS l,
        INTERVAL 1 MONTH AS i, 'a'::ENUM('a', 'b') AS e, '101'::BIT AS bits,
        {'h': 1::HUGEINT} AS sh""",
    )
    found = converter.table(file)
    assert found.to_pylist()[0] == {
        "code": "01", "h": "170141183460469231731687303715884105727", "small": 5,
        "d": Decimal("1.10"), "day": date(2024, 1, 2), "z": datetime(2024, 1, 1, 10, tzinfo=UTC),
        "s": {"a": 1, "b": "x"}, "l": [1, 2], "i": "1 month", "e": "a", "bits": "101",
        "sh": '{"h":1}',
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 'infinity'::DATE AS d", "`d` holds a day that is infinity"),
        ("SELECT '0044-03-15 (BC)'::DATE AS d", "or not of the years 1 to 9999"),
        ("SELECT 'POINT(2 48)'::GEOMETRY AS g", "nothing states their CRS"),
    ],
)
def test_what_parquet_would_show_otherwise(converter, sql: str, words: str):
    assert words in refusal(converter, duck(converter, f"CREATE TABLE t AS {sql}"))


def test_a_view_of_duckdb_reads_no_other_file(converter):
    other = converter.file("secret\n1\n", "other.csv")
    file = duck(converter, f"CREATE VIEW v AS SELECT * FROM read_csv('{other}')")
    assert "file system operations are disabled" in refusal(converter, file, table="v")


def viewed(converter, kind: str, column: str) -> Path:
    sql = VIEWS.format(column)
    if kind == "duckdb":
        return duck(converter, sql)
    (converter.folder / "x.db").unlink(missing_ok=True)
    return sqlite(converter.folder, *sql.split("; "))


VIEWS = "CREATE TABLE t AS SELECT 1 AS a; CREATE VIEW v AS SELECT a, {} AS d FROM t; "
VIEWS += "CREATE VIEW w AS SELECT * FROM v"


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize(("said", "found"), [("current_date", ""), ("random()", "random(")])
def test_a_view_that_changes_with_the_day(converter, kind, said, found):
    """From the same raw copy, another table each day."""
    file = viewed(converter, kind, said)
    words = refusal(converter, file, table="w")
    assert f"the view `v` has `{found or said}`: its rows depend on when they are read" in words
    assert converter.columns(file, table="t") == {"a": [1]}


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_view_that_stays(converter, kind):
    file = viewed(converter, kind, "'now or random'")
    assert converter.columns(file, table="w") == {"a": [1], "d": ["now or random"]}


def test_rows_are_as_many_as_the_file_states(tmp_path):
    given = Given(tmp_path / "x", "x.orc", "orc", FileRead(), Convert(), tmp_path)
    assert write_rows(given, TABLE.schema, TABLE.to_batches(), 3).exists()
    with pytest.raises(DiffusionError, match="states 4 records, 3 came"):
        write_rows(given, TABLE.schema, TABLE.to_batches(), 4)


def test_several_files_are_one_table(converter):
    """Each member has a place of its own, and types that differ are named."""

    def zipped(second: pa.Table) -> Path:
        with zipfile.ZipFile(converter.folder / "a.zip", "w") as archive:
            archive.writestr("a.arrow", arrow(pa.table({"k": ["01"], "v": [1]})))
            archive.writestr("b.arrow", arrow(second, pa.ipc.new_file))
        return converter.folder / "a.zip"

    file = zipped(pa.table({"k": ["02"], "v": [2]}))
    expected = {"k": ["01", "02"], "v": [1, 2], "member": ["a.arrow", "b.arrow"]}
    assert converter.columns(file, members="many") == expected
    file = zipped(pa.table({"k": ["02"], "v": ["2"]}))
    assert "`v` is int (BIGINT) in a.arrow and text" in refusal(converter, file, members="many")


def test_geometries_of_spatialite_are_no_bytes(converter):
    file = sqlite(
        converter.folder,
        "CREATE TABLE geometry_columns (f_table_name, f_geometry_column)",
        "INSERT INTO geometry_columns VALUES ('t', 'geom')",
        "CREATE TABLE t (k, geom)",
        "INSERT INTO t VALUES (1, x'0001')",
    )
    assert "`geom` has geometries of SpatiaLite" in refusal(converter, file, table="t")
    assert converter.columns(file, table="t", drop=["geom"]) == {"k": [1]}


@pytest.mark.parametrize("kind", ["string", "json"])
def test_what_holds_others_is_json_as_text(converter, kind):
    """Not the words in which the engine shows it, which nothing reads."""
    rows = {"l": [[{"k": 1, "v": "é"}], []], "s": [{"x": 1.5}, None], "m": [[("a", 1)], None]}
    table = pa.table(rows | {"m": pa.array(rows["m"], pa.map_(pa.string(), pa.int64()))})
    pq.write_table(table, out := io.BytesIO())
    found = converter.columns(out.getvalue(), columns=dict.fromkeys(rows, kind))
    assert found == {
        "l": ['[{"k":1,"v":"é"}]', "[]"],
        "s": ['{"x":1.5}', None],
        "m": ['{"a":1}', None],
    }


def test_tables_of_spatialite_itself_are_not_proposed(converter):
    own = ["spatial_ref_sys", "geometry_columns", "spatialite_history", "SpatialIndex", "idx_a_g"]
    tables = [f"CREATE TABLE {name} (x)" for name in own]
    file = sqlite(converter.folder, *tables, "CREATE TABLE a (x)", "INSERT INTO a VALUES (1)")
    assert converter.columns(file) == {"x": [1]}
    base = sqlite3.connect(file)
    base.execute("CREATE TABLE zones (x)")
    base.close()
    words = refusal(converter, file)
    assert "`table: a`" in words and "zones" in words and "geometry_columns" not in words
