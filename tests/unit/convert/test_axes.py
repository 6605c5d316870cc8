"""A column of the data that has the name of an axis says the same, or it is told."""

import pyarrow.parquet as pq
import pytest

from conversions import raw, source_of
from diffusion.convert.stages import convert_table
from diffusion.errors import DiffusionError


@pytest.fixture
def published(converter):
    """Convert files by the value of their axis."""

    def convert(axis: str, files: dict[str, str], **keys: object) -> list[dict]:
        items = [
            raw(converter.file(text, f"{value}.csv"), f"{axis}={value}", **{axis: value})
            for value, text in files.items()
        ]
        keys = {"url": f"data/{{{axis}}}.csv", "partitions": {axis: [*files]}, **keys}
        convert_table("t", source_of(**keys), items, converter.target, converter.limits())
        return pq.read_table(converter.target).to_pylist()

    return convert


YEARS = {"2020": "a;year\nx;2019\n", "2021": "a;year\ny;2021\n"}
CODES = {"01": "dep;v\n1;1\n", "12": "dep;v\n12;2\n"}


def test_the_file_of_another_year(published):
    with pytest.raises(DiffusionError) as refused:
        published("year", YEARS)
    said = str(refused.value)
    assert "2020.csv: is of the partition `year=2020`, and has `year` = '2019'" in said
    assert "call the axis otherwise, such as `asked_year`, under `partitions`" in said
    assert published("asked_year", YEARS)[0] == {"a": "x", "year": 2019, "asked_year": "2020"}
    assert published("year", YEARS, columns={"annee": {"from": "year"}})[0]["annee"] == "2019"


def test_codes_that_lost_their_zeros(published):
    with pytest.raises(DiffusionError, match="has lost the zeros of `dep`: '1'") as refused:
        published("dep", CODES)
    assert "`columns: {dep: {type: string, pad: 2}}`" in str(refused.value)
    found = published("dep", CODES, columns={"dep": {"type": "string", "pad": 2}})
    assert [row["dep"] for row in found] == ["01", "12"]
    assert [row["dep"] for row in published("dep", CODES, columns={"dep": "int"})] == [1, 12]


@pytest.mark.parametrize("same", ["2024-01-01", "2024-01", "2024-01-31 10:00:00", ""])
def test_what_says_the_same(published, converter, same):
    found = published("month", {"2024-01": f"a;month\nx;{same}\nx;\n"}, columns={"month": "string"})
    assert found[0]["month"] == (same or None)
    assert not converter.notes().get("notes")


def test_names_beside_codes(published, converter):
    assert published("region", {"84": "region;v\nAura;1\n"}) == [{"region": "Aura", "v": 1}]
    assert "`region` is a column of the data, such as `Aura`: the axis `region` is none" in str(
        converter.notes()["notes"]
    )
