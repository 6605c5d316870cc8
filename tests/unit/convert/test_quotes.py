r"""Quotes within quoted values: doubled, or with a sign before them (`csv.escape`)."""

import subprocess

import pytest

from conversions import refusal

R = '"a","b"\n"x \\"y\\" z",1\n"u, v",2\n'  # as R's write.table has it
MYSQL = '"1";"Le \\"Bar\\"; du coin";"C:\\\\d"\n"2";"deux\\\nlignes";"\\\\"\n'  # INTO OUTFILE


def test_quotes_with_a_sign_before_them(converter):
    words = refusal(converter, R)
    assert '`csv: {delimiter: ",", escape: "\\\\"}` gives the columns a · b' in words
    assert converter.columns(R, csv={"escape": "\\"}) == {"a": ['x "y" z', "u, v"], "b": [1, 2]}
    found = converter.columns(MYSQL, csv={"escape": "\\", "header": 0})
    assert found["c2"] == ['Le "Bar"; du coin', "deux\nlignes"]
    assert found["c3"] == ["C:\\d", "\\"]


def test_beyond_the_first_rows(converter):
    data = '"a","b"\n' + '"some text",1\n' * 9000 + '"x \\"y\\" z",1\n'
    assert 'csv: {escape: "\\\\"}' in refusal(converter, data)
    assert converter.columns(data, csv={"escape": "\\"})["a"][-1] == 'x "y" z'


def test_signs_before_others_are_kept(converter):
    """R puts the sign before quotes only: two are two where one stands before something else."""
    data = '"a","b"\n"C:\\temp \\"y\\"",1\n"\\\\serveur",2\n'
    found = converter.columns(data, csv={"escape": "\\"})["a"]
    assert sorted(found) == ['C:\\temp "y"', "\\\\serveur"]
    assert "is kept as it is" in str(converter.notes()["notes"])


@pytest.mark.parametrize("data", ['"a","b"\n"C:\\","y"\n', 'a,b\n12\\",1\n'])
def test_no_value_is_put_together_of_two(converter, data):
    words = refusal(converter, data, csv={"escape": "\\"})
    assert "may end in" in words or "outside quotes" in words


@pytest.mark.parametrize(
    "data",
    [
        'a;b\n"C:\\";1\n"D:\\";2\n',
        'a\tb\n{"k": "x \\"y\\" z"}\t1\n{"k": "x"}\t2\n',
        'a;b\n"{""k"": ""x \\""y\\"" z""}";1\n"u";2\n',
    ],
)
def test_backslashes_that_mean_nothing(converter, data):
    assert converter.table(data).num_rows == 2


@pytest.mark.parametrize("data", ['"a","b"\n"x",1\n', 'a,b\n"x",1\n"y",2\n'])
def test_quotes_that_would_be_published(converter, data):
    assert "leave `csv.quote` out" in refusal(converter, data, csv={"quote": ""})


def test_quotes_that_are_signs(converter):
    found = converter.columns('a,b\n12" x,1\n"u",2\n', csv={"quote": ""})
    assert found["a"] == ['12" x', '"u"']


@pytest.mark.parametrize(
    "text",
    [
        '"dep;pop"\n"01;100"\n"02;200"\n',
        '"dep,""nom"",pop"\r\n"01,""Ain"",100"\r\n"02,""Aisne"",200"\r\n',
    ],
)
def test_a_text_each_line_of_which_is_in_quotes(converter, text: str):
    words = refusal(converter, text)
    assert "each of its lines is in quotes, as if it were one value" in words
    assert refusal(converter, text, csv={"delimiter": "," if "," in text else ";"}) == words
    command = words[words.index("`sed ") + 1 : words.index(" file`")]
    path = converter.file(text, "lines.csv")
    asked = ["sh", "-c", f"{command} {path}"]
    done = subprocess.run(asked, capture_output=True, check=True)
    assert converter.columns(done.stdout)["dep"] == ["01", "02"]
    assert converter.table(text, csv={"delimiter": "none"}).num_columns == 1


def test_one_column_in_quotes(converter):
    text = '"nom"\n"Ain, 01"\n"Aisne, 02"\n'
    assert converter.columns(text) == {"nom": ["Ain, 01", "Aisne, 02"]}
