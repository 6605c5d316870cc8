"""Days that are written as midnights of a zone are the evenings before in UTC: told."""

import datetime
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conversions import Converter

PARIS = ["2024-01-01T00:00:00+01:00", "2024-07-02T00:00:00+02:00", "2024-03-31T00:00:00+01:00"]
DAYS = [datetime.date.fromisoformat(text[:10]) for text in PARIS]


def csv(texts: list[str]) -> str:
    return "d;n\n" + "".join(f"{text};{n}\n" for n, text in enumerate(texts))


def alerts(converter: Converter, *data: object, **keys: object) -> list[str]:
    converter.convert(*data, **keys)
    return converter.notes().get("alerts", [])


def test_midnights_of_a_zone(converter):
    (told,) = alerts(converter, csv(PARIS))
    assert "each moment, such as 2023-12-31 23:00 (UTC), is midnight in Europe/Paris" in told
    assert "`timezone('Europe/Paris', timezone('UTC', \"d\"))::DATE`" in told
    assert "`columns: {d: date}` takes days as texts have them" in told
    assert converter.columns(csv(PARIS), columns={"d": "date"})["d"] == DAYS
    assert "alerts" not in converter.notes()


def test_of_a_layer_and_of_parquet(converter):
    """They state the zone: one season is enough."""
    features = [
        {"type": "Feature", "properties": {"d": text}, "geometry": None} for text in PARIS[::2]
    ]
    (told,) = alerts(converter, json.dumps({"type": "FeatureCollection", "features": features}))
    assert "`timezone('Europe/Paris', \"d\")::DATE`" in told
    moments = [datetime.datetime(2024, 1, day, 5) for day in (1, 2)]
    pq.write_table(
        pa.table({"d": pa.array(moments, pa.timestamp("us", "America/New_York"))}),
        converter.folder / "a.parquet",
    )
    (told,) = alerts(converter, converter.folder / "a.parquet")
    assert "midnight in America/New_York" in told


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-01-01T00:00:00Z", "2024-07-01T00:00:00Z"],  # in UTC, too
        ["2024-01-01 23:00:00", "2024-01-02 23:00:00"],  # of no zone: may be what they say
        ["2024-01-01T00:00:00+01:00", "2024-07-02T10:00:00+02:00"],
        ["2024-01-01T23:00:00Z"],
    ],
)
def test_other_moments(converter, texts):
    assert alerts(converter, csv(texts)) == []
