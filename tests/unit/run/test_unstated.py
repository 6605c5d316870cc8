"""A licence is stated by whoever publishes the data: a project's own is of what it derives."""

from types import SimpleNamespace

import pytest

from diffusion.config.parts import Credit
from diffusion.config.resolve import resolve_config
from diffusion.derive.figure import credits_of
from diffusion.run.unstated import unstated_in, words_of

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


WORDS = {"fr": "licence non précisée : a, c", "en": "licence not stated: a, c"}
LICENCES = {"a": "", "b": "ODbL 1.0", "c": "unknown"}


@pytest.mark.parametrize("language, words", [*WORDS.items(), (None, WORDS["en"])])
def test_the_foot_of_a_figure_says_what_is_not_stated(language, words) -> None:
    config = resolve_config(config_in(language))
    unstated = unstated_in(LICENCES, words_of(config, "figure"))
    assert unstated == words
    table = SimpleNamespace(credits=["ADEME — ODbL 1.0"], receipt={"licence": "ODbL 1.0"})
    assert credits_of({"b": table}, Credit(), unstated) == f"Source : ADEME — ODbL 1.0. {words}"
    assert credits_of({"b": table}, Credit(), "") == "Source : ADEME — ODbL 1.0"


def test_where_all_is_stated_the_language_draws_nothing_anew() -> None:
    config = resolve_config(config_in("fr"))
    assert words_of(config, "clean") == "" and unstated_in({"b": "ODbL 1.0"}, "") == ""
    by_portal = {"a": "CC0", "c": "Licence Ouverte 2.0"}
    assert unstated_in(by_portal, words_of(config, "figure")) == ""
