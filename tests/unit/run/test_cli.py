"""The command `diffusion`: help, exit codes, doctor, lock, and the launcher in an environment."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from diffusion import VERSION
from diffusion.raw.copies import Received, find_raw, freeze
from diffusion.raw.lock import LOCK
from diffusion.run.cli import COMMANDS, main
from diffusion.storage.store import Store
from projects import REPOSITORY

HEAVY = {"snakemake", "pandas", "pyarrow", "duckdb", "obstore", "requests", "yaml", "msgspec"}
YEARS = ["2024", "2025"]
CONFIG = {
    "project": {"name": "small"},
    "vintage": "2026-01-01",
    "sources": {
        "rents": {
            "from": "file",
            "url": "https://example.org/{year}.csv",
            "partitions": {"year": YEARS},
        },
        "plain": {"from": "file", "url": __file__},
    },
}
PLAIN = CONFIG | {"sources": {"plain": CONFIG["sources"]["plain"]}}  # asks no network
LIGHT = """
import sys
sys.path.append(sys.argv.pop(1))
from diffusion.run.cli import main
try:
    main(sys.argv[1:], None)
except SystemExit as end:
    print("exit", end.code, *{name.partition(".")[0] for name in sys.modules})
"""


def test_a_subcommand_that_was_mistyped(folder, capsys) -> None:
    assert main(["dokter", "rents"], folder) == 2
    told = capsys.readouterr().err
    assert told.startswith("✗ diffusion dokter: there is no such subcommand [usage]\n")
    assert "did you mean `doctor`? All: new, source, " in told


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """A project's folder, which is also the current one; nothing is fetched yet."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def frozen(folder: Path, *names: str, **facts: object) -> None:
    """Freeze raw copies, by `source/vintage/partition`."""
    store, path = Store(str(folder / "raw"), None), folder / "data.csv"
    for name in names:
        path.write_text("a,b\n" + name)
        facts |= {"retrieved": "2026-01-01T00:00:00+00:00", "url": "https://example.org"}
        freeze(store, name, [Received.at(path.name, path, is_ours=False)], facts)
        assert find_raw(store, name)


ALL = [*(f"rents/2026-01-01/year={year}" for year in YEARS), "plain/2026-01-01/all"]


@pytest.mark.parametrize("arguments", [(), *([command.name] for command in COMMANDS)])
def test_help_shows_an_example_and_imports_nothing_heavy(arguments):
    command = [sys.executable, "-c", LIGHT, REPOSITORY / "scripts", *arguments, "--help"]
    words = subprocess.run(command, text=True, capture_output=True, check=True).stdout
    codes = " ".join(words.partition("Exit codes: ")[2].partition("\n\n")[0].split())
    known = "0 all is well, 1 something is wrong, 2 wrong usage"
    own = {"": ", 3 a source has newer data (`diffusion outdated`)."}
    own["outdated"] = ", 3 a source has newer data."
    assert codes.startswith(known + own.get("".join(arguments), "."))
    if arguments:
        assert f"example:\n  diffusion {arguments[0]}" in words
    _, code, *modules = words.splitlines()[-1].split()
    assert code == "0"
    assert "argparse" in modules
    assert set(modules) & HEAVY == set()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--version"], 0, f"diffusion {VERSION}"),
        ([], 2, "arguments are required: SUBCOMMAND"),
        (["lock", "nowhere.yaml"], 2, "there is no file nowhere.yaml"),
    ],
)
def test_exit_codes_of_what_is_typed(folder, capsys, arguments, code, words):
    with pytest.raises(SystemExit) as caught:
        main(arguments, folder)
    assert caught.value.code == code
    told = capsys.readouterr()
    assert words in told.out + told.err


def test_doctor(folder, capsys):
    (folder / "config/config.yaml").write_text(yaml.safe_dump(PLAIN))
    assert main(["doctor"], folder) == 0
    assert "✓ sources.plain: " in capsys.readouterr().out
    (folder / "more.yaml").write_text("sources: {plain: {url: nowhere.csv}}")
    assert main(["doctor", "config/config.yaml", "more.yaml"], folder) == 1
    words = capsys.readouterr().out
    assert "✗ sources.plain: nowhere.csv" in words
    assert words.endswith("1 to mend.\n")


