"""Any table in any dialect: its cells, each of them, or a refusal; never other cells.

The table is written by Python's own writer, with what real files have besides: marks, line ends,
blank lines, titles, Excel's first line, DOS's last character.
"""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import DiffusionError
from fuzzing import fuzz, no_hang
from unit.conversions import Converter

NAMES = ["code", "nom, prénom", "2020", "Part (%)", "a;b", "x|y", "com\nmune", "N° dept", 'dit "d"']
WORDS = [
    "Paris",
    "L'Haÿ",
    "a, b",
    "c; d",
    "e|f",
    "g\th",
    'dit "x"',
    '5" pipe',
    "l\nm",
    "o\r\np",
    " q ",
]
NUMBERS = ["1", "-2.5", "3,5", "01001", "2024-01-31", "1 234", "", "é", "#", "NULL", "{}", "1e5"]
cells = st.sampled_from(WORDS + NUMBERS)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=6, unique=True))
    width = len(names)
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8))
    return names, [row for row in rows if any(row)] or [["x"] * width]


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Converter:
    return Converter(Path(tmp_path_factory.mktemp("tables")))


@fuzz(40)
@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    end=st.sampled_from(["\n", "\r\n"]),
    before=st.sampled_from(["", "", "\ufeff", "sep", "\n", "Titre\n", "# note\n"]),
    after=st.sampled_from(["", "", "\n", "\x1a", "cut"]),
    blank=st.booleans(),
    utf16=st.booleans(),
)
def test_cells_of_delimited_text(
    work, table, delimiter, quoting, end, before, after, blank, utf16
) -> None:
    names, rows = table
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(names)
    for row in rows:
        writer.writerow(row)
        text.write(end if blank else "")
    body = text.getvalue()
    body = body.removesuffix(end) if after == "cut" else body + after
    whole = (f"sep={delimiter}{end}" if before == "sep" else before) + body
    data = whole.encode("utf-16" if utf16 and before != "\ufeff" else "utf-8")
    keys = {"columns": {name: "string" for name in names}}
    try:
        with no_hang():
            read = work.columns(data, **keys)
    except DiffusionError as refused:
        assert "readers disagree" not in str(refused)
        return
    wanted = [[cell if cell.strip() else None for cell in row] for row in rows]
    assert list(read) == names
    assert [list(row) for row in zip(*read.values(), strict=True)] == wanted


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@fuzz(40)
@given(
    records=st.lists(
        st.dictionaries(st.sampled_from(["a", "b", "c d", "é.f"]), values, max_size=4), max_size=6
    ),
    form=st.sampled_from(["array", "lines", "records"]),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 1]),
)
def test_records_of_json(work, records, form, ascii_only, indent) -> None:
    """As many rows as records; a reader that disagrees with Python's own is never right."""
    if form == "lines":
        text = "\n".join(json.dumps(record, ensure_ascii=ascii_only) for record in records)
    else:
        made = records if form == "array" else {"r": records}
        text = json.dumps(made, ensure_ascii=ascii_only, indent=indent)
    keys = {"format": "ndjson" if form == "lines" else "json"}
    keys |= {"records": "r"} if form == "records" else {}
    try:
        with no_hang():
            table = work.table(text.encode("utf-8", "surrogatepass"), **keys)
    except DiffusionError as refused:
        assert "readers disagree" not in str(refused)
        return
    assert table.num_rows == len(records)
    for name in {name for record in records for name in record} & set(table.column_names):
        for record, got in zip(records, table[name].to_pylist(), strict=True):
            if isinstance(got, str) and isinstance(record.get(name), str):
                assert got == record[name]
            assert (got is None) == (
                record.get(name) in (None, "") or str(record.get(name)).isspace()
            )
