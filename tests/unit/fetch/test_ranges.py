"""Parts of files: what nobody asked for, and rests that do not fit what came before."""

import json
from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from fetches import Answer, Asked, Scripted, download, fetch, record_waits, rows

WHOLE = b"0123456789" * 12_000
SIZE = len(WHOLE)
ETAG = {"ETag": '"a"'}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


def part(first: int, stop: int, said: str, **more: str) -> Answer:
    return Answer(206, ETAG | {"Content-Range": said} | more, WHOLE[first:stop])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (part(0, 50_000, f"bytes 0-49999/{SIZE}"), "bytes 0-49999/120000"),
        (part(0, 50_000, "bytes 0-49999/*"), "bytes 0-49999/*"),
        (part(70_000, SIZE, f"bytes 70000-119999/{SIZE}"), "bytes 70000-119999/120000"),
        (Answer(206, {}, WHOLE[:50_000]), "without a `Content-Range`"),
        (Answer(206, {"Content-Type": "multipart/byteranges; boundary=x"}, b"--x"), "without"),
    ],
    ids=["head", "unknown-total", "tail", "no-range", "several"],
)
def test_a_part_nobody_asked_for_is_no_file(answer: Answer, words: str, tmp_path: Path) -> None:
    with Scripted(lambda _: answer) as server, pytest.raises(DiffusionError) as caught:
        download(tmp_path, server.url + "/f")
    assert "HTTP 206" in caught.value.found and words in caught.value.found
    assert not (tmp_path / "file").exists()


def test_a_part_that_is_the_whole_is_taken(tmp_path: Path) -> None:
    whole = part(0, SIZE, f"bytes 0-{SIZE - 1}/{SIZE}")
    with Scripted(lambda _: whole) as server:
        download(tmp_path, server.url + "/f")
    assert (tmp_path / "file").read_bytes() == WHOLE


def resumed(folder: Path, rest: list) -> tuple[bytes, list[Asked]]:
    """Return what came of a download that broke once, and how it was asked; then as scripted."""

    def answer(asked: Asked) -> Answer:
        if first:
            return first.pop()
        start = asked.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        if not start:
            return Answer(200, ETAG, WHOLE)
        return rest.pop(0)(int(start))

    first = [Answer(200, ETAG | {"Content-Length": str(SIZE)}, WHOLE[:80_000])]
    with Scripted(answer) as server:
        download(folder, server.url + "/f", retries=4)
    return (folder / "file").read_bytes(), server.asked


@pytest.mark.parametrize(
    "said",
    [
        "bytes {start}-119999/120001",  # another length than at first
        "bytes {start}-119998/119999",  # a shorter file
        "bytes {start}-200000/120000",  # beyond its own end
        "bytes {start}-/120000",
        "bytes 0-119999/120000",
        "lines {start}-119999/120000",
        "bytes {start}-100000/120000",  # more bytes than it says
        "",
    ],
)
def test_a_rest_that_does_not_fit_is_not_joined(said: str, tmp_path: Path) -> None:
    def rest(start: int) -> Answer:
        return Answer(
            206, ETAG | {"Content-Range": said.format(start=start)}, b"X" * (SIZE - start)
        )

    data, asked = resumed(tmp_path, [rest])
    assert data == WHOLE
    assert [("Range" in one.headers) for one in asked] == [False, True, False]


def test_a_rest_in_pieces_is_asked_on(tmp_path: Path) -> None:
    """A server may send less than was asked: the next piece begins where this one ends."""

    def piece(start: int) -> Answer:
        stop = min(start + 30_000, SIZE)
        return part(start, stop, f"bytes {start}-{stop - 1}/{SIZE}")

    data, asked = resumed(tmp_path, [piece] * 3)
    assert data == WHOLE
    starts = [int(one.headers["Range"][6:-1]) for one in asked[1:]]
    assert starts[1:] == [starts[0] + 30_000]


def test_a_rest_of_unknown_length_is_joined_where_the_first_answer_stated_it(
    tmp_path: Path,
) -> None:
    data, _ = resumed(tmp_path, [lambda start: part(start, SIZE, f"bytes {start}-119999/*")])
    assert data == WHOLE
    (tmp_path / "two").mkdir()
    short = [lambda start: part(start, SIZE - 9, f"bytes {start}-119990/*")]
    data, _ = resumed(tmp_path / "two", [*short, lambda s: part(s, SIZE, f"bytes {s}-119999/*")])
    assert data == WHOLE


RECORDS = [{"n": n} for n in range(3)]


def ranged(said: str | None, unit_first: int = 0) -> Answer:
    headers = {"Content-Range": said} if said else {}
    return Answer(206, headers, json.dumps(RECORDS[unit_first:]).encode())


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("0-2/5", "0-2/5"),
        ("items 0-2/5", "items 0-2/5"),
        ("0-2/*", "0-2/*"),
        (None, "HTTP 206"),
    ],
)
def test_an_api_that_says_it_left_records_out(said: str | None, words: str, tmp_path: Path) -> None:
    with Scripted(lambda _: ranged(said)) as server, pytest.raises(DiffusionError) as caught:
        fetch(tmp_path, server.url)
    assert words in caught.value.found and "page by page" in caught.value.fix
    assert not (tmp_path / "records").exists()


def test_an_api_that_sends_some_of_the_bytes(tmp_path: Path) -> None:
    refused = pytest.raises(DiffusionError, match="bytes 0-29/90")
    with Scripted(lambda _: ranged("bytes 0-29/90")) as server, refused:
        fetch(tmp_path, server.url)


@pytest.mark.parametrize("said", ["0-2/3", "items 0-2/3", "bytes 0-29/30"])
def test_an_api_whose_206_is_all_there_is(said: str, tmp_path: Path) -> None:
    assert len(ranged(said).body) == 30
    with Scripted(lambda _: ranged(said)) as server:
        fetch(tmp_path, server.url)
    assert rows(tmp_path) == RECORDS


@pytest.mark.parametrize("total", ["3", "*"])
def test_pages_may_be_206(total: str, tmp_path: Path) -> None:
    """As PostgREST and others answer: a part of the records each, until an empty one."""

    def answer(asked: Asked) -> Answer:
        offset = int(asked.path.partition("offset=")[2] or 0)
        page = RECORDS[offset : offset + 1]
        said = f"{offset}-{offset}/{total}" if page else f"*/{total}"
        return Answer(206, {"Content-Range": said}, json.dumps(page).encode())

    with Scripted(answer) as server:
        fetch(tmp_path, server.url, pages={"style": "offset", "param": "offset"})
    assert rows(tmp_path) == RECORDS


def test_pages_that_end_before_the_range_does(tmp_path: Path) -> None:
    page = Answer(206, {"Content-Range": "0-2/9"}, json.dumps(RECORDS).encode())
    with Scripted(lambda _: page) as server, pytest.raises(DiffusionError, match="0-2/9"):
        fetch(tmp_path, server.url, pages={"style": "link_header"})
