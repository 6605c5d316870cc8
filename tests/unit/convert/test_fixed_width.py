"""Text of fixed width: cut at the positions that are stated, or refused with the line."""

import gzip
import zipfile

import pytest

from conversions import refusal
from diffusion.config.resolve import ConfigError

COLUMNS = {"code": [1, 5], "nom": [6, 15], "sexe": 16, "n": [17, 20]}
FIXED = {"columns": COLUMNS}
ROWS = [("01001", "Béziers", 1, 12), ("2A004", 'a"b;,', 2, ""), ("75056", "Châlons", 1, 3)]
FOUND = {
    "code": ["01001", "2A004", "75056"],
    "nom": ["Béziers", 'a"b;,', "Châlons"],
    "sexe": [1, 2, 1],
    "n": [12, None, 3],
}


def text(end: str = "\n", rows=ROWS) -> str:
    return "".join(f"{code:<5}{nom:<10}{sexe}{n:>4}{end}" for code, nom, sexe, n in rows)


def by_bytes(rest: bytes = b"") -> bytes:
    """As text(), positions counted in bytes of UTF-8."""
    lines = []
    for code, nom, sexe, n in ROWS:
        cells = code.encode() + nom.encode().ljust(10) + f"{sexe}{n:>4}".encode()
        lines.append(cells + rest + b"\n")
    return b"".join(lines)


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (text(), {}),
        (text().rstrip("\n"), {}),
        (text("\r\n"), {}),
        (text("\r"), {}),
        ("\ufeff" + text() + "\n   \n\x1a", {}),
        (text().encode("utf-16"), {}),
        (text().encode("cp1252"), {"encoding": "cp1252"}),
        (text().encode("cp500"), {"encoding": "cp500", "format": "fixed"}),
        (text("   \n"), {}),
        (by_bytes(), {"count": "bytes"}),
        (by_bytes(b"      "), {"count": "bytes"}),
        (b"\xef\xbb\xbf" + by_bytes(), {"count": "bytes"}),
    ],
)
def test_columns_are_at_their_positions(converter, data, keys: dict):
    keys = dict(keys)
    fixed = FIXED | ({"count": keys.pop("count")} if "count" in keys else {})
    assert converter.columns(data, fixed=fixed, **keys) == FOUND


HEADERS = {
    "words above numbers": "CODE NOM       S N   \n",
    "how the columns are called": "code nom       s n   \n",
    "what stands there": "DEPCOLIBELLE   XNB  \n",
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_first_line_that_names_the_columns(converter, name: str):
    data = HEADERS[name] + text()
    words = refusal(converter, data, fixed=FIXED)
    assert "its first line is a header, not a record" in words
    kept = f"\"code\" <> '{HEADERS[name][:5].strip()}'"
    assert "`where: " in words and kept in words.replace("\\", "")
    assert converter.columns(data, fixed=FIXED, where=kept) == FOUND
    assert "is a header" in refusal(converter, data, fixed=FIXED, where='"sexe" IS NOT NULL')


def test_words_that_are_records(converter):
    """Where no column is of numbers alone, or a word stands below as well, it is a record."""
    rows = [("NOM", "Béziers", "H", "x"), ("2A004", "Ain", "F", "y"), ("NOM", "Nord", "H", "z")]
    assert converter.table(text(rows=rows), fixed=FIXED).num_rows == 3
    rows = [("01001", "Ain", 1, 12), ("01002", "Nord", 1, 13), ("01003", "Var", 2, 14)]
    assert converter.table(text(rows=rows), fixed=FIXED).num_rows == 3


SHORT = "01002Agen\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (text() + SHORT, "line 4 has 9 characters, and the last position is 20: 01002Agen"),
        (text() + text(rows=ROWS[:1]).rstrip() + "x \n", "line 4 goes on behind the last position"),
        (text().replace("2A004", "2A\x0004"), "line 2 has a control character"),
        (text().replace("2A004", "2A\x1f04"), "line 2 has a control character"),
        (text().encode("cp1252"), "`encoding: cp1252` reads 01001Béziers"),
        (by_bytes(b"      "), "each line has 26 bytes, and 25 to 26 characters"),
        (by_bytes(), "it has 20 bytes: 01001Béziers"),
    ],
)
def test_lines_that_do_not_fit_are_shown(converter, data, words: str):
    assert words in refusal(converter, data, fixed=FIXED)


