"""Files of SAS, Stata and SPSS: codes stay codes, and what is missing is told."""

import datetime
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from conversions import refusal
from diffusion.convert.statistics import reading as statistics
from diffusion.convert.statistics.formats import meaning_of

FILES = Path(__file__).parent / "statistics"
DAY, MOMENT = datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 10, 0, 5, 500_000)
FRAME = pd.DataFrame(
    {
        "id": [1.0, 2.0, np.nan],
        "rev": [1.5, -9.0, np.nan],
        "nom": ["Été", "  b", ""],
        "jour": [DAY, datetime.date(1959, 1, 1), None],
        "moment": pd.to_datetime([MOMENT, datetime.datetime(1950, 1, 1), None]),
        "heure": [datetime.time(9, 30), datetime.time(23, 59, 59), None],
    }
)
EXPECTED = {
    "id": [1, 2, None],
    "rev": [1.5, -9.0, None],
    "nom": ["Été", "  b", None],
    "jour": [DAY, datetime.date(1959, 1, 1), None],
    "moment": [MOMENT, datetime.datetime(1950, 1, 1), None],
    "heure": ["09:30:00", "23:59:59", None],
}
WRITERS = {
    "sav": pyreadstat.write_sav,
    "zsav": lambda frame, path, **keys: pyreadstat.write_sav(frame, path, compress=True, **keys),
    "dta": pyreadstat.write_dta,
    "xpt": pyreadstat.write_xport,
    "por": pyreadstat.write_por,
}


def written(folder: Path, form: str, frame: pd.DataFrame = FRAME, **keys: object) -> Path:
    path = folder / f"raw.{form}"
    WRITERS[form](frame, path, **keys)
    return path


@pytest.mark.parametrize("form", WRITERS)
def test_values_are_those_of_the_file(converter, form):
    """Whole numbers are, though these programs store every number as a float."""
    frame, expected = FRAME, EXPECTED
    if form == "por":  # small letters and accents are none of its signs
        frame = FRAME.assign(nom=["Ete", "  b", ""])
        expected = EXPECTED | {"nom": ["Ete", "  b", None]}
    read = converter.columns(written(converter.folder, form, frame))
    assert {name.lower(): values for name, values in read.items()} == expected


def test_sas_as_haven_writes_it(converter):
    """A number format of leading zeros (Z5.) makes a code of 1001."""
    assert converter.columns(FILES / "a.sas7bdat") == {
        "code": ["01001", "00002", None],
        "rev": [1.5, None, 3.0],
        "nom": ["Été", "b", None],
        "jour": [DAY, None, datetime.date(1959, 1, 1)],
    }


def test_chunks_are_one_table(converter, monkeypatch):
    frame = pd.DataFrame({"n": np.arange(2500.0), "x": np.arange(2500) + 0.5})
    path = written(converter.folder, "dta", frame)
    monkeypatch.setattr(statistics, "CELLS", 2000)  # 1,000 rows
    assert converter.columns(path) == {"n": list(range(2500)), "x": list(frame["x"])}


def test_rows_that_do_not_come_are_missed(converter, monkeypatch):
    path, read = written(converter.folder, "sav"), pyreadstat.read_sav

    def one_less(*args, **keys):
        frame, meta = read(*args, **keys)
        return frame.iloc[:-1], meta

    monkeypatch.setattr(pyreadstat, "read_sav", one_less)
    assert "holds 3 records, 2 rows came of them" in refusal(converter, path)


def test_missing_by_declaration_is_none_and_told(converter):
    path = written(converter.folder, "sav", missing_ranges={"rev": [{"lo": -9, "hi": -1}]})
    assert converter.columns(path)["rev"] == [1.5, None, None]
    assert "author declared missing" in converter.notes()["notes"][0]
    assert "`rev` (1 × -9)" in converter.notes()["notes"][0]
    tagged = FRAME[["rev"]].astype(object)
    tagged.loc[1, "rev"] = "b"
    path = written(converter.folder, "dta", tagged, missing_user_values={"rev": ["b"]})
    assert converter.columns(path) == {"rev": [1.5, None, None]}
    assert "`rev` (1 × .b)" in converter.notes()["notes"][0]
    converter.convert(written(converter.folder, "xpt"))
    assert "kinds of missing values, if there are, are not told apart" in str(converter.notes())


LABELLED = pd.DataFrame({"sexe": [1.0, 2.0, np.nan], "age": [12.0, 99.0, 3.0], "t": ["a", "b", ""]})
LABELS = {"sexe": {1: "Homme", 2: "Femme"}, "age": {99: "99 et plus"}, "t": {"a": "A", "b": "B"}}


