"""Text that was damaged before its file was made is told, with examples and the count."""

import json

import pytest

from conversions import raw
from diffusion.run.notes import notes

LOST, TWICE = "Ch\ufffdteau", "RhÃ´ne"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([LOST, LOST, "Paris"], f"2 values have U+FFFD .* as `{LOST}`"),
        ([TWICE, "Ã‰tampes", "lâ€™eau"], "3 values look like UTF-8 .*`RhÃ´ne`, `lâ€™eau`, `Ã‰t"),
        (["NÃO", "AMANHÃ", "MANHÃ…", "Âge", "Â", "Île", "5 €", "l’eau"], ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_damage_is_told(converter, kind, values, words):
    rows = [{"nom": value, "v": number} for number, value in enumerate(values)]
    text = "nom;v\n" + "".join(f"{row['nom']};{row['v']}\n" for row in rows)
    table = converter.table(text if kind == "csv" else json.dumps(rows))
    assert set(table["nom"].to_pylist()) == set(values), "it is told, and never changed"
    told = [line for line in notes("t", converter.notes()) if line.startswith("!")]
    assert len(told) == (words != "")
    for line in told:
        before, after = words.split(" .*")
        assert line.startswith(f"! t.nom: {before}") and after in line


def test_batches_add_up(converter, tmp_path):
    paths = [tmp_path / f"{number}.csv" for number in range(2)]
    for number, path in enumerate(paths):
        path.write_text(f"nom;v\n{LOST};{number}\nb{LOST};{number}\n")
    converter.combined([[raw(path, path.stem)] for path in paths])
    found = {"lost": 4, "twice": 0, "examples": [LOST, f"b{LOST}"]}
    assert converter.notes()["damaged"] == {"nom": found}
