"""How deep lines of JSON are, whatever stands in their texts, and however they are cut."""

import pytest

from diffusion.errors import DiffusionError
from diffusion.files import json_scan
from diffusion.files.json_scan import verify_depth

FLAT = b'{"a": "[[[{{{", "b": [1, {"c": 2}]}\n'
WIDE = b'{"a": [' + b", ".join([b'{"b": []}'] * 90) + b"]}\n"  # many brackets, few levels
DEEP = b'{"a": ' * 110 + b"1" + b"}" * 110


@pytest.mark.parametrize("chunk", [7, 64, 1 << 20])
def test_lines(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(json_scan, "CHUNK", chunk)
    path = tmp_path / "a.ndjson"
    path.write_bytes(FLAT * 50 + WIDE + FLAT)
    verify_depth(path, "a")
    for lines in (FLAT * 50 + DEEP + b"\n" + FLAT, FLAT + DEEP, b"[" * 104 + b"\n"):
        path.write_bytes(lines)
        with pytest.raises(DiffusionError, match=r"a: its JSON is nested 1\d\d levels deep"):
            verify_depth(path, "a")
