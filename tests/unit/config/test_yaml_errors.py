"""What is not valid YAML: the line to change and how, in plain words."""

import pytest
import yaml

from diffusion.config.load import read_config
from diffusion.errors import DiffusionError

WRONG = {  # what is written, the remedy, the file as the remedy has it
    "a tab": (
        "a:\n  b:\n\tc: x\n",
        "line 3, `c: x`: there is a tab in it: put spaces in its place",
        "a:\n  b:\n    c: x\n",
    ),
    "a space too many": (
        "a:\n  b: x\n   c: y\n",
        "line 3, `c: y`: it begins after 3 spaces: give it as many as those beside it have "
        "(above: 2 or 0)",
        "a:\n  b: x\n  c: y\n",
    ),
    "a space too few": (
        "a:\n  b:\n    c: x\n   # a note\n   d: y\n",
        "line 5, `d: y`: it begins after 3 spaces: give it as many as those beside it have "
        "(above: 2 or 4)",
        "a:\n  b:\n    c: x\n    d: y\n",
    ),
    "an open bracket": (
        "a:\n  b: [x, y\n  c: z\n",
        "line 2, `b: [x, y`: the `[` is not closed: put a `]` at its end, or a comma between its "
        "items",
        "a:\n  b: [x, y]\n  c: z\n",
    ),
    "an open brace at the end": (
        "a: {b: {c: x}\n",
        "line 1, `a: {b: {c: x}`: the `{` is not closed: put a `}` at its end, or a comma between "
        "its items",
        "a: {b: {c: x}}\n",
    ),
    "a bracket too many": (
        "a: [x]]\n",
        "line 1, `a: [x]]`: the `]` closes what was not opened: take it out",
        "a: [x]\n",
    ),
    "a brace too early": (
        'a:\n  b: {c: ","}, d: " "}\n  e: x\n',
        'line 2, `b: {c: ","}, d: " "}`: the `}` before `, d: " "}` closes what the `{` opens: '
        "take it out, or move it behind all that belongs there",
        'a:\n  b: {c: ",", d: " "}\n  e: x\n',
    ),
    "a bracket too early": (
        "a: [x] y\n",
        "line 1, `a: [x] y`: the `]` before `y` closes what the `[` opens: take it out, or move it "
        "behind all that belongs there",
        "a: [x y]\n",
    ),
    "quotes around the items of no list": (
        "a: 'x', 'y'  # two\n",
        "line 1, `a: 'x', 'y'  # two`: a comma follows its value: put the whole value in one pair "
        "of quotes, or a list in `[` `]`",
        "a: ['x', 'y']  # two\n",
    ),
    "an open quote": (
        'a:\n  b: "x\n  c: y\n',
        'line 2, `b: "x`: the quote that opens in it is not closed',
        'a:\n  b: "x"\n  c: y\n',
    ),
    "a quote in quotes": (
        "a: 'l'eau'\nb: y\n",
        "line 1, `a: 'l'eau'`: a quote in it, or one that opens above it, does not close where it "
        "should: close it; text that has a single quote goes between double ones",
        'a: "l\'eau"\nb: y\n',
    ),
    "no space": (
        "a:\n  b:x\n  c: y\n",
        "line 2, `b:x`: put a space after the colon: `b: …`",
        "a:\n  b: x\n  c: y\n",
    ),
    "no space, further down": (
        "a:\n  c: y\n  url:https://example.org\n",
        "line 3, `url:https://example.org`: put a space after the colon: `url: …`",
        "a:\n  c: y\n  url: https://example.org\n",
    ),
    "no colon": (
        "a\n  b: x\n",
        "line 1, `a`: put a colon after the key: `a:`",
        "a:\n  b: x\n",
    ),
    "no colon before a value": (
        "a: x\nb y # note\nc: z\n",
        "line 2, `b y # note`: put a colon after the key: `b: …`",
        "a: x\nb: y # note\nc: z\n",
    ),
    "a colon in a value": (
        "a: Rents: 2024\n",
        "line 1, `a: Rents: 2024`: its value has a colon: put it in quotes",
        'a: "Rents: 2024"\n',
    ),
    "a sign that begins no value": (
        "a: @x\n",
        "line 1, `a: @x`: put its value in quotes",
        'a: "@x"\n',
    ),
    "none of these": ("a: \x01\n", "correct it", "a: b\n"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_to_change(name, tmp_path):
    text, remedy, right = WRONG[name]
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(DiffusionError, match="is not valid YAML: ") as caught:
        read_config(path)
    assert caught.value.fix == remedy
    assert yaml.safe_load(right)


@pytest.mark.parametrize("line", ["url:{}", "url: {}: x"])
def test_a_line_shows_no_secret(tmp_path, line):
    path = tmp_path / "config.yaml"
    url = "https://me:hunter2@example.org/x?token=abcdef"
    path.write_text(f"a:\n  {line.format(url)}\n  b: c\n")
    with pytest.raises(DiffusionError) as caught:
        read_config(path)
    assert "https://***" in caught.value.fix
    assert "hunter2" not in str(caught.value) and "abcdef" not in str(caught.value)


def test_lines_are_counted_as_yaml_does(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text('a: "x\u2028y"\nb:x\nc: y\n')
    with pytest.raises(DiffusionError) as caught:
        read_config(path)
    assert caught.value.fix == "line 3, `b:x`: put a space after the colon: `b: …`"
