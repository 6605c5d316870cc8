"""The files of docs/schedules: what forges demand of them, and their commands in a fresh clone."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from projects import REPOSITORY, small_config

SCHEDULES = REPOSITORY / "docs" / "schedules"
GITHUB, GITLAB, CRON = (SCHEDULES / n for n in ("github-actions.yml", "gitlab-ci.yml", "crontab"))
SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
VARIABLES = ("AWS_ENDPOINT_URL", "DIFFUSION_BUCKET")
GIVEN = re.compile(r"\$\{\{ (secrets|vars)\.(\w+) \}\}")
# the tests are executed by CI; here it counts that this command finds them
FEWER = {"PYTEST_ADDOPTS": "--collect-only -qq"}
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]


class Step(NamedTuple):
    """What a forge would execute: in which job, with which variables."""

    job: str
    command: str
    variables: Mapping[str, str]


def github_steps(values: Mapping[str, str]) -> Iterator[Step]:
    """Read the workflow as GitHub does: secrets and variables in place of what names them."""
    for name, job in yaml.safe_load(GITHUB.read_text("utf-8"))["jobs"].items():
        for step in job["steps"]:
            asked = job.get("env", {}) | step.get("env", {})
            given = {k: GIVEN.sub(lambda m: values.get(m[2], ""), v) for k, v in asked.items()}
            if "run" in step:
                yield Step(name, step["run"], given)


def gitlab_steps(values: Mapping[str, str]) -> Iterator[Step]:
    """Read the jobs as GitLab does, which gives each all variables of the project."""
    pipeline = yaml.safe_load(GITLAB.read_text("utf-8"))
    for name in ("test", "run", "outdated"):
        own = values if name != "test" else {}  # protected: not for what is not merged
        for command in pipeline["default"]["before_script"] + pipeline[name]["script"]:
            yield Step(name, command, own)


def cron_lines(values: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Read the lines as cron does: variables without expansion, commands after five fields."""
    lines = [line for line in CRON.read_text("utf-8").splitlines() if not line.startswith("#")]
    named = dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))
    commands = [line.split(maxsplit=5)[5] for line in lines if not re.match(r"\w+=", line)]
    return named | {k: values[k] for k in named.keys() & values.keys()}, commands


@pytest.mark.parametrize(
    ("schema", "path"), [("vendor.github-workflows", GITHUB), ("vendor.gitlab-ci", GITLAB)]
)
def test_it_is_what_the_schema_of_the_forge_says(schema, path):
    pytest.importorskip("check_jsonschema", reason="NOT RUN: check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_secrets_are_given_to_the_steps_that_need_them_alone():
    values = dict.fromkeys((*SECRETS, *VARIABLES), "given")
    told = {step.command for step in github_steps(values) if step.variables.keys() & set(SECRETS)}
    assert {command.split()[0] for command in told} == {
        ".venv/bin/snakemake",
        ".venv/bin/diffusion",
    }
    for path in (GITHUB, GITLAB, CRON):
        written = re.findall(rf"(?:{'|'.join(SECRETS)})[:=] *(.*)", path.read_text("utf-8"))
        assert all(GIVEN.fullmatch(value) for value in written), path


@pytest.fixture(scope="module")
def clone(tmp_path_factory, sources, s3) -> tuple[Path, dict[str, str]]:
    """A fresh clone of a team's project, and what its forge keeps for it."""
    origin, folder = (tmp_path_factory.mktemp("schedules") / n for n in ("origin", "clone"))
    git(REPOSITORY, "clone", "--quiet", ".", str(origin))
    text = yaml.safe_dump(small_config(sources.url), sort_keys=False)
    (origin / "config" / "config.yaml").write_text(text, "utf-8")
    git(origin, "commit", "--quiet", "--all", "--message", "Our sources")
    git(origin, "clone", "--quiet", ".", str(folder))
    for path in (GITHUB, GITLAB, CRON):  # as they are now
        shutil.copy(path, folder / "docs" / "schedules")
    names = (*SECRETS, "AWS_ENDPOINT_URL", "AWS_REGION")
    values = {k: v for k, v in s3.environment().items() if k in names}
    return folder, values | {"DIFFUSION_BUCKET": "lake"}


def git(folder: Path, *arguments: str) -> None:
    names = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *names, "-C", str(folder), *arguments], check=True)


def execute(shell: list[str], command: str, folder: Path, variables: Mapping[str, str]):
    """Run a command of a schedule in the clone; return its code and its words."""
    mine = ("PATH", "HOME", "PIP_", "UV_", "SSL_", "HTTP", "http", "NO_PROXY", "no_proxy")
    clean = {k: v for k, v in os.environ.items() if k.startswith(mine)}
    done = subprocess.run(
        [*shell, command],
        cwd=folder,
        env=clean | FEWER | dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=580,
    )
    return done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("steps_of", [github_steps, gitlab_steps])
def test_each_step_of_a_forge_in_a_fresh_clone(clone, steps_of):
    folder, values = clone
    for step in steps_of(values):
        code, words = execute(BASH, step.command, folder, step.variables)
        assert code == 0, (step, words)
        assert values["AWS_SECRET_ACCESS_KEY"] not in words
    for kept in artefacts(steps_of):
        assert (folder / kept).exists(), kept
    last = [step for step in steps_of({**values, "AWS_SECRET_ACCESS_KEY": ""})]
    run = next(step for step in last if "--workflow-profile" in step.command)
    code, words = execute(BASH, run.command, folder, run.variables)
    assert code != 0
    assert "AWS_SECRET_ACCESS_KEY" in words  # a secret that was forgotten fails, and is named


def artefacts(steps_of) -> list[str]:
    """Return the paths that a forge keeps after a run."""
    if steps_of is gitlab_steps:
        return yaml.safe_load(GITLAB.read_text("utf-8"))["run"]["artifacts"]["paths"]
    steps = yaml.safe_load(GITHUB.read_text("utf-8"))["jobs"]["run"]["steps"]
    return next(s["with"]["path"].split() for s in steps if "upload-artifact" in s.get("uses", ""))


@pytest.mark.slow
def test_the_lines_of_cron_are_silent_unless_something_is_wrong(clone, tmp_path):
    folder, values = clone
    keys = tmp_path / ".aws" / "credentials"
    keys.parent.mkdir()
    lines = [f"{name.lower()} = {values[name]}" for name in SECRETS if name in values]
    keys.write_text("\n".join(["[default]", *lines]))
    named, commands = cron_lines(values)
    little = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)} | named | {"PROJECT": str(folder)}
    git(folder, "checkout", "--quiet", "--", ".")
    for command in commands:
        assert execute(["/bin/sh", "-c"], command, tmp_path, little) == (0, ""), command
    keys.unlink()
    _, words = execute(["/bin/sh", "-c"], commands[0], tmp_path, little)
    assert "AWS_ACCESS_KEY_ID" in words
    _, words = execute(["/bin/sh", "-c"], commands[0], tmp_path, little | {"PROJECT": "/nowhere"})
    assert "/nowhere" in words
