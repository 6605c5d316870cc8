"""What servers do that no standard has: read rightly, or refused in words that help."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from diffusion.errors import DiffusionError
from fetches import Answer, Asked, Scripted, fetch, record_waits, rows

ROWS = [{"id": n, "v": f"x{n}"} for n in range(25)]
PAGE = {"style": "page", "records": "items"}
ONE = {"records": "items"}
BODY = json.dumps({"items": ROWS}).encode()


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


def query(asked: Asked) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(asked.path).query))


def given(headers: dict | None = None, **body: object) -> Answer:
    return Answer(headers=headers or {}, body=json.dumps(body).encode())


def paged(size: int = 10, **around: object) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        start = (int(query(asked).get("page", 1)) - 1) * size
        return given(items=ROWS[start : start + size], **around)

    return answer


def linked(relation: str) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        page = int(query(asked).get("page", 1))
        link = {"Link": f'</?page={page + 1}>; {relation}, </?page=1>; rel="first"'}
        return given(link if page < 3 else {}, items=ROWS[page * 10 - 10 : page * 10])

    return answer


def tokens(empty: int) -> Callable[[Asked], Answer]:
    """Give a new token with each page; of the pages amid, so many are empty."""

    def answer(asked: Asked) -> Answer:
        at = int(query(asked).get("cursor", "t0")[1:])
        parts = [ROWS[:10], *[[]] * empty, ROWS[10:]]
        return given(items=parts[at], next=f"t{at + 1}" if at + 1 < len(parts) else "null")

    return answer


def nulled(asked: Asked) -> Answer:
    page = int(query(asked).get("page", 1))
    return given(
        items=ROWS[page * 10 - 10 : page * 10], next=f"?page={page + 1}" if page < 3 else "null"
    )


RIGHT = {
    "a relation in capitals": (linked('rel="Next"'), ONE | {"style": "link_header"}),
    "several relations": (linked('rel="last next"'), ONE | {"style": "link_header"}),
    "no link in words": (nulled, ONE | {"style": "next_url"}),
    "empty pages amid": (tokens(6), ONE | {"style": "cursor"}),
    "a total with blanks": (paged(total="25"), PAGE | {"total": "total"}),
    "gzip that no header states": (lambda _: Answer(body=gzip.compress(BODY)), ONE),
    "gzip twice": (
        lambda _: Answer(
            headers={"Content-Encoding": "gzip"}, body=gzip.compress(gzip.compress(BODY))
        ),
        ONE,
    ),
    "UTF-16": (lambda _: Answer(body=BODY.decode().encode("utf-16")), ONE),
    "a guard": (lambda _: Answer(body=b")]}',\n" + BODY), ONE),
}


@pytest.mark.parametrize("name", RIGHT)
def test_every_record_once(name: str, tmp_path: Path) -> None:
    answer, pages = RIGHT[name]
    with Scripted(answer) as server:
        fetch(tmp_path, server.url, pages=pages)
    assert rows(tmp_path) == ROWS


def test_no_record_and_no_place_for_them(tmp_path: Path) -> None:
    keys = {"records": "_embedded.rows", "total": "page.totalElements"}
    with Scripted(lambda _: given(page={"totalElements": 0})) as server:
        assert fetch(tmp_path, server.url, pages=keys)["records"] == 0


@pytest.mark.parametrize("total", ["1 234", "1,234", "1\u202f234"])
def test_a_total_as_people_write_it(total: str, tmp_path: Path) -> None:
    words = "25 records came, the server announced 1234"
    with (
        Scripted(lambda _: given(items=ROWS, total=total)) as server,
        pytest.raises(DiffusionError, match=words),
    ):
        fetch(tmp_path, server.url, pages=ONE | {"total": "total", "style": "none"})


def after(number: int, answer: Answer) -> Callable[[Asked], Answer]:
    return lambda asked: answer if int(query(asked).get("page", 1)) > number else paged()(asked)


REFUSED = {
    "an estimate": (lambda _: given(items=ROWS, total="25+"), "not a number: 25+", "an estimate"),
    "no body": (after(1, Answer()), "the answer is empty", "state the end: `pages.total`"),
    "a web page": (after(1, Answer(body=b"<html>")), "not JSON", "may ask to log in"),
    "a warning of PHP": (
        lambda _: Answer(body=b"<br />\n<b>Warning</b>: x<br />" + BODY),
        "not JSON",
        "with a warning of the server's program",
    ),
    "JSONP": (lambda _: Answer(body=b"f(" + BODY + b");"), "not JSON", "parameter `callback`"),
    "NaN": (lambda _: Answer(body=b'{"items": [{"v": NaN}]}'), "not JSON", "JSON has no NaN"),
    "the records twice": (
        lambda _: Answer(body=b'{"items": [{"a": 1}], "items": [{"a": 2}]}'),
        "`items` twice in one object",
        "ask its publisher",
    ),
    "in French": (
        after(1, given(items=None, statut="ERREUR", libelle="x")),
        "an error at `statut`",
        "pages.error",
    ),
    "in words": (
        after(1, given(items=[], libelle="Service indisponible")),
        "an error at `libelle`",
        "pages.error",
    ),
    "in capitals": (after(1, given(items=[], Error="x")), "an error at `Error`", "pages.error"),
    "not made yet": (lambda _: given(status="PENDING"), "an error at `status`", "pages.error"),
    "later": (
        lambda _: given(warning={"label": "ASYNCHRONOUS_RESPONSE"}),
        "an error at `warning`",
        "pages.error",
    ),
    "an object for a link": (
        lambda _: given(items=ROWS, next={"href": "?page=2"}),
        "`next` is not a URL",
        "`pages: {next: next.href}`",
    ),
    "JSON-stat": (
        lambda _: Answer(body=b'{"version": "2.0", "id": [], "dimension": {}, "value": [1]}'),
        "no list of records",
        "`json: {shape: jsonstat}`",
    ),
    "the server's words": (
        lambda _: Answer(body=b'[{"message": [{"value": "not valid"}]}]'),
        "nothing at `[1]`",
        '"not valid"',
    ),
}
PATHS = {"an estimate": {"total": "total"}, "JSON-stat": {"records": ""}}
PATHS |= {"the server's words": {"records": "[1]"}, "an object for a link": {"style": "next_url"}}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str, tmp_path: Path) -> None:
    answer, found, fix = REFUSED[name]
    with Scripted(answer) as server, pytest.raises(DiffusionError) as caught:
        fetch(tmp_path, server.url, pages=PAGE | PATHS.get(name, {}))
    assert found in caught.value.found and fix in caught.value.fix


def test_where_a_request_was_led(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        is_login = asked.path.startswith("/login")
        return Answer(body=b"<html>") if is_login else Answer(302, {"Location": "/login?key=s"})

    with Scripted(answer) as server, pytest.raises(DiffusionError) as caught:
        fetch(tmp_path, server.url, pages=ONE)
    assert "/login, (" in caught.value.found and "key" not in caught.value.found


def test_tokens_that_never_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diffusion.fetch.end.MOST_EMPTY", 9)

    def answer(asked: Asked) -> Answer:
        at = int(query(asked).get("cursor", "t0")[1:])
        return given(items=ROWS if not at else [], next=f"t{at + 1}")

    with Scripted(answer) as server, pytest.raises(DiffusionError, match="10 pages in a row"):
        fetch(tmp_path, server.url, pages=ONE | {"style": "cursor"})


@pytest.mark.parametrize(
    ("headers", "sign"),
    [
        ({"X-SPARQL-MaxRows": "25"}, "`header:X-SPARQL-MaxRows`: 25"),
        ({"X-SQL-State": "S1TAT"}, "`header:X-SQL-State`: S1TAT"),
    ],
)
def test_a_server_that_had_no_more_time(headers: dict, sign: str, tmp_path: Path) -> None:
    with (
        Scripted(lambda _: given(headers, items=ROWS)) as server,
        pytest.raises(DiffusionError) as caught,
    ):
        fetch(tmp_path, server.url, pages=ONE)
    assert sign in caught.value.found


AROUND = {
    "errors deep within": (given(items=[], meta={"errors": [{"message": "x"}]}), "`meta.errors`"),
    "warnings beside records": (
        given(items=ROWS, meta={"warnings": ["results truncated to 25"]}),
        "`meta.warnings`",
    ),
    "a mapping of one": (given(items={"k": {"id": 1}}, total=1), "no list of records"),
}


@pytest.mark.parametrize("name", AROUND)
def test_what_stands_around_the_records(name: str, tmp_path: Path) -> None:
    answer, words = AROUND[name]
    keys = {"total": "total"} if "mapping" in name else {}
    with Scripted(lambda _: answer) as server, pytest.raises(DiffusionError) as caught:
        fetch(tmp_path, server.url, pages=ONE | keys)
    assert words in caught.value.found


def test_errors_of_none_are_none(tmp_path: Path) -> None:
    around = {"meta": {"errors": [], "error": None, "warnings": [], "errors_count": 0}}
    with Scripted(lambda _: given(items=[], total=0, errors=0, **around)) as server:
        facts = fetch(tmp_path, server.url, pages=ONE | {"total": "total"})
    assert facts["records"] == 0


@pytest.mark.parametrize(("number", "is_right"), [(2, False), (3, True)])
def test_a_number_of_pages_that_counts_from_zero(
    number: int, is_right: bool, tmp_path: Path
) -> None:
    rows_ = ROWS[:24]

    def answer(asked: Asked) -> Answer:
        page = int(query(asked).get("page", 1))
        return given(items=rows_[page * 8 - 8 : page * 8], lastPage=number)

    keys = PAGE | {"last": "lastPage"}
    with Scripted(answer) as server:
        if is_right:
            assert fetch(tmp_path, server.url, pages=keys)["records"] == 24
            return
        with pytest.raises(DiffusionError, match="`lastPage` is 2, and page 3 holds others"):
            fetch(tmp_path, server.url, pages=keys)
