"""What a text is told to be, however its bytes are looked at: by pieces, or by eights."""

import random
from pathlib import Path

import pytest

from diffusion.files import lines
from diffusion.files.lines import survey

KINDS = [["x", "y", ";", "\n"], ["a", ";\n", "\n", "\n"], ["a;", "\r\n"], [*"é;|\t", "\n"], ["\n"]]
KINDS += [["abcdefghijklmnop;qrs\n", "tu\n"]]
HEADER = "a;b"


@pytest.mark.parametrize("kind", KINDS, ids=ascii)
@pytest.mark.parametrize("chunk", [1, 7, 64, 1 << 20])
def test_lines_are_counted(
    tmp_path: Path, kind: list[str], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHUNK", chunk)
    monkeypatch.setattr(lines, "TAIL", chunk)
    draw, path = random.Random(f"{kind} {chunk}"), tmp_path / "text.csv"
    for _ in range(60):
        text = f"{HEADER}\n" + "".join(draw.choices([*kind, f"{HEADER}\n"], k=draw.randrange(300)))
        path.write_bytes(text.encode())
        held = [line.rstrip("\r") for line in text.split("\n")]
        found = survey(path, "", HEADER, ";")
        assert found.records == sum(map(bool, held))
        assert (found.ends["\n"] + found.ends["\r\n"], found.ends["\r"]) == (len(held) - 1, 0)
        assert (found.headers, found.ended) == (text.count(HEADER), text.endswith("\n"))
        assert found.last == text.encode().rstrip(b"\r\n").rfind(b"\n") + 1


def test_a_line_longer_than_a_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "CHUNK", 8)
    path = tmp_path / "long.csv"
    for end in (b"", b"\n"):
        path.write_bytes(b"a;b\n1;" + b"2" * 1000 + b"\n3;4" + end)
        found = survey(path, '"', HEADER, ";")
        assert (found.records, found.ended, found.last) == (3, bool(end), 1007)
