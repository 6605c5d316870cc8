"""The reason for a missing value: noted, and kept in a column beside it where that is asked."""

import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from conversions import raw, refusal
from diffusion.config.resolve import ConfigError

REASONS = {"s": "secret statistique", "nd": "non disponible"}
SECRET, NONE = REASONS.values()
TEXT = "code;pop;rev\n01;12;1,5\n02;s;nd\n03;;s\n04; nd ;2\n"
DECLARED = {"code": "string", "pop": "int", "rev": "float"}
COMMA = {"csv": {"decimal": ","}}


def test_reasons_are_noted_and_kept_beside_what_is_named(converter):
    read = converter.columns(TEXT, nulls=REASONS, status=["pop"], columns=DECLARED, **COMMA)
    assert list(read) == ["code", "pop", "pop_status", "rev"]
    assert read["pop"] == [12, None, None, None]
    assert read["pop_status"] == [None, SECRET, None, NONE]
    notes = converter.notes()
    assert notes["nulls"] == {"pop": {"s": 1, "nd": 1}, "rev": {"nd": 1, "s": 1}}
    assert notes["reasons"] == {"pop": REASONS, "rev": REASONS}


def test_reasons_of_one_column_beside_plain_tokens(converter):
    columns = DECLARED | {"rev": {"type": "float", "nulls": {"s": SECRET}}}
    read = converter.columns(TEXT, nulls=["nd", "s"], status=["rev"], columns=columns, **COMMA)
    assert read["rev_status"] == [None, None, SECRET, None]
    assert converter.notes()["reasons"] == {"rev": {"s": SECRET}}


def test_numbers_are_compared_as_numbers(converter):
    pq.write_table(pa.table({"n": [1.5, -999.0, None]}), converter.folder / "a.parquet")
    for data in ("n\n1.5\n-999.0\n\n", converter.folder / "a.parquet"):
        keys = {"nulls": {"-999": "manquant"}, "status": ["n"], "columns": {"n": "float"}}
        rows = converter.table(data, **keys).to_pylist()
        assert {"n": None, "n_status": "manquant"} in rows
        assert {"n": 1.5, "n_status": None} in rows


def test_over_several_batches(converter):
    files = [
        converter.file(text.encode(), f"{n}.csv") for n, text in enumerate(("n\n1\n", "n\ns\n"))
    ]
    batches = [[raw(file, file.stem)] for file in files]
    keys = {"nulls": REASONS, "status": ["n"], "columns": {"n": "int"}}
    found = pq.read_table(converter.combined(batches, **keys))
    assert found.to_pydict() == {"n": [1, None], "n_status": [None, SECRET]}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"status": ["pop"], "nulls": REASONS}, "status.0: `pop` is not under `columns`"),
        (
            {"status": ["pop"], "nulls": ["s"], "columns": DECLARED},
            "no token of `nulls` has a reason",
        ),
        (
            {"status": ["pop"], "nulls": REASONS, "columns": DECLARED | {"pop_status": "string"}},
            "`pop_status` is under `columns` as well",
        ),
        ({"nulls": {"s": ""}}, "nulls.s"),
    ],
)
def test_what_cannot_be(converter, keys, words):
    with pytest.raises(ConfigError) as refused:
        converter.convert(TEXT, **keys)
    assert words in str(refused.value)


def test_a_name_that_is_taken(converter):
    """The remedy makes room for it, in one batch and in several, whatever its type was."""
    keys = {"nulls": REASONS, "status": ["pop"], "columns": {"pop": "int"}}
    text = "pop;pop_status\n1;2\ns;3\n"
    said = refusal(converter, text, **keys)
    assert "the data have a column `pop_status`" in said
    keys["columns"] |= yaml.safe_load(re.search(r"name: `columns: (.*)`", said)[1])
    expected = {"pop": [1, None], "pop_status_": ["2", "3"], "pop_status": [None, SECRET]}
    assert converter.columns(text, **keys) == expected
    pq.write_table(pa.table({"pop": ["1", "s"], "pop_status": [2, 3]}), converter.folder / "a.pq")
    for file in (converter.file(text, "a.csv"), converter.folder / "a.pq"):
        found = pq.read_table(converter.combined([[raw(file, "a")]], **keys))
        assert found.to_pydict() == expected
    dropped = converter.columns(text, **{**keys, "columns": {"pop": "int"}, "drop": ["pop_status"]})
    assert dropped == {name: expected[name] for name in ("pop", "pop_status")}
