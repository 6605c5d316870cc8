"""Pages that are no JSON arrays: CSV, lines of JSON, features."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from diffusion.config.resolve import ConfigError
from diffusion.errors import DiffusionError
from fetches import Answer, Asked, Scripted, fetch, lines, record_waits, source_of

HEADER = b'code,"name"\r\n'
ROWS = [b'1,"a\r\nb"\r\n2,c', b"3,d\n", b""]
LAMBERT = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


def number(asked: Asked) -> int:
    return int(asked.path.rpartition("page=")[2])


def pages(*bodies: bytes, **headers: str) -> Callable[[Asked], Answer]:
    return lambda asked: Answer(200, headers, bodies[number(asked) - 1])


def kept(folder: Path) -> bytes:
    return b"".join(line + b"\n" for line in lines((folder / "records").read_bytes()))


def test_pages_of_csv_have_one_header(tmp_path: Path) -> None:
    keys = {"format": "csv", "pages": {"style": "page", "total": "header:X-Total"}}
    bodies = [b"\xef\xbb\xbf" + HEADER + ROWS[0], HEADER + ROWS[1], HEADER]
    nothing = pytest.raises(DiffusionError, match="has nothing at `header:X-Total`")
    with Scripted(pages(*bodies)) as server, nothing:
        fetch(tmp_path, server.url, **keys)
    answer = pages(*bodies, **{"X-Total": "3"})
    with Scripted(answer) as server:
        facts = fetch(tmp_path, server.url, **keys)
    assert (facts["records"], facts["total"]) == (3, 3)
    assert kept(tmp_path) == b'code,"name"\n1,"a\nb"\n2,c\n3,d\n'


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (b"code,nom\n3,d\n", 'page 2 begins with `code,nom`, the first one with `code,"name"`'),
        (b"3,d\n", "page 2 begins with `3,d`"),
        (b"<!DOCTYPE html><p>busy", "the answer is no CSV; it begins: <!DOCTYPE html>"),
        (b'{"error": "quota"}', 'the answer is no CSV; it begins: {"error": "quota"}'),
        (b"\xff\xfea\x00", "pages of UTF-16 cannot be put together"),
    ],
)
def test_pages_that_do_not_go_together(second: bytes, words: str, tmp_path: Path) -> None:
    server = Scripted(pages(HEADER + ROWS[0], second))
    with server, pytest.raises(DiffusionError) as refused:
        fetch(tmp_path, server.url, format="csv", pages={"style": "page"})
    assert words in str(refused.value)


def test_a_fetch_that_was_broken_off_goes_on_with_the_same_header(tmp_path: Path) -> None:
    bodies = [HEADER + ROWS[0], b"other,names\n3,d\n", HEADER]
    answers = [Answer(403), None]
    keys = {"format": "csv", "pages": {"style": "page"}}

    def answer(asked: Asked) -> Answer:
        failed = answers.pop(0) if number(asked) == 2 and answers else None
        return failed or Answer(body=bodies[number(asked) - 1])

    with Scripted(answer) as server:
        with pytest.raises(DiffusionError, match="HTTP 403"):
            fetch(tmp_path, server.url, **keys)
        with pytest.raises(DiffusionError, match="page 2 begins with `other,names`"):
            fetch(tmp_path, server.url, **keys)
    assert [number(asked) for asked in server.asked] == [1, 2, 2]


def test_lines_of_json_led_on_by_a_header(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        link = {} if "after" in asked.path else {"Link": '</x?after=2>; rel="next"'}
        return Answer(
            200, link, b'{"n": 3}\n\n' if "after" in asked.path else b'{"n": 1}\n{"n": 2}'
        )

    with Scripted(answer) as server:
        facts = fetch(tmp_path, server.url, format="ndjson", pages={"style": "link_header"})
    assert facts["records"] == 3 and kept(tmp_path) == b'{"n": 1}\n{"n": 2}\n{"n": 3}\n'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"a": 1}\n{"error": "timeout, partial result"}\n', 'error: {"error": "timeout, partial'),
        (b'{"error": "no such table"}', "the server answers with an error"),
        (b'{"total": 500, "data": [{"a": 1}]}', "one object that holds a list at `data`"),
    ],
)
def test_lines_that_are_no_records(body: bytes, words: str, tmp_path: Path) -> None:
    with Scripted(lambda _: Answer(body=body)) as server, pytest.raises(DiffusionError) as refused:
        fetch(tmp_path, server.url, format="ndjson")
    assert words in str(refused.value)
    with Scripted(lambda _: Answer(body=b'{"a": 1, "error": "none"}\n' * 2)) as server:
        assert fetch(tmp_path, server.url, format="ndjson")["records"] == 2


def collection(*names: int, crs: object = None, **members: object) -> bytes:
    features = [{"type": "Feature", "properties": {"n": n}, "geometry": None} for n in names]
    stated = {"crs": crs} if crs else {}
    return json.dumps(
        {"type": "FeatureCollection", **stated, **members, "features": features}
    ).encode()


def test_features_keep_what_the_server_says_of_their_crs(tmp_path: Path) -> None:
    keys = {"format": "geojson", "pages": {"style": "page", "total": "numberMatched"}}
    bodies = [collection(1, 2, crs=LAMBERT, numberMatched=3), collection(3, crs=LAMBERT)]
    with Scripted(pages(*bodies, collection(crs=LAMBERT))) as server:
        facts = fetch(tmp_path, server.url, **keys)
    assert (facts["records"], facts["crs"]) == (3, LAMBERT)
    another = pytest.raises(DiffusionError, match="page 2 states another CRS: null, not")
    with Scripted(pages(bodies[0], collection(3))) as server, another:
        fetch(tmp_path, server.url, **keys)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"pages": {"records": "data"}}, "pages.records: `data` leads into a body, and csv has no"),
        ({"pages": {"style": "page", "total": "n"}}, "pages.total: `n` leads into a body"),
        ({"pages": {"style": "next_url"}}, "pages.next: `next` leads into a body"),
    ],
)
def test_paths_into_text(keys: dict, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        source_of("https://example.org", format="csv", **keys)
    assert words in str(caught.value)


def test_a_token_beside_attributes(tmp_path: Path) -> None:
    """OAI-PMH says beside its token how many records there are."""
    token = "OAI-PMH.ListRecords.resumptionToken"
    keys = {"style": "cursor", "records": "OAI-PMH.ListRecords.record", "param": "resumptionToken"}

    def answer(asked: Asked) -> Answer:
        given = "/>" if "resumptionToken=" in asked.path else ' size="2">b</resumptionToken>'
        listed = f"<record><id>{len(given)}</id></record><resumptionToken{given}"
        return Answer(body=f"<OAI-PMH><ListRecords>{listed}</ListRecords></OAI-PMH>".encode())

    with Scripted(answer) as server:
        with pytest.raises(DiffusionError, match="is no token") as refused:
            fetch(tmp_path, server.url, format="xml", pages=keys | {"next": token})
        remedy = "OAI-PMH.ListRecords.resumptionToken.#text"
        assert f"`pages: {{next: '{remedy}'}}`" in refused.value.fix
        facts = fetch(tmp_path, server.url, format="xml", pages=keys | {"next": remedy})
    assert facts["records"] == 2
