"""Columns that say how their values are written: read so, or counted as unreadable."""

import datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conversions import raw, source_of, workbook
from diffusion.config.resolve import ConfigError

TEXT = (
    "code;taux;montant;le;actif;tags\n"
    '1001;12,5 %;"1 234,50 €";29/02/2024;X;a|b\n'
    "2A004;-1,0 %;999 €;2024-02-29;-;c\n"
    "101001;0,125;12 $;2024-13-01;?;\n"
)
COLUMNS = {
    "code": {"type": "string", "pad": 5},
    "taux": {"type": "float", "decimal": ",", "unit": "%"},
    "montant": {"type": "decimal(10,2)", "decimal": ",", "thousands": " ", "unit": "€"},
    "le": {"type": "date", "formats": ["%d/%m/%Y", "%Y-%m-%d"]},
    "actif": {"type": "bool", "true_values": ["x"], "false_values": ["-"]},
    "tags": {"type": "list[string]", "split": "|"},
}


@pytest.mark.parametrize("batches", [1, 2])
def test_what_is_not_written_so_is_counted(converter, batches):
    file = converter.file(TEXT, "a.csv")
    if batches > 1:
        later = converter.file(TEXT.splitlines()[0] + "\n7;1 %;3 €;01/03/2024;X;\n", "b.csv")
        converter.combined([[raw(file, "a")], [raw(later, "b")]], columns=COLUMNS)
    else:
        converter.convert(file, columns=COLUMNS)
    table = pq.read_table(converter.target)
    rows = table.slice(0, 3).to_pydict()
    assert rows["code"] == ["01001", "2A004", None]
    assert rows["taux"] == [12.5, -1.0, None]
    assert rows["montant"] == [Decimal("1234.50"), Decimal("999.00"), None]
    assert rows["le"] == [datetime.date(2024, 2, 29)] * 2 + [None]
    assert rows["actif"] == [True, False, None]
    assert rows["tags"] == [["a", "b"], ["c"], None]
    assert table.schema.field("montant").type == pa.decimal128(10, 2)
    failures = converter.notes()["cast_failures"]
    shown = {column: failure["examples"][0]["value"] for column, failure in failures.items()}
    unread = {
        "code": "101001",
        "taux": "0,125",
        "montant": "12 $",
        "le": "2024-13-01",
        "actif": "?",
    }
    assert shown == unread
    assert all(failure["failed"] == 1 for failure in failures.values())


def test_numbers_of_the_file_itself_are_what_they_are(converter):
    """A decimal comma is of text: JSON's 1.5 is no other number for it."""
    data = '[{"v": 1.5, "c": 1001, "at": 1709208000}]'
    columns = {"v": {"type": "decimal(3,1)", "decimal": ","}, "c": {"pad": 5}}
    columns |= {"at": {"type": "timestamp", "format": "epoch"}}
    found = converter.table(data, columns=columns).to_pylist()
    assert found == [{"v": Decimal("1.5"), "c": "01001", "at": datetime.datetime(2024, 2, 29, 12)}]


