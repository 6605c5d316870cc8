"""The user's script: what it imports and is not there is told with where to write it."""

from pathlib import Path

import pytest

from diffusion.derive.user_code import Inputs, load_function
from diffusion.errors import DiffusionError
from diffusion.run.code import code_hash
from projects import REPOSITORY

AT_ONCE = "import no_such_package.part\n\ndef derive(inputs, params):\n    return 1\n"
LATER = "def derive(inputs, params):\n    from no_such_package import part\n    return part\n"


def project(folder: Path, script: str, **envs: str) -> Path:
    (folder / "scripts/derive").mkdir(parents=True)
    (folder / "envs").mkdir()
    (folder / "scripts/derive/mine.py").write_text(script)
    for end, text in envs.items():
        (folder / f"envs/project.{end}").write_text(text)
    return folder


@pytest.mark.parametrize("script", [AT_ONCE, LATER])
@pytest.mark.parametrize(
    ("envs", "remedy"),
    [
        ({}, "into envs/project.in, then: make packages"),
        ({"in": "other\n"}, "into envs/project.in, then: make packages"),
        ({"in": "No-Such.Package>=2\n"}, "it is not locked: make packages"),
        (
            {"in": "no-such-package", "txt": "no-such-package==2.1 \\\n    --hash=sha256:0\n"},
            "this environment is older: make install",
        ),
    ],
)
def test_a_package_that_is_not_installed(tmp_path, script, envs, remedy):
    with pytest.raises(DiffusionError) as caught:
        load_function(project(tmp_path, script, **envs), "mine.py", "derive")({}, {})
    assert "mine.py: imports `no_such_package`, which is not installed" in str(caught.value)
    assert remedy in caught.value.fix


def test_a_part_that_a_package_has_not_is_pythons_own_error(tmp_path):
    mine = project(tmp_path, "import json.no_such_part\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_part"):
        load_function(mine, "mine.py", "derive")


def hash_of(folder: Path, script: str, **envs: str) -> str:
    return code_hash(REPOSITORY, "scripts/derive/mine.py", of=project(folder, script, **envs))


def test_the_own_lock_counts_for_what_imports_more_than_the_template_has(tmp_path):
    one, two = ({"txt": f"folium=={n}.0\npandas==99\n"} for n in (1, 2))
    mine = "import folium_maps\n"
    hashes = [hash_of(tmp_path / str(n), mine, **envs) for n, envs in enumerate((one, two, {}))]
    assert len(set(hashes)) == 3
    plain = "import json\nimport pandas\n"
    hashes = [hash_of(tmp_path / f"p{n}", plain, **envs) for n, envs in enumerate((one, two, {}))]
    assert len(set(hashes)) == 1


def test_an_input_that_is_not_declared_is_told_with_those_that_are():
    inputs = Inputs({"dpe": 1, "communes": 2})
    assert inputs["dpe"] == 1 and inputs.get("dp") is None and "dp" not in inputs
    with pytest.raises(KeyError, match=r"`dp` is not under `inputs:`.*there are: dpe, communes"):
        inputs["dp"]
