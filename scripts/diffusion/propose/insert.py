"""An entry into the text of a configuration, of which no other byte changes.

PyYAML says where its nodes begin and end; the text is cut there. What came out is read back and
compared: the same mapping as before, and the entry.
"""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from diffusion.config.load import read_config
from diffusion.errors import DiffusionError, ProposalError

SECTION = "sources"
STEP = 2  # blanks by which an entry of a section without any is indented


def insert_entry(path: Path, name: str, block: str) -> str:
    """Return the text of a configuration file with one more source.

    Args:
        path: of the file.
        name: of the source.
        block: its lines, from ``name:`` on, without the indentation of the section.

    Raises:
        DiffusionError: the file cannot be read, has that name, or is written so that the entry has
            no place in it.
    """
    before = read_config(path)
    given = before.get(SECTION) or {}
    if name in given:
        raise taken(path, name)
    text = path.read_bytes().decode()
    end = "\r\n" if "\r\n" in text else "\n"
    changed = _inserted(text, block.rstrip("\n"), end) if isinstance(given, Mapping) else None
    if changed is None or not _is_read_as(changed, before, given, block):
        fix = f"write it there by hand:\n{block}"
        raise ProposalError(f"{SECTION} ({path})", "its end cannot be found in the file", fix)
    return changed


def taken(path: Path, name: str) -> DiffusionError:
    """Return the error of a name that another source has."""
    fix = "give it another name: `--name NAME`; or remove the entry that is there"
    return ProposalError(f"{SECTION}.{name} ({path})", "there is a source of that name", fix)


def _inserted(text: str, block: str, end: str) -> str | None:
    """Return the text with the block at the end of its section; None where it has no place."""
    mark = "\ufeff" * text.startswith("\ufeff")
    text = text.removeprefix(mark)
    root = yaml.compose(text, yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    found = next((pair for pair in pairs if pair[0].value == SECTION), None)
    if found is None:
        more = f"{SECTION}:\n{textwrap.indent(block, ' ' * STEP)}"
        return mark + _put(text, len(text), more, end, blank=True)
    key, value = found
    column = key.start_mark.column + STEP
    if isinstance(value, yaml.MappingNode) and value.value and not value.flow_style:
        column = value.value[0][0].start_mark.column
        last = max(_ends(value, text))  # its own end is where the next one begins
        at = _past_comments(text, _line_end(text, last), column)
        return mark + _put(text, at, textwrap.indent(block, " " * column), end, blank=True)
    if value.value and value.start_mark.index != value.end_mark.index:
        return None  # {a: …}, or no mapping at all
    start, stop = value.start_mark.index, value.end_mark.index
    if start < stop:  # `{}`, and the blank before it
        start -= text[start - 1] == " "
        text = text[:start] + text[stop:]
    at = _line_end(text, key.end_mark.index)
    return mark + _put(text, at, textwrap.indent(block, " " * column), end, blank=False)


def _put(text: str, at: int, block: str, end: str, blank: bool) -> str:
    """Return a text with lines put where a line ends."""
    head = text[:at]
    head += end * (bool(head) and not head.endswith("\n"))
    return head + end * blank + block.replace("\n", end) + end + text[at:]


def _ends(node: yaml.Node, text: str) -> Iterator[int]:
    """Yield where the words of a node end; the lines below a block of text are not of it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        for item in node.value:
            for inner in item if isinstance(item, tuple) else (item,):
                yield from _ends(inner, text)
    else:
        start, stop = node.start_mark.index, node.end_mark.index
        yield start + len(text[start:stop].rstrip())


def _line_end(text: str, at: int) -> int:
    """Return where the line ends, its break included."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _past_comments(text: str, at: int, column: int) -> int:
    """Return where the comments end that follow an entry, and are indented as it is."""
    while line := text[at : _line_end(text, at)]:
        words = line.lstrip(" ")
        if not words.startswith("#") or len(line) - len(words) < column:
            break
        at += len(line)
    return at


def _is_read_as(text: str, before: Mapping, given: Mapping, block: str) -> bool:
    expected = {**before, SECTION: {**given, **yaml.safe_load(block)}}
    try:
        return bool(yaml.safe_load(text) == expected)
    except yaml.YAMLError:
        return False
