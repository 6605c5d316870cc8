"""From raw copies to tables: names, failures, batches."""

import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from conversions import raw, source_of
from diffusion.convert import finishing
from diffusion.convert.stages import convert_table
from diffusion.errors import DiffusionError
from diffusion.tables.distinct import FEW

COMMUNES = "CODGEO;LIBGEO;MED14;P;extra\n01001;L'Abergement;22130,5;s;1\n2A004;Ajaccio;nd;7;2\n"


def test_rename_drop_nulls_and_order(converter):
    table = converter.table(
        COMMUNES,
        csv={"decimal": ","},
        nulls=["s"],
        columns={
            "median": {"from": "MED14", "type": "float", "nulls": ["nd"]},
            "code": {"from": "CODGEO"},
            "again": {"from": "CODGEO", "type": "category"},
        },
        drop=["extra"],
    )
    assert table.to_pydict() == {
        "median": [22130.5, None],
        "code": ["01001", "2A004"],
        "again": ["01001", "2A004"],
        "LIBGEO": ["L'Abergement", "Ajaccio"],
        "P": [None, 7],
    }
    assert table.schema.field("again").type == pa.string()
    notes = converter.notes()
    assert notes["nulls"] == {"median": {"nd": 1}, "P": {"s": 1}}
    assert notes["cast_failures"] == {}


def test_keep_declared(converter):
    data = "geometry;code;n\nPOINT (1 1);01;2\n"
    assert converter.columns(data, keep="declared", columns={"n": "int"}) == {"n": [2]}


def test_what_a_table_says_of_itself(converter):
    keys = {"licence": "ODbL 1.0", "attribution": "© X", "columns": {"n": "int"}}
    converter.convert("n\n1\n", **keys)
    assert converter.notes() == {
        "source": "t",
        "vintage": "2025-03-19",
        "licence": "ODbL 1.0",
        "attribution": "© X",
        "raw_sha256": {"all": "0" * 64},
        "read": ["CSV, utf-8, one column, names in line 1"],
        "cast_failures": {},
        "nulls": {},
    }


def test_values_that_cannot_be_cast_are_counted_and_shown(converter):
    # a column called row, to be taken for no other
    one = "row,n\n" + "".join(f"9,{value}\n" for value in ["1", "x", "", "1.5", *"abcdefg"])
    two = "row,n\n" + "9,2\n" * 50_000 + "9,far\n" * 5 + "9,3\n"
    table = converter.table(one, two, columns={"n": "int"}, threads=4)
    failure = converter.notes()["cast_failures"]["n"]
    assert (failure["failed"], failure["values"]) == (14, 50_016)
    bad = [(2, "x"), (4, "1.5"), *enumerate("abcdefg", 5)]
    examples = [{"file": "0.bin", "row": row, "value": value} for row, value in bad]
    assert failure["examples"] == [*examples, {"file": "1.bin", "row": 50_001, "value": "far"}]
    assert table["n"].null_count == 15
    assert table["n"].type == pa.int64()


def test_failures_of_nested_types_are_counted(converter):
    values = ["[1]", '["x"]', "no"]
    rows = "\n".join(json.dumps({"l": v, "s": "{}" if v == "no" else v}) for v in values)
    converter.convert(rows, columns={"l": "list[int]", "s": "struct"})
    failures = converter.notes()["cast_failures"]
    assert {name: failure["failed"] for name, failure in failures.items()} == {"l": 2, "s": 2}


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"columns": {"CODEGEO": "string"}}, "`CODEGEO` (is it now `CODGEO`?)"),
        ({"columns": {"CODEGEO": "string"}, "keep": "declared"}, "(is it now `CODGEO`?)"),
        (
            {"columns": {"CODGEO": "string", "CODGEOS": "string"}},
            "not in the data: `CODGEOS` [columns]\n",
        ),
        ({"columns": {"code": {"from": "codgeo"}}}, "not in the data: `codgeo`"),
        ({"drop": ["Extra"]}, "`Extra` (is it now `extra`?)"),
        ({"columns": {"P": {"from": "MED14"}}}, "two columns would be named `P`"),
        ({"columns": {"libgeo": {"from": "MED14"}}}, "two columns would be named `LIBGEO`"),
        ({"sort_by": ["code"]}, "there is no column `code`"),
    ],
)
def test_columns_that_are_not_as_declared(converter, batches, keys, words):
    converter.target.write_text("published before")
    files = [converter.file(COMMUNES, f"{number}.csv") for number in range(batches)]
    inputs = [raw(file, file.stem) for file in files]
    with pytest.raises(DiffusionError) as caught:
        if batches == 1:
            converter.convert(files[0], **keys)
        else:
            converter.combined([[one] for one in inputs], **keys)
    assert words in str(caught.value)
    if "not in" in words or "now" in words:
        assert "the data have: CODGEO, LIBGEO, MED14, P, extra" in str(caught.value)
    assert converter.target.read_text() == "published before"
    assert not list(converter.folder.glob("*.part"))
    assert not list(converter.folder.glob("scratch/*"))


