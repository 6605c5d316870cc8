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
    assert "midnights in Europe/Paris, such as 2023-12-31 23:00 (UTC), which is 2024-01-01T" in told
    assert "`timezone('Europe/Paris', timezone('UTC', \"d\"))::DATE`" in told
    assert "as `2024-01-01T00:00+0100`, `columns: {d: date}` takes their days" in told
    assert converter.columns(csv(PARIS), columns={"d": "date"})["d"] == DAYS
    assert "alerts" not in converter.notes()


def test_of_a_layer_and_of_parquet(converter):
    """They state the zone: one season is enough."""
    features = [
        {"type": "Feature", "properties": {"d": text}, "geometry": None} for text in PARIS[::2]
    ]
    (told,) = alerts(converter, json.dumps({"type": "FeatureCollection", "features": features}))
    assert "`timezone('Europe/Paris', \"d\")::DATE`" in told
    moments = [datetime.datetime(2024, 1, day, 22) for day in (1, 2)]
    zoned = {"d": pa.array(moments, pa.timestamp("us", "Europe/Helsinki"))}
    pq.write_table(pa.table(zoned), converter.folder / "a.parquet")
    (told,) = alerts(converter, converter.folder / "a.parquet")
    assert "midnights in Europe/Helsinki" in told


def test_texts_in_utc(converter):
    """Their days are those before: no remedy says that a `date` has the publisher's."""
    texts = ["2024-07-01T23:00:00Z", "2024-01-01T00:00:00Z"]
    (told,) = alerts(converter, csv(texts[::-1]))
    assert "in Europe/London, such as 2024-07-01 23:00 (UTC)" in told  # not one that is the same
    assert "if the file's texts are of the zone" in told and "and else it does not" in told
    assert converter.columns(csv(texts), columns={"d": "date"})["d"][0].day == 1


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-01-01T00:00:00Z", "2024-07-01T00:00:00Z"],  # in UTC, too
        ["2024-01-01 23:00:00", "2024-01-02 23:00:00"],  # of no zone: may be what they say
        ["2024-01-01T00:00:00+01:00", "2024-07-02T10:00:00+02:00"],
        ["2024-01-01T23:00:00Z"],
        ["2024-01-01T00:00:00-05:00", "2024-07-01T00:00:00-04:00"],  # the same days in UTC
    ],
)
def test_other_moments(converter, texts):
    assert alerts(converter, csv(texts)) == []
