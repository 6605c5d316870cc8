"""Casts of declared types, and the proof that every value must give."""

import datetime
import math
import re
from decimal import Decimal
from itertools import product

import msgspec
import pyarrow as pa
import pytest

from diffusion.config.reading import ColumnSpec
from diffusion.convert.columns import Column
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits
from diffusion.tables.proofs import prove_types
from diffusion.tables.spelled import spelled_sql
from diffusion.tables.sql import identifier, literal
from diffusion.tables.types import FLOAT, cast_sql

DAY = datetime.date(2024, 2, 29)
MOST = 2**63 - 1
LONG = "1" * 20 + "." + "1" * 18
NOON = datetime.datetime(2024, 2, 29, 12, 0)


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    with engine(Limits(1000, 2, tmp_path_factory.mktemp("engine"))) as connection:
        yield connection


def cast(con, text, kind, decimal=".", form=None, **keys):
    spec = msgspec.convert({"type": kind, "format": form} | keys, ColumnSpec)
    (found,) = con.execute(
        f"SELECT {spelled_sql('t', spec, decimal)} FROM (SELECT ?::VARCHAR AS t)", [text]
    ).fetchall()
    return found[0]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("int", {"0": 0, "-12": -12, "+3": 3, " 7 ": 7, "007": 7, "2.0": 2, str(2**63 - 1): MOST},
         ["1.5", "1e3", "12a", "9223372036854775808", "1 234", "0x10", "1_000"]),
        ("float", {"1.5": 1.5, "-0.25": -0.25, "1e3": 1000.0, " 2 ": 2.0, "1.": 1.0, "+.5": 0.5,
                   "1\t": 1.0, "0.30000000000000004": 0.1 + 0.2,
                   "1234567890123456789": 1234567890123456789.0},
         ["1,5", "inf", "nan", "1e999", "abc", "1 234.5", "1_000", "+-1", "1e5_0", "-",
          "\n1", "9" * 400]),
        ("bool", {"true": True, "OUI": True, "1": True, "Non": False, "0": False, "F": False},
         ["2", "peut-être"]),
        ("date", {"2024-02-29": DAY, "2024-02-29T12:00:00Z": DAY, " 2024-02-29 ": DAY},
         ["2023-02-29", "29/02/2024", "2024-2-9", "today", "infinity", "2024-02-290", "20240-02-29",
          "-202-02-29", "2024/02/29"]),
        ("timestamp", {"2024-02-29T12:00:00": NOON, "2024-02-29 12:00": NOON,
                       "2024-02-29T13:00:00+01:00": NOON, "2024-02-29T07:00:00-0500": NOON,
                       "2024-02-29T12:00:00Z": NOON,
                       "2024-02-29": datetime.datetime(2024, 2, 29)},
         ["infinity", "epoch", "now", "2024-02-30T12:00:00", "12:00", "20240-02-29 12:00:00"]),
        ("json", {'{"a": [1]}': '{"a": [1]}', '"x"': '"x"'}, ["x", "{"]),
        ("struct", {'{"a": 1}': '{"a": 1}'}, ["[1]", "1", "{", '"x"']),
        ("list[int]", {"[1, 2]": [1, 2], "[]": [], "[1, null]": [1, None]},
         ['["x"]', "[1.5]", "3", "{}", "["]),
        ("list[string]", {'["01", 2]': ["01", "2"]}, ["x"]),
        ("list[date]", {'["2024-02-29"]': [DAY]}, ['["2024-02-30"]', '["2024-02-29", "x"]']),
        ("string", {"01": "01", " a ": " a "}, []),
        ("category", {"A": "A"}, []),
    ],
)  # fmt: skip
def test_cast(con, kind, good, bad):
    assert {text: cast(con, text, kind) for text in good} == good
    assert {text: cast(con, text, kind) for text in bad} == dict.fromkeys(bad)
    assert cast(con, None, kind) is None


