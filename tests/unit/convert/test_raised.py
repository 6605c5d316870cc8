"""Raised characters of workbooks: marks of footnotes are no digits of a number or a code."""

from types import SimpleNamespace

import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from binary_workbook import Rich, xlsb
from conversions import changed, given, shared
from diffusion.convert.workbooks.raised import text_of_runs
from diffusion.convert.workbooks.xls import _rich_text


def raised(text, mark, rest=""):
    return CellRichText(text, TextBlock(InlineFont(vertAlign="superscript"), mark), rest)


def test_marks_of_footnotes(converter):
    rows = [["pays", "code", raised("km", "2"), raised("PIB", "(1)"), raised("2024", "3")]]
    rows += [["France", raised("01001", "1"), raised("2650", "1,2"), 1, "a"]]
    rows += [[raised("Italie", "2"), "01002", 2000, 2, raised("1", "er")]]
    file = given("xlsx", rows)
    read = converter.columns(file)
    assert read == {
        "pays": ["France", "Italie²"],
        "code": ["01001", "01002"],
        "km²": [2650, 2000],
        "PIB(1)": [1, 2],
        "2024": ["a", "1er"],
    }
    [note] = converter.notes()["notes"]
    assert "3 numbers have marks of footnotes behind them, such as 2024³: read without" in note


def test_marks_in_strings_that_sheets_share(converter):
    """As Excel itself writes texts; its first and last row are compared with the XML."""
    text = "<r><t>2650</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>1</t></r>"
    file = shared(given("xlsx", [["v", "w"], ["2650", 1], ["3", 2]]))
    file = changed(file, "xl/sharedStrings.xml", b"<t>2650</t>", text.encode())
    assert converter.columns(file)["v"] == [2650, 3]


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ("2650|1|", "2650"),
        ("-1 234,5 |(12)| ", "-1 234,5"),
        ("2650|*|", "2650"),
        ("10|3| t", "10³ t"),
        ("10|3|", "10³"),
        ("km|2|", "km²"),
        ("2|e|", "2e"),
        ("M|me| A", "Mme A"),
        ("|2650|", "2650"),  # all of it: that is how the cell looks
        ("1|2|3", "1²3"),
    ],
)
def test_text_of_runs(runs, text):
    parts = [(part, bool(n % 2)) for n, part in enumerate(runs.split("|"))]
    assert text_of_runs(parts) == text


def test_runs_of_xls():
    """No library writes such files any more."""
    fonts = SimpleNamespace(font_list=[SimpleNamespace(escapement=n) for n in (0, 1)])
    assert _rich_text(fonts, "01001(1)", [(5, 1)]) == "01001"
    assert _rich_text(fonts, "km2 et", [(2, 1), (3, 0)]) == "km² et"


@pytest.mark.parametrize("is_shared", [True, False])
def test_marks_in_binary_workbooks(converter, is_shared):
    text = Rich("2650", "3", is_shared)
    rows = [["code", "v", "n"], [Rich("01001", "1", is_shared), text, 1]]
    rows += [["75056", Rich("km", "2"), 2]]
    read = converter.columns(xlsb(rows))
    assert read == {"code": ["01001", "75056"], "v": ["2650", "km²"], "n": [1, 2]}
    [note] = converter.notes()["notes"]
    assert "2 numbers have marks of footnotes behind them, such as 01001¹" in note
