"""`diffusion new`: what it writes, what it never replaces, what Git calls the template."""

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from diffusion.config.load import load_config
from diffusion.errors import DiffusionError
from diffusion.propose.project import CONFIG, LOCK, SHIPPED, Project, config_text
from diffusion.run.cli import main
from diffusion.run.prompts import FRENCH, Prompts, prompts
from projects import REPOSITORY

QUERY = next(path for path in SHIPPED if path != CONFIG)
OURS = {CONFIG: "{project: {name: my-project}}\n", QUERY: "SELECT 1\n"}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone in which the template's files are some small ones."""
    for path, text in OURS.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
        monkeypatch.setitem(SHIPPED, path, (sha256(text.encode()).hexdigest(),))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_writes_a_project_that_only_lacks_sources(clone: Path, capsys) -> None:
    title = 'Loyers : "la suite" # 2'
    assert main(["new", "--name", "rents", "--title", title, "--language", "fr"], clone) == 0
    words = capsys.readouterr().out
    assert words.endswith("Next: diffusion source URL\n")
    config = yaml.safe_load((clone / CONFIG).read_text("utf-8"))
    assert config["project"] == {"name": "rents", "title": title, "language": "fr"}
    assert config["storage"] == {"url": "published", "raw": "raw"}
    assert not (clone / QUERY).exists() and f"{QUERY}: removed" in words
    with pytest.raises(DiffusionError) as caught:
        load_config([clone / CONFIG])
    assert len(caught.value.problems) == 1
    assert "sources (" in str(caught.value) and "diffusion source URL" in str(caught.value)


def test_a_bucket_is_where_it_publishes() -> None:
    text = config_text(Project("rents", "2026-01-01", bucket="s3://lake/", licence="ODbL 1.0"))
    config = yaml.safe_load(text)
    assert config["storage"]["url"] == "s3://lake/diffusion/{project}"
    assert config["storage"]["raw"] == "s3://lake/raw/{project}"
    assert config["vintage"] == "2026-01-01" and config["project"]["licence"] == "ODbL 1.0"


def test_what_somebody_edited_stays(clone: Path, capsys) -> None:
    (clone / QUERY).write_text("SELECT 2\n")
    (clone / LOCK).write_text("{}\n")
    assert main(["new", "--name", "rents"], clone) == 0
    assert (clone / QUERY).read_text() == "SELECT 2\n" and (clone / LOCK).exists()
    assert f"{LOCK}: still there" in capsys.readouterr().out
    before = (clone / CONFIG).read_bytes()
    assert main(["new", "--name", "other"], clone) == 1
    assert (clone / CONFIG).read_bytes() == before
    assert "a project is here already" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given, code, words",
    [
        ([], 2, "✗ --name: missing"),
        (["--name", "Rents"], 1, "✗ --name: found 'Rents' [option]\n  → lower case letters"),
        (["--name", "r", "--bucket", "a b"], 1, "✗ --bucket: "),
        (["--name", "r", "--language", "xx"], 1, "✗ --language: found 'xx'"),
    ],
)
def test_what_is_refused_changes_nothing(clone: Path, capsys, given, code, words) -> None:
    assert main(["new", *given], clone) == code
    assert words in capsys.readouterr().err
    assert {path: (clone / path).read_text() for path in OURS} == OURS


def test_a_terminal_is_asked_for_what_is_missing(clone: Path, monkeypatch, capsys) -> None:
    asked: list[str] = []
    answers = iter(["rents", "", "", "", ""])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or next(answers))
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert main(["new", "--title", "Rents"], clone) == 0
    assert asked[0].startswith("nom du projet, en minuscules [") and "langue" in asked[-1]
    assert capsys.readouterr().out.endswith("Ensuite : diffusion source URL\n")
    project = yaml.safe_load((clone / CONFIG).read_text())["project"]
    assert project == {"name": "rents", "title": "Rents", "language": "fr"} | {
        "licence": "Licence Ouverte 2.0"
    }
    assert len(asked) == 5 and "[Licence Ouverte 2.0]" in "".join(asked)


@pytest.mark.parametrize(
    "stated, language",
    [
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "fr_FR"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_prompts_are_in_the_language_of_the_terminal_or_of_the_project(stated, language) -> None:
    assert prompts({}, stated) == Prompts(language)
    assert prompts({"language": "fr"}, stated) == Prompts("fr")
    assert prompts({"language": "en"}, stated) == Prompts("en")


def test_each_prompt_in_french_is_asked_somewhere() -> None:
    """Its words in English are those of the code: one that nobody says any more would stay."""
    folder = REPOSITORY / "scripts/diffusion"
    code = [p for room in ("run", "propose") for p in (folder / room).glob("*.py")]
    said = "".join(path.read_text("utf-8") for path in code if path.name != "prompts.py")
    said += (folder / "run/prompts.py").read_text("utf-8").partition("class Prompts")[2]
    assert [words for words in FRENCH if words not in said] == []


def test_the_end_of_what_is_typed_changes_nothing(clone: Path, monkeypatch, capsys) -> None:
    def ended(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", ended)
    assert main(["new"], clone) == 130 and "nothing was written" in capsys.readouterr().err
    assert {path: (clone / path).read_text() for path in OURS} == OURS


def test_the_template_becomes_a_remote_of_its_own(clone: Path, tmp_path_factory, capsys) -> None:
    def git(*words: str, at: Path = clone) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        command = ["git", "-C", str(at), *who, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "as it is shipped")
    for name, words in (("theirs", []), ("own", []), ("kept", ["--keep-origin"])):
        mine = tmp_path_factory.mktemp(name)
        git("clone", "-q", str(clone), str(mine))
        if name == "own":
            git("commit", "-q", "--allow-empty", "-m", "mine", at=mine)
        assert main(["new", "--name", "rents", *words], mine) == 0
        remotes = git("remote", at=mine).split()
        assert remotes == (["template"] if name == "theirs" else ["origin"])
    assert "git remote add origin ADDRESS" in capsys.readouterr().out


def test_the_shipped_files_are_known() -> None:
    """Their hashes stand in ``SHIPPED``: a change of the files is a change of it."""
    config = yaml.safe_load((REPOSITORY / CONFIG).read_text("utf-8"))
    if config["project"]["name"] != "my-project":
        pytest.skip("NOT RUN: the project has made config/config.yaml its own")
    for path, hashes in SHIPPED.items():
        assert sha256((REPOSITORY / path).read_bytes()).hexdigest() in hashes
