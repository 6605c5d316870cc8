"""What the results of checks mean for what is said of a table."""

import pytest

from diffusion.check.outcome import exactly_counted

FACTS = {"rows": 200_000, "missing": {"code": 1}}


@pytest.mark.parametrize(
    ("check", "column", "passed", "told"),
    [
        ("unique", "code", True, {"distinct": 199_999, "min": "a"}),
        ("unique", "code", False, {"distinct": 198_000, "min": "a", "approximate": True}),
        ("unique", "code, year", True, {"distinct": 198_000, "min": "a", "approximate": True}),
        ("not_null", "code", True, {"distinct": 198_000, "min": "a", "approximate": True}),
    ],
)
def test_what_is_unique_is_not_estimated(check, column, passed, told):
    """A page would say 198,000 different codes, and below that none of 200,000 is repeated."""
    values = {"code": {"distinct": 198_000, "min": "a", "approximate": True}, "n": {"distinct": 2}}
    results = {"results": [{"check": check, "column": column, "passed": passed, "failed": 0}]}
    found = exactly_counted(FACTS | {"values": values}, results)
    assert found["values"] == {"code": told, "n": {"distinct": 2}}
    assert values["code"]["distinct"] == 198_000


def test_a_table_of_which_no_value_is_known_stays_so():
    assert exactly_counted(FACTS, {"results": []}) == FACTS
