"""Small results: whole, or not there; what is damaged is found, and named."""

import pytest

from diffusion.base.json_files import damaged_in, read_json, write_json
from diffusion.errors import DiffusionError


def test_a_result_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_json(path, {"é": [1]})
    assert read_json(path) == {"é": [1]}

    def power_cut(_: int) -> None:
        raise OSError("no power")

    monkeypatch.setattr("os.fsync", power_cut)
    with pytest.raises(OSError, match="no power"):
        write_json(path, {"é": [2]})
    assert read_json(path) == {"é": [1]}


@pytest.mark.parametrize("content", [b"", b'{"a": [1, ', bytes(20)])
def test_what_a_power_cut_leaves(tmp_path, content):
    whole, damaged = tmp_path / "whole.json", tmp_path / "below" / "damaged.json"
    damaged.parent.mkdir()
    write_json(whole, {})
    damaged.write_bytes(content)
    with pytest.raises(DiffusionError, match=r"damaged.json: damaged .*(\n.*)*remove it and run"):
        read_json(damaged)
    assert damaged_in(tmp_path) == [damaged]