def test_codes_that_have_one_label_are_told(converter):
    """Those that are not in the data, or are declared missing, make no difference."""
    frame = pd.DataFrame({"x": [1.0, 2.0, 9.0], "y": [1.0, 2.0, 9.0]})
    labels = {"x": {1: "un", 2: "un", 9: "NR"}, "y": {1: "a", 2: "b", 8: "b", 9: "b"}}
    keys = {"variable_value_labels": labels, "missing_ranges": {"y": [9]}}
    path = written(converter.folder, "sav", frame, **keys)
    assert converter.columns(path, labels=True)["x"] == ["un", "un", "NR"]
    notes = [note for note in converter.notes()["notes"] if "one label" in note]
    assert "`x` has codes that have one label, and are one: un (1, 2)" in notes[0]
    assert len(notes) == 1
    converter.convert(path, labels="both")
    assert "one label" not in str(converter.notes()["notes"])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (False, {"sexe": [1, 2, None], "age": [12, 99, 3], "t": ["a", "b", None]}),
        (True, {"sexe": ["Homme", "Femme", None], "age": [12, 99, 3], "t": ["A", "B", None]}),
    ],
)
def test_labels_in_place_of_codes(converter, labels, expected):
    """A number of which only 99 has a label stays one."""
    path = written(converter.folder, "sav", LABELLED, variable_value_labels=LABELS)
    assert converter.columns(path, labels=labels) == expected
    told = "`age` has 2 values without a label: it has the codes"
    assert (told in str(converter.notes())) is labels


def test_labels_beside_codes(converter):
    frame = LABELLED.assign(age_label=1.0)
    path = written(converter.folder, "sav", frame, variable_value_labels=LABELS)
    said = refusal(converter, path, labels="both")
    assert "has a column `age_label`, where the labels would stand" in said
    path = written(converter.folder, "sav", LABELLED, variable_value_labels=LABELS)
    read = converter.columns(path, labels="both")
    assert list(read) == ["sexe", "sexe_label", "age", "age_label", "t", "t_label"]
    assert read["sexe_label"] == ["Homme", "Femme", None]
    assert read["age_label"] == [None, "99 et plus", None]


def test_labels_of_a_format_without_any(converter):
    said = refusal(converter, written(converter.folder, "xpt"), labels=True)
    assert "sources.t.labels: has no effect: the data are xpt" in said


def test_codes_by_their_format(converter):
    frame = pd.DataFrame({"insee": [1001.0, 75056.0], "n": [1.0, 2.5]})
    path = written(converter.folder, "sav", frame, variable_format={"insee": "N5", "n": "N5"})
    assert converter.columns(path) == {"insee": ["01001", "75056"], "n": [1.0, 2.5]}
    assert "`n` (5)" in converter.notes()["notes"][0]
    path = written(converter.folder, "dta", frame[["insee"]], variable_format={"insee": "%05.0f"})
    assert converter.columns(path) == {"insee": ["01001", "75056"]}


def test_periods_of_stata(converter):
    frame = pd.DataFrame({"m": [769.0], "q": [-1.0], "w": [53.0], "h": [128.0], "y": [2024.0]})
    forms = {"m": "%tm", "q": "%tq", "w": "%tw", "h": "%th", "y": "%ty"}
    read = converter.columns(written(converter.folder, "dta", frame, variable_format=forms))
    days = {"m": (2024, 2, 1), "q": (1959, 10, 1), "w": (1961, 1, 8), "h": (2024, 1, 1)}
    assert read == {name: [datetime.date(*day)] for name, day in days.items()} | {"y": [2024]}
    assert "a month is its first day: `m`" in str(converter.notes()["notes"])


def test_what_is_no_date_and_what_is_more_than_one(converter):
    days = pd.DataFrame({"d": [1e300, 1.0]})
    path = written(converter.folder, "sav", days, variable_format={"d": "DATE11"})
    assert "`d` is a day by its format" in refusal(converter, path)
    assert converter.columns(path, columns={"d": "float"}) == {"d": [1e300, 1.0]}
    days = pd.DataFrame({"d": [13928544000.0 + 3600], "h": [90_000.5]})
    path = written(converter.folder, "sav", days, variable_format={"d": "DATE11", "h": "TIME8"})
    assert converter.columns(path) == {"d": [DAY], "h": ["25:00:00.5"]}
    assert "days with a time of day, which is left out: `d` (1)" in str(converter.notes()["notes"])