@pytest.mark.parametrize(
    ("keys", "good", "bad"),
    [
        ({"type": "float", "decimal": ",", "thousands": " "},
         {"1 234,5": 1234.5, "1\u202f234\u00a0567": 1234567.0, "-12": -12.0, "1234,5": 1234.5},
         ["1 23,5", "12 34", "1.5", "1234 567", "1 234 ,5", " "]),
        ({"type": "float", "decimal": ",", "thousands": "."}, {"1.234,5": 1234.5, "0,25": 0.25},
         ["1.5", "1.23.456", "1,234.5"]),
        ({"type": "int", "thousands": "'"}, {"1'234": 1234, "12": 12}, ["1'2", "'123"]),
        ({"type": "float", "decimal": ",", "unit": "%"},
         {"12,5 %": 12.5, "12,5%": 12.5, "-3\u202f%": -3.0, "% 4": 4.0},
         ["12,5", "12,5 €", "12,5 %%", "%", "12.5 %"]),
        ({"type": "decimal(8,2)", "decimal": ",", "thousands": " ", "unit": "€"},
         {"1 234,50 €": Decimal("1234.50"), "€ 3": Decimal("3.00")}, ["1 234,505 €", "3 $"]),
        ({"type": "decimal(5,2)"},
         {"1.5": Decimal("1.50"), "-999.99": Decimal("-999.99"), "+1": Decimal(1),
          "0001.500": Decimal("1.50"), ".5": Decimal("0.50")},
         ["1.005", "1000", "1e2", ".", "-", "1,5"]),
        ({"type": "decimal(2,2)"}, {"0.12": Decimal("0.12")}, ["1.12", "0.123"]),
        ({"type": "decimal(38,18)"}, {LONG: Decimal(LONG)}, ["1" * 21]),
        ({"type": "time"},
         {"09:05": datetime.time(9, 5), "9:05:01,5": datetime.time(9, 5, 1, 500000),
          "23:59:59.1234560": datetime.time(23, 59, 59, 123456)},
         ["24:00", "12:60", "9h05", "12:00:00.1234567", "12:00Z"]),
        ({"type": "time", "format": "%Hh%M"}, {"9h05": datetime.time(9, 5)}, ["9:05", "25h00"]),
        ({"type": "date", "formats": ["%d/%m/%Y", "%Y-%m-%d"]},
         {"29/02/2024": DAY, "2024-02-29": DAY}, ["02/29/2024"]),
        ({"type": "date", "formats": ["%d/%m/%Y", "%m/%d/%Y"]},
         {"29/02/2024": DAY, "02/29/2024": DAY, "02/02/2024": datetime.date(2024, 2, 2)},
         ["03/04/2024"]),
        ({"type": "timestamp", "format": "epoch"},
         {"1709208000": NOON, "1709208000.000001": NOON.replace(microsecond=1),
          "-1": datetime.datetime(1969, 12, 31, 23, 59, 59)},
         ["1709208000000", "1.0000001", "2024-02-29", "x"]),
        ({"type": "timestamp", "format": "epoch_ms"},
         {"1709208000000": NOON, "1709208000000.5": NOON.replace(microsecond=500)}, ["1.0001"]),
        ({"type": "date", "format": "epoch"}, {"1709164800": DAY}, ["1709208000"]),
        ({"type": "date", "format": "excel"}, {"45351": DAY, "45351.0": DAY, "2024-02-29": DAY},
         ["45351.5", "60", "1", "2958466", "-5"]),
        ({"type": "timestamp", "format": "excel"},
         {"45351.5": NOON, "45351.520833333336": datetime.datetime(2024, 2, 29, 12, 30)},
         ["2958466.2"]),
        ({"type": "bool", "true_values": ["X", "Publié"], "false_values": ["-"]},
         {"x": True, "PUBLIÉ ": True, "-": False}, ["true", "1", "non"]),
        ({"type": "list[string]", "split": "|"}, {"a| b|": ["a", "b", None], "a": ["a"]},
         ['["a", "b"]']),
        ({"type": "list[float]", "split": ";", "decimal": ","}, {"1,5;2": [1.5, 2.0]}, ["1,5;x"]),
        ({"type": "string", "pad": 5}, {"1001": "01001", "2A004": "2A004", " 7 ": "00007",
         "1001.0": "01001", "1001,0": "01001"}, ["101001", "1001.5", "-1", "1 001", "é"]),
    ],
)  # fmt: skip
def test_cast_of_what_is_written_otherwise(con, keys, good, bad):
    kind = keys.pop("type")
    assert {text: cast(con, text, kind, **keys) for text in good} == good
    assert {text: cast(con, text, kind, **keys) for text in bad} == dict.fromkeys(bad)


