"""Any values under any declared types: what Python says that they are, counted where they are none.

Each value is made together with what it must become, by the rules of config/README.md; nothing of
the library takes part in saying so.
"""

import csv
import datetime as dt
import io
import json
import re
import shutil

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.convert.null_tokens import BLANK
from diffusion.errors import DiffusionError
from fuzzing import fuzz, no_hang
from unit.conversions import Converter

INT64 = range(-(2**63), 2**63)
plain = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
word = st.text("abcxyzéœ'\"$;-_/\\", min_size=1, max_size=6).filter(
    lambda text: text not in ("y", "a") and not re.fullmatch(r"[-_;]*", text)
)


def pairs(values: st.SearchStrategy, text, *more) -> st.SearchStrategy:
    """Return (text, value) of good values, and of words that are no value of any type."""
    good = st.builds(lambda value: (text(value), value), values)
    return st.one_of(good, good, *more, st.builds(lambda bad: (bad, None), word))


def spaced(pair: st.SearchStrategy) -> st.SearchStrategy:
    blank = st.sampled_from(["", "", " ", "  "])
    return st.builds(lambda p, a, b: (a + p[0] + b, p[1]), pair, blank, blank)


integers = st.integers(-(2**66), 2**66) | st.integers(-1000, 1000)
moments = st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1))
offsets = st.builds(
    lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)), st.integers(-12 * 60, 14 * 60)
)
TYPES = {
    "int": spaced(
        st.builds(
            lambda pair, form: (form.format(pair[0]), pair[1]),
            st.builds(lambda i: (str(i), i if i in INT64 else None), integers),
            st.sampled_from(["{}", "{}", "{}.0", "{}.", "{}.000"]),
        )
        | st.builds(lambda i: (f"+{i}", i), st.integers(0, 99))
        | st.builds(lambda i: (f"00{i}", i), st.integers(0, 99))
        | st.builds(lambda x: (f"{x}.5", None), st.integers(-99, 99))
        | st.builds(lambda bad: (bad, None), word)
    ),
    "float": spaced(pairs(st.floats(allow_nan=False, allow_infinity=False), repr))
    | st.sampled_from([("NaN", None), ("inf", None), ("-Infinity", None), ("1e999", None)]),
    "bool": spaced(
        st.sampled_from([("true", True), ("VRAI", True), ("Oui", True), ("1", True), ("t", True)])
        | st.sampled_from([("False", False), ("non", False), ("0", False), ("2", None)])
        | st.builds(lambda bad: (bad, None), word.filter(lambda t: t not in "ynftvo"))
    ),
    "date": spaced(
        pairs(
            st.dates(),
            dt.date.isoformat,
            st.builds(lambda t: (t.isoformat(), t.date()), moments),
            st.sampled_from([("2023-02-30", None), ("2023-13-01", None), ("01/02/2023", None)]),
        )
    ),
    "timestamp": spaced(pairs(moments, lambda t: t.isoformat(" " if t.second % 2 else "T"))),
    "string": st.builds(lambda text: (text, text if text.strip(BLANK) else None), plain),
    "category": st.builds(lambda text: (text, text if text.strip(BLANK) else None), plain),
}
# all of a column state their zone, or none: a mixture is refused
zoned = spaced(
    st.builds(
        lambda t, zone: (
            t.replace(tzinfo=zone).isoformat(),
            t.replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None),
        ),
        moments,
        offsets,
    )
    | st.builds(lambda bad: (bad, None), word)
)
cell = {kind: pair | st.just(("", None)) for kind, pair in TYPES.items()}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[tuple]]]:
    kinds = draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=4))
    stating = zoned | st.just(("", None))
    cells = [
        stating if kind == "timestamp" and draw(st.booleans()) else cell[kind] for kind in kinds
    ]
    row = st.tuples(*cells)
    return kinds, draw(st.lists(row, min_size=1, max_size=12))


def convert(factory, data: str, **keys: object) -> Converter:
    folder = factory.getbasetemp() / "types"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    work = Converter(folder)
    with no_hang():
        work.convert(data, threads=1, **keys)
    return work


