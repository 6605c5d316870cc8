"""An object that is null in all records of one file is none of the columns of a table."""

import pyarrow.parquet as pq
import pytest

from conversions import Converter, raw

FULL = '[{"n": 1, "a": {"b": 1, "c": {"d": 2}}}]'
VOID = {
    "null": '[{"n": 2, "a": null}]',
    "absent": '[{"n": 2}]',
    "no keys": '[{"n": 2, "a": {}}]',
    "null within": '[{"n": 2, "a": {"b": null, "c": null}}]',
}
ROWS = {1: (1, 2), 2: (None, None)}  # n → a_b, a_c_d


@pytest.fixture
def converter(tmp_path):
    return Converter(tmp_path)


@pytest.mark.parametrize("void", VOID.values(), ids=VOID)
@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("batches", [1, 2])
def test_a_void_object_makes_no_column(converter, void, order, batches):
    files = [converter.file(text, f"{n}.bin") for n, text in enumerate([FULL, void][::order])]
    inputs = [raw(path, path.stem) for path in files]
    if batches == 1:
        table = converter.columns(*files)
    else:
        table = pq.read_table(converter.combined([[item] for item in inputs])).to_pydict()
    assert set(table) == {"n", "a_b", "a_c_d"}
    found = zip(table["n"], table["a_b"], table["a_c_d"], strict=True)
    assert {n: inner for n, *inner in found} == {n: list(inner) for n, inner in ROWS.items()}


def test_a_void_object_is_dropped_and_spelled_as_others(converter):
    void = '[{"n": 2, "a": null}]'
    assert converter.columns(void, FULL, drop=["a"]) == {"n": [2, 1]}
    spelled = [text.replace('"a"', '"Aé"') for text in (void, FULL)]
    assert set(converter.columns(*spelled, names="snake")) == {"n", "ae_b", "ae_c_d"}


def test_what_is_an_object_nowhere_stays_a_column(converter):
    table = converter.columns('[{"a": null, "a_b": 1}]', '[{"a": null, "a_b": 2}]')
    assert table == {"a": [None, None], "a_b": [1, 2]}


def test_what_is_declared_stays_a_column(converter):
    table = converter.columns(VOID["null"], FULL, columns={"a": "string"})
    assert table["a"] == [None, None]


def test_an_empty_element_of_xml_makes_no_column(converter):
    full, void = (f"<r><x><n>{n}</n>{a}</x></r>" for n, a in ((1, "<a><b>5</b></a>"), (2, "<a/>")))
    assert converter.columns(void, full, records="r.x") == {"n": [2, 1], "a_b": [None, 5]}


@pytest.mark.parametrize("lines", [False, True])
def test_records_without_a_key_are_told(converter, lines):
    records = ['{"a": 1}', "{}", '{"a": 2}', "{ }"]
    data = "\n".join(records) + "\n" if lines else f"[{','.join(records)}]"
    assert converter.columns(data)["a"] == [1, None, 2, None]
    assert "2 records have no key at all (`{}`)" in str(converter.notes()["notes"])
    kept = converter.columns(data, where='"a" IS NOT NULL')
    assert kept["a"] == [1, 2]
    converter.convert('[{"a": 1}, {"a": null}]')
    assert "no key at all" not in str(converter.notes().get("notes"))
