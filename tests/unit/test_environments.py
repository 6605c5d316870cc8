"""The conda environments, the locks and the documents agree with each other."""

import re

import pytest
import yaml

from projects import REPOSITORY

ENVS = REPOSITORY / "envs"
PYPI = {
    "python-duckdb": "duckdb",
    "matplotlib-base": "matplotlib",
    "backports.zstd": "backports-zstd",
}


def locked(name: str) -> dict[str, set[str]]:
    """Return the versions of each package of a lock; a few differ between Pythons."""
    versions: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([\w.-]+)==([\w.]+)", (ENVS / name).read_text(), re.MULTILINE
    ):
        versions.setdefault(package.lower(), set()).add(version)
    return versions


@pytest.mark.parametrize("path", sorted(ENVS.glob("*.yaml")), ids=lambda path: path.name)
def test_conda_environments_have_the_locked_versions(path):
    lock = locked("requirements.txt")
    packages = yaml.safe_load(path.read_text())["dependencies"]
    for package, version in (line.split(" =") for line in packages):
        if package != "python":
            assert version in lock[PYPI.get(package, package)], package


def test_the_locks_agree():
    """What clusters add is on top of the others and changes none of their versions."""
    development = locked("requirements-dev.txt")
    assert all(
        versions == development[name] for name, versions in locked("requirements.txt").items()
    )
    for name in ("slurm", "kubernetes"):
        added = locked(f"requirements-{name}.txt")
        assert all(added[name] == development[name] for name in added.keys() & development.keys())


@pytest.mark.parametrize("name", [path.name for path in sorted(ENVS.glob("*.txt"))])
def test_locks_have_hashes_and_no_address(name):
    text = (ENVS / name).read_text()
    assert "://" not in text
    assert "index" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)


def test_rules_carry_what_every_rule_must():
    """One rule = one script = one name, with log, conda and message; no retries in rules."""
    for path in (REPOSITORY / "workflow" / "rules").glob("*.smk"):
        text = path.read_text("utf-8")
        assert "retries:" not in text
        assert "run:" not in text
        for rule in re.split(r"\n(?=rule )", text)[1:]:
            name = re.match(r"rule (\w+):", rule)[1]
            assert f"scripts/{name}.py" in rule
            for directive in ("log:", "benchmark:", "conda:", "message:"):
                assert f"\n    {directive}" in rule, (name, directive)
            if "localrule: True" not in rule:  # a job of a cluster, which is killed at its limits
                for resource in ("mem_mb", "runtime"):
                    grows = rf"\n        {resource}=lambda wildcards, attempt: \d+ \* attempt,"
                    assert re.search(grows, rule), (name, resource)
