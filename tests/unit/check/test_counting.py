"""Counts are those of all values, whether the footer tells them, or values that come again."""

import itertools
import math
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checks_tables import NONE, checked
from diffusion.check import counting
from diffusion.check.footer import Footer
from diffusion.check.result import Result
from diffusion.tables.parquet import describe

TEXTS = {
    "without any missing": ["a", "b", "", "Z9"],
    "with some missing": ["a", None, "b"],
    "missing alone": [None],
    "few of many": ["a"] * 50 + [None, "0"],
    "an odd one": ["a", "é'\"\0?", "%"],
}
FORMS = {
    "with dictionaries": {},
    "without": {"use_dictionary": False},
    "without statistics": {"write_statistics": False},
    "of a dictionary that was given up": {"dictionary_pagesize_limit": 20, "data_page_size": 40},
}
RULES = {
    "not_null": ["t", "f", "n", "nested", "days"],
    "allowed": {"t": ["a", "b"], "n": [0, 1]},
    "regex": {"t": "[a-z]", "f": r".*\.0"},
    "range": {"n": [0, 1], "f": [0, 1]},
}


def columns(texts: list, rows: int) -> dict[str, pa.Array]:
    draw = random.Random(rows)
    given = draw.choices(texts, k=rows)
    floats = pa.array(draw.choices([0.5, math.nan, -0.0, 2.0], k=rows), from_pandas=False)
    return {
        "t": pa.array(given, pa.string()),
        "f": floats,
        "n": pa.array([None if text is None else len(text) for text in given], pa.int64()),
        "nested": pa.array([None if text is None else [text] for text in given]),
        "days": pa.array([0 if text is None else 1 for text in given], pa.date32()),
    }


def told(path: Path) -> list[Result]:
    return [result for result in checked(path, NONE | RULES) if result.check in RULES]


@pytest.mark.parametrize("rows", [0, 1, 700])
@pytest.mark.parametrize(("texts", "form"), [*itertools.product(TEXTS, FORMS)])
def test_counts_are_those_of_all_values(
    tmp_path: Path, texts: str, form: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, table = tmp_path / "t.parquet", pa.table(columns(TEXTS[texts], rows))
    pq.write_table(table, path, row_group_size=300, **FORMS[form])
    monkeypatch.setattr(counting, "GROUPED", 0)
    found = told(path)
    monkeypatch.setattr(counting, "GROUPED", 1 << 60)
    monkeypatch.setattr(Footer, "is_full", lambda *_: False)
    assert found == told(path)
    values = table["t"].to_pylist()
    counts = {(result.check, result.column): (result.failed, result.total) for result in found}
    given = [text for text in values if text is not None]
    assert counts["not_null", "t"] == (values.count(None), len(values))
    assert counts["allowed", "t"] == (sum(t not in ("a", "b") for t in given), len(given))
    wrong = [t for t in given if not (len(t) == 1 and t.isascii() and t.islower())]
    assert counts["regex", "t"] == (len(wrong), len(given))
    missing = sum(math.isnan(value) for value in table["f"].to_pylist())
    assert counts["not_null", "f"] == (missing, len(values))


def test_what_a_footer_tells(tmp_path: Path) -> None:
    path, many = tmp_path / "t.parquet", [f"{n}" for n in range(1000)]
    table = pa.table(
        {"few": ["a", None] * 500, "many": many, "nested": [[1]] * 1000, "one": 1000 * [1]}
    )
    pq.write_table(table, path, row_group_size=400)
    with pq.ParquetFile(path) as file:
        footer = Footer(file)
    names = footer.names
    assert [name for name in names if footer.is_full(name)] == ["many", "one"]
    assert [name for name in names if footer.repeats(name)] == ["few", "one"]
    pq.write_table(table, path, write_statistics=["few"])
    with pq.ParquetFile(path) as file:
        assert not any(map(Footer(file).is_full, names))


class Pair(pa.ExtensionType):
    """Two fields, which Arrow's type of the column does not show."""

    def __init__(self) -> None:
        super().__init__(pa.struct({"a": pa.int64(), "b": pa.int64()}), "test.pair")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: pa.DataType, given: bytes) -> "Pair":
        return cls()


def test_fields_that_a_type_hides(tmp_path: Path) -> None:
    pa.register_extension_type(Pair())
    pairs = pa.ExtensionArray.from_storage(Pair(), pa.array([{"a": 1, "b": 2}] * 3))
    path, table = (
        tmp_path / "t.parquet",
        pa.table({"a.b": [1, 2, 3], "p": pairs, "t": ["a", None, "b"], "f": [0.5, 1, 2.5]}),
    )
    pq.write_table(table, path)
    with pq.ParquetFile(path) as file:
        assert isinstance(file.schema_arrow.field("p").type, Pair)
        footer = Footer(file)
        told = describe(path)
    pa.unregister_extension_type("test.pair")
    assert [name for name in footer.names if footer.is_full(name)] == ["a.b", "f"]
    assert told["missing"] == {"t": 1}
    assert told["ranges"] == {
        "a.b": {"min": 1, "max": 3},
        "t": {"min": "a", "max": "b"},
        "f": {"min": 0.5, "max": 2.5},
    }


def test_a_check_that_cannot_be_made_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "GROUPED", 0)
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"t": ["a", "b"] * 500, "n": [1, 2] * 500}), path)
    rules = {"regex": {"t": "("}, "not_null": ["t"], "allowed": {"t": ["a"], "n": ["x"]}}
    found = {(result.check, result.column): result for result in checked(path, NONE | rules)}
    assert (found["allowed", "t"].failed, found["allowed", "t"].total) == (500, 1000)
    assert found["not_null", "t"].passed
    for key, reason in ((("regex", "t"), "missing )"), (("allowed", "n"), "convert")):
        assert not found[key].passed and reason in found[key].found
