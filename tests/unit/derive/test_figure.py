"""What stands below a figure: whom to credit, and under which licences."""

import pytest

from diffusion.config.parts import Credit
from diffusion.derive.figure import _left, credits_of
from diffusion.derive.inputs import PublishedTable

LO, ODBL = "Licence Ouverte 2.0", "ODbL 1.0"


def table(*lines: str, **licences: str) -> PublishedTable:
    receipt = {"name": "t", "url": ".", "objects": [], "private": True, "credits": list(lines)}
    return PublishedTable(receipt | {"licence": LO, "licences": licences}, None)


@pytest.mark.parametrize(
    ("tables", "own", "words"),
    [
        ([table(f"ADEME — {LO}")], "", f"Source : ADEME — {LO}"),
        (
            [table(f"ADEME — {LO}"), table(f"OSM — {ODBL}", a=ODBL)],
            "",
            f"Sources : ADEME — {LO} ; OSM — {ODBL}",
        ),
        ([table(LO)], "", f"Licence : {LO}"),
        ([table(LO), table(ODBL, a=ODBL)], "", f"Licences : {LO} ; {ODBL}"),
        (
            [table(f"ADEME — {LO}"), table(ODBL, a=ODBL)],
            "",
            f"Source : ADEME — {LO}. Licence : {ODBL}",
        ),
        ([table(f"ADEME — {LO}"), table(LO)], "", f"Source : ADEME — {LO}"),
        ([table(LO)], "Us, 2024", f"Source : Us, 2024. Licence : {LO}"),
        ([table()], "", ""),
    ],
)
def test_a_licence_is_no_source(tables, own, words):
    inputs = {str(n): one for n, one in enumerate(tables)}
    assert credits_of(inputs, Credit(attribution=own)) == words


@pytest.mark.parametrize(
    ("places", "left"),
    [([], 0.01), ([(0.035, "left"), (0.5, "center")], 0.035), ([(0.3, "left")], 0.01)],
)
def test_credits_begin_where_the_small_print_does(places, left):
    from matplotlib.figure import Figure

    figure = Figure()
    for x, side in places:
        figure.text(x, 0.1, "Champ : communes", ha=side)
    assert _left(figure) == left
