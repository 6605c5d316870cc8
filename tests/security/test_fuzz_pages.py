"""Any pages of any API: every record that the server gave, once and in order, or an error."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import DiffusionError
from fuzzing import fuzz, no_hang
from unit.fetches import Answer, Asked, Scripted, fetch, rows

STYLES = ["none", "next_url", "link_header", "page", "offset", "cursor"]
leaf = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)
leaf |= st.floats(allow_nan=False, allow_infinity=False)
json_value = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)
)
record = st.dictionaries(st.text(max_size=3), json_value, max_size=3)
odd_link = st.text(max_size=12) | st.sampled_from(
    ["http://[", "//", "?", "#", "http://127.0.0.1:99999/", "file:///etc/passwd", "http://é\ud800/"]
)
LIES = ["total", "next", "repeat", "body", "hints", "truncate", "link"]


class Api:
    """An API with these records, in one style, that lies where it is told to."""

    def __init__(self, style: str, records: list, size: int, lies: dict):
        self.style, self.records, self.size, self.lies = style, records, size, lies
        self.given: list[list] = []

    def __call__(self, asked: Asked) -> Answer:
        query = dict(parse_qsl(urlsplit(asked.path).query))
        count = len(self.given)
        start = self._start(query)
        items = self.records[start : start + self.size] if self.style != "none" else self.records
        if "repeat" in self.lies and count:
            items = self.given[0]
        more = start + self.size < len(self.records)
        body = {"items": items, "total": len(self.records)}
        headers: dict[str, str] = {}
        if self.style == "next_url" and more:
            body["next"] = f"?start={start + self.size}"
        if self.style == "cursor" and more:
            body["next"] = start + self.size
        if self.style == "link_header" and more:
            headers["Link"] = f'<?start={start + self.size}>; rel="next"'
        return self._lied(body, headers, items, asked)

    def _start(self, query: dict[str, str]) -> int:
        known = {"page": "page", "offset": "offset", "cursor": "cursor"}
        value = query.get(known.get(self.style, "start"), "")
        number = int(value) if value.isdecimal() else 0
        return (number - 1) * self.size if self.style == "page" else number

    def _lied(self, body: dict, headers: dict, items: list, asked: Asked) -> Answer:
        if "total" in self.lies:
            body["total"] = self.lies["total"]
        if "next" in self.lies:
            body["next"] = self.lies["next"]
        if "hints" in self.lies:
            body["meta"] = self.lies["hints"]
        if "link" in self.lies:
            link = str(self.lies["link"]).encode("utf-8", "replace").decode("latin-1")
            headers["Link"] = f"<{''.join(c for c in link if c.isprintable())}>; rel=next"
        data = json.dumps(body).encode()
        if "truncate" in self.lies:
            data = data[: self.lies["truncate"]]
        if "body" in self.lies:
            data = self.lies["body"]
        try:
            self.given.append(json.loads(data)["items"])
        except (ValueError, KeyError, TypeError, RecursionError):
            self.given.append([])
        return Answer(200, headers, data)


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with Scripted(lambda asked: server.api(asked)) as server:
        yield server


def ask(server: Scripted, folder: Path, api: Api) -> list | None:
    """Return the records that came, or None for an error of ours."""
    server.api = api
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    pages = {"style": api.style, "records": "items", "total": "total"}
    if api.style != "none":
        pages["max_pages"] = 20
    keys = {"pages": pages, "retries": 0, "timeout": 5}
    with no_hang():
        try:
            fetch(folder, server.url + "/lines", **keys)
        except DiffusionError as error:
            assert str(error).startswith("sources.t")
            return None
    return rows(folder)


@pytest.mark.slow
@given(
    st.sampled_from(STYLES), st.lists(record, max_size=12, unique_by=json.dumps), st.integers(1, 5)
)
@fuzz(60)
def test_fuzz_an_honest_api(server, tmp_path_factory, style, records, size) -> None:
    found = ask(server, tmp_path_factory.getbasetemp() / "pages", Api(style, records, size, {}))
    assert found == records


@pytest.mark.slow
@given(
    st.sampled_from(STYLES),
    st.lists(record, max_size=8),
    st.integers(1, 4),
    st.fixed_dictionaries(
        {},
        optional={
            "total": json_value,
            "next": json_value | odd_link,
            "repeat": st.just(True),
            "body": st.binary(max_size=50)
            | st.builds(lambda v: json.dumps(v).encode(), json_value)
            | st.sampled_from(
                [
                    b"[" * 3_000,
                    b'{"items":' + b"[" * 3_000,
                    b'{"items":[],"items":[{}]}',
                    b'\xef\xbb\xbf{"items":[]}',
                    b'{"items":[{"a":1e999}]}',
                    b'{"items":[1]}',
                ]
            ),
            "hints": json_value,
            "truncate": st.integers(0, 200),
            "link": odd_link,
        },
    ),
)
@fuzz(120)
def test_fuzz_a_lying_api(server, tmp_path_factory, style, records, size, lies) -> None:
    api = Api(style, records, size, lies)
    found = ask(server, tmp_path_factory.getbasetemp() / "pages", api)
    if found is not None:
        assert found == [item for items in api.given for item in items]
