"""Moments: in UTC if all state their zone, as they are written if none does, never mixed."""

from datetime import datetime

import pytest

from conversions import raw, refusal
from diffusion.errors import DiffusionError

ZONED = ["2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05Z"]
NAIVE = ["2024-01-02T03:04:05", "2024-01-02 03:04:06"]
TIMESTAMP = {"columns": {"at": "timestamp"}}


def text(kind: str, values: list[str]) -> str:
    if kind == "csv":
        return "at,n\n" + "".join(f"{value},{n}\n" for n, value in enumerate(values))
    return "[" + ",".join(f'{{"at": "{value}"}}' for value in values) + "]"


@pytest.mark.parametrize(
    ("kind", "options"), [("csv", {}), ("csv", TIMESTAMP), ("json", TIMESTAMP)]
)
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (ZONED, [datetime(2024, 1, 2, 1, 4, 5), datetime(2024, 1, 2, 3, 4, 5)]),
        (NAIVE, [datetime(2024, 1, 2, 3, 4, 5), datetime(2024, 1, 2, 3, 4, 6)]),
    ],
)
def test_all_alike(converter, kind, options, values, expected):
    assert converter.columns(text(kind, values), **options)["at"] == expected


@pytest.mark.parametrize("naive", [NAIVE[0], "2024-01-02"])
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_mixture(converter, kind, naive):
    one, two = text(kind, [ZONED[0]]), text(kind, [naive])
    for files in ([text(kind, [ZONED[0], naive])], [one, two]):
        words = refusal(converter, *files, **TIMESTAMP)
        assert f"({ZONED[0]} in 0.bin), and others do not ({naive} in " in words
        assert converter.columns(*files)["at"] == [ZONED[0], naive], "undeclared, it stays text"
    batches = [[raw(converter.file(data, str(n)), str(n))] for n, data in enumerate((one, two))]
    with pytest.raises(DiffusionError, match=r"\(batch part-0\), and others do not \(batch part-1"):
        converter.combined(batches, **TIMESTAMP)


def test_values_that_cannot_be_read_state_nothing(converter):
    found = converter.columns(text("csv", [ZONED[0], "", "inconnu"]), **TIMESTAMP)
    assert found["at"] == [datetime(2024, 1, 2, 1, 4, 5), None, None]
    assert "zones" not in converter.notes()