def test_cells_of_a_workbook_may_be_dates_and_numbers_of_days(converter):
    day = datetime.date(2024, 2, 29)
    columns = {"d": {"type": "date", "format": "excel"}}
    assert converter.columns(workbook(day, 45351, "45351"), columns=columns)["d"] == [day] * 3
    forms = {"d": {"type": "date", "formats": ["%d/%m/%Y", "%Y%m%d"]}}
    assert converter.columns(workbook(day, "29/02/2024"), columns=forms)["d"] == [day] * 2


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ({"type": "float", "thousands": "."}, "columns.c.thousands: `.` is the decimal sign"),
        ({"type": "string", "unit": "%"}, "columns.c.unit: has no effect: the type is `string`"),
        ({"type": "int", "pad": 3}, "columns.c.pad: has no effect"),
        ({"type": "string", "split": "|"}, "columns.c.split: has no effect"),
        ({"type": "date", "format": "%Y", "formats": ["%Y", "%y"]}, "together with `format`"),
        ({"type": "date", "formats": ["%Y", "epoch"]}, "columns.c.formats.1: `epoch` is among"),
        ({"type": "date", "formats": ["%Y", "%q"]}, "columns.c.formats.1: `%q` is no sign"),
        ({"type": "time", "format": "%d %H"}, "`%d` is no part of a time"),
        ({"type": "time", "format": "%I:%M"}, "which half of the day"),
        ({"type": "decimal(3,4)"}, "`decimal(3,4)` cannot be"),
        ({"type": "bool", "true_values": ["x"]}, "columns.c.false_values: missing"),
        ({"type": "bool", "true_values": ["x"], "false_values": ["X "]}, "`x` is among"),
        ({"type": "list[float]", "split": ","}, "columns.c.decimal"),
        ({"type": "int", "implied_decimals": 2}, "columns.c.implied_decimals: has no effect"),
        ({"type": "decimal(9,1)", "implied_decimals": 2}, "write `decimal(9,2)`"),
        (
            {"type": "float", "implied_decimals": 2, "decimal": ","},
            "columns.c.decimal: has no effect: with `implied_decimals`",
        ),
    ],
)
def test_contradictions_are_told_before_a_run(column, words):
    if words == "columns.c.decimal":
        column, words = column | {"decimal": ","}, "`,` stands within numbers as well"
    with pytest.raises(ConfigError) as told:
        source_of(columns={"c": column})
    assert words in str(told.value)


def test_decimals_that_no_sign_shows(converter):
    """Cents, and COBOL's `9(5)V99`: a number with a sign of its own is another thing."""
    spec = {"type": "decimal(7,2)", "implied_decimals": 2}
    keys = {"columns": {"v": spec, "w": spec | {"type": "float"}}, "nulls": ["9999999"]}
    text = "v;w\n0012345;-5\n-7;+150\n9999999;0\n12.50;1 250\n1E2;1234567\n"
    found = converter.columns(text, **keys)
    assert found["v"] == [Decimal("123.45"), Decimal("-0.07"), None, None, None]
    assert found["w"] == [-0.05, 1.5, 0.0, None, 12345.67]
    failures = {name: told["failed"] for name, told in converter.notes()["cast_failures"].items()}
    assert failures == {"v": 2, "w": 1}
    own = {"columns": {"v": spec, "w": spec | {"thousands": " ", "unit": "c"}}}
    assert converter.columns('[{"v": 1999, "w": "1 250 c"}, {"v": 12.5}]', **own) == {
        "v": [Decimal("19.99"), None],
        "w": [Decimal("12.50"), None],
    }


@pytest.mark.parametrize("sign", ["'", "\u2019", "\u202f", "\u00a0", "\u2009"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_what_publishers_put_between_thousands(converter, sign: str, decimal: str):
    """Each is told, and what is told reads it: blanks of any kind, and either apostrophe."""
    rows = [f"c{n};1{sign}234{sign}5{n:02d},{n}" for n in range(12)]
    text = "k;m\n" + "\n".join(rows) + "\n"
    keys = {"csv": {"decimal": ","}} if decimal == "," else {}
    assert converter.columns(text, **keys)["m"][3] == f"1{sign}234{sign}503,3"
    stated = "'" if sign in "'\u2019" else " "
    [note] = [note for note in converter.notes()["notes"] if "`m`" in note]
    assert f'`columns: {{m: {{type: float, decimal: ",", thousands: "{stated}"}}}}`' in note
    declared = {"type": "float", "decimal": ",", "thousands": stated}
    assert converter.columns(text, columns={"m": declared})["m"][3] == 1_234_503.3


@pytest.mark.parametrize("zero", ["٠", "۰", "０"])
def test_digits_of_another_script_are_told(converter, zero: str):
    digits = "".join(chr(ord(zero) + n) for n in range(10))
    given = [str(1200 + n).translate(str.maketrans("0123456789", digits)) for n in range(12)]
    text = "k;m\n" + "".join(f"c{n};{value}\n" for n, value in enumerate(given))
    assert converter.columns(text)["m"] == given
    [note] = converter.notes()["notes"]
    remedy = note[note.index("`translate") + 1 : -1]
    sql = f"SELECT {remedy}::BIGINT AS n FROM '{converter.target}' ORDER BY 1"
    assert [n for (n,) in duckdb.sql(sql).fetchall()] == list(range(1200, 1212))
