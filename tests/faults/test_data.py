"""What publishers do to their data: told, or kept; never lost or changed without a word."""

import datetime

import pytest

from faults.harmful import BOW_TIE, NAMES, POINT, SQUARES, geoparquet
from faults.rows import Row, communes
from faults.trial import Trial
from standins import files
from standins.answers import json_answer
from standins.faults import Fault
from standins.server import Standins

COLUMNS = {"code": "string", "population": "int"}
MENDED = {"vintage": "2026-03-03"}  # what a user writes once the publisher has corrected the data
CSV = files.content("communes.csv")
HEADER, LINES = CSV.split(b"\n", 1)
DATES = b"code,day\n01,2024-05-01\n2A,2024-05-02\n"
DAYS = {"code": "string", "day": "date"}
FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", "\tx"]
LAYER = [{"code": "01", "nom": NAMES[0]}, {"code": "2A", "nom": NAMES[1]}]
WIDE = [f"v{n}" for n in range(4_999)]
API = {
    "from": "api",
    "url": "{url}/examples/page",
    "pages": {"style": "page", "records": "items", "total": "total", "size": 50}
    | {"size_param": "per_page"},
    "columns": COLUMNS,
}


def sent(data: bytes, content_type: str = "text/csv") -> list[Fault]:
    return [Fault(replace=data, content_type=content_type)]


def file(path: str = "communes.csv", **keys: object) -> dict:
    given = {"from": "file", "url": f"{{url}}/{path}"}
    return given | ({"columns": COLUMNS} if path == "communes.csv" else {}) | keys


def renamed(new: bytes) -> bytes:
    return HEADER.replace(b"population", new) + b"\n" + LINES


def without_population() -> bytes:
    at = HEADER.split(b",").index(b"population")
    rows = [line.split(b",") for line in CSV.splitlines()]
    return b"\n".join(b",".join(row[:at] + row[at + 1 :]) for row in rows) + b"\n"


def dates(*days: str) -> list[dict]:
    values = [datetime.date.fromisoformat(day) if day else None for day in days]
    return [{"code": code, "day": day} for code, day in zip(("01", "2A"), values, strict=True)]


def csv_of(rows: list[dict]) -> bytes:
    return files._csv(rows)