def test_doctor_of_a_broken_configuration(folder, capsys):
    (folder / "more.yaml").write_text("sources: {plain: {urll: x}}")
    assert main(["doctor", "config/config.yaml", "more.yaml"], folder) == 1
    assert "✗ configuration: 1 error" in capsys.readouterr().out


def test_files_are_named_from_the_current_folder(folder, capsys, monkeypatch):
    """The command may be typed in any folder of the project; messages name files from its top."""
    (folder / "config/more.yaml").write_text("sources: {plain: {urll: x}}")
    monkeypatch.chdir(folder / "config")
    assert main(["doctor", "config.yaml", "more.yaml"], folder) == 1
    assert "sources.plain.urll (config/more.yaml, line 1)" in capsys.readouterr().out


def test_further_files_extend_the_first_as_in_a_run(folder, capsys):
    (folder / "more.yaml").write_text("sources: {plain: {vintage: bad/name}}")
    for files in (["more.yaml"], ["config/config.yaml", "more.yaml"]):
        assert main(["lock", *files], folder) == 1
        words = capsys.readouterr().err
        assert "1 error\n" in words and "sources.plain.vintage (more.yaml, line 1)" in words
    (folder / "own.yaml").write_text(yaml.safe_dump(PLAIN))
    (folder / "config/config.yaml").unlink()
    assert main(["lock", "own.yaml"], folder) == 1
    assert "plain" in capsys.readouterr().err  # nothing is fetched yet


def test_lock_is_written_from_the_raw_copies(folder, capsys):
    frozen(folder, *ALL)
    assert main(["lock"], folder) == 0
    assert capsys.readouterr().out == (
        "config/sources.lock.yaml: 3 raw copies of 2 sources; commit it\n"
    )
    lock = yaml.safe_load(LOCK.read_text())
    assert list(lock) == ["plain", "rents"]
    assert list(lock["rents"]["partitions"]) == ["year=2024", "year=2025"]


def test_lock_knows_the_former_name_of_a_source(folder, capsys):
    """Its raw copies stay where they are: a run finds them there."""
    frozen(folder, *(name.replace("rents", "loyers") for name in ALL))
    (folder / "more.yaml").write_text("sources: {rents: {was: loyers}}")
    assert main(["lock", "config/config.yaml", "more.yaml"], folder) == 0, capsys.readouterr().err
    assert list(yaml.safe_load(LOCK.read_text())["rents"]["partitions"]) == [
        "year=2024",
        "year=2025",
    ]


def test_lock_forgets_sources_that_are_no_more(folder):
    frozen(folder, *ALL)
    LOCK.write_text("gone: {vintage: '1', partitions: {}}\nplain: {vintage: '1', partitions: {}}")
    assert main(["lock"], folder) == 0
    lock = yaml.safe_load(LOCK.read_text())
    assert list(lock) == ["plain", "rents"]
    assert lock["plain"]["vintage"] == "2026-01-01"


def test_lock_refuses_what_is_not_fetched(folder, capsys):
    frozen(folder, ALL[0])
    LOCK.write_text("old")
    assert main(["lock"], folder) == 1
    words = capsys.readouterr().err
    assert "not fetched yet: plain (1 of 1 partition), rents (1 of 2 partitions)" in words
    assert "→ run `snakemake` first" in words
    assert LOCK.read_text() == "old"
    assert main(["lock", "--accept", "rents"], folder) == 1  # the old lock would stop that run
    assert "snakemake write_lock --config 'accept=[\"rents:raw\"]'" in capsys.readouterr().err


def test_lock_shows_a_difference_until_it_is_accepted(folder, capsys):
    frozen(folder, *ALL)
    assert main(["lock"], folder) == 0
    text = LOCK.read_text()
    changed = text.replace("sha256: ", f"sha256: {'f' * 40}").replace("size: ", "size: 9")
    LOCK.write_text(changed)
    capsys.readouterr()
    assert main(["lock", "--accept", "plain"], folder) == 1
    words = capsys.readouterr().err
    for part in ("sources.rents year=2024: ", "locked: sha256 fff", "found:  sha256 "):
        assert part in words
    assert "and 1 more partition of rents" in words
    assert "diffusion lock --accept rents" in words
    assert LOCK.read_text() == changed
    assert main(["lock", "--accept", "plain", "--accept", "rents"], folder) == 0
    assert "accepted: rents, 2 raw copies differ from the old lock" in capsys.readouterr().out
    assert LOCK.read_text() == text