def agree(work: Converter, kinds: list[str], rows: list) -> None:
    found = pq.read_table(work.target)
    failures = work.notes()["cast_failures"]
    for index in range(len(kinds)):
        given_, wanted = zip(*(row[index] for row in rows), strict=True)
        assert found[f"c{index}"].to_pylist() == list(wanted)
        blank = sum(not text.strip(BLANK) for text in given_)
        lost = sum(value is None for value in wanted) - blank
        assert failures.get(f"c{index}", {"failed": 0})["failed"] == lost


@pytest.mark.slow
@given(tables())
@fuzz(40)
def test_fuzz_declared_types_of_csv(tmp_path_factory, table) -> None:
    kinds, rows = table
    names = [f"c{index}" for index in range(len(kinds))]
    with io.StringIO(newline="") as out:
        writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerows([names, *([text for text, _ in row] for row in rows)])
        data = out.getvalue()
    keys = {"columns": dict(zip(names, kinds, strict=True)), "csv": {"delimiter": ";", "footer": 0}}
    agree(convert(tmp_path_factory, data, format="csv", **keys), kinds, rows)


@pytest.mark.slow
@given(tables())
@fuzz(40)
def test_fuzz_declared_types_of_ndjson(tmp_path_factory, table) -> None:
    kinds, rows = table
    records = [{f"c{i}": text for i, (text, _) in enumerate(row)} for row in rows]
    data = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    columns = {f"c{index}": kind for index, kind in enumerate(kinds)}
    agree(convert(tmp_path_factory, data, format="ndjson", columns=columns), kinds, rows)


code = st.from_regex(r"\A[0-9]{1,17}\Z") | st.sampled_from(["01450", "2A004", "-5", "1.0", "1e3"])
anything = (
    code | plain | st.dates().map(str) | moments.map(str) | st.sampled_from(["true", "FALSE"])
)
anything |= st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.just("")


@pytest.mark.slow
@given(st.one_of(*(st.lists(kind, min_size=1, max_size=8) for kind in (anything, code))))
@fuzz(60)
def test_fuzz_what_is_not_declared_is_not_changed(tmp_path_factory, values: list[str]) -> None:
    """A proven type must hold all that the text said; a code stays as it was written."""
    with io.StringIO(newline="") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["id", "v"], *enumerate(values)])
        data = out.getvalue()
    keys = {"format": "csv", "csv": {"delimiter": ","}, "columns": {"id": "int"}}
    try:
        work = convert(tmp_path_factory, data, **keys)
    except DiffusionError as error:
        raise AssertionError(f"refused: {error}") from error
    found = pq.read_table(work.target)["v"].to_pylist()
    for text, value in zip(values, found, strict=True):
        if value is None:
            assert not text.strip(" ")
        elif isinstance(value, str):
            assert value == text
        elif isinstance(value, bool):
            assert str(value).lower() == text.lower()
        elif isinstance(value, int):
            assert str(value) == text
        elif isinstance(value, float):
            assert value == float(text)
            assert not re.match("-?0[0-9]", text)
        else:
            assert dt.datetime.fromisoformat(str(value)) == dt.datetime.fromisoformat(text)


json_value = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.slow
@given(st.lists(st.dictionaries(plain, json_value, max_size=4), max_size=5), st.data())
@fuzz(60)
def test_fuzz_any_json(tmp_path_factory, records: list, data: st.DataObject) -> None:
    """Whatever JSON: each text at the top comes back as it was, or the file is refused."""
    text = "".join(json.dumps(record) + "\n" for record in records)
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(st.text(max_size=3)) + text[place:]
        records = []
    try:
        work = convert(tmp_path_factory, text, format="ndjson")
    except DiffusionError:
        return
    found = pq.read_table(work.target).to_pylist()
    for record, row in zip(records, found, strict=False):
        for name, value in record.items():
            if isinstance(value, str) and value.strip(" "):
                assert value in (row.get(name), json.dumps(row.get(name)))