def test_cast_with_a_decimal_comma_or_a_format(con):
    assert cast(con, "1,5", "float", ",") == 1.5
    assert cast(con, "2,0", "int", ",") == 2
    # 1.234 would be 1234 to who writes a comma: never guessed
    assert cast(con, "1.234", "float", ",") is None
    assert cast(con, "29/02/2024", "date", form="%d/%m/%Y") == DAY
    assert cast(con, "29/02/2024 12h00", "timestamp", form="%d/%m/%Y %Hh%M") == NOON
    assert cast(con, "2024-02-29", "date", form="%d/%m/%Y") is None
    assert cast(con, "29/02/24", "date", form="%d/%m/%Y") is None  # not of the year 24
    assert cast(con, "29/02/24", "date", form="%d/%m/%y") == DAY


@pytest.mark.parametrize("name", ["a", 'a"b', "l'été", "a b", "--", "SELECT", "a;b", "\\"])
def test_any_name_can_be_quoted(con, name):
    rows = con.execute(
        f"SELECT {identifier(name)} FROM (SELECT {literal(name)} AS {identifier(name)})"
    )
    assert rows.fetchall() == [(name,)]


def prove(con, values, decimal=".", repeat=1):
    con.execute("CREATE OR REPLACE TEMP TABLE given (c VARCHAR)")
    con.execute(
        "INSERT INTO given SELECT v FROM range(?), unnest(?::VARCHAR[]) AS t(v)", [repeat, values]
    )
    return prove_types(con, "SELECT * FROM given", {"c": "c"}, decimal)["c"]


