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
        "0.bin: 2 lines of comments are left out (`comment`), from `# made by hand` on",
        "0.bin: 2 rows are shorter than the header: nothing fills them (`pad`)",
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
