"""README.fr.md is in step with README.md: a change of one without the other is an error."""

import re

import pytest

from fenced import FENCE, blocks_of
from projects import REPOSITORY, is_shipped

ENGLISH, FRENCH = "README.md", "README.fr.md"
COMMENT = re.compile(r"\s*#.*$", re.MULTILINE)
CODE, LINK = re.compile(r"`([^`\n]+)`"), re.compile(r"\]\(([^)\s]+)\)")
if not (is_shipped(ENGLISH) and is_shipped(FRENCH)):
    pytest.skip("NOT RUN: the project has a README of its own", allow_module_level=True)
OTHER = {FRENCH: ENGLISH, ENGLISH: ENGLISH}  # each leads to the other one


def sections(page: str) -> list[tuple[str, str]]:
    """Return the signs before each heading, and the text below it without its blocks."""
    text = FENCE.sub("", (REPOSITORY / page).read_text("utf-8"))
    parts = re.split(r"^(#+) .+$", text, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def test_it_has_the_same_headings():
    english, french = ([level for level, _ in sections(page)] for page in (ENGLISH, FRENCH))
    assert french == english


@pytest.mark.parametrize("number", range(len(sections(ENGLISH))))
@pytest.mark.parametrize("found", [CODE, LINK], ids=["commands", "links"])
def test_each_section_has_the_same(number, found):
    english, french = (sections(page)[number][1] for page in (ENGLISH, FRENCH))
    there = [OTHER.get(item, item) for item in found.findall(french)]
    assert sorted(there) == sorted(OTHER.get(item, item) for item in found.findall(english))


def test_its_blocks_are_the_same_but_for_comments():
    """What stands behind a `#` is translated; what a terminal shows is not."""
    english, french = ([(b.language, b.text) for b in blocks_of(p)] for p in (ENGLISH, FRENCH))
    plain = [[(language, COMMENT.sub("", text)) for language, text in p] for p in (english, french)]
    assert plain[0] == plain[1]


@pytest.mark.parametrize("page", [ENGLISH, FRENCH])
def test_both_are_short(page):
    assert len((REPOSITORY / page).read_text("utf-8").splitlines()) <= 139
