"""XML: records by their path, attributes and elements as columns, nothing read from elsewhere."""

from pathlib import Path

import pytest

from conversions import Converter, Job, refusal
from diffusion.fetch.xml_pages import xml_page

ROWS = """<?xml version="1.0"?><!-- c --><r xmlns="http://a"><meta><n>2</n></meta><rows>
<row id="1"><nom>Ain</nom><pop unit="hab">12</pop><code>01</code><tag>a</tag>
  <addr><city> X </city><zip>01000</zip></addr></row>
<row id="2"><nom>Corse &amp; Cie</nom><pop>13</pop><code>2A</code><tag>a</tag><tag>b</tag><addr/>
  <extra>1</extra></row></rows></r>"""
NIL = 'xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def test_attributes_and_elements_are_columns(converter: Converter) -> None:
    found = converter.columns(ROWS, records="r.rows.row", columns={"tag": "list[string]"})
    assert found == {
        "tag": [["a"], ["a", "b"]],
        "@id": [1, 2],
        "nom": ["Ain", "Corse & Cie"],
        "pop_@unit": ["hab", None],
        "pop": [12, 13],
        "code": ["01", "2A"],
        "addr_city": ["X", None],
        "addr_zip": ["01000", None],
        "extra": [None, 1],
    }


@pytest.mark.parametrize(
    ("text", "given", "table"),
    [
        (
            '<?xml version="1.0" encoding="windows-1252"?><r><i a="é">b</i></r>',
            {},
            {"#text": ["b"]},
        ),
        (f"<r><i><n {NIL}/></i><i><n>5</n></i></r>", {}, {"n": [None, 5]}),
        (
            "<r><i><a>x</a><b><c>1</c></b><b><c>2</c></b></i></r>",
            {"drop": ["a"]},
            {"b": ['[{"c":"1"},{"c":"2"}]']},
        ),
        ("<r><i><a>b<b>c</b></a></i></r>", {"columns": {"a": "string"}}, {"a": ["bc"]}),
        ('<r><i><a k="1"/></i></r>', {"columns": {"a": "json"}}, {"a": ['{"@k":"1"}']}),
        ('<!DOCTYPE r SYSTEM "file:///etc/passwd"><r><i><a>b</a></i></r>', {}, {"a": ["b"]}),
    ],
)
def test_what_else_xml_holds(converter: Converter, text: str, given: dict, table: dict) -> None:
    data = text.encode("cp1252")
    found = converter.columns(data, records="r.i", **given)
    assert {name: found[name] for name in table} == table


@pytest.mark.parametrize(
    ("text", "given", "words"),
    [
        (ROWS, {}, "if these are the records, write `records: r.rows.row` (2 elements)"),
        (ROWS, {"records": "r.rows.line"}, "there are no elements at `r.rows.line`"),
        ("<r><i><a>b<b>c</b></a></i></r>", {"records": "r.i"}, "`columns: {a: string}` keeps"),
        (
            "<r><i><a_b>1</a_b></i><i><a><b>2</b></a></i></r>",
            {"records": "r.i"},
            "two columns would be named `a_b`: a_b and a/b",
        ),
        (
            '<r xmlns:p="u:1"><i><a>b</a><p:a>c</p:a></i></r>',
            {"records": "r.i"},
            "`a` stands in two namespaces: `none` and `u:1`",
        ),
        ('<!DOCTYPE r [<!ENTITY a "b">]><r><i>&a;</i></r>', {"records": "r.i"}, "entity `a`"),
        ('<!DOCTYPE r SYSTEM "x.dtd"><r><i>&b;</i></r>', {"records": "r.i"}, "entity `b`"),
        ("<r><i><a>b</a></i><i><a>b</i></r>", {"records": "r.i"}, "is no valid XML: mismatched"),
        ("<r>" + "<i>" * 101, {"records": "r.i"}, "nested more than 100 levels"),
        ("<r><i><a>b</a></i>", {"records": "r.i"}, "no element found"),
    ],
)
def test_what_is_refused(converter: Converter, text: str, given: dict, words: str) -> None:
    assert words in refusal(converter, text, **given)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for size in (1_000, 300_000):
        path = tmp_path / f"{size}.xml"
        with path.open("w") as file:
            file.write("<r><rows>")
            file.writelines(f'<i id="{n}"><a>{n % 7}</a><b>text {n}</b></i>' for n in range(size))
            file.write("</rows></r>")
        peaks.append(Job(tmp_path / str(size), path, 1, 500, {"records": "r.rows.i"}).peak())
    assert peaks[1] < peaks[0] + 250


