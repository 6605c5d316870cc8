"""Raw files of every format and shape, read to columns."""

import codecs
import datetime
import gzip
import io
import json
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conversions import refusal
from diffusion.convert.json.reading import plain_json

TEXT = "code;nom;v\n01;Rhône;1,5\n2A;Île;s\n"
READ = {"code": ["01", "2A"], "nom": ["Rhône", "Île"], "v": [1.5, None]}
FRENCH = {"csv": {"decimal": ","}, "nulls": ["s"]}


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "auto"),
        (codecs.BOM_UTF8 + TEXT.encode(), "auto"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (TEXT.encode("latin-1"), "latin-1"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16"), "auto"),
        (TEXT.encode("utf-32"), "auto"),
        (TEXT.encode("cp850"), "cp850"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.replace("\n", "\r\n").encode(), "auto"),
        (TEXT.replace("\n", "\r").encode(), "auto"),
        (TEXT.rstrip().encode(), "auto"),
    ],
)
def test_encodings(converter, data, encoding):
    csv = FRENCH["csv"] | {"encoding": encoding}
    assert converter.columns(data, csv=csv, nulls=["s"]) == READ


def test_the_encoding_of_the_file_is_told(converter):
    for codec in ("utf-8", "utf-16"):
        converter.convert("a;b\né;1\n".encode(codec))
        assert f"read as CSV, {codec}, " in f"read as {converter.notes()['read'][0]}"


def test_what_calls_itself_latin_1_may_be_windows_1252(converter):
    data = "a;b\nœuf;5 €\n’;é\n".encode("cp1252")
    for keys in ({"csv": {"encoding": "latin-1"}}, {"encoding": "latin-1"}):
        assert converter.columns(data, **keys) == {"a": ["œuf", "’"], "b": ["5 €", "é"]}


@pytest.mark.parametrize("encoding", ["auto", "latin-1", "cp1252"])
def test_an_encoding_is_shown_and_not_guessed(converter, encoding):
    data = "id;nom\n1;Évreux\n2;Besançon\n".encode("mac_roman")
    said = refusal(converter, data, encoding=encoding)
    row = "2 cannot be read" if encoding == "auto" else "3 cannot be read"
    assert f"line {row}, or has control characters" in said
    assert (
        f"`encoding: mac_roman` reads {'1;Évreux' if encoding == 'auto' else '2;Besançon'}" in said
    )
    read = converter.columns(data, encoding="mac_roman")
    assert read == {"id": [1, 2], "nom": ["Évreux", "Besançon"]}


