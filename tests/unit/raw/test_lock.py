"""The lock as people and merges leave it."""

from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from diffusion.raw.lock import read_lock

CONFLICT = "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CONFLICT, "has a conflict of a merge in it"),
        ("a: [1", "is no lock: while parsing a flow sequence"),
        ("- 1", "is no lock: Expected `object`, got `array`"),
        ("dpe: 1", "is no lock: Expected `object`, got `int`"),
        ("dpe: {vintage: '1'}", "missing required field `partitions`"),
    ],
)
def test_a_damaged_lock_is_told(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "sources.lock.yaml"
    path.write_text(text)
    with pytest.raises(DiffusionError) as caught:
        read_lock(path)
    assert words in caught.value.found
    assert caught.value.fix.endswith("or remove it and run `diffusion lock`")