PARTS = [
    [{"id": "3", "n": 1, "s": {"b": 1}, "c": "B", "late": None}, {"id": "1", "n": None, "c": "A"}],
    [{"id": "2", "n": 2.5, "s": {"a": "x"}, "c": "B", "l": [1], "bad": "x"}],
    [],
    [{"id": "4", "n": 3, "late": True, "bad": "7", "new": 1, "l": [2, 3]}],
]


def test_several_batches_give_the_bytes_of_one(converter):
    keys = {
        "format": "ndjson",
        "sort_by": ["id"],
        "nulls": ["A"],
        "columns": {"s": "struct", "c": "category", "l": "list[int]", "bad": "int"},
    }
    texts = ["\n".join(map(json.dumps, records)) + "\n" for records in PARTS]
    files = [converter.file(text, f"{i}") for i, text in enumerate(texts)]
    inputs = [raw(file, f"commune={file.name}", commune=file.name) for file in files]
    whole = converter.combined([inputs], **keys).read_bytes()
    read = pq.read_table(converter.target)
    assert read.select(["id", "n", "bad", "late", "commune"]).to_pydict() == {
        "id": ["1", "2", "3", "4"],
        "n": [None, 2.5, 1, 3],
        "bad": [None, None, None, 7],
        "late": [None, None, None, True],
        "commune": ["0", "1", "0", "3"],
    }
    assert read["s"].to_pylist() == [None, {"a": "x", "b": None}, {"a": None, "b": 1}, None]
    assert converter.notes()["cast_failures"]["bad"]["examples"][0]["file"] == "1"
    for batches in ([[one] for one in inputs], [inputs[:2], inputs[2:]]):
        assert converter.combined(batches, **keys).read_bytes() == whole
    # and the way of a source with one batch
    convert_table("t", source_of(**keys), inputs, converter.target, converter.limits())
    assert converter.target.read_bytes() == whole


FORMS = {  # the source, and the file of some records
    "api": (
        {"from": "api", "url": "https://source.example/t"},
        lambda codes: zstd.compress(b"".join(b'{"code": "%s", "n": 1}\n' % c for c in codes)),
    ),
    "ndjson": (
        {"format": "ndjson"},
        lambda codes: b"".join(b'{"code": "%s", "n": 1}\n' % code for code in codes),
    ),
    "json": (
        {"format": "json"},
        lambda codes: b"[%s]" % b", ".join(b'{"code": "%s", "n": 1}' % code for code in codes),
    ),
    "csv": ({}, lambda codes: b"code;n\n" + b"".join(b"%s;1\n" % code for code in codes)),
}


@pytest.mark.parametrize("empty", [0, 2])
@pytest.mark.parametrize("form", FORMS)
def test_a_batch_without_records_among_others(converter, form, empty):
    """All others come out, with the types that they have without it."""
    keys, write = FORMS[form]
    codes = [[b"01001", b"01002"], [b"2A004"], [b"75056"]]
    codes.insert(empty, [])
    files = [converter.file(write(some), f"{n}.bin") for n, some in enumerate(codes)]
    batches = [[raw(file, f"dep={file.stem}", dep=file.stem)] for file in files]
    keys = {**keys, "columns": {"code": "string"}, "sort_by": ["code"]}  # `n` is to be proven
    table = pq.read_table(converter.combined(batches, **keys))
    deps = [str(n) for n, some in enumerate(codes) for _ in some]
    expected = {"code": ["01001", "01002", "2A004", "75056"], "n": [1] * 4, "dep": deps}
    assert table.to_pydict() == expected
    assert table.schema.field("n").type == pa.int64()
    assert list(converter.notes()["raw_sha256"]) == [f"dep={n}" for n in range(4)]