def test_members_in_two_encodings(converter):
    texts = {"a.csv": TEXT.encode("latin-1"), "b.csv": TEXT.encode()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in texts.items():
            archive.writestr(name, data)
    keys = {"members": "many", "csv": {"decimal": ","}, "nulls": ["s"]}
    words = refusal(converter, packed.getvalue(), **keys)
    assert 'where files differ, state it for each: `encoding: {"a.csv": …}`' in words
    assert "where files differ" not in refusal(converter, texts["a.csv"], csv={"decimal": ","})
    read = converter.columns(packed.getvalue(), encoding={"a*": "latin-1"}, **keys)
    assert read["nom"] == READ["nom"] * 2


def test_characters_beyond_the_basic_plane_of_utf_16(converter):
    data = ("a;b\n" + "é😀;ж\n" * 400_000).encode("utf-16")  # across the borders of chunks
    table = converter.table(data, csv={"encoding": "utf-16"})
    assert table.to_pandas().value_counts().to_dict() == {("é😀", "ж"): 400_000}


@pytest.mark.parametrize("lines", [0, 300_000])
@pytest.mark.parametrize("keys", [{}, {"columns": {"v": "int"}}])
def test_undeclared_latin_1_says_what_to_declare(converter, lines, keys):
    data = b"code;nom;v\n" + b"01;abc;1\n" * lines + "01;Rhône;3\n".encode("latin-1")
    said = refusal(converter, data, **keys)
    assert "`encoding: cp1252` reads 01;Rhône;3" in said
    assert f"line {lines + 2} cannot" in said
    assert "Error:" not in said.split("\n")[-1]


@pytest.mark.parametrize(
    ("data", "encoding", "words"),
    [
        (TEXT.encode("utf-16")[:-1], "utf-16", "not utf-16"),
        (TEXT.encode() + TEXT.encode(), "latin-1", "declared as latin-1, but the text is UTF-8"),
        (
            TEXT.encode() * 2 + b"3;\xe9\n",
            "auto",
            "mixed encodings: some of the text is UTF-8, line",
        ),
        (b"a" * 9_000_000, "auto", "line 1 has more than 8,388,608 characters"),
        (TEXT.encode("latin-1"), "utf-8", "not utf-8: line 2 cannot be read"),
    ],
)
def test_wrong_encoding(converter, data, encoding, words):
    assert words in refusal(converter, data, csv={"encoding": encoding})


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("declared", [True, False])
def test_delimiters(converter, delimiter, declared):
    text = f"a{delimiter}b\n01{delimiter}x y\n02{delimiter}z\n"
    csv = {"delimiter": delimiter} if declared else {}
    assert converter.columns(text, csv=csv) == {"a": ["01", "02"], "b": ["x y", "z"]}


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("nom, prénom;âge\nDoe, J;3\nRoe;4\n", {"nom, prénom": ["Doe, J", "Roe"], "âge": [3, 4]}),
        ("nom\nDupont, Jean\nX\n", {"nom": ["Dupont, Jean", "X"]}),
        ('a,b\n"x\ny;z",1\n"say ""hi""",2\n', {"a": ["x\ny;z", 'say "hi"'], "b": [1, 2]}),
        ('"a\nb",c\nx,1\n', {"a\nb": ["x"], "c": [1]}),
        ("a;b;\n1;2;\n", {"a": [1], "b": [2], "c3": [None]}),
        ('a;b\n"";1\n  ;2\n', {"a": [None, None], "b": [1, 2]}),
        ("a;b\n1;2\n\n3;4\n\n", {"a": [1, 3], "b": [2, 4]}),
        ("a;b\n", {"a": [], "b": []}),
    ],
)
def test_shapes_of_text(converter, text, columns):
    assert converter.columns(text) == columns


def test_quoted_newlines_across_the_buffers_of_several_threads(converter):
    rows = 300_000
    text = "id;t\n" + "".join(f'{i};"ligne {i}\n{"x" * 60}"\n' for i in range(rows))
    table = converter.table(text, threads=4)
    assert table["id"].to_pylist() == list(range(rows))
    assert table["t"][rows - 1].as_py() == f"ligne {rows - 1}\n" + "x" * 60


@pytest.mark.parametrize(
    ("header", "above", "columns"),
    [
        (0, "", {"c1": ["a", "01"], "c2": ["b", "x"]}),
        (1, "", {"a": ["01"], "b": ["x"]}),
        (3, "Titre; du, fichier\n\n", {"a": ["01"], "b": ["x"]}),
        (3, 'Titre;\n"sur deux\nlignes";;;\n', {"a": ["01"], "b": ["x"]}),
    ],
)
def test_header_rows(converter, header, above, columns):
    csv = {"header": header, "delimiter": ";"}
    assert converter.columns(above + "a;b\n01;x\n", csv=csv) == columns


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a;b;c\n1;2;3\n1;2\n", ["Line: 3", "Original Line: 1;2", "`csv: {pad: true}`"]),
        ("a;b;c\n1;2;3\n1;2;3;4\n", ["Line: 3", "of Columns: 3", "`csv: {names: […]}`"]),
        ('a;b\n"x"y;2\n', ["Line: 2", "quote"]),
        ("a;A\n1;2\n", ["columns of one name: A, a"]),
        ("\n\n", ["line 1 is empty or absent"]),
    ],
)
def test_damaged_text(converter, text, words):
    said = refusal(converter, text)
    assert all(word in said for word in words), said


RECORDS = [
    {"id": "01", "n": 1, "at": {"x": 1.5, "tags": ["p", "q"]}, "when": "2024-02-29"},
    {"id": "2", "n": None, "at": {"x": None}, "extra": True},
]
FLAT = {
    "id": ["01", "2"],
    "n": [1, None],
    "at_x": [1.5, None],
    "at_tags": ['["p","q"]', None],
    "when": ["2024-02-29", None],  # a JSON string is a string
    "extra": [None, True],
}


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (json.dumps(RECORDS), {}),
        (json.dumps(RECORDS, indent=1), {}),
        ("\n".join(map(json.dumps, RECORDS)), {}),
        (codecs.BOM_UTF8 + "\n".join(map(json.dumps, RECORDS)).encode(), {}),
        (codecs.BOM_UTF8 + json.dumps(RECORDS).encode(), {}),
        (json.dumps({"total": 2, "data": {"items": RECORDS}}), {"records": "data.items"}),
        ("\ufeff" + json.dumps({"data": RECORDS}), {"records": "data"}),
    ],
)
def test_json(converter, data, keys):
    read = converter.columns(data, **keys)
    assert read == FLAT
    assert list(read) == ["id", "n", "at_x", "at_tags", "when", "extra"]


