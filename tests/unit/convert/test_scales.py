"""Rates of several scales in one table are told, with where each stands."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conversions import Converter, raw

FRACTIONS, PERCENT = [0.12, 0.5, 0.02, 0.08, 1.0, 0.3], [12.5, 45.1, 8.0, 3.2, 0.9, 30.0]


def csv(name: str, numbers: list[float], year: int | None = None) -> str:
    lines = [f"{n};{number}" + (f";{year}" if year else "") for n, number in enumerate(numbers)]
    return "\n".join([f"n;{name}" + (";annee" if year else ""), *lines, ""])


def alerts(converter: Converter, *data: str, **keys: object) -> list[str]:
    converter.convert(*data, **keys)
    return [told for told in converter.notes().get("alerts", []) if "per cent" in told]


def in_one(name: str, years: dict[int, list[float]]) -> str:
    parts = [csv(name, numbers, year).splitlines() for year, numbers in years.items()]
    return "\n".join([parts[0][0], *(line for part in parts for line in part[1:]), ""])


def test_told_by_year(converter):
    (told,) = alerts(converter, in_one("taux_chomage", {2022: FRACTIONS, 2023: PERCENT}))
    assert told.startswith("`taux_chomage` is at most 1 where `annee` is `2022`, and mostly above")
    assert "where it is `2023`: fractions and per cent" in told


def test_told_by_partition_in_any_order(converter):
    """Of parts that are combined, too; rows are sorted by what mixes both."""
    data = [converter.file(csv("part", f), f"{n}.bin") for n, f in enumerate((PERCENT, FRACTIONS))]
    inputs = [raw(path, f"lot={n}", lot=str(n)) for n, path in enumerate(data)]
    keys = {"partitions": {"lot": ["0", "1"]}, "url": "https://a.example/{lot}", "sort_by": ["n"]}
    converter.combined([inputs[:1], inputs[1:]], **keys)
    (told,) = converter.notes()["alerts"]
    assert "`part` is at most 1 where `lot` is `1`, and mostly above 1 where it is `0`" in told


@pytest.mark.parametrize(
    ("name", "years"),
    [
        ("taux", {2022: FRACTIONS, 2023: FRACTIONS}),
        ("taux", {2022: PERCENT, 2023: PERCENT}),
        ("prix", {2022: FRACTIONS, 2023: PERCENT}),  # no rate
        ("taux", {2022: FRACTIONS[:4], 2023: PERCENT}),  # too few
        ("taux", {2022: FRACTIONS, 2023: [250.0, *PERCENT]}),  # no percentage
        ("taux", {2022: FRACTIONS, 2023: PERCENT, 2024: [0.2, 0.4, 0.7, 0.9, 1.1]}),  # in between
        ("taux", {2022: [0.0] * 9, 2023: PERCENT}),
        ("taux", {2020: [0.5, 0.4, 0.1, 0.9, 0.7], 2022: [5.9, 6.1, 4.2, 5.0, 6.3]}),  # inflation
    ],
)
def test_what_is_ordinary(converter, name, years):
    assert alerts(converter, in_one(name, years)) == []


@pytest.mark.parametrize(
    "years",
    [
        pa.array([{"from": 2020, "to": 2021}] * 12),
        pa.array([[2020, 2021]] * 12),
        pa.array([b"\xff", b"\x80"] * 6),
        pa.array([[("a", 1)]] * 12, pa.map_(pa.string(), pa.int64())),
    ],
)
def test_what_is_called_a_year_and_names_none(converter, years):
    path = converter.folder / "given.parquet"
    rates = pa.array([*FRACTIONS, *PERCENT])
    pq.write_table(pa.table({"period": years, "rate": rates, "n": range(12)}), path)
    assert alerts(converter, path) == []


def test_a_rate_of_a_year_is_no_year(converter):
    assert alerts(converter, csv("taux_annee", [0.5] * 6 + [12.5] * 6)) == []


def test_rows_without_a_year_are_of_no_part(converter):
    lines = [f";{n}" if n > 1 else f"{n};2020" for n in [*FRACTIONS, *PERCENT]]
    assert alerts(converter, "\n".join(["taux;annee", *lines, ""])) == []


def test_missing_values_and_many_rows(converter):
    years = [2022] * 60_000 + [2023] * 60_000
    rates = [*[0.12, None] * 30_000, *[12.0, -3.0] * 30_000]
    table = pa.table({"year": years, "share": rates, "n": range(120_000)})
    path = converter.folder / "given.parquet"
    pq.write_table(table, path)
    assert len(alerts(converter, path)) == 1
