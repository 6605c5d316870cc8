"""Names that come again below, at each page or where files were put together, are no rows."""

import pytest

from conversions import given

NAMES = [["code", "2020", "", "2021"], ["", "H", "F", "H"]]
ROWS = [["01", 1, 2, 3], ["02", 4, 5, 6], ["03", 7, 8, 9]]


@pytest.mark.parametrize("gap", [[], [[]]])
@pytest.mark.parametrize(("header", "names"), [([1, 2], NAMES), (1, [["code", "a", "b", "c"]])])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_names_that_come_again_are_left_out(converter, kind, header, names, gap):
    rows = [*names, *ROWS, *gap, *names, *ROWS[:2], *names, *ROWS[2:]]
    found = converter.table(given(kind, rows), **{kind: {"header": header}})
    assert [[str(cell) for cell in row.values()] for row in found.to_pylist()] == [
        [str(cell) for cell in row] for row in [*ROWS, *ROWS]
    ]
    assert f"{2 * len(names)} rows repeat the names" in str(converter.notes()["notes"])