def test_lock_refuses_what_a_run_would(folder, capsys):
    frozen(folder, *ALL, request={"url": __file__, "params": {"q": "1"}})
    assert main(["lock"], folder) == 1
    assert "sources.plain: its raw copy was fetched by another request" in capsys.readouterr().err
    assert not LOCK.exists()


def test_lock_refuses_what_is_not_the_pinned_file(folder, capsys):
    frozen(folder, *ALL)
    (folder / "more.yaml").write_text(f"sources: {{plain: {{sha256: '{'0' * 64}'}}}}")
    assert main(["lock", "config/config.yaml", "more.yaml"], folder) == 1
    assert "sources.plain.sha256: data.csv has sha256" in capsys.readouterr().err
    assert not LOCK.exists()


def test_lock_knows_its_sources(folder, capsys):
    assert main(["lock", "--accept", "rent"], folder) == 2
    words = capsys.readouterr().err
    assert "--accept rent: there is no such source [usage]\n  → did you mean `rents`?" in words


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """A fresh environment with the launcher, which finds its libraries in that of the tests."""
    place = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    libraries = next(place.glob("lib/python*/site-packages"))
    (libraries / "others.pth").write_text(sysconfig.get_path("purelib"))
    install = "-m pip install --quiet --disable-pip-version-check --no-index --no-deps"
    install += " --ignore-installed --no-build-isolation"
    command = [place / "bin/python", *install.split(), REPOSITORY]
    subprocess.run(command, check=True)
    return place


def typed(environment: Path, folder: Path, *arguments: str) -> tuple[int, str]:
    """Type `diffusion …` in a folder; returns its exit code and words."""
    command = [environment / "bin/diffusion", *arguments]
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=clean, text=True, capture_output=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_the_installed_command_runs_the_library_of_the_clone_around_it(environment, folder):
    code, words = typed(environment, folder, "doctor")
    assert (code, "is not in a Diffusion project" in words) == (2, True)
    code, words = typed(environment, REPOSITORY / "docs", "--help")
    assert (code, "SUBCOMMAND" in words) == (0, True)

    for name in ("workflow", "scripts"):  # a clone: what it is found by
        (folder / name).symlink_to(REPOSITORY / name)
    (folder / "config/config.yaml").write_text(yaml.safe_dump(PLAIN))
    code, words = typed(environment, folder / "config", "doctor")
    assert code == 0, words
    assert "✓ sources.plain: " in words

    (folder / "scripts").unlink()  # another clone, with a library of its own
    own = folder / "scripts/diffusion/run"
    own.mkdir(parents=True)
    (own.parent / "__init__.py").touch()
    (own / "cli.py").write_text("def main(arguments, project):\n    print('its own')")
    assert typed(environment, folder, "doctor") == (0, "its own\n")


@pytest.mark.slow
def test_the_installed_command_refuses_another_library(environment, folder, tmp_path):
    for name in ("workflow", "scripts"):
        (folder / name).symlink_to(REPOSITORY / name)
    libraries = next(environment.glob("lib/python*/site-packages"))
    other = tmp_path / "other/diffusion/__init__.py"
    other.parent.mkdir(parents=True)
    other.touch()
    (libraries / "other.pth").write_text(str(other.parents[1]))  # as an editable installation
    code, words = typed(environment, folder, "doctor")
    (libraries / "other.pth").unlink()
    assert code == 2
    assert f"{other} would be run, and not the library of {folder}" in words


@pytest.mark.slow
def test_an_installed_environment_imports_the_library_of_the_clone_around(environment, folder):
    for name in ("workflow", "scripts"):
        (folder / name).symlink_to(REPOSITORY / name)
    code = "import diffusion; from diffusion import table; print(diffusion.__file__)"
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [environment / "bin/python", "-c", code]
    done = subprocess.run(command, cwd=folder / "config", env=clean, text=True, capture_output=True)
    assert done.stdout == f"{folder}/scripts/diffusion/__init__.py\n", done.stderr