@pytest.mark.parametrize(
    ("proven", "values"),
    [
        ("int", ["0", "12", "-3", "123456789012345"]),
        ("int", ["1", None, None]),
        ("float", ["1", "2.50"]),
        ("string", ["1", "2.50", "1e-3"]),  # a code such as 1E5
        ("string", ["552081317", "732829320", "404833048"]),  # SIREN …
        ("string", ["55208131766522", "73282932000074", "40483304800022"]),  # … SIRET
        ("int", ["552081317", "732829320", "404833049"]),  # the last has a wrong check digit
        ("bool", ["true", "False", None]),
        ("date", ["2024-02-29", None]),
        ("timestamp", ["2024-02-29T12:00:00", "2024-02-29 12:00", "2024-02-29T12:00:00.5"]),
        ("timestamp", ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.5+02:00"]),
        ("string", ["2024-02-29T12:00:00", "2024-02-29T12:00:00+02:00"]),
        ("string", ["01450", "69123"]),  # a leading zero is a code …
        ("string", ["00.5", "1.5"]),
        ("string", ["-01", "1"]),
        ("string", ["1234567890123456"]),  # … and so are 16 digits: SIRET, IBAN
        ("string", ["12345678901234567.5"]),
        ("string", ["2A", "1"]),
        ("string", ["1", " 2"]),
        ("string", ["1,5", "2"]),
        ("string", ["+33", "1"]),
        ("string", ["1e999"]),
        ("string", ["2024-02-30"]),
        ("string", ["2024-02-29", "2024-02-29T12:00:00"]),
        ("string", ["oui", "non"]),
        ("string", ["true", "1"]),
        ("string", ["NaN", "1.5"]),
        ("string", [None, None]),
        ("string", []),
    ],
)  # fmt: skip
def test_proof(con, proven, values):
    assert prove(con, values) == proven


def test_proof_with_a_decimal_comma(con):
    assert prove(con, ["1,5", "2"], ",") == "float"
    assert prove(con, ["1.234", "2"], ",") == "string"


@pytest.mark.parametrize("spoiler", ["2A", "01", "1.0.0"])
def test_one_bad_value_far_down_keeps_a_string(con, spoiler):
    con.execute(
        "CREATE OR REPLACE TEMP TABLE long AS SELECT i::VARCHAR AS c FROM range(200000) t(i)"
    )
    assert prove_types(con, "SELECT * FROM long", {"c": "c"}, ".") == {"c": "int"}
    con.execute("INSERT INTO long VALUES (?)", [spoiler])
    assert prove_types(con, "SELECT * FROM long", {"c": "c"}, ".") == {"c": "string"}


def test_a_value_far_down_proves_a_column_that_begins_empty(con):
    con.execute("CREATE OR REPLACE TEMP TABLE late AS SELECT NULL::VARCHAR AS c FROM range(50000)")
    con.execute("INSERT INTO late VALUES ('1.5')")
    assert prove_types(con, "SELECT * FROM late", {"c": "c"}, ".") == {"c": "float"}


def test_casts_agree_with_python(con):
    for number in ("0.1", "123456.789", "-1e-7", "3.14159265358979"):
        assert cast(con, number, "float") == float(Decimal(number))


@pytest.mark.parametrize("decimal", [".", ","])
def test_floats_are_what_their_pattern_says(con, decimal):
    """DuckDB reads more than that, and is asked first."""
    signs = "05" + decimal + "-+_eE inx"
    texts = ["".join(text) for size in range(1, 5) for text in product(signs, repeat=size)]
    texts += ["1" * 400, f"1{decimal}5e308", "2e308", "1.234,5", "1,234.5", "infinity", "- 5"]
    swap = str.maketrans(",.", ".,") if decimal == "," else {}
    is_float = re.compile(FLOAT, re.ASCII).fullmatch
    swapped = [text.strip(" ").translate(swap) for text in texts]
    numbers = [float(text) if is_float(text) else math.nan for text in swapped]
    con.register("floats", pa.table({"t": pa.array(texts)}))
    found = con.execute(f"SELECT {cast_sql('t', 'float', decimal)} FROM floats").fetchall()
    expected = [(number if math.isfinite(number) else None,) for number in numbers]
    assert found == expected


def test_proof_of_many_columns(con):
    """Several scans, each with some of the columns; one scan of all would take gigabytes."""
    names = [f"v{n}" for n in range(1_000)]
    kinds = {name: ("int", "date")[n % 2] for n, name in enumerate(names)}
    texts = {"int": "'12'", "date": "'2024-02-29'"}
    row = ", ".join(f"{texts[kinds[name]]} AS {name}" for name in names)
    proven = prove_types(con, f"SELECT {row}", {name: name for name in names}, ".")
    assert proven == kinds


@pytest.mark.parametrize("token", ["NA", "-", "é", "~"])
def test_null_tokens_with_any_space_around(con, token):
    blanks = [token, f" {token}", f"{token}\u2003", f"\u00a0{token} ", "", " \u3000", f"{token}\n"]
    blanks += ["\n", "\t \r\n", "\u200b"]
    value = Column("c", "c", "string", [token]).value()
    rows = con.execute(
        f"SELECT {value} FROM (SELECT unnest(?) AS c)", [[*blanks, f"{token}x", "x"]]
    )
    assert [text for (text,) in rows.fetchall() if text is not None] == [f"{token}x", "x"]


@pytest.mark.parametrize(
    ("names", "are_codes"),
    [
        ("siret SIREN code_insee codeInsee CODGEO DEP Département code REG cd_dep nic", True),
        (
            "CODGEO_2021 nace_r2 COICOP IRIS2018 num_siret code_commune_actualise insee_com",
            True,
        ),
        ("pop depense dependance numero annee region_pop surface decode encode regle", False),
        ("nb_siret NB_SIREN nbSiret pop_iris nb_communes taux_commune part_iris n_siret", False),
        ("effectifs_naf montants_epci prix_iris siret_effectif iris_km2 insee_pop", False),
        ("code_age code_valeur prix_code codes_naf iris_codes income_code kod_obyvatel", True),
        ("Anzahl_PLZ PLZ_Anzahl Einwohner_PLZ plz_Fläche zip_employees fips_deaths", False),
        ("count_siret total_code nombre_de_siren siret_count nb_codes densite_iris_2019", False),
    ],
)
def test_codes_are_known_by_their_names(con, names, are_codes):
    values = dict.fromkeys(names.split(), "'12'")
    proven = prove_types(con, "SELECT 1", values, ".")
    assert set(proven.values()) == {"string" if are_codes else "int"}


@pytest.mark.parametrize(
    ("amount", "rate", "kind"),
    [
        ("1.234 12.500 7.000", "1,5 2,5 3", "string"),  # thousands, it may be
        ("1.234 12.500 7.000", "1.234,5 987,25 3", "string"),
        ("1.234 12.50 7", "1,5 2,5 3", "float"),
        ("1.234 1234 7", "1,5 2,5 3", "float"),
        ("0.234 12.500 7", "1,5 2,5 3", "float"),
        ("1.234 12.500 7.000", "a b c", "float"),
        ("1.234 12.500 7.000", "1,234 2,500 3", "float"),  # no decimals: both may be English
    ],
)
def test_dots_beside_decimal_commas(con, amount, rate, kind):
    rows = list(zip(amount.split(), rate.split(), strict=True))
    con.execute("CREATE OR REPLACE TABLE amounts (amount VARCHAR, rate VARCHAR)")
    con.executemany("INSERT INTO amounts VALUES (?, ?)", [*rows, (None, None)])
    values = {"amount": "amount", "rate": "rate"}
    assert prove_types(con, "FROM amounts", values, ".") == {"amount": kind, "rate": "string"}


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ("2024.1 2024.2 2024.10 2024.11", "string"),  # months: January and October are two
        ("1.1 1.10 1.2", "string"),
        ("0.9 0.10", "string"),
        ("3 3.1 3.10", "string"),
        ("1.50 2.00 3.25 4", "float"),  # as many decimals in all
        ("0.0 0.5 0.25 12.125", "float"),  # as a program writes floats
        ("1.1 1.10 1.05", "float"),  # no code has a 0 before another digit
        ("-1.1 1.10", "float"),
        ("1.234 12.50 7", "float"),
        ("1.1 1.1250 1.10", "float"),
        ("2.1 2.10 2.105", "float"),  # no code jumps so
        ("1.1 1.10 1.100", "string"),
        (" ".join(f"3.{n}" for n in range(1, 120)), "string"),  # and many count
        ("1.234 987 12.345", "string"),  # thousands, it may be
        ("1.234 -7", "string"),
        ("1.234 987 12.34", "float"),
        ("1.234 1987", "float"),
        ("1.234 0.987 12", "float"),
        ("1.000 2.500 10.000", "float"),
    ],
)
def test_numbers_with_another_reading(con, values, kind, decimal):
    written = values.replace(".", decimal).split()
    assert prove(con, [*written, None], decimal) == kind
    assert prove(con, ["7.5".replace(".", decimal)], decimal) == "float"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *dict.fromkeys(["lon", "GPS_Lat", "coordX", "prix_m2", "Taux"], "float").items(),
        *dict.fromkeys(["version", "NAF", "article", "mois", "code_mesure"], "string").items(),
    ],
)
def test_what_is_named_as_a_measure_is_no_version(con, name, kind):
    con.execute("CREATE OR REPLACE TEMP TABLE named AS SELECT unnest(['2.1', '2.10']) AS c")
    assert prove_types(con, "FROM named", {name: "c"}, ".") == {name: kind}


