"""The documentation leads where it says: links, headings, commands, files."""

import re
from pathlib import Path

import pytest

from diffusion.run.cli import COMMANDS
from projects import REPOSITORY, SHARED, is_shipped

PLACES = ("*.md", "docs/*.md", "config/**/*.md", "profiles/**/*.md", "tests/faults/*.md")
READMES = {Path("README.md"), Path("README.fr.md")}
PAGES = sorted(
    page
    for place in PLACES
    for page in (path.relative_to(REPOSITORY) for path in REPOSITORY.glob(place))
    if page not in READMES or is_shipped(page.as_posix())
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CHAPTER = Path("docs/chapter.md")


def text_of(page: Path) -> str:
    return (REPOSITORY / page).read_text("utf-8")


def anchors(page: Path) -> set[str]:
    """Return the names by which the headings of a page are linked, as forges make them."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", FENCED.sub("", text_of(page)), re.MULTILINE):
        plain = LINK.sub("]", heading).replace("`", "").strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_to_a_file_and_a_heading(page):
    lost = []
    for link in LINK.findall(FENCED.sub("", text_of(page))):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (REPOSITORY / page.parent / name).resolve() if name else REPOSITORY / page
        is_readme = target.parent == REPOSITORY and target.name.startswith("README")
        if is_readme and not is_shipped(target.name):
            continue  # the project's own, or none
        is_page = target.suffix == ".md" and target.is_file()
        if not target.exists() or (anchor and is_page and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_is_one(page):
    """Of `diffusion …` and `make …` where they stand as code."""
    known = {command.name for command in COMMANDS}
    targets = set(re.findall(r"^([a-z-]+):", text_of(Path("Makefile")), re.MULTILINE))
    code = re.findall(r"`([^`\n]+)`", text_of(page)) + FENCED.findall(text_of(page))
    named = {name for text in code for name in re.findall(r"^diffusion ([a-z][\w-]*)", text, re.M)}
    assert named <= known
    made = {name for text in code for name in re.findall(r"^make ([a-z][\w-]*)", text, re.M)}
    assert made <= targets


def test_the_page_of_the_chapter_has_all_its_sections():
    told = text_of(CHAPTER)
    chapter = next((SHARED / "chapter").glob("*.txt"), None)
    if chapter is None:
        pytest.skip(f"NOT RUN: the chapter is not at {SHARED}")
    titles = re.findall(r"^#{1,3} (\d(?:\.\d)+) ", chapter.read_text("utf-8"), re.MULTILINE)
    apart = {"1.1", "3.2", "3.3.2", "3.3.3"}  # an introduction; what its parts have
    first = {cell for cell in re.findall(r"^\| (\d(?:\.\d)+) ", told, re.MULTILINE)}
    assert set(titles) - apart <= first


def test_the_index_leads_to_every_page():
    index = {link.partition("#")[0] for link in LINK.findall(text_of(Path("docs/README.md")))}
    pages = {page.name for page in PAGES if page.parent == Path("docs")} - {"README.md"}
    assert pages - index == set()