def test_text_among_elements_keeps_its_order(converter: Converter) -> None:
    data = "<r><x><n>a<b>c</b>d</n></x><x><n>e</n></x></r>"
    assert "has text among its elements: acd" in refusal(converter, data, records="r.x")
    read = converter.columns(data, records="r.x", columns={"n": "string"})
    assert read == {"n": ["acd", "e"]}


SERIES = """<m:msg xmlns:m="u:1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="u:1 x.xsd" prepared="2025"><set action="Replace">
<Series IDBANK="01" FREQ="M"><title><b n="1"/></title><Obs t="1"/><Obs t="2"/></Series>
<Series IDBANK="02"><Obs t="1"/></Series></set><set><Series IDBANK="03"><Obs t="1"/></Series></set>
</m:msg>"""
OBS = {"records": "msg.set.Series.Obs"}
UP = {"id": {"from": "../@IDBANK", "type": "string"}, "freq": {"from": "../@FREQ"}}
UP |= {"action": {"from": "../../@action", "type": "string"}}


def test_attributes_of_enclosing_elements_are_columns(converter: Converter) -> None:
    found = converter.columns(SERIES, columns=UP, **OBS)
    assert found == {
        "id": ["01", "01", "02", "03"],
        "freq": ["M", "M", None, None],
        "action": ["Replace", "Replace", "Replace", None],
        "@t": [1, 2, 1, 1],
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"columns": {"id": UP["id"]}},
            "attributes that are in no column: `@prepared` of `msg`; `@action` of `msg.set`; "
            '`@FREQ` of `msg.set.Series` (`columns: {x: {from: "../../../@prepared", type: string}',
        ),
        ({"columns": UP, "drop": ["../../../@prepared"]}, ""),
        ({"columns": {"@t": "int"}, "keep": "declared"}, ""),
    ],
)
def test_those_that_are_in_no_column_are_told(converter: Converter, given: dict, told: str) -> None:
    converter.convert(SERIES, **OBS, **given)
    notes = " ".join(converter.notes().get("notes", []))
    assert told in notes
    assert bool(told) == ("enclose the records" in notes)


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (SERIES, "../@idbank", "has `../@idbank` [xml]\n  → did you mean `../@IDBANK`?"),
        (SERIES, "../../@IDBANK", "did you mean `../@IDBANK`?"),
        (SERIES, "../@other", "not in the data: `../@other`"),
        (
            SERIES.replace("FREQ", 'm:IDBANK="9" FREQ'),
            "../@IDBANK",
            "`IDBANK` stands in two namespaces",
        ),
    ],
)
def test_enclosing_elements_that_are_not_so(
    converter: Converter, text: str, name: str, words: str
) -> None:
    assert words in refusal(converter, text, columns={"x": {"from": name}}, **OBS)


def test_what_stands_beside_the_records_is_told(converter: Converter) -> None:
    text = "<r><meta><date>2024</date><by id='1'/><empty/></meta><l>a<x n='1'/><x n='2'/>\n</l>"
    text += "<total n='2'/></r>"
    assert converter.columns(text, records="r.l.x") == {"@n": [1, 2]}
    told = "0.bin: beside the records: `r.meta.date`, `r.meta.by`, `r.l`, `r.total`: in no column"
    assert told in converter.notes()["notes"]


def test_one_record_alone_is_named(converter):
    text = "<r><info><n>1</n></info><rows><row><a>1</a><b>x</b></row></rows></r>"
    words = refusal(converter, text)
    assert "`records: r.rows.row` (1 element)" in words and "response.rows.row" not in words
    assert converter.columns(text, records="r.rows.row") == {"a": [1], "b": ["x"]}


@pytest.mark.parametrize("called", ["ISO-8859-1", "iso8859-1", "windows-1252"])
def test_what_calls_itself_latin_1_is_windows_1252(converter, called):
    """As CSV is read: `€` and `œ` were control characters that nobody sees, and all was green."""
    text = f'<?xml version="1.0" encoding="{called}"?><r><i><a>5 €, œuvre, été</a></i><i/></r>'
    found = converter.columns(text.encode("cp1252"), records="r.i")["a"]
    assert found == ["5 €, œuvre, été", None]
    page = xml_page(text.encode("cp1252"), "r.i", "t")
    assert "5 €, œuvre, été" in page.records[0].decode()
    bad = text.encode("cp1252").replace(b"\x80", b"\x81")
    assert "no valid XML" in refusal(converter, bad, records="r.i")
