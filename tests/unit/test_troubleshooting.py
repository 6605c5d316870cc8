"""docs/troubleshooting.md has a section for each code of an error, and quotes what is said."""

import ast
import copy
import importlib
import re

import pytest

from diffusion.config.resolve import ConfigError
from diffusion.errors import DiffusionError, HeaderError, OptionError
from projects import REPOSITORY

LIBRARY = REPOSITORY / "scripts" / "diffusion"
PAGE = (REPOSITORY / "docs" / "troubleshooting.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^### `([a-z-]+)`\n(.*)$", PAGE, re.MULTILINE))
TREES = {path: ast.parse(path.read_text("utf-8")) for path in LIBRARY.rglob("*.py")}
TEXTS = "\0".join(
    node.value
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
)


def own_classes() -> dict[str, type[DiffusionError]]:
    """Return the classes of errors.py by their codes."""
    found = vars(importlib.import_module("diffusion.errors")).values()
    return {c.code: c for c in found if isinstance(c, type) and issubclass(c, DiffusionError)}


def test_there_is_a_section_for_each_code_and_no_other():
    assert set(SECTIONS) == set(own_classes()) - {""}
    assert len(re.findall(r"^### ", PAGE, re.MULTILINE)) == len(SECTIONS)


@pytest.mark.parametrize("code", SECTIONS)
def test_what_a_section_quotes_is_said_somewhere(code):
    said = re.search(r"\*Says:\*(.*?)→", SECTIONS[code])
    words = re.findall(r"`([^`]+)`", said[1] if said else "")
    pieces = [piece.strip() for word in words for piece in word.split("…") if len(piece) > 3]
    assert [piece for piece in pieces if piece not in TEXTS] == []
    assert "→" in SECTIONS[code]


def test_no_error_is_without_a_code():
    bare = [
        f"{path.relative_to(LIBRARY)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "DiffusionError"
    ]
    assert bare == []


def test_the_code_ends_the_first_line():
    assert str(OptionError("x", "unknown key", "remove it")) == (
        "x: unknown key [option]\n  → remove it"
    )
    assert str(HeaderError("x", "two rows:\n  1: a\n  2: b")) == (
        "x: two rows [header]:\n  1: a\n  2: b"
    )


def test_several_mistakes_have_a_code_each():
    error = ConfigError([OptionError("a", "missing"), HeaderError("b", "in doubt")])
    assert str(error) == "configuration: 2 errors\n\na: missing [option]\n\nb: in doubt [header]"


def test_an_error_stays_what_it_is_in_other_words_and_when_copied():
    error = HeaderError("x", "in doubt", "state it")
    assert type(error.restated(where="y")) is type(copy.copy(error)) is HeaderError
    assert str(error.restated("y", fix="")) == "y: in doubt [header]"
