"""`make audit` says what is wrong, in the code and in the locks."""

import subprocess
import sys

import pytest

from audit import lock_problems
from projects import REPOSITORY

DANGERS = {
    "a shell": "import subprocess\nsubprocess.run('ls *', shell=True)\n",
    "eval": "eval(input())\n",
    "pickle": "import pickle\npickle.loads(b'')\n",
    "unsafe YAML": "import yaml\nyaml.load('', Loader=yaml.Loader)\n",
    "no certificate": "import requests\nrequests.get('https://x', verify=False, timeout=1)\n",
}


@pytest.mark.parametrize("danger", DANGERS)
def test_dangers_in_the_code_are_found(danger, tmp_path):
    (tmp_path / "code.py").write_text(DANGERS[danger])
    command = [sys.executable, "-m", "bandit", "-q", "-r", tmp_path, "-c", "pyproject.toml"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert ">> Issue:" in done.stdout


GOOD = f"a==1.0 ; sys_platform == 'linux' \\\n    --hash=sha256:{'0' * 64}\n"


@pytest.mark.parametrize(
    ("lock", "problem"),
    [
        (GOOD, []),
        ("a>=1.0 \\\n    --hash=sha256:" + "0" * 64, ["not exact: a>=1.0"]),
        ("a==1.0", ["without hash: a==1.0"]),
        ("a==1.0 \\\n    --hash=md5:0", ["without hash: a==1.0"]),
        ("--index-url https://x.example/simple\n" + GOOD, ["an address: --index-url "]),
        (GOOD.replace("a==1.0", "a @ https://x.example/a.whl"), ["an address: a @ https"]),
    ],
)
def test_locks_are_exact(lock, problem):
    found = list(lock_problems(lock))
    assert len(found) == len(problem)
    for text, start in zip(found, problem, strict=True):
        assert text.startswith(start)