@pytest.mark.parametrize("form", ["dta", "xpt"])
def test_text_whose_encoding_no_file_states(converter, form):
    """UTF-8 where it is, else what Windows wrote, which is told, or what is declared."""
    keys = {"version": 12} if form == "dta" else {}
    frame = pd.DataFrame({"nom": ["Œuvre"], "v": [1.0]})
    path = written(converter.folder, form, frame, **keys)
    assert converter.columns(path)["nom"] == ["Œuvre"]
    data = path.read_bytes().replace("Œuvre".encode(), "Œuvre".encode("cp1252") + b" ")
    path.write_bytes(data)
    assert converter.columns(path)["nom"][0].strip() == "Œuvre"
    assert converter.notes()["read"] == ["text in WINDOWS-1252, which it does not state"]
    path.write_bytes(data.replace("Œuvre".encode("cp1252"), "éuvre".encode("cp850")))
    assert converter.columns(path, encoding="cp850")["nom"][0].strip() == "éuvre"
    assert "read" not in converter.notes()
    path.write_bytes(data.replace("Œuvre".encode("cp1252"), b"\x81uvre"))
    assert "cannot be read as UTF-8 and WINDOWS-1252" in refusal(converter, path)


def test_a_transport_file_of_two_tables(converter):
    first = written(converter.folder, "xpt", FRAME[["id"]], table_name="UN", file_format_version=5)
    data = first.read_bytes()
    second = pd.DataFrame({"b": ["x", "y"]})
    path = written(converter.folder, "xpt", second, table_name="DEUX", file_format_version=5)
    both = data + path.read_bytes()[240:]  # behind the header of the file
    assert "holds several tables: UN, DEUX" in refusal(converter, both)
    assert converter.columns(both, table="DEUX") == {"b": ["x", "y"]}
    assert converter.columns(both, table="UN") == {"id": [1, 2, None]}
    assert "there is no table `TROIS`" in refusal(converter, both, table="TROIS")


@pytest.mark.parametrize("form", WRITERS)
def test_a_file_that_is_cut_off(converter, form):
    frame = FRAME.assign(nom="x") if form == "por" else FRAME
    data = written(converter.folder, form, frame).read_bytes()
    said = refusal(converter, data[: len(data) // 2 + 1])
    assert "cannot be read as" in said or "is cut off: its records are of 80 bytes" in said


def test_without_the_package_it_is_named(converter, monkeypatch):
    path = written(converter.folder, "sav")
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    said = refusal(converter, path)
    assert "is read by the package pyreadstat, which is not installed" in said
    assert "pip install -r envs/requirements-statistics.txt" in said


@pytest.mark.parametrize(
    ("system", "form", "kind"),
    [
        ("sas", "DATE9", "day"), ("sas", "DDMMYYP10", "day"), ("sas", "E8601DA", "day"),
        ("sas", "NLDATE20", "day"), ("sas", "YEAR4", "day"), ("sas", "DATETIME20.3", "moment"),
        ("sas", "E8601DT19.3", "moment"), ("sas", "B8601DT", "moment"),
        ("sas", "DTDATE9", "moment"), ("sas", "TIME8", "time"), ("sas", "HHMM", "time"),
        ("sas", "Z5", "code"), ("sas", "BEST12", "number"), ("sas", "SEXE", "number"),
        ("sas", None, "number"), ("sas", "E8601LX26", "moment"), ("sas", "B8601DN10", "moment"),
        ("sas", "B8601LZ", "time"), ("sas", "TOD8", "time"), ("sas", "NENGO10", "day"),
        ("sas", "YYQZ6", "day"), ("sas", "JDATEMD8", "day"), ("sas", "TODAY", "number"),
        ("spss", "ADATE10", "day"), ("spss", "DATETIME20", "moment"), ("spss", "DTIME11", "time"),
        ("spss", "YMDHMS16", "moment"), ("spss", "WKDAY9", "number"), ("spss", "F8.2", "number"),
        ("spss", "N5", "code"), ("spss", "MOYR8", "day"),
        ("stata", "%tdDD/NN/CCYY", "day"), ("stata", "%d", "day"), ("stata", "%-td", "day"),
        ("stata", "%tc", "moment"), ("stata", "%tcDD/NN/CCYY_HH:MM", "moment"),
        ("stata", "%tcHH:MM:SS", "time"), ("stata", "%tC", "number"), ("stata", "%05.0f", "code"),
        ("stata", "%9.0g", "number"), ("stata", "%ty", "number"), ("stata", "%tq", "quarter"),
    ],
)  # fmt: skip
def test_formats(system, form, kind):
    assert meaning_of(system, form).kind == kind


def test_a_time_of_day_is_none_of_a_moment(converter):
    """SAS shows the hours of a datetime by TOD, too: as a duration it would be 500,000 hours."""
    for value in (34_200.0, 2_000_000_000.0):
        frame = pd.DataFrame({"H": [value]})
        path = written(converter.folder, "xpt", frame, variable_format={"H": "TOD8."})
        if value < 86_400:
            assert converter.columns(path) == {"H": ["09:30:00"]}
    words = refusal(converter, path)
    assert "`H` is a time of a day by its format, and has 2000000000, which is none" in words
    assert converter.columns(path, columns={"H": "float"}) == {"H": [2_000_000_000.0]}