SERVED = {
    "/communes.csv": CSV,
    "/dates.csv": DATES,
    "/new.csv": CSV.replace(b"\n", b",x\n").replace(HEADER + b",x", HEADER + b",extra"),
    "/late.csv": DATES.replace(b"2024-05-02", b"2924-05-02"),
    "/nought.csv": DATES.replace(b"2024-05-02", b"0000-00-00"),
    "/header.csv": HEADER + b"\n",
    "/formulas.csv": b"code,formula\n"
    + b"".join(b'%d,"%s"\n' % (n, text.encode()) for n, text in enumerate(FORMULAS)),
    "/wide.csv": csv_of([{"code": f"{n}", **dict.fromkeys(WIDE, f"a{n}")} for n in range(20)]),
    "/bow_tie.parquet": geoparquet([BOW_TIE, SQUARES[1]]),
    "/mixed.parquet": geoparquet([POINT, SQUARES[1]]),
    "/no_crs.parquet": geoparquet(crs=None),
}
ROWS = [
    Row(
        "renamed",
        "a column is renamed",
        file(),
        sent(renamed(b"population_2026")),
        words=("not in the data: `population` (is it now `population_2026`?)", "the data have:"),
        stage="convert_table",
        repair={"columns": {"population": {"type": "int", "from": "population_2026"}}},
    ),
    Row(
        "vanished",
        "a declared column vanishes",
        file(),
        sent(without_population()),
        words=("not in the data: `population`", "set a new `vintage`"),
        stage="convert_table",
        repair=MENDED,
    ),
    Row(
        "vanished_too",
        "a column vanishes that `checks:` requires",
        file(columns={"code": "string"}, checks={"required": ["population"]}),
        sent(without_population()),
        words=(
            "checks.required (",
            "): population: the table has no column",
            "set a new `vintage`",
        ),
        stage="check_table",
        repair=MENDED,
    ),
    Row(
        "new",
        "a new column",
        file("new.csv", columns=COLUMNS),
        expected=[row | {"extra": "x"} for row in communes()],
    ),
    Row(
        "number",
        "codes that were turned into numbers",
        file(checks={"regex": {"code": "[0-9AB]{5}"}}),
        sent(CSV.replace(b"\n0", b"\n")),
        words=(
            "checks.regex (",
            "do not match `[0-9AB]{5}`",
            "code 1001 (row 1)",
            "set a new `vintage`",
        ),
        stage="check_table",
        repair=MENDED,
    ),
    Row(
        "late",
        "a date out of its range",
        file("late.csv", columns=DAYS, checks={"range": {"day": ["2000-01-01", "2030-12-31"]}}),
        words=("day: 1 of 2 values is outside [2000-01-01, 2030-12-31]", "2924-05-02"),
        stage="check_table",
        repair={"checks": {"range": {"day": ["2000-01-01", None]}}},
        expected=dates("2024-05-01", "2924-05-02"),
    ),
    Row(
        "nought",
        "a date that is none",
        file("nought.csv", columns=DAYS),
        words=("day: 1 of 2 values could not be read", "0000-00-00"),
        stage="check_table",
        repair={"nulls": ["0000-00-00"]},
        expected=dates("2024-05-01", ""),
    ),
    Row(
        "no_records",
        "an API without any record",
        API,
        [
            Fault(
                replace=json_answer({"items": [], "total": 0}).body, content_type="application/json"
            )
        ],
        words=("the API gave no record", "check `url` and `params`"),
    ),
    Row("empty", "an empty file", file(), sent(b""), words=("is empty", "check the URL")),
    Row(
        "header",
        "a file of only a header",
        file("header.csv", columns=COLUMNS),
        words=("the table has 0 rows; at least 1 wanted", "correct the source's configuration"),
        stage="check_table",
        repair={"checks": {"rows": [0, None]}},
        expected=[],
    ),
    Row(
        "encodings",
        "UTF-8 and Latin-1 in one file",
        file(),
        sent(CSV + "99999,Été,1,1".encode("latin-1") + b"\n"),
        words=(
            "mixed encodings: some of the text is UTF-8, line 252 is not",
            "set a new `vintage`",
        ),
        stage="convert_table",
        repair=MENDED,
    ),
    Row(
        "encoding",
        "UTF-8 where Latin-1 is declared",
        file(csv={"encoding": "latin-1"}),
        words=("declared as latin-1, but the text is UTF-8", "write `utf-8` in its place"),
        stage="convert_table",
        repair={"csv": {"encoding": "utf-8"}},
        expected=[{"code": row["code"], "nom": row["nom"]} for row in files.records()],
    ),
    Row(
        "formulas",
        "formulas in a CSV",
        file("formulas.csv", columns={"formula": "string"}),
        expected=[{"formula": text} for text in FORMULAS],
    ),
    Row(
        "wide",
        "5,000 columns",
        file("wide.csv", columns={"code": "int"}, sort_by=[]),
        expected=[{"code": n, **dict.fromkeys(WIDE, f"a{n}")} for n in range(20)],
    ),
    Row(
        "line",
        "one line of 200 MB",
        file(retries=0, timeout=60),
        sent(b"01001," * 33_400_000),
        words=("has more than 8,388,608 characters", "set a new `vintage`"),
        stage="convert_table",
        repair=MENDED,
    ),
    Row("bow_tie", "a polygon that crosses itself", file("bow_tie.parquet"), expected=LAYER),
    Row(
        "bow_tie_kept",
        "a polygon that crosses itself, and is not repaired",
        file("bow_tie.parquet", geometry={"repair": False}),
        words=("geometry: 1 of 2 geometries is not valid", "Self-intersection"),
        stage="check_table",
        repair={"geometry": {"repair": True}},
        expected=LAYER,
    ),
    Row(
        "families",
        "points among polygons",
        file("mixed.parquet", geometry={"family": "polygon"}),
        words=("1 geometries are Point, not polygon", "correct geometry.family"),
        stage="convert_table",
        repair={"geometry": {"family": "any"}},
        expected=LAYER,
    ),
    Row(
        "no_crs",
        "a layer without CRS",
        file("no_crs.parquet"),
        words=("the file states no CRS", "declare it: `geometry: {crs:"),
        stage="convert_table",
        repair={"geometry": {"crs": "EPSG:4326"}},
        expected=LAYER,
    ),
]


@pytest.fixture(scope="module")
def trial(tmp_path_factory, s3):
    with Standins() as standins:
        standins.given |= {path: (data, "text/csv") for path, data in SERVED.items()}
        yield Trial(tmp_path_factory.mktemp("data"), s3, standins, ROWS, "Data").run()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_data(trial, row, noted):
    noted(trial, row)
