"""An entry into `config/config.yaml`: all other bytes stay, whatever the file looks like."""

from pathlib import Path

import pytest
import yaml

from diffusion.errors import DiffusionError
from diffusion.propose.insert import insert_entry
from projects import REPOSITORY

BLOCK = 'rents: # as it was found\n  from: file\n  url: "https://example.org/a b.csv"\n'
ENTRY = yaml.safe_load(BLOCK)["rents"]
FILES = {
    "empty": "project: {name: p}\nsources: {} # none yet\nvintage: 'x'\n",
    "null": "sources:\n# mine\nderive: {}\n",
    "absent": "project: {name: p}",
    "nothing": "",
    "block": "sources:\n    a:\n        from: file\n        # csv\n    # later\n\n# next\nd: 1\n",
    "at the end": "sources:\n  a: {from: file}",
    "text": "sources:\n  a:\n    from: file\n    description: |\n      # this\n\n\nderive: {}\n",
    "folded": "sources:\n  a:\n    description: one\n      two # three\nd: é\n",
    "list": "sources:\n  a:\n    nulls:\n    - x\n    - y # z\nd: 1\n",
    "alias": "x: &x {from: file}\nsources:\n  a: *x\nd: 1\n",
    "unset": "sources:\n  a:\n    url:\nd: 1\n",
    "mark": "\ufeffsources:\n  a: 1\n",
    "flow value": "sources:\n  a: {from: file,\n    url: x}  # end\n  # more\nd: 1\n",
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", FILES)
def test_only_the_entry_is_new(name: str, end: str, tmp_path: Path) -> None:
    before = FILES[name].replace("\n", end)
    path = tmp_path / "config.yaml"
    path.write_bytes(before.encode())
    after = insert_entry(path, "rents", BLOCK)
    given = yaml.safe_load(before) or {}
    sources = {**(given.get("sources") or {}), "rents": ENTRY}
    assert yaml.safe_load(after) == {**given, "sources": sources}
    lines = after.splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip().startswith("rents:"))
    assert _words(lines[:at] + lines[at + 3 :]) == _words(
        before.replace(" {} #", " #").splitlines()
    )
    assert after.count("\n") == after.count(end) or "\n" not in before


def _words(lines: list[str]) -> list[str]:
    """Return lines without those that the entry needs around it."""
    return [line for line in lines if line.strip() and line != "sources:"]


def test_the_shipped_file_grows_by_the_block_alone(tmp_path: Path) -> None:
    before = (REPOSITORY / "config/examples/chapter/config.yaml").read_bytes()
    path = tmp_path / "config.yaml"
    path.write_bytes(before)
    after = insert_entry(path, "rents", BLOCK).encode()
    block = "\n" + "".join(f"  {line}\n" for line in BLOCK.splitlines())
    head, _, tail = after.partition(block.encode())
    assert head + tail == before and len(after) == len(before) + len(block.encode())
    assert tail.lstrip().startswith(b"# Tables and figures") and b"RD14" in head[-400:]


def test_comments_of_the_last_entry_stay_with_it(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(FILES["block"])
    lines = insert_entry(path, "rents", BLOCK).splitlines()
    at = lines.index("    rents: # as it was found")
    assert lines[at - 2] == "    # later" and lines[at + 4] == "# next"


def test_where_there_is_no_place_the_entry_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    for text in ("sources: {a: {from: file}}\n", "sources: [1]\n"):
        path.write_text(text)
        with pytest.raises(DiffusionError) as caught:
            insert_entry(path, "rents", BLOCK)
        assert "rents:" in caught.value.fix or "by hand" in caught.value.fix


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("sources:\n  rents: {from: file}\n")
    with pytest.raises(DiffusionError) as caught:
        insert_entry(path, "rents", BLOCK)
    assert "there is a source of that name" in str(caught.value)
    assert "--name" in caught.value.fix
