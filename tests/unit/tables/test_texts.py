"""Texts become an array as by ``pa.array``, and pandas stays where it is."""

import subprocess
import sys

import pyarrow as pa
import pytest

from diffusion.tables.texts import Words, texts_of


@pytest.mark.parametrize(
    "words", [[], ["a", "", "é😀"], [None, "a", None, "", *"bcdefgh"], [None], ["x\0y", "1\n2"]]
)
def test_it_is_the_array_that_arrow_makes(words):
    made = texts_of(words)
    made.validate(full=True)
    assert made.equals(pa.array(words, pa.string()))


WORDS = Words(["Total", "é", "x" * 80, "ab"], begins=["Total ", "Été"])
GIVEN = [
    "Total",
    None,
    "total",
    "Total 2020",
    "Tota",
    "x" * 80,
    "x" * 79,
    "",
    "é",
    "ab",
    "Été 1",
    "",
]


@pytest.mark.parametrize("start", range(9))
@pytest.mark.parametrize("end", [10, 11, 12])
def test_words_are_found_where_they_are(start, end):
    """A slice shares the bytes of the whole, and the last texts may be empty."""
    found = WORDS.places(pa.array(GIVEN, pa.string()).slice(start, end - start))
    named = {"Total", "Total 2020", "x" * 80, "é", "ab", "Été 1"}
    assert found.to_pylist() == [n for n, text in enumerate(GIVEN[start:end]) if text in named]


def test_no_word_is_found_among_nothing():
    for texts in (pa.nulls(3, pa.string()), pa.array([], pa.string()), pa.array(["", ""])):
        assert WORDS.places(texts).to_pylist() == []


def test_it_loads_no_pandas():
    code = "import sys; from diffusion.tables.texts import Words, texts_of; "
    code += "Words(['a']).places(texts_of(['a', None])); "
    code += "assert 'pandas' not in sys.modules"
    path = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", code], check=True, env=path)