def test_the_last_line_of_ndjson_stays_last_without_an_end(converter):
    """DuckDB gives it first, but in 1 run of 100 only: what it reads must have an end of line."""
    path = converter.file("\n".join(map(json.dumps, RECORDS)))
    copy = plain_json(path, converter.folder / "place", "ndjson")
    assert copy.read_bytes() == path.read_bytes() + b"\n"
    assert plain_json(copy, converter.folder / "again", "ndjson") == copy
    assert plain_json(path, converter.folder / "again", "json") == path


def lines(*records) -> str:
    return "\n".join(map(json.dumps, records)) + "\n"


def test_json_separator_and_rename(converter):
    read = converter.columns(
        lines(*RECORDS), separator=".", columns={"x": {"from": "at.x", "type": "float"}}
    )
    assert read["x"] == [1.5, None]
    assert "at.tags" in read


def test_json_declared_nested_types(converter):
    table = converter.table(
        lines(
            {
                "s": {"x": 1, "n": [], "m": 1, "o": {"b": None}},
                "l": [1, 2],
                "j": {"k": [1, {"z": 2}]},
                "e": {},
            },
            {"s": {"y": "é", "m": "é"}, "l": None, "j": "text", "e": {"x": 1}},
        ),
        columns={"s": "struct", "l": "list[int]", "j": "json", "e": "struct"},
    )
    leaf = pa.string()
    fields = {
        "m": leaf,
        "n": pa.list_(leaf),
        "o": pa.struct({"b": leaf}),
        "x": pa.uint64(),
        "y": leaf,
    }
    assert table.schema.field("s").type == pa.struct(fields)
    assert table["s"].to_pylist() == [
        {"m": "1", "n": [], "o": {"b": None}, "x": 1, "y": None},
        {"m": "é", "n": None, "o": None, "x": None, "y": "é"},
    ]
    assert table["l"].to_pylist() == [[1, 2], None]
    assert table["j"].to_pylist() == ['{"k":[1,{"z":2}]}', '"text"']
    assert table["e"].to_pylist() == [{"x": None}, {"x": 1}]


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ([12345678901234567890, 1], ["12345678901234567890", "1"]),  # 16 digits and more are text
        ([1234567890123456, 1], ["1234567890123456", "1"]),
        ([1, 2.5], [1.0, 2.5]),
        (["x", 1], ["x", "1"]),  # no quotes around the strings among numbers
        (["nd", 3], [None, 3]),
        ([{"k": 1}, "t"], ['{"k":1}', "t"]),
        ([[], None], ["[]", None]),
        ([None, None], [None, None]),
        ([{}, {}], ["{}", "{}"]),
    ],
)
def test_json_values_of_several_kinds(converter, values, read):
    table = converter.columns(
        lines(*({"id": i, "v": v} for i, v in enumerate(values))), nulls=["nd"]
    )
    assert table["v"] == read


def test_json_key_late_in_the_file(converter):
    records = [{"a": 1, "b": {"c": 1}}] * 60_000 + [{"z": 1, "a": 2, "b": {"a": 5}, "d": 1}]
    table = converter.table(lines(*records))
    assert table.column_names == ["a", "b_c", "b_a", "d", "z"]  # of the first record, then by name
    assert table.slice(60_000).to_pylist() == [{"a": 2, "b_c": None, "b_a": 5, "d": 1, "z": 1}]


