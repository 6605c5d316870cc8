"""When what a server says of an object means the same bytes."""

import pytest

from diffusion.storage.items import Item

LISTED = Item("in/a.csv", 8, "", 100)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (LISTED, True),
        (LISTED._replace(modified=99), True),  # seen of rclone within a second of the put
        (LISTED._replace(modified=98), False),
        (LISTED._replace(modified=101), False),
        (LISTED._replace(size=9), False),
        (LISTED._replace(etag="x"), False),
        (None, False),
    ],
)
def test_without_etag_the_time_tells(other, same):
    assert LISTED.is_same(other) is same


def test_an_etag_tells_alone():
    tagged = LISTED._replace(etag="x")
    assert tagged.is_same(tagged._replace(modified=101))
    assert not tagged.is_same(tagged._replace(etag="y"))
