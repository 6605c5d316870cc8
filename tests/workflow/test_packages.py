"""A project's own Python packages: locked, installed, used, and told if they clash."""

import os
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

from projects import REPOSITORY, small_config

SCRIPT = """import greetings


def derive(inputs, params):
    frame = inputs["plain"].frame(columns=["code"]).head(1)
    return frame.assign(greeting=greetings.WORDS)
"""
DERIVE = {"derive": {"greeted": {"script": "greeted.py", "inputs": ["plain"]}}}


def wheel(folder: Path, version: str) -> None:
    """Write a package of one module, as an index has it."""
    info = f"greetings-{version}.dist-info"
    files = {
        "greetings.py": f'WORDS = "hello {version}"\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: greetings\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"greetings-{version}-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


@pytest.mark.slow
def test_from_a_line_in_project_in_to_a_published_table(tmp_path, sources):
    folder, wheels = tmp_path / "clone", tmp_path / "wheels"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, folder], check=True)
    config = yaml.safe_dump(small_config(sources.url) | DERIVE)
    (folder / "config/config.yaml").write_text(config)
    (folder / "scripts/derive/greeted.py").write_text(SCRIPT)
    wheels.mkdir()
    wheel(wheels, "1.0")
    found = {"UV_FIND_LINKS": str(wheels), "PIP_FIND_LINKS": str(wheels)}

    def command(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            arguments,
            cwd=folder,
            env=os.environ | found,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=500,
        )
        return done.returncode, done.stdout

    def run(*arguments: str) -> str:
        code, words = command(*arguments)
        assert code == 0, words
        return words

    run("make", "install")
    code, words = command(".venv/bin/snakemake")
    assert code != 0
    assert "imports `greetings`, which is not installed" in words
    wanted = folder / "envs/project.in"
    wanted.write_text("greetings\n")
    code, words = command("make", "install")
    assert code != 0
    assert "envs/project.in is not locked yet; type: make packages" in words
    run("make", "packages")
    lock = (folder / "envs/project.txt").read_text()
    assert "greetings==1.0 \\\n    --hash=sha256:" in lock
    run(".venv/bin/snakemake")
    assert greeting(folder, command) == "hello 1.0"
    assert "Nothing to be done" in run(".venv/bin/snakemake")

    wheel(wheels, "2.0")
    wanted.write_text("greetings>=2\n")
    run("make", "packages")
    assert "derive_table 1" in run(".venv/bin/snakemake", "-n")
    run(".venv/bin/snakemake")
    assert greeting(folder, command) == "hello 2.0"

    wanted.write_text("greetings\npandas<3\n")  # no version of the template's is moved
    code, words = command("make", "packages")
    assert code != 0
    assert "pandas<3" in words.replace(" ", "")
    assert "greetings==2.0" in (folder / "envs/project.txt").read_text()
    clash = lock.replace("greetings==1.0", "duckdb==1.0.0")  # as after an upgrade of the template
    (folder / "envs/project.txt").write_text(clash)
    code, words = command("make", "install")
    assert code != 0
    assert "duckdb" in words


def greeting(folder: Path, command) -> str:
    read = "import pandas; print(pandas.read_parquet('published/greeted.parquet').greeting[0])"
    return command(str(folder / ".venv/bin/python"), "-c", read)[1].strip()
