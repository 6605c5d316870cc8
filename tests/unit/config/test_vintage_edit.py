"""A vintage is written into a file that somebody wrote by hand: nothing else of it changes."""

from pathlib import Path

import pytest

from diffusion.config.vintage_edit import write_vintage
from diffusion.errors import DiffusionError

TOP = "project: {name: x}  # mine\r\nvintage: '1'\n"
EDITS = {
    "in its quotes": (
        "sources:\n  a:\n    vintage: '1' # old\n    url: é\n",
        "'1' # old",
        "'2' # old",
    ),
    "plain": ("sources:\n  a: {url: u, vintage: 1a, from: file}\n", "1a", '"2"'),
    "no key yet": ("sources:\n  a:\n    # c\n    url: u\n", "    url", '    vintage: "2"\n    url'),
    "on one line": ("sources:\n  a: {url: u}\n", "{url", '{vintage: "2", url'),
    "with CRLF": ("sources:\r\n  a:\r\n    url: u\r\n", "    url", '    vintage: "2"\r\n    url'),
    "merged keys": (
        "x: &x {vintage: '1'}\nsources:\n  a:\n    <<: *x\n    url: u\n",
        "    <<",
        '    vintage: "2"\n    <<',
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_no_other_byte_changes(tmp_path: Path, name: str):
    text, before, after = EDITS[name]
    path = tmp_path / "config.yaml"
    path.write_bytes(text.encode())
    assert write_vintage([path], "a", "2") == path
    assert path.read_bytes().decode() == text.replace(before, after, 1)


def test_the_file_that_has_it_is_written(tmp_path: Path):
    first, second = tmp_path / "config.yaml", tmp_path / "more.yaml"
    first.write_text("sources: {a: {from: file, url: u}}\n")
    second.write_text("sources: {a: {vintage: '1'}}\n")
    assert write_vintage([first, second], "a", "2") == second
    second.write_text("storage: {url: x}\n")
    assert write_vintage([first, second], "a", "2") == first


@pytest.mark.parametrize(
    "text",
    [
        "x: &x {url: u}\nsources: {a: *x, b: *x}\n",  # it would be that of both
        "v: &v '1'\nsources: {a: {url: u, vintage: *v}}\n",
        "sources: {b: {url: u}}\n",
    ],
)
def test_what_is_not_edited_by_machine(tmp_path: Path, text: str):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(DiffusionError, match=r'write it yourself: `vintage: "2"` under sources.a'):
        write_vintage([path], "a", "2")
    assert path.read_text() == text
