"""Paths: where a value stands in an answer, and the nearest one where there is nothing."""

import json

import pytest
import requests

from diffusion.base.json_path import parse_path
from diffusion.fetch.body import Body

ANSWER = {
    "@odata.nextLink": "/2",
    "meta": {"page": {"total": 7}, "a.b": 1, "-1": "name"},
    "data": [{"id": 1}, {"id": 2}],
    "links": [
        {"rel": "self", "href": "/1"},
        {"rel": "next", "href": "/2"},
        {"rel": 3, "href": "n"},
    ],
    "none": None,
}


def body_of(value: object, **headers: str) -> Body:
    response = requests.Response()
    response.status_code, response._content = 200, json.dumps(value).encode()
    response.headers.update(headers)
    return Body(response, "sources.t")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ('"@odata.nextLink"', "/2"),
        ("meta.page.total", 7),
        ('meta."a.b"', 1),
        ("meta.-1", "name"),
        ("data[-1].id", 2),
        ("data[0].id", 1),
        ("data[2].id", None),
        ("links[rel=next].href", "/2"),
        ("links[rel=3].href", "n"),
        ("links[rel=prev].href", None),
        ("header:x-total", "9"),
        ("none", None),
        ("data.id", None),
        ("meta.page.total.x", None),
    ],
)
def test_values(path: str, value: object) -> None:
    body = body_of(ANSWER, **{"X-Total": "9"})
    assert body.value(path) == value
    assert body.has(path) == (value is not None or path == "none")
    assert body_of([{"n": 1}, ANSWER]).value(f"[1].{path}") == (None if ":" in path else value)


@pytest.mark.parametrize(
    "path", ["a..b", ".a", "a.", "a[", "a[x]", 'a"b"', "a.[0]", "[rel=x]y", '"']
)
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(ValueError, match=r"no step of a path|a dot is missing"):
        parse_path(path)


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("total", "`meta.page.total`"),
        ("next", '`"@odata.nextLink"`'),
        ("@odata.nextLink", '`"@odata.nextLink"`'),
        ("x-next", "`header:X-Next`"),
        ("unlike anything", '`"@odata.nextLink"`'),
    ],
)
def test_the_nearest_path(path: str, near: str) -> None:
    assert near in body_of(ANSWER, **{"X-Next": "2"}).nearest(path, "data", way_on=True)
