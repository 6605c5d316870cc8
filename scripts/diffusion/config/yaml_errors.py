"""What to change in a file that is no YAML: the usual mistakes, in plain words.

The parser says where it could not go on, which may be far below the mistake.
"""

import re

import yaml

BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # as YAML counts lines
GLUED = re.compile(r"(?P<key>[\w-]+):\S.*")  # `from:file`
APART = re.compile(r"(?P<key>[\w-]+)\s+\S.*")  # `from file`
CLOSING = {"[": "]", "{": "}"}
OPENING = {closing: opening for opening, closing in CLOSING.items()}
EARLY = (
    "the `{}` before `{}` closes what the `{}` opens: take it out, or move it behind all that "
    "belongs there"
)
ITEMS = "a comma follows its value: put the whole value in one pair of quotes, or a list in `[` `]`"
UNCLOSED = "the `{}` is not closed: put a `{}` at its end, or a comma between its items"
QUOTE = (
    "a quote in it, or one that opens above it, does not close where it should: close it; text "
    "that has a single quote goes between double ones"
)
SIGNS = {  # parts of the parser's words
    "'\\t'": "there is a tab in it: put spaces in its place",
    "cannot start any token": "put its value in quotes",
    "undefined alias": "put its value in quotes",
    "unknown escape": "write single quotes, in which `\\` is a sign like others",
    "found ']'": "the `]` closes what was not opened: take it out",
    "found '}'": "the `}` closes what was not opened: take it out",
}


def yaml_remedy(error: yaml.YAMLError, text: str) -> str:
    """Return the line to change, and how; "correct it" where the mistake is no usual one.

    Args:
        error: of PyYAML.
        text: that it could not read.
    """
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "correct it"
    lines = BREAKS.split(text)
    number, words = _mistake(error, error.problem_mark, lines)
    return f"line {number + 1}, `{lines[number].strip()}`: {words}" if words else "correct it"


def _mistake(error: yaml.MarkedYAMLError, at: yaml.Mark, lines: list[str]) -> tuple[int, str]:
    """Return the number of the line that is wrong, from 0, and what to do; or no words."""
    context, problem = error.context or "", error.problem or ""
    begun = error.context_mark or at
    if problem.startswith("expected ',' or"):
        sign = lines[begun.line][begun.column]
        return begun.line, UNCLOSED.format(sign, CLOSING.get(sign, sign))
    if told := next((words for sign, words in SIGNS.items() if sign in problem), ""):
        return at.line, told
    if "quoted scalar" in context:
        return begun.line, "the quote that opens in it is not closed"
    if "could not find expected ':'" in problem:
        return begun.line, _colon(lines[begun.line])
    if "mapping values are not allowed" in problem:
        return _two_keys(lines, at)
    if "expected <block end>" in problem and (told := _closed(lines[at.line], at.column)):
        return at.line, told
    if "found '<scalar>'" in problem and re.search("['\"]", lines[at.line]):
        return at.line, QUOTE
    return at.line, _indentation(lines, at.line) if "expected <block end>" in problem else ""


def _two_keys(lines: list[str], at: yaml.Mark) -> tuple[int, str]:
    """Return what to do about a colon where the text before it is no key."""
    if re.search(r":\s", lines[at.line][: at.column]):
        return at.line, "its value has a colon: put it in quotes"
    said = (n for n in range(at.line - 1, -1, -1) if lines[n].strip() and not _is_note(lines[n]))
    above = next(said, None)
    if above is not None and (told := _colon(lines[above])):
        return above, told
    return at.line, _indentation(lines, at.line)


def _closed(line: str, column: int) -> str:
    """Return what to do about text after a value that has ended; nothing where none has."""
    before, after = line[:column].rstrip(), line[column:].partition(" #")[0].rstrip()
    if before[-1:] in OPENING:
        return EARLY.format(before[-1], after, OPENING[before[-1]])
    return ITEMS if before and after.startswith(",") else ""


def _colon(line: str) -> str:
    """Return what a line lacks after its key; nothing where it has all."""
    said = line.partition(" #")[0].strip().removeprefix("- ")
    if re.search(r":(\s|$)", said):
        return ""
    if pair := GLUED.fullmatch(said):
        return f"put a space after the colon: `{pair['key']}: …`"
    if pair := APART.fullmatch(said):
        return f"put a colon after the key: `{pair['key']}: …`"
    return f"put a colon after the key: `{said}:`"


def _indentation(lines: list[str], number: int) -> str:
    """Return what to do about a line that begins where nothing of its kind does."""
    own = _indent(lines[number])
    above = {_indent(line) for line in lines[:number] if line.strip() and not _is_note(line)}
    near = sorted(above - {own}, key=lambda count: (abs(count - own), count))[:2]
    told = f" (above: {' or '.join(map(str, near))})" if near else ""
    spaces = f"{own} space{'s' * (own != 1)}"
    return f"it begins after {spaces}: give it as many as those beside it have{told}"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_note(line: str) -> bool:
    return line.lstrip().startswith("#")
