"""A link to the next page that is not one of what was asked for."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import pytest

from diffusion.errors import PagesError, RedirectError
from diffusion.fetch.link_policy import as_encrypted
from fetches import Answer, Asked, Scripted, fetch, rows

ROWS = [{"n": n, "dep": f"{n % 3:02}"} for n in range(30)]
LINKS = {"style": "next_url", "records": "items"}
MINE = [row for row in ROWS if row["dep"] == "01"]


def server(link: Callable[[dict, int], str], size: int = 20) -> Callable[[Asked], Answer]:
    """Filter by ``dep``; the default size is five, and ``link`` makes the link to the next page."""

    def answer(asked: Asked) -> Answer:
        given = dict(parse_qsl(urlsplit(asked.path).query))
        token = dict(parse_qsl(given.get("token", "")))
        dep = given.get("dep", token.get("dep"))
        found = [row for row in ROWS if dep in (None, row["dep"])]
        many, page = int(given.get("size", 5)), int(given.get("page", token.get("page", 1)))
        start = int(given.get("offset", (page - 1) * many))
        after = start + many
        following = link(given, page + 1) if after < len(found) else None
        body = {"items": found[start:after], "next": following and following.format(after=after)}
        return Answer(body=json.dumps(body).encode())

    return answer


def query(**given: object) -> str:
    return "?" + urlencode(given).replace("%7B", "{").replace("%7D", "}")


REFUSED = {
    "the filter": (
        lambda given, page: query(page=page, size=given.get("size", 5)),
        "the link to the next page has `page=2`, and leaves out `dep=01` of the first request",
        "`pages: {style: page, param: page, …}`",
    ),
    "filter and size": (
        lambda _, page: query(page=page),
        "leaves out `dep=01` and `size=4`",
        "page",
    ),
    "the size": (
        lambda given, page: query(page=page, dep=given["dep"]),
        "leaves out `size=4`",
        "p",
    ),
    "the filter, by records": (
        lambda given, page: query(offset="{after}", size=4),
        "has `offset=4`, and leaves out `dep=01`",
        "`pages: {style: offset, param: offset, …}`",
    ),
    "the filter, in a token": (
        lambda given, page: query(token=f"page={page}&x=abc", size=4),
        "all records of page 1 have `dep: 01`, as the request asks, and page 2 has `dep: 0",
        "{style: offset, …}",
    ),
    "the filter, encoded twice": (
        lambda given, page: query(page=page, size=4, dep="01", q="%C3%A9t%C3%A9"),
        "has `q=%C3%A9t%C3%A9`, encoded twice, where the first request has `été`",
        "style: page",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_link_that_loses_what_was_asked(name: str, tmp_path: Path) -> None:
    link, found, fix = REFUSED[name]
    params = {"dep": "01", "size": 4} | ({"q": "été"} if "twice" in name else {})
    with Scripted(server(link)) as api, pytest.raises(PagesError) as caught:
        fetch(tmp_path, api.url, params=params, pages=LINKS)
    assert found in caught.value.found and fix in caught.value.fix
    assert not [*tmp_path.iterdir()]
    with Scripted(server(link)) as api:
        pages = {"style": "page", "records": "items"}
        assert fetch(tmp_path, api.url, params=params, pages=pages)["records"] == len(MINE)


RIGHT = {
    "all of it": lambda given, page: query(**given | {"page": page}),
    "in a token": lambda given, page: query(token=urlencode({"page": page, "dep": "01"}), size=4),
    "behind the last record": lambda given, page: query(offset="{after}", dep="01"),
    "without what changes no record": lambda given, page: query(page=page, dep="01", size=4),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_link_that_keeps_it(name: str, tmp_path: Path) -> None:
    params = {"dep": "01", "size": 4, "format": "json", "with_total": "true", "q": ""}
    with Scripted(server(RIGHT[name])) as api:
        fetch(tmp_path, api.url, params=params, pages=LINKS)
    assert rows(tmp_path) == MINE


def token_server(way: str, decodes: int) -> Callable[[Asked], Answer]:
    """Give tokens that are encoded; ``decodes``: how often the server decodes what it gets."""

    def answer(asked: Asked) -> Answer:
        token = parse_qsl(urlsplit(asked.path).query)
        text = (
            dict(token).get("cursor", "")
            if decodes == 1
            else unquote(dict(token).get("cursor", ""))
        )
        known = text.startswith("p/") and text.endswith("==")
        if text and not known and way == "refuses":
            return Answer(400, body=b"unknown cursor")
        start = int(text[2:-2]) if known else 0
        items = ROWS[start : start + 10] if known or not text or way == "first" else []
        token = quote(f"p/{start + 10}==", safe="") if start < 20 else None
        return Answer(body=json.dumps({"items": items, "next": token}).encode())

    return answer


@pytest.mark.parametrize("way", ["refuses", "first", "nothing"])
@pytest.mark.parametrize("decodes", [1, 2])
def test_a_token_that_comes_encoded(way: str, decodes: int, tmp_path: Path) -> None:
    with Scripted(token_server(way, decodes)) as api:
        fetch(tmp_path, api.url, pages={"style": "cursor", "records": "items"})
        assert len(api.asked) == (5 if decodes == 1 else 3)
    assert rows(tmp_path) == ROWS


def test_a_link_as_html_has_it(tmp_path: Path) -> None:
    link = server(lambda given, page: query(**given | {"page": page}).replace("&", "&amp;"))
    with Scripted(link) as api:
        fetch(tmp_path, api.url, params={"dep": "01", "size": 4}, pages=LINKS)
        assert all("amp;" not in asked.path for asked in api.asked)
    assert rows(tmp_path) == MINE


@pytest.mark.parametrize(
    ("link", "encrypted"),
    [
        ("http://api.example/a?page=2", "https://api.example/a?page=2"),
        ("http://api.example:80/a", "https://api.example/a"),
        ("http://other.example/a", "http://other.example/a"),
        ("http://api.example:8080/a", "http://api.example:8080/a"),
        ("?page=2", "?page=2"),
        ("http://api.example:x/", "http://api.example:x/"),
    ],
)
def test_a_server_behind_a_proxy_that_encrypts(link: str, encrypted: str) -> None:
    assert as_encrypted("https://api.example/a", link) == encrypted


def test_a_server_that_names_itself_by_another_name(tmp_path: Path) -> None:
    link = server(lambda given, page: f"http://10.0.0.7:8080/{query(**given | {'page': page})}")
    with Scripted(link) as api, pytest.raises(RedirectError) as caught:
        fetch(tmp_path, api.url, params={"dep": "01", "size": 4}, pages=LINKS)
    assert "ask by number: `pages: {style: page, …}`; if that is meant" in caught.value.fix


def test_a_secret_that_is_left_out_is_not_shown(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PASS", "s3cret-value-1234")
    link = server(lambda _, page: query(page=page, size=4))
    auth = {"style": "param", "name": "pass", "env": "PASS"}
    with Scripted(link) as api, pytest.raises(PagesError) as caught:
        url = api.url + "/?dep=01&size=4"
        fetch(tmp_path, url, {"PASS": "s3cret-value-1234"}, auth=auth, pages=LINKS)
    assert "s3cret" not in str(caught.value) and "`dep=01`" in caught.value.found