@pytest.mark.parametrize(
    ("data", "keys", "words"),
    [
        ('{"results": [{"a": 1}]}', {}, "`records: results`"),
        ('{"results": [{"a": 1}]}', {"records": "data.items"}, "no records at `data.items`"),
        ('{"r": [{"a": 1}]}', {"records": "x"}, "`records: r` (1 object)"),
        (
            '{"m": [1], "r": {"x": [[{}]], "d": [{"l": [{}]}]}}',
            {},
            "write `records: r.d` (1 object)",
        ),
        ('{"a": {"b": 1}}', {}, "say where its records are: `records: …`"),
        ("[1, 2]", {}, "the records are not objects"),
        ("[]", {}, "no record at all"),
        ('[{"a": 1}, {"a":', {}, "Malformed JSON"),
        ('{"a": 1}\n{"a":\n', {}, "Malformed JSON"),
        (lines({"a": 1, "A": 2}, {}), {}, "columns of one name: A, a"),
        (lines({"a_b": 1, "a": {"b": 2}}, {}), {}, "choose another `separator`"),
        (lines({"": 1}, {}), {}, "a column without a name"),
    ],
)
def test_damaged_json(converter, data, keys, words):
    assert words in refusal(converter, data, **keys)


def workbook(rows, title="Données", others=()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for name in others:
        book.create_sheet(name)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


CELLS = [
    ["code", "n", "jour", "vrai", None],
    ["01", 1.5, datetime.datetime(2024, 2, 29), True, None],
    [None, None, None, None, None],
    ["2A", None, datetime.datetime(2024, 3, 1), False, None],
]


@pytest.mark.parametrize("keys", [{}, {"xlsx": {"sheet": "Données"}}])
def test_xlsx(converter, keys):
    read = converter.columns(workbook(CELLS, others=["x"] if keys else []), **keys)
    assert read == {
        "code": ["01", "2A"],
        "n": [1.5, None],
        "jour": [datetime.datetime(2024, 2, 29), datetime.datetime(2024, 3, 1)],
        "vrai": [True, False],
    }


def test_xlsx_refused(converter):
    said = refusal(converter, workbook(CELLS, others=["x"]), xlsx={"sheet": "donnees"})
    assert (
        "there is no sheet `donnees`; sheets: Données, x [workbook]\n  → did you mean `Données`?"
        in said
    )
    wide = workbook([*CELLS, ["69", 1, None, True, "lost"]])
    assert "row 5 of the sheet has 5 cells, the header has 4" in refusal(converter, wide)


def test_parquet_keeps_its_types(converter, tmp_path):
    table = pa.table({"code": ["01", None], "n": pa.array([1, 2], pa.int16()), "l": [["a"], []]})
    pq.write_table(table, tmp_path / "in.parquet")
    read = converter.table(tmp_path / "in.parquet", columns={"l": "list[string]", "n": "float"})
    assert read.to_pydict() == {"l": [["a"], []], "n": [1.0, 2.0], "code": ["01", None]}


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_parquet_that_duckdb_does_not_read(converter, tmp_path):
    """Values of fixed length that are split into streams."""
    table = pa.table({"d": pa.array(["1.50", "2.25"]).cast(pa.decimal128(20, 2)), "n": [1, 2]})
    path = tmp_path / "in.parquet"
    pq.write_table(
        table, path, use_dictionary=False, column_encoding={"d": "BYTE_STREAM_SPLIT"},
        store_schema=False,
    )  # fmt: skip
    assert converter.table(path).to_pydict() == table.to_pydict()


def test_archives(converter):
    data = zipped({"d/a.csv": b"id;x\n1;a\n", "d/b.csv": b"id;y\n2;b\n"})
    archive = {"from": "archive"}
    assert converter.columns(data, member="a.csv", **archive) == {"id": [1], "x": ["a"]}
    assert converter.columns(data, members="many", **archive) == {
        "id": [1, 2],
        "x": ["a", None],
        "member": ["d/a.csv", "d/b.csv"],
        "y": [None, "b"],
    }
    words = refusal(converter, data, **archive)
    assert "2 datasets in the archive" in words and "`members: many`" in words
    both = zipped({"a.csv": b"id;x\n1;a\n", "a.json": b'[{"id": 1, "x": "a"}]'})
    assert "`members: many`" not in refusal(converter, both, **archive)
    assert converter.columns(gzip.compress(b"id;x\n1;a\n"), **archive) == {"id": [1], "x": ["a"]}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_is_named(converter, protocol):
    import pickle

    words = refusal(converter, pickle.dumps({"a": [1]}, protocol))
    assert "this is a Python pickle" in words
