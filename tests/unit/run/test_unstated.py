"""A licence is stated by whoever publishes the data: a project's own is of what it derives."""

from types import SimpleNamespace

import pytest

from diffusion.config.parts import Credit
from diffusion.config.resolve import resolve_config
from diffusion.derive.figure import credits_of
from diffusion.run.unstated import unstated_of

OPEN = "Licence Ouverte 2.0"


def config_in(language: str | None) -> dict:
    project = {"name": "p", "licence": OPEN} | ({"language": language} if language else {})
    file = {"from": "file", "url": "x.csv"}
    sources = {"a": file, "b": file | {"licence": "ODbL 1.0"}, "c": file | {"licence": "unknown"}}
    derive = {
        "joined": {"sql": "SELECT 1 AS n", "inputs": ["a", "b"]},
        "figure": {"script": "f.py", "figure": True, "inputs": ["joined", "c"]},
        "clean": {"script": "f.py", "figure": True, "inputs": ["b"]},
    }
    return {"project": project, "vintage": "1", "sources": sources, "derive": derive}


def test_a_source_has_no_licence_but_its_own() -> None:
    config = resolve_config(config_in(None))
    assert [config.sources[name].credit.licence for name in "abc"] == ["", "ODbL 1.0", "unknown"]
    assert config.derive["joined"].credit.licence == OPEN


WORDS = {"fr": "licence non précisée : a, c", "en": "licence not stated: a, c", None: "licence n"}


@pytest.mark.parametrize("language, words", WORDS.items())
def test_the_foot_of_a_figure_says_what_is_not_stated(language, words) -> None:
    config = resolve_config(config_in(language))
    unstated = unstated_of(config, "figure")
    assert unstated.startswith(words)
    table = SimpleNamespace(credits=["ADEME — ODbL 1.0"])
    foot = credits_of({"b": table}, Credit(), unstated)
    assert foot == f"Sources : ADEME — ODbL 1.0 ; {unstated}"
    assert unstated_of(config, "clean") == ""
    assert credits_of({"b": table}, Credit(), "") == "Sources : ADEME — ODbL 1.0"