@pytest.mark.parametrize(
    ("name", "kind"), [("version", "string"), ("article", "string"), ("k", "float")]
)
def test_what_is_named_as_a_number_may_jump(con, name, kind):
    con.execute(
        "CREATE OR REPLACE TEMP TABLE named AS SELECT unnest(['1.9', '1.10', '1.105']) AS c"
    )
    assert prove_types(con, "FROM named", {name: "c"}, ".") == {name: kind}


@pytest.mark.parametrize("last", ["2024.10", "2024.05"])
def test_another_reading_far_down(con, last):
    con.execute("CREATE OR REPLACE TEMP TABLE far AS SELECT '2024.1' AS c FROM range(600000)")
    con.execute("INSERT INTO far VALUES ('2024.10'), (?)", [last])
    kind = "string" if last == "2024.10" else "float"
    assert prove_types(con, "FROM far", {"c": "c"}, ".") == {"c": kind}


def test_numbers_of_json_are_no_codes(con):
    values = {"code": "'12'", "tiny": "'1e-7'", "v": "unnest(['1.1', '1.10', '2'])"}
    proven = prove_types(con, "SELECT " + values.pop("v") + " AS v", {**values, "v": "v"}, ".",
                         numbers={*values, "v"})  # fmt: skip
    assert proven == {"code": "int", "tiny": "float", "v": "float"}


def test_a_wide_table_is_proven_in_the_memory_of_a_job(tmp_path):
    """Readings that count different values are of columns of decimals alone, few in one scan."""
    values = {f"c{n}": f"c{n}" for n in range(1, 201)}
    rows = "\n".join(",".join(f"{n}{'.5' * (n % 9 == 0)}" for n in range(1, 201)) for _ in "ab")
    (tmp_path / "wide.csv").write_text(f"{','.join(values)}\n{rows}\n")
    with engine(Limits(2000, 2, tmp_path)) as con:
        table = f"SELECT * FROM read_csv('{tmp_path}/wide.csv', all_varchar = true)"
        proven = prove_types(con, table, values, ".")
    assert proven["c1"] == "int" and proven["c9"] == "float" and len(proven) == 200
