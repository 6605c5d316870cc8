"""`diffusion outdated` and `diffusion update`, typed in a project whose sources change."""

import datetime
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from diffusion.config.periods import period_of_vintage
from diffusion.run.cli import main
from diffusion.run.updating import proposed
from fetches import Answer, Asked, Scripted

V = "2025-03-19"


class Source:
    """What a server sends, by path; what it does not have is gone."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def answer(self, asked: Asked) -> Answer:
        body = self.files.get(asked.path)
        if body is None:
            return Answer(404, body=b"no such file")
        return Answer(headers={"ETag": f'"{hash(body)}"'}, body=body)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch, source: Source) -> Iterator[Path]:
    """A project of three sources of one server, none of which is fetched."""
    with Scripted(source.answer) as server:
        source.files |= {f"/{name}.csv": b"code,n\n01,1\n02,2\n" for name in "abc"}
        entry = {"from": "file", "columns": {"code": "string"}, "checks": {"unique": ["code"]}}
        sources = {name: {**entry, "url": f"{server.url}/{name}.csv"} for name in "abc"}
        sources["c"]["draft"] = True
        config = {"project": {"name": "x"}, "vintage": V, "sources": sources}
        (tmp_path / "config").mkdir()
        (tmp_path / "config/config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
        monkeypatch.chdir(tmp_path)
        yield tmp_path


def test_outdated(folder, source, capsys):
    assert main(["outdated"], folder) == 0
    words = capsys.readouterr().out
    assert words.count("not fetched yet") == 2, "a draft is left out"
    for name in ("a", "b"):
        main(["update", name, "--vintage", "2025-03-20", "--yes"], folder)
    capsys.readouterr()

    assert main(["outdated"], folder) == 0
    assert capsys.readouterr().out.count("unchanged  ") == 2
    source.files["/a.csv"] += b"03,3\n"
    assert main(["outdated"], folder) == 3
    words = capsys.readouterr().out
    assert "↑  a       2025-03-20  changed " in words
    assert "17 → 22 bytes" in words
    assert words.endswith("to see what would change: diffusion update a\n")
    del source.files["/b.csv"]
    assert main(["outdated", "--json"], folder) == 1
    found = {one["source"]: one for one in json.loads(capsys.readouterr().out)}
    assert {name: one["state"] for name, one in found.items()} == {"a": "changed", "b": "vanished"}
    assert found["a"]["vintage"] == "2025-03-20"
    assert main(["outdated", "b", "nope"], folder) == 2
    assert "nope: there is no such source" in capsys.readouterr().err


def test_mistakes_in_drafts_keep_nobody_from_what_is_newer(folder, capsys):
    config = folder / "config/config.yaml"
    text = yaml.safe_load(config.read_text())
    text["sources"]["half"] = {"from": "file", "draft": True, "urll": "x"}
    config.write_text(yaml.safe_dump(text))
    assert main(["outdated"], folder) == 0
    assert capsys.readouterr().out.count("not fetched yet") == 2
    assert main(["outdated", "half"], folder) == 1
    assert "sources.half.urll" in capsys.readouterr().err
    text["sources"]["half"]["draft"] = False
    config.write_text(yaml.safe_dump(text))
    assert main(["outdated"], folder) == 1


def test_mistakes_in_drafts_keep_nobody_from_the_other_commands(folder, capsys):
    config = folder / "config/config.yaml"
    text = yaml.safe_load(config.read_text())
    text["sources"]["half"] = {"from": "file", "draft": True, "urll": "x", "publish_as": "halves"}
    config.write_text(yaml.safe_dump(text))
    for name in ("a", "b"):
        assert main(["update", name, "--vintage", "2025-03-20", "--yes"], folder) == 0
    (folder / "raw/half/2024").mkdir(parents=True)
    (folder / "raw/half/2024/all").write_text("kept of when it could be read")
    (folder / "published").mkdir()
    (folder / "published/halves.parquet").write_text("as well")
    capsys.readouterr()
    assert main(["lock"], folder) == 0
    told = capsys.readouterr()
    assert "2 raw copies of 2 sources" in told.out
    assert told.err == "! drafts with mistakes, left out: half (`diffusion doctor` shows them)\n"
    assert main(["space"], folder) == 0
    shown = capsys.readouterr().out
    assert shown.count("a draft with mistakes") == 2
    assert "prune" not in shown and "withdraw" not in shown
    main(["doctor"], folder)
    shown = capsys.readouterr().out
    assert shown.startswith("✓ configuration: no error but in drafts\n· sources.half.url")
    assert "sources.a: http" in shown
    assert main(["update", "half"], folder) == 1
    assert "sources.half.urll" in capsys.readouterr().err


def test_outdated_of_a_path_that_was_mistyped(folder, capsys):
    """Its raw copy is of the path as it was before; the new one leads nowhere."""
    (folder / "rents.csv").write_text("code,n\n01,1\n")
    config = folder / "config/config.yaml"
    config.write_text(
        "project: {name: p}\nvintage: '2024'\nsources:\n  c: {from: file, url: rents.csv}\n"
    )
    assert main(["update", "c", "--vintage", "2025", "--yes"], folder) == 0
    config.write_text(config.read_text().replace("rents.csv", "rent.csv"))
    capsys.readouterr()
    assert main(["outdated"], folder) == 1
    words = capsys.readouterr().out
    assert "✗  c       2025     vanished " in words and "there is no file " in words
    (folder / "rent.csv").write_text("code,n\n01,1\n")
    assert main(["outdated"], folder) == 0
    assert "unknowable" in capsys.readouterr().out


def test_of_several_partitions_the_last_one_is_asked_for(folder, source, capsys):
    path = folder / "config/config.yaml"
    config = yaml.safe_load(path.read_text())
    for year in ("2024", "2025"):
        source.files[f"/{year}.csv"] = b"code,n\n01,1\n"
    url = config["sources"]["a"]["url"].replace("/a.csv", "/{year}.csv")
    years = {"url": url, "partitions": {"year": ["2024", "2025"]}, "checks": {}}
    config["sources"]["a"] |= years
    path.write_text(yaml.safe_dump(config))
    assert main(["update", "a", "--vintage", "2", "--yes"], folder) == 0
    source.files["/2024.csv"] += b"03,3\n"
    capsys.readouterr()
    assert main(["outdated", "a"], folder) == 0
    assert "the same ETag (1 of 2 partitions asked)" in capsys.readouterr().out
    assert main(["outdated", "a", "--all"], folder) == 3
    assert "1 of 2 partitions; 12 → 17 bytes" in capsys.readouterr().out


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("oui", 0), ("", 1), ("no", 1)])
def test_who_sits_at_a_terminal_is_asked(folder, capsys, monkeypatch, answer, code):
    path, asked = folder / "config/config.yaml", []
    before = path.read_bytes()
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or answer)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    assert main(["update", "a", "--vintage", "2025-06-01"], folder) == code
    assert asked == ["Write vintage 2025-06-01 of a? [y/N] "]
    assert (path.read_bytes() == before) == bool(code)


def test_who_ends_the_question_says_no(folder, capsys, monkeypatch):
    before = (folder / "config/config.yaml").read_bytes()

    def ctrl_d(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", ctrl_d)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    assert main(["update", "a", "--vintage", "2025-06-01"], folder) == 1
    assert "Nothing was published" in capsys.readouterr().out
    assert (folder / "config/config.yaml").read_bytes() == before


def test_update_shows_what_would_change_before_anything_does(folder, source, capsys):
    path = folder / "config/config.yaml"
    before = path.read_bytes()
    assert main(["update", "a", "--vintage", "2025-06-01"], folder) == 1
    words = capsys.readouterr().out
    assert words.startswith(f"a: vintage {V} → 2025-06-01, fetching\n2 rows, 2 columns\n")
    assert "nothing is published as a, with which it could be compared" in words
    assert "to remove it: diffusion prune a --vintage 2025-06-01 --yes" in words
    assert path.read_bytes() == before
    assert not (folder / "published").exists()
    source.files.clear()  # what was received is not asked for again
    assert main(["update", "a", "--vintage", "2025-06-01", "--yes"], folder) == 0
    assert (
        "of vintage 2025-06-01 there is a raw copy already, retrieved 20" in capsys.readouterr().out
    )
    assert yaml.safe_load(path.read_text())["sources"]["a"]["vintage"] == "2025-06-01"
    assert main(["update", "a", "--vintage", "2025-06-01"], folder) == 1
    words = capsys.readouterr().err
    assert "2025-06-01 is in use" in words
    command = words.partition("such as: ")[2].split()
    assert command[:2] == ["diffusion", "update"] and command[-1] != "2025-06-01"
    source.files["/a.csv"] = b"code,n\n01,1\n"
    assert main([*command[1:], "--yes"], folder) == 0


def test_update_of_what_cannot_be_published(folder, source, capsys):
    source.files["/a.csv"] += b"02,3\n"
    assert main(["update", "a", "--yes", "--vintage", "2"], folder) == 1
    words = capsys.readouterr().out
    assert "✗ sources.a.checks.unique: " in words
    assert f"the vintage of a is {V} as before" in words


def test_a_vintage_is_proposed_in_the_style_of_the_one_in_use():
    today = datetime.date(2026, 11, 29)
    styles = {"2025-03-19b": "2026-11-29", "2025-03": "2026-11", "2025": "2026"}
    styles |= {"2025-Q1": "2026-Q4", "2025-W05": "2026-W48", "census": ""}
    assert {old: proposed(old, today) for old in styles} == styles


def test_a_vintage_is_proposed_on_the_day_of_the_one_in_use():
    """It names the same period, and never one that comes before the one in use."""
    today = datetime.date(2026, 11, 29)
    names = {"2026-11-29": "2026-11-29b", "2026-11-29b": "2026-11-29c", "2026-11": "2026-11b"}
    names |= {"2026-11-29-2": "2026-11-29-3", "2026-11-29z": "2026-11-29z2", "2026": "2026b"}
    names |= {"2026-W48rc9": "2026-W48rc10", "2026-Q4-final": ""}  # the last one names no quarter
    assert {old: proposed(old, today) for old in names} == names
    for old, new in names.items():
        assert period_of_vintage(new) == period_of_vintage(old)