def test_a_position_within_a_character(converter):
    fixed = {"columns": {"a": [1, 7], "b": [8, 20]}, "count": "bytes"}
    assert "line 1 is not utf-8, where a column begins" in refusal(
        converter, by_bytes(), fixed=fixed
    )


@pytest.mark.parametrize("short", ["01002Agen\n", "01002Été\n"])
def test_lines_of_bytes_that_are_too_short(converter, short: str):
    data = by_bytes() + short.encode()
    keys = FIXED | {"count": "bytes"}
    assert "line 4 has" in refusal(converter, data, fixed=keys)
    assert "None" in str(converter.columns(data, fixed=keys | {"pad": True})["n"])


def test_blanks_that_are_left_out_are_stated(converter):
    found = converter.columns(text() + SHORT, fixed=FIXED | {"pad": True})
    assert list(zip(*found.values(), strict=True))[3] == ("01002", "Agen", None, None)
    assert "1 lines are shorter than the last position" in str(converter.notes()["notes"])


def test_what_no_column_reads_is_told(converter):
    some = {name: COLUMNS[name] for name in ("code", "n")}
    assert converter.columns(text(), fixed={"columns": some})["code"] == FOUND["code"]
    assert "positions 6 to 16 are read into no column" in str(converter.notes()["notes"])
    empty = {"code": [1, 5], "nom": [6, 13], "sexe": 16, "n": [17, 20]}
    converter.convert(text(), fixed={"columns": empty})
    assert "are read into no column" not in str(converter.notes())


def test_a_second_kind_of_records(converter):
    data = "A01001  12\nB2024\nA2A004   7\n"
    columns = {"kind": 1, "code": [2, 6], "n": [7, 10]}
    keys = {"fixed": {"columns": columns, "pad": True}, "where": "kind = 'A'"}
    found = converter.columns(data, drop=["kind"], columns={"n": "int"}, **keys)
    assert found == {"n": [12, 7], "code": ["01001", "2A004"]}


def test_in_a_compressed_member_of_an_archive(converter):
    with zipfile.ZipFile(converter.folder / "a.zip", "w") as archive:
        archive.writestr("x/a.txt.gz", gzip.compress(text().encode()))
    file = converter.folder / "a.zip"
    assert converter.columns(file, **{"from": "archive", "fixed": FIXED}) == FOUND


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"fixed": {"columns": {"a": [1, 5], "b": [5, 6]}}}, "b: begins at 5, and `a` ends at 5"),
        ({"fixed": {"columns": {"a": [5, 1]}}}, "found [5, 1]"),
        ({"fixed": {"columns": {"a": [0, 1]}}}, "found 0"),
        ({"fixed": {"columns": {"a": 1, "A": 2}}}, "names that differ by case alone: a"),
        ({"fixed": {"pad": True}}, "fixed.columns: missing"),
        ({"format": "fixed"}, "fixed.columns: missing"),
        ({"fixed": FIXED, "csv": {"delimiter": ";"}}, "csv: has no effect: `fixed` says"),
        ({"fixed": FIXED, "format": "csv"}, "fixed: has no effect: the format is `csv`"),
        ({"fixed": FIXED | {"count": "bytes"}, "encoding": "utf-16"}, "count: bytes of UTF-16"),
    ],
)
def test_positions_that_cannot_be(converter, keys: dict, words: str):
    with pytest.raises(ConfigError) as refused:
        converter.convert(text(), **keys)
    assert words in str(refused.value)


def test_what_stands_behind_the_last_position(converter):
    data, columns = "01001Bourg     00012xx\n", {"code": [1, 5], "nom": [6, 15], "v": [16, 20]}
    words = refusal(converter, data, fixed={"columns": columns})
    assert "rest: [21, 22]}}` and `drop: [rest]`" in words
    found = converter.columns(data, fixed={"columns": columns | {"rest": [21, 22]}}, drop=["rest"])
    assert found["nom"] == ["Bourg"] and "rest" not in found
