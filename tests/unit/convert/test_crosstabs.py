"""A pivot table has years for names, and no name above its labels."""

import pytest

from conversions import Converter, given, refusal


@pytest.fixture
def converter(tmp_path):
    return Converter(tmp_path)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("labels", [("Ain", "Aisne"), ("01", "02"), ("2A", "971")])
def test_labels_without_a_name(converter, kind, labels):
    rows = [["", "2019", "2020"], [labels[0], 1.5, 2], [labels[1], 3, 4]]
    found = converter.columns(given(kind, rows))
    assert found == {"c1": list(labels), "2019": [1.5, 3.0], "2020": [2, 4]}


DOUBTFUL = {
    "years below": [["", "2019", "2020"], ["A", "2018", "2021"], ["B", "2017", "2022"]],
    "no label": [["", "2019", "2020"], ["", "1", "2"], ["B", "3", "4"]],
    "no years": [["", "17", "23"], ["A", "1", "2"], ["B", "3", "4"]],
    "one year twice": [["", "2019", "2019"], ["A", "1", "2"], ["B", "3", "4"]],
}


@pytest.mark.parametrize("rows", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_may_be_data_is_in_doubt(converter, rows):
    assert "names" in refusal(converter, given("csv", rows))
