"""Files of one source are put together by the names of their columns."""

import io
import json
import zipfile

import pytest

from conversions import raw, refusal
from diffusion.errors import DiffusionError


def zipped(**members: str) -> bytes:
    """Return an archive of some CSV members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.csv", text)
    return out.getvalue()


def combined_refusal(converter, *texts: str, **keys: object) -> str:
    """Return the words with which batches of one file each are refused."""
    files = [converter.file(text, f"{n}.bin") for n, text in enumerate(texts)]
    with pytest.raises(DiffusionError) as caught:
        converter.combined(
            [[raw(file, f"lot={file.stem}", lot=file.stem)] for file in files], **keys
        )
    return str(caught.value)


MANY = {"members": "many", "member": "*.csv"}
TWINS = ("Code,n\n01,1\n", "CODE,n\n02,2\n")


def test_a_column_spelled_in_two_ways(converter):
    for words in (
        refusal(converter, *TWINS),
        refusal(converter, *TWINS, columns={"code": {"from": "Code"}}, keep="declared"),
        refusal(converter, *TWINS, drop=["CODE"]),
        refusal(converter, zipped(**{"0": TWINS[0], "1": TWINS[1]}), **MANY),
    ):
        assert "one column is spelled `Code` in 0." in words
        assert "and `CODE` in 1." in words
        assert "two sources" in words
    words = combined_refusal(converter, *TWINS)
    assert "`Code` in batch part-0 and `CODE` in batch part-1" in words


ACCENTS = ("Code;Nom libellé\n01;a\n", "Code;nom_libelle\n02;b\n")


def test_a_column_with_and_without_accents(converter):
    """Each would be half empty: both are declared, or it is an error."""
    words = refusal(converter, *ACCENTS)
    assert "`Nom libellé` in 0.bin and `nom_libelle` in 1.bin" in words
    assert "`Nom libellé` in batch part-0" in combined_refusal(converter, *ACCENTS)
    columns = {"nomlibelle_1": {"from": "Nom libellé"}, "nomlibelle_2": {"from": "nom_libelle"}}
    said = '{nomlibelle_1: {from: "Nom libellé"}, nomlibelle_2: {from: nom_libelle}}'
    assert f"columns: {said}" in words
    found = converter.columns(*ACCENTS, columns=columns)
    assert found["nomlibelle_1"] == ["a", None] and found["nomlibelle_2"] == [None, "b"]


def test_names_that_one_file_has_both(converter):
    found = converter.table("Code;Libellé;Libelle\n01;a;b\n", "Code;Libelle\n02;c\n")
    assert found["Libelle"].to_pylist() == ["b", "c"]


def test_a_column_that_is_left_out_may_be_spelled_in_two_ways(converter):
    expected = {"n": [1, 2]}
    assert converter.columns(*TWINS, drop=["Code", "CODE"]) == expected
    assert converter.columns(*TWINS, columns={"n": "int"}, keep="declared") == expected


@pytest.mark.parametrize("form", ["files", "members", "batches"])
def test_two_files_without_a_column_in_common(converter, form):
    data, meta = "GEO,P\n01,1\n", "COD_VAR;LIB_VAR\nP;Population\n"
    more = "GEO,Q\n02,2\n"
    if form == "files":
        words = refusal(converter, data, more, meta)
    elif form == "members":
        archive = zipped(**{"0": data, "1": more, "2": meta})
        words = refusal(converter, archive, **MANY)
    else:
        words = combined_refusal(converter, data, more, meta)
    assert "no column in common: " in words
    assert "has `GEO`, `P`" in words
    assert "has `COD_VAR`, `LIB_VAR`" in words
    assert "`member:`" in words
    assert "`csv: {header: {" in words


def test_files_in_common_by_another(converter):
    """The first and the second have nothing in common but what the third has of each."""
    table = converter.columns("a,b\nx,1\n", "c,d\ny,2\n", "b,c\n3,z\n")
    assert table["b"] == [1, None, 3]


@pytest.mark.parametrize("name", ["member", "Member"])
def test_a_column_called_as_that_of_the_member(converter, name):
    archive = zipped(a=f"{name},n\nx,1\n", b="n\n2\n")
    for keys in ({}, {"drop": [name]}):
        words = refusal(converter, archive, **MANY, **keys)
        assert f"a.csv: the data have a column `{name}`" in words
        assert "`member_column: member_name`" in words
    table = converter.columns(archive, **MANY, member_column="member_name")
    assert table["member_name"] == ["a.csv", "b.csv"]
    assert table[name] == ["x", None]


TWIN_KEYS = '{"s": {"a": {"x": 1, "X": 2}}, "k": 1}\n'


@pytest.mark.parametrize("columns", [{}, {"s": "struct"}, {"new": {"from": "s", "type": "struct"}}])
def test_keys_of_one_object_that_differ_by_case(converter, columns):
    words = refusal(converter, TWIN_KEYS, format="ndjson", columns=columns)
    assert "keys `" in words and "which SQL does not distinguish" in words
    name = next(iter(columns), "s")
    assert f"`columns: {{{name}: json}}`" in words
    table = converter.columns(TWIN_KEYS, format="ndjson", columns={"s": "json"})
    assert json.loads(table["s"][0]) == {"a": {"x": 1, "X": 2}}
    # as text, they may differ
    listed = TWIN_KEYS.replace('{"x": 1, "X": 2}', '[{"x": 1, "X": 2}]')
    assert converter.columns(listed, format="ndjson")["s_a"] == ['[{"x":1,"X":2}]']


def test_objects_whose_names_differ_by_case(converter):
    data = '{"s": {"a": 1}, "S": {"b": 2}}\n'
    words = refusal(converter, data, format="ndjson")
    assert "columns of one name: S, s" in words
    assert "`drop: [S]`" in words
    assert converter.columns(data, format="ndjson", drop=["S"]) == {"s_a": [1]}


def test_files_whose_only_common_name_is_spelled_in_two_ways(converter):
    files = ["code_commune;pop\n01001;1\n", "Code commune;Population\n01002;2\n"]
    assert "codecommune_1: {from: code_commune}" in refusal(converter, *files)
    columns = {"c1": {"from": "code_commune"}, "c2": {"from": "Code commune"}}
    found = converter.columns(*files, columns=columns)
    assert found["c1"] == ["01001", None] and found["c2"] == [None, "01002"]
    assert "no column in common" in refusal(converter, files[0], "x;y\n1;2\n")


def test_a_delimiter_at_the_end_of_the_lines_of_one_file(converter):
    files = ["id;nom;v\n1;a;5\n", "id;nom;v\n2;b;7;\n"]
    keys = {"delimiter": ";", "header": 1, "names": ["id", "nom", "v", "c1"]}
    assert 'names: ["id", "nom", "v", "c1"]' in refusal(converter, *files)
    words = refusal(converter, *files, csv=keys)
    assert "4 names are given, its lines have 3 columns" in words and "add `pad: true`" in words
    found = converter.columns(*files, csv=keys | {"pad": True}, drop=["c1"])
    assert found == {"id": [1, 2], "nom": ["a", "b"], "v": [5, 7]}


def test_one_title_among_many_files_is_stated_by_file(converter):
    files = "Titre;x\ncode;v\nA;1\n", "code;v\nB;2\n"
    words = refusal(converter, *files, csv={"header": 1})
    assert "no column in common" in words and "state its row by file: `csv: {header: {" in words
    found = converter.columns(*files, csv={"header": {"0.bin": 2, "*": 1}})
    assert found == {"code": ["A", "B"], "v": [1, 2]}


@pytest.mark.parametrize("batches", [1, 2])
def test_columns_that_some_files_lack_are_noted(converter, batches):
    """A unit in a name makes two columns of one, each half empty."""
    texts = ("code,Pop (milliers),n\n01,1,1\n", "code,n,Pop\n02,2,1000\n")
    files = [
        raw(converter.file(t, f"{n}.csv"), f"lot={n}", lot=str(n)) for n, t in enumerate(texts)
    ]
    converter.combined([files] if batches == 1 else [[file] for file in files])
    [note] = [note for note in converter.notes()["notes"] if "not in all" in note]
    what = "files" if batches == 1 else "batches"
    assert (
        note
        == f"columns that are not in all of the 2 {what}: `Pop (milliers)` (in 1), `Pop` (in 1)"
    )
    converter.table('[{"a": 1}]', '[{"a": 1, "b": 2}]')
    assert "not in all" not in str(converter.notes())
