"""`csv: {comment, trim, pad}`: what is left out or filled is told."""

import pytest

from conversions import refusal

LOOSE = (
    "# made by hand\n"
    'a; "b c" ;d\n'
    '1; "x;y" ; 2\n'
    "# in the middle\n"
    '"2";"\n# no comment\n"\n'
    "\n"
    "a;b c;d\n"
    "3\n"
)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_comments_blanks_and_short_rows(converter, end):
    keys = {"csv": {"delimiter": ";", "comment": "#", "trim": True, "pad": True, "header": 1}}
    found = converter.columns(LOOSE.replace("\n", end), **keys)
    assert found == {"a": [1, 2, 3], "b c": ["x;y", "# no comment", None], "d": [2, None, None]}
    assert converter.notes()["notes"] == [
        "0.bin: 1 row repeats the names of columns: left out",
        "0.bin: 2 lines of comments are left out (`comment`), from `# made by hand` on",
        "0.bin: 2 rows are shorter than the header: nothing fills them (`pad`): rows 4, 7 "
        "below the header",
    ]


def test_names_of_columns_that_the_header_has_not(converter):
    text = "dep;voix\n01;5;Durand;3\n02;6\n"
    keys = {"delimiter": ";", "header": 1, "names": ["dep", "voix", "nom", "voix_2"]}
    assert "Number of Columns" in refusal(converter, text, csv=keys)
    found = converter.columns(text, csv=keys | {"pad": True})
    assert found == {
        "dep": ["01", "02"], "voix": [5, 6], "nom": ["Durand", None], "voix_2": [3, None],
    }  # fmt: skip
    words = refusal(converter, text + "03;1;x;2;y\n", csv=keys | {"pad": True})
    assert "row 3 below the header has 5 cells, there are 4 names" in words


def test_a_row_that_is_too_short_is_refused_unless_stated(converter):
    assert "Number of Columns" in refusal(converter, "a;b\n1;2\n3\n4;5\n", csv={"delimiter": ";"})


def test_groups_that_the_header_names_once(converter):
    text = "dep;N°;Voix\n01;1;5;2;3\n02;1;6;2;4\n03;1;7\n"
    keys = {"csv": {"delimiter": ";", "header": 1, "repeat": 2}, "names": "snake"}
    for rows, last in ((text, [3, 4, None]), (text.rsplit("03", 1)[0], [3, 4])):
        found = converter.columns(rows, **keys)
        assert [*found] == ["dep", "n", "voix", "n_2", "voix_2"]
        assert found["voix_2"] == last
    words = refusal(converter, text + "04;1\n", **keys)
    assert "row 4 below the header has 2 cells: not 1 and groups of 2" in words
    words = refusal(converter, text, csv={"delimiter": ";", "header": 1, "repeat": 4})
    assert "the header has 3 names, of which 4 are to come again" in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('id;txt\n1;l\'eau "vive\nrouge"\n2;x\n', '  1 · l\'eau "vive\n  rouge"'),
        ("id;txt;v\n1;a\nb;5\n2;c;6\n", "  1 · a\n  b · 5"),
        ("id;nom;v\n--;---;--\n1;a\n2;b;6\n", ""),
    ],
)
def test_pieces_of_a_row_are_not_filled(converter, text, words):
    keys = {"csv": {"delimiter": ";", "header": 1, "pad": True}}
    if not words:
        text = text.replace("--;---;--", "--+---+--")
        assert 'csv: {comment: "--+"}' in refusal(converter, text, **keys)
        assert converter.columns(text, csv=keys["csv"] | {"comment": "--+"})["v"] == [None, 6]
        return
    said = refusal(converter, text, **keys)
    assert "a line break within a value cut a row in two, it seems (line 3) [dialect]:" in said
    assert words in said and "set a new `vintage`" in said


def test_short_rows_of_keys_are_filled(converter):
    text = "id;txt;v\n1;a\n2;b\n3;c;6\n4\n5;\n6\n7\n"
    found = converter.columns(text, csv={"delimiter": ";", "header": 1, "pad": True})
    assert found["id"] == [1, 2, 3, 4, 5, 6, 7] and found["v"] == [None, None, 6, *[None] * 4]
    assert "6 rows are shorter than the header: nothing fills them (`pad`): lines 2, 3, 5, " in str(
        converter.notes()["notes"]
    )


def test_notes_are_looked_for_where_rows_are_filled(converter):
    text = "id;nom;v\n1;a;5\n2;b;6\n(2 rows)\n"
    keys: dict = {"header": 1, "pad": True}
    assert "footer: 1" in refusal(converter, text, csv=keys)
    assert converter.columns(text, csv=keys | {"footer": 1})["id"] == [1, 2]


@pytest.mark.parametrize("delimiter", [None, ";"])
def test_blanks_before_quotes_are_left_out_of_the_look_at_the_header(converter, delimiter):
    text = 'a;  b\n 1; "x; y"\n 2; "z; w"\n'
    read = converter.columns(text, csv={"trim": True, "delimiter": delimiter})
    assert read == {"a": [1, 2], "b": ["x; y", "z; w"]}


def test_decimal_commas_between_commas(converter):
    """No reading puts them together; two numbers are still two columns."""
    said = refusal(converter, "nom,taux\nAin,12,5\nAisne,13,5\n")
    assert "if `12,5` is one number with a decimal comma, no option puts it together" in said
    assert "publisher for a file with quotes or with another delimiter" in said
    two = refusal(converter, "a,b,n\n1,5,2,5,x\n3,5,4,5,y\n")
    assert "if `1,5` is one number" in two
    for text in ("nom,taux\nx,1,a\ny,2,b\n", "a;b\nx;1;5\ny;2;5\n"):
        assert "decimal comma" not in refusal(converter, text)
