"""Texts become an array as by ``pa.array``, and pandas stays where it is."""

import subprocess
import sys

import pyarrow as pa
import pytest

from diffusion.tables.texts import texts_of


@pytest.mark.parametrize(
    "words", [[], ["a", "", "é😀"], [None, "a", None, "", *"bcdefgh"], [None], ["x\0y", "1\n2"]]
)
def test_it_is_the_array_that_arrow_makes(words):
    made = texts_of(words)
    made.validate(full=True)
    assert made.equals(pa.array(words, pa.string()))


def test_it_loads_no_pandas():
    code = "import sys; from diffusion.tables.texts import texts_of; texts_of(['a', None]); "
    code += "assert 'pandas' not in sys.modules"
    path = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", code], check=True, env=path)
