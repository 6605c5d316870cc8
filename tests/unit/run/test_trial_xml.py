"""Pages of XML: fetched, read and tried as pages of JSON are."""

from collections.abc import Callable

import pytest

from fetches import Answer, Asked, Scripted
from trials import lines_of

ROWS = [
    '<a:row id="01"><nom>L\'Abergement&#10;<![CDATA[<&>]]></nom><n>1</n></a:row>',
    '<a:row id="2A"><nom> é </nom><n>2</n><tag>x</tag><tag>y</tag></a:row>',
    '<a:row\n id="03"><nom/><!-- none --><n>3</n></a:row>',
]
PAGES = {"records": "reponse.lignes.row", "total": "reponse.@total"}


def page(rows: list[str], around: str = "", encoding: str = "utf-8") -> bytes:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a:reponse xmlns:a="urn:x" total="3">'
    text += f"<lignes>{''.join(rows)}</lignes>{around}</a:reponse>"
    return text.encode(encoding)


def by_next(asked: Asked) -> Answer:
    is_first = "page=2" not in asked.path
    around = "<suite><lien>/x?page=2&amp;q=1</lien></suite>" if is_first else "<suite/>"
    return Answer(body=page(ROWS[:2] if is_first else ROWS[2:], around, "iso-8859-1"))


def by_offset(asked: Asked) -> Answer:
    at = int(asked.path.partition("offset=")[2] or 0)
    return Answer(body=page(ROWS[at : at + 2]))


@pytest.mark.parametrize(
    ("answer", "pages"),
    [
        (by_next, {"style": "next_url", "next": "reponse.suite.lien"}),
        (by_offset, {"style": "offset"}),
    ],
)
def test_pages_of_xml_are_one_table(tried, answer: Callable[[Asked], Answer], pages: dict) -> None:
    with Scripted(answer) as server:
        tried.configure(server.url, "api", format="xml", pages=PAGES | pages)
        code, words = tried("t", "--whole")
    assert code == 0, words
    cells = lines_of(words)
    assert cells["n"][:1] == ["int"] and cells["@id"][:1] == ["string"]
    assert "3 records in 2 pages; the server announces 3" in words
    assert "<&>" in words and '["x","y"]' in words.replace('", "', '","')


@pytest.mark.parametrize(
    ("body", "keys", "words"),
    [
        (page(ROWS), {"records": "reponse.lignes.ligne"}, "has nothing at `reponse.lignes.ligne`"),
        (page(ROWS), {"total": "reponse.total"}, "the answer has `reponse.@total`"),
        (page(ROWS[:2]), {}, "2 records came, the server announced 3"),
        (page(ROWS[:2]), {"total": None, "style": None}, "`reponse.@total`: 3"),
        (b"<Error><Code>Quota</Code></Error>", {}, 'an error (`Error`): {"Code": "Quota"}'),
        (
            b"<s:E xmlns:s='u'><s:Fault><c>no</c></s:Fault></s:E>",
            {},
            'an error (`Fault`): {"c": "no"}',
        ),
        (b"<html><body/></html>", {}, "the root of the answer is `html`, and"),
        (b'{"rows": []}', {}, "no XML that can be read"),
        (page(ROWS)[:-9], {}, "no XML that can be read: unclosed token"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>', {}, "declares or uses the entity `a`"),
        (b"<r>" * 200, {}, "nested more than 100 levels deep"),
        (page([]).replace(b'"3"', b'"0"'), {}, "gave no record"),
    ],
)
def test_what_is_wrong_with_a_page_is_said(tried, body: bytes, keys: dict, words: str) -> None:
    pages = {key: value for key, value in (PAGES | {"style": "none"} | keys).items() if value}
    with Scripted(lambda _: Answer(body=body)) as server:
        tried.configure(server.url, "api", format="xml", pages=pages)
        code, told = tried()
    assert code and words in told, told


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ({}, "XML does not say what a record is"),
        ({"records": "a[0].b"}, "`a[0].b` is no path of elements"),
        ({"records": "a.b", "names": "c"}, "whose records have names"),
    ],
)
def test_pages_of_xml_need_a_path(tried, pages: dict, words: str) -> None:
    tried.configure("http://localhost:1/x", "api", format="xml", pages=pages)
    code, told = tried()
    assert code and words in told, told


def test_a_page_of_another_kind_is_no_end(tried) -> None:
    def answer(asked: Asked) -> Answer:
        is_first = asked.path.endswith("page=1")
        return Answer(body=page(ROWS[:2]) if is_first else b"<busy>come back later</busy>")

    with Scripted(answer) as server:
        pages = {"records": PAGES["records"], "style": "page", "total": ""}
        tried.configure(server.url, "api", format="xml", pages=pages)
        code, told = tried("t", "--whole")
    assert code and "the root of the answer is `busy`" in told, told


def series(*about: str) -> Answer:
    inner = "".join(f'<s:Series {each}><o v="1"/></s:Series>' for each in about)
    text = f'<d:m xmlns:d="u:d" page="{len(about)}"><set xmlns:s="u:s">{inner}</set></d:m>'
    return Answer(body=text.encode())


def test_attributes_around_the_records_of_pages(tried) -> None:
    """Two pages of equal observations are no page that comes twice: their series differ."""
    answers = [series('s:id="01" f="M"', 's:id="2A"'), series('s:id="03"', ""), series()]
    pages = {"records": "m.set.Series.o", "style": "page"}
    columns = {"bank": {"from": "../@id", "type": "string"}, "@v": "int"}
    with Scripted(lambda asked: answers[int(asked.path[-1]) - 1]) as server:
        tried.configure(server.url, "api", format="xml", pages=pages, columns=columns)
        code, words = tried("t", "--whole")
    assert code == 0 and "4 records in 3 pages" in words, words
    assert lines_of(words)["bank"] == ["string", "declared", "25%", "01", "2A", "03"], words
    assert "`@f` of `m.set.Series`" in words and "@page" not in words
