"""Rows of SDMX in several units or powers of ten: whoever adds them up is told."""

import pytest

HEADER = "FREQ,REF_AREA,UNIT_MULT,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE\n"
MIXED = HEADER + "A,FR,3,EUR,2024,1500\nA,DE,6,EUR,2024,2\nA,IT,6,PC,2024,3\nA,ES,,,2024,\n"
SAME = HEADER + "A,FR,3,EUR,2024,1500\nA,DE,3,EUR,2024,2\nA,ES,,,2024,\n"  # the last has no value
JSON = """[{"UNIT_MULT": "0", "OBS_VALUE": 1}, {"UNIT_MULT": "3", "OBS_VALUE": 1},
{"UNIT_MULT": null, "OBS_VALUE": 4}]"""


def test_both_are_told_with_their_values(converter):
    converter.convert(MIXED)
    power, unit = converter.notes()["alerts"]
    assert power == (
        "`UNIT_MULT` is not the same in all rows (`6` in 2, `3` in 1): `OBS_VALUE` has to be "
        "multiplied by 10 to the power of it before values are added or compared"
    )
    assert unit.startswith("`UNIT_MEASURE` is not the same in all rows (`EUR` in 2, `PC` in 1)")


def test_of_json_and_of_labels(converter):
    converter.convert(JSON)
    (told,) = converter.notes()["alerts"]
    assert "(not stated in 1, `0` in 1, `3` in 1)" in told
    labels = MIXED.replace("UNIT_MULT", "UNIT_MULT: Multiplier").replace(",3,", ",3: Thousands,")
    converter.convert(labels, columns={"value": {"type": "float", "from": "OBS_VALUE"}})
    told = converter.notes()["alerts"][0]
    assert told.startswith("`UNIT_MULT: Multiplier`") and "`3: Thousands` in 1" in told
    assert "`value` has to be multiplied" in told


@pytest.mark.parametrize("text", [SAME, MIXED.replace("OBS_VALUE", "v")])
def test_nothing_is_told_of_one_unit(converter, text):
    converter.convert(text)
    assert "alerts" not in converter.notes()


def test_a_multiplier_that_is_left_out_is_told(converter):
    converter.convert(SAME, drop=["UNIT_MULT"])
    assert "`UNIT_MULT` is left out: unless it is 0 in all rows, `OBS_VALUE`" in str(
        converter.notes()["notes"]
    )
    converter.convert(SAME, drop=["UNIT_MULT", "OBS_VALUE"])
    assert "is left out" not in str(converter.notes().get("notes"))
