"""A part of a download is gone on with as far as its bytes are those that were received."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from diffusion.fetch.partial import EVERY, Part

DATA = os.urandom(3 * EVERY + 1000)
KNOWN = {"asked": "this", "validator": '"v1"', "length": 2 * len(DATA)}


@pytest.fixture
def part(tmp_path: Path) -> Part:
    part = Part(tmp_path / "x")
    with pytest.raises(ConnectionError), part.going_on(part.begun("this"), KNOWN) as writing:
        for start in range(0, len(DATA), 1000):
            writing.write(DATA[start : start + 1000])
        raise ConnectionError
    return part


def damage(at: int) -> Callable[[bytearray], None]:
    def change(data: bytearray) -> None:
        data[at] ^= 1

    return change


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda data: None, range(len(DATA), len(DATA) + 1)),
        (lambda data: data.extend(b"written after the last note"), range(len(DATA), len(DATA) + 1)),
        (damage(len(DATA) - 1), range(2 * EVERY, len(DATA))),
        (damage(EVERY + 3000), range(EVERY, EVERY + 1000)),
        (damage(5), range(1)),
        (lambda data: data.__delitem__(slice(EVERY + 5000, None)), range(EVERY, EVERY + 1000)),
    ],
)
def test_what_was_damaged_is_asked_for_again(
    change: Callable, kept: range, part: Part, tmp_path: Path
) -> None:
    path = tmp_path / "x.part"
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    begun = part.begun("this")
    assert begun.offset in kept
    with part.going_on(begun, KNOWN) as writing:
        writing.write(DATA[begun.offset :])
    part.finish()
    assert (tmp_path / "x").read_bytes() == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_part_of_another_request_is_none(part: Part) -> None:
    assert part.begun("that").offset == 0


@pytest.mark.parametrize("kept", [0, 30, 200])
def test_a_journal_cut_short_vouches_for_what_it_holds(
    kept: int, part: Part, tmp_path: Path
) -> None:
    journal = tmp_path / "x.part.json"
    journal.write_bytes(journal.read_bytes()[:kept])
    assert part.begun("this").offset <= EVERY + 1000
