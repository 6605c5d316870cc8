"""A file whose server's headers say that it is one page of several is not frozen as the whole."""

import json
from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from diffusion.fetch.batch import fetch_batch
from diffusion.storage.store import Store
from fetches import Answer, Scripted, source_of

ROWS = [{"a": 1}, {"a": 2}, {"a": 3}]
JSON, CSV = json.dumps(ROWS).encode(), b"a;b\n1;x\n2;y\n3;z\n"
COLLECTION = json.dumps({"type": "FeatureCollection", "features": ROWS}).encode()
NEXT = '<http://a.example/f?page=2>; rel="next"'


def fetched(tmp_path: Path, headers: dict, body: bytes, **keys: object) -> dict:
    with Scripted(lambda _: Answer(headers=headers, body=body)) as server:
        source = source_of(f"{server.url}/f", "file", **keys)
        partition = "page=1" if keys else "all"
        store = Store(str(tmp_path / "raw"), None)
        return fetch_batch("t", source.fetching, [partition], store, tmp_path / "s", lock={})


@pytest.mark.parametrize(
    ("headers", "body", "sign"),
    [
        ({"X-Total-Count": "250"}, JSON, "`header:X-Total-Count`: 250"),
        ({"X-Total-Count": "250"}, CSV, "`header:X-Total-Count`: 250"),
        ({"X-Total-Pages": "9"}, COLLECTION, "`header:X-Total-Pages`: 9"),
        ({"X-Total-Count": "4"}, CSV, "`header:X-Total-Count`: 4"),  # not the header and three rows
        ({"X-WP-Total": "25"}, JSON, "`header:X-WP-Total`: 25"),  # WordPress
        ({"X-Next-Page": "2"}, CSV, "`header:X-Next-Page`: 2"),
        ({"X-Has-More": "true"}, CSV, "`header:X-Has-More`: true"),
        ({"x-ms-continuation": "abc"}, CSV, "abc"),
        ({"Link": NEXT}, CSV, "`header:Link`: http://a.example/f?page=2 is the next one"),
        ({"Link": NEXT}, b"PAR1" + bytes(40), "page=2 is the next one"),
        ({"Content-Range": "items 0-2/250"}, JSON, "`header:Content-Range`: items 0-2/250"),
        ({"Content-Range": "items 0-2/250"}, b"\x89HDF" * 9, "items 0-2/250"),
    ],
)
def test_one_page_of_several(tmp_path, headers, body, sign):
    with pytest.raises(DiffusionError, match="say that there is more") as caught:
        fetched(tmp_path, headers, body)
    assert sign in caught.value.found and "partition" in caught.value.fix
    keys = {"params": {"page": "{page}"}, "partitions": {"page": ["1"]}}
    assert fetched(tmp_path, headers, body, **keys), "a part that is asked for may be one"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"X-Total-Count": "3", "Link": NEXT}, JSON),
        ({"X-Total-Count": "3", "Link": NEXT}, CSV),
        ({"X-Total-Count": "2"}, b"1,a\n2,b\n"),  # no header
        ({"X-Total-Count": "250"}, b"PAR1" + bytes(40)),  # not counted before it is read
        ({"Content-Range": "items 0-2/3"}, COLLECTION),
        ({"Content-Range": f"bytes 0-{len(CSV) - 1}/{len(CSV)}"}, CSV),
        ({"Link": '<http://a.example/licence>; rel="license"', "X-Request-Id": "7"}, CSV),
    ],
)
def test_the_whole(tmp_path, headers, body):
    assert fetched(tmp_path, headers, body)
