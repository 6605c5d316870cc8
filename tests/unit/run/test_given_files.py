"""A file of `--configfile` that cannot be read is told in words, by whichever profile."""

import sys
from pathlib import Path

import pytest
from snakemake.profiles import ProfileConfigFileParser

PROFILES = Path(__file__).parents[3] / "profiles"
MADE = {
    "folder.yaml": None,
    "bad.yaml": b"a: [1\n b: 2\n",
    "latin.yaml": b"title: caf\xe9\n",
    "list.yaml": b"- a\n",
    "empty.yaml": b"# nothing\n",
    "good.yaml": b"vintage: '1'\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scripts").symlink_to(PROFILES.parent / "scripts")
    for name, content in MADE.items():
        path = tmp_path / name
        path.mkdir() if content is None else path.write_bytes(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path


def read_profile(name: str, *arguments: str) -> dict:
    """Read a profile as Snakemake does, before it looks at configuration files."""
    sys.argv = ["snakemake", *arguments]
    with (PROFILES / name / "config.yaml").open(encoding="utf-8") as stream:
        return ProfileConfigFileParser().parse(stream)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["nope.yaml"], "✗ nope.yaml: cannot be read: No such file or directory [yaml]\n  → "),
        (["folder.yaml"], "✗ folder.yaml: cannot be read: Is a directory [yaml]\n  → "),
        (
            ["bad.yaml"],
            "✗ bad.yaml: is not valid YAML: while parsing a flow sequence [yaml]\n  at line 1",
        ),
        (
            ["latin.yaml"],
            "✗ latin.yaml: is not UTF-8: line 1 has the byte 0xe9 [yaml]\n  → save it",
        ),
        (["list.yaml"], "✗ list.yaml: holds no keys [yaml]\n  → write `sources:`"),
        (["empty.yaml"], "✗ empty.yaml: holds no keys [yaml]\n  → write what it is to change"),
        (["good.yaml", "nope.yaml"], "✗ nope.yaml: cannot be read"),
    ],
)
def test_what_cannot_be_read(given: list, words: str, project: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", [])
    with pytest.raises(SystemExit) as end:
        read_profile("default", "-n", "--configfile", *given, "--cores", "1")
    assert end.value.code == 1
    assert words in capsys.readouterr().err
    with pytest.raises(SystemExit):
        read_profile("default", f"--configfile={given[-1]}")


@pytest.mark.parametrize("name", sorted({p.name for p in PROFILES.iterdir()} - {"demo"}))
def test_every_profile_looks(name: str, project: Path, monkeypatch, capsys) -> None:
    """The demo names its own."""
    monkeypatch.setattr(sys, "argv", [])
    with pytest.raises(SystemExit):
        read_profile(name, "--configfile", "nope.yaml")
    found = read_profile(name, "--configfile", "good.yaml", "--config", "x=1")
    assert found["keep-going"] == "True"
    assert not any("yte" in key or "definitions" in key for key in found)
