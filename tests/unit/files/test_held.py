"""Small files are read once for all who look at them; others, and later, they are read anew."""

from pathlib import Path

import pytest

from conversions import Converter
from diffusion.files.held import SMALL, held, open_bytes


def content(path: Path) -> bytes:
    with open_bytes(path) as file:
        return file.read()


def test_what_is_held_and_what_is_not(tmp_path: Path) -> None:
    small, other, large = (tmp_path / name for name in ("small", "other", "large"))
    small.write_bytes(b"s" * SMALL)
    other.write_bytes(b"o")
    large.write_bytes(b"l" * (SMALL + 1))
    with held(small), held(tmp_path):
        small.write_bytes(b"changed")
        assert content(small) == b"s" * SMALL
        assert content(other) == b"o"
        with held(large), held(other):
            large.write_bytes(b"changed")
            assert content(large) == b"changed"
        assert content(small) == b"s" * SMALL
    assert content(small) == b"changed"


def test_an_error_lets_go_of_it(tmp_path: Path) -> None:
    path = tmp_path / "small"
    path.write_bytes(b"before")
    with pytest.raises(ValueError, match="refused"), held(path):
        raise ValueError("refused")
    path.write_bytes(b"after")
    assert content(path) == b"after"


def test_a_small_text_is_opened_a_few_times(tmp_path: Path, monkeypatch) -> None:
    """Of thousands of them, a conversion spent a quarter of its time on opening."""
    converter = Converter(tmp_path)
    path, opened, open_file = converter.file("code,n\n01001,1\n01002,2\n"), [], Path.open

    def noted(self: Path, *arguments: object, **keys: object) -> object:
        opened.append(self.name)
        return open_file(self, *arguments, **keys)

    monkeypatch.setattr(Path, "open", noted)
    converter.convert(path, columns={"code": "string"})
    assert 1 <= opened.count(path.name) <= 2, opened
