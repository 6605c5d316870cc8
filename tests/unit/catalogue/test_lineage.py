"""The drawing of what an entry was made from."""

import pytest

from diffusion.catalogue.page import lineage as drawn
from diffusion.catalogue.page.lineage import lineage, place_of
from diffusion.catalogue.page.place import Place
from diffusion.catalogue.page.site import Site

TABLES = {
    "raw_one": {"table_sha256": "1", "retrieval": {"url": "https://a.example/{dep}.csv"}},
    "two": {"table_sha256": "2", "retrieval": {"url": "s3://bucket/two.csv"}},
    "joined": {"table_sha256": "3", "inputs": {"one": "1", "two": "0", "private": "9"}},
    "carte": {"inputs": {"joined": "3", "one": "1"}},
    "alone": {"retrieval": {"url": "/home/me/alone.csv"}},
}
SITE = Site({"tables": TABLES}, Place())


def test_it_goes_from_the_raw_copies_to_the_entry():
    found = lineage(SITE, "carte")
    columns = {box.whole: box.x // (drawn.WIDE + drawn.GAP) for box in found.boxes}
    assert columns.pop("a.example") == columns.pop("s3://bucket") == 0
    assert columns == {"raw_one": 1, "two": 1, "private": 0, "joined": 2, "carte": 3}
    links = {box.whole: box.link for box in found.boxes if box.link}
    assert links == {n: f"{n}.html" for n in ("raw_one", "two", "joined")}
    assert [box.whole for box in found.boxes if box.kind == "own"] == ["carte"]
    assert len(found.lines) == 7
    assert len({(box.x, box.y) for box in found.boxes}) == len(found.boxes)
    for line in found.lines:
        left, until, _ = (tuple(map(int, point.split(","))) for point in line.split())
        behind = [b for b in found.boxes if left[0] <= b.x < until[0] and b.y < left[1] < b.y + 32]
        assert behind == [], "no box stands in the way of a line"


def test_where_nothing_or_too_much_is_known_there_is_none(monkeypatch):
    assert lineage(SITE, "alone") is None
    monkeypatch.setattr(drawn, "MOST", 3)
    assert lineage(SITE, "carte") is None


def test_a_table_made_from_itself_ends():
    tables = {"a": {"inputs": ["b"]}, "b": {"inputs": ["a"]}}
    found = lineage(Site({"tables": tables}, Place()), "a")
    assert (len(found.boxes), len(found.lines)) == (2, 1)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://me:secret@a.example:8443/x?key=1", "a.example"),
        ("s3://bucket/x/{year}.csv", "s3://bucket"),
        ("/srv/data.csv", ""),
        ("https://{dep}.example/", ""),
    ],
)
def test_a_place_is_a_host_or_a_bucket(url, place):
    assert place_of({"retrieval": {"url": url}}) == place