@pytest.mark.parametrize(
    ("keep", "expected"), [("all", ["a", "code", "c"]), ("declared", ["c", "code"])]
)
def test_columns_stand_as_in_the_data_or_as_those_that_are_kept_are_declared(
    converter, keep, expected
):
    columns = {"c": "int", "code": {"from": "b", "type": "string"}}
    table = converter.table("a;b;c\nx;01;3\n", columns=columns, keep=keep)
    assert table.column_names == expected


def test_no_record_in_any_batch(converter):
    empty = [[raw(converter.file("", f"{n}.ndjson"), str(n))] for n in range(2)]
    with pytest.raises(DiffusionError, match="the data hold no record at all"):
        converter.combined(empty, format="ndjson")


MANY = 2 * FEW  # values of a column are then hashed
HEAVY = ("pandas", "geopandas", "matplotlib", "py7zr", "boto3", "shapely", "pyproj")
LOADED = """
import sys
sys.path[:0] = sys.argv[3:]
from pathlib import Path
from conversions import raw, source_of
from diffusion.convert.stages import convert_table
from diffusion.tables.engine import Limits
file, target = map(Path, sys.argv[1:3])
keys = {"columns": {"n": "int", "kind": "category"}, "sort_by": ["kind"]}
limits = Limits(1000, 2, target.parent / "scratch")
convert_table("t", source_of(**keys), [raw(file)], target, limits)
print(*sys.modules)
"""


def test_a_csv_loads_nothing_that_it_does_not_need(converter):
    """Starting and importing is most of what a small conversion costs."""
    file = converter.file("n;kind;day\n" + "".join(f"{n};A;2024-01-01\n" for n in range(MANY)))
    given = [str(file), str(converter.target), *filter(None, sys.path)]
    command = [sys.executable, "-c", LOADED, *given]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert set(HEAVY) & set(out.split()) == set()
    assert pq.read_metadata(converter.target).num_rows == MANY


@pytest.mark.parametrize("large", [finishing.LARGE, 1000])
def test_rows_in_order_are_not_sorted_and_give_the_bytes_of_the_sort(
    converter, caplog, monkeypatch, large
):
    """Counts are the same too: what was read before the first row out of order counts once."""
    monkeypatch.setattr(finishing, "LARGE", large)  # records of which a few are looked at first
    caplog.set_level("INFO")
    keys = {"columns": {"code": "string", "n": "int"}, "sort_by": ["code"], "nulls": ["NA"]}
    lines = [f"{n // 2:06},{2 * n if n % 2 else n},a" for n in range(1, 120_000)]
    lines[2], lines[-3] = "000001,3,#N/A", "059998,NA,b"
    late = [*lines[:-1], "000000,1,a"]
    found = {
        name: converter.convert("\n".join(["code,n,word", *given, ""]), **keys).read_bytes()
        for name, given in {
            "ordered": [late[-1], *late[:-1]],
            "late": late,
            "reversed": late[::-1],
        }.items()
    }
    assert converter.notes()["nulls"] == {"n": {"NA": 1}}
    assert "`word` has 1 × `#N/A` as texts" in "".join(converter.notes()["notes"])
    assert found["late"] == found["reversed"] == found["ordered"]
    assert caplog.text.count("they are sorted") == 2


def test_a_date_is_a_day_or_a_moment(converter):
    good = [
        "2024-07-05",
        "2024-07-05 10:30",
        "2024-07-05T10:30:00.5+02:00",
        "2024-07-05 10:30:00 UTC",
    ]
    bad = ["2024-07-05 (prov.)", "2024-07-05 au 2024-07-06", "2024-07-05 BC", "2024-07-05 99"]
    text = "d\n" + "\n".join([*good, *bad]) + "\n"
    read = converter.columns(text, columns={"d": "date"}, csv={"delimiter": "none"})
    assert [str(day) for day in read["d"][: len(good)]] == ["2024-07-05"] * len(good)
    assert read["d"][len(good) :] == [None] * len(bad)
    assert converter.notes()["cast_failures"]["d"]["failed"] == len(bad)
