"""Names that look alike are one name: Unicode's two forms of an accent, in files of every kind."""

import datetime
import io
import json
import unicodedata

import geopandas
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely import Point

from conversions import refusal, source_of
from diffusion.config.resolve import ConfigError
from diffusion.errors import DiffusionError

COMPOSED, APART = (unicodedata.normalize(form, "année") for form in ("NFC", "NFD"))


def write(folder, kind: str, *names: str):
    """Write a row of whole numbers, 1 and so on."""
    values = {name: [number] for number, name in enumerate(names, 1)}
    path = folder / f"raw.{kind}"
    if kind == "csv":
        rows = [values.keys(), ([str(value)] for [value] in values.values())]
        path.write_text(";".join(rows[0]) + "\n" + ";".join(v for [v] in rows[1]) + "\n")
    elif kind == "json":
        record = {name: value for name, [value] in values.items()}
        path.write_text(json.dumps([record], ensure_ascii=False))
    elif kind == "parquet":
        pq.write_table(pa.table(values), path)
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(list(values))
        book.active.append([value for [value] in values.values()])
        book.save(path)
    else:
        geopandas.GeoDataFrame(values, geometry=[Point(2, 48)], crs=4326).to_file(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "json", "parquet", "xlsx", "geojson"])
def test_one_form_of_a_name(converter, kind):
    path = write(converter.folder, kind, APART, "b")
    for options in ({}, {"columns": {COMPOSED: "int"}}, {"drop": [COMPOSED]}):
        found = converter.columns(path, **options)
        assert found.get(COMPOSED) == (None if "drop" in options else [1])
        assert found["b"] == [2]
        assert APART not in found
        assert f"are read in NFC: `{COMPOSED}`" in converter.notes()["notes"][0]
    words = refusal(converter, write(converter.folder, kind, COMPOSED, APART))
    assert f"columns of one name: {COMPOSED}" in words


def test_files_are_put_together_by_it(converter):
    found = converter.columns(f"{APART};b\n1;2\n", f"{COMPOSED};b\n3;4\n")
    assert found == {COMPOSED: [1, 3], "b": [2, 4]}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ligne_x000D_\ndeux", "ligne\r\ndeux"),
        ("_x005F_x000D_", "_x000D_"),
        ("_x00E9_t_x00E9_", "été"),
        ("a_x_b_x12_", "a_x_b_x12_"),
    ],
)
def test_characters_that_xml_has_not(converter, value, text):
    book = openpyxl.Workbook()
    for row in (["code", "nom"], ["01", value]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    assert converter.columns(file.getvalue())["nom"] == [text]


def test_names_of_the_configuration_are_composed(converter):
    """Values stay as they are written: those of the data do."""
    data = f"{APART};n;b\n01;1;{APART}\n02;2;x\n"
    keys = {"columns": {APART: "int"}, "sort_by": [APART], "checks": {"unique": [APART]}}
    assert converter.columns(data, **keys)[COMPOSED] == [1, 2]
    spec = {"an": {"type": "int", "from": APART}, "b": {"nulls": [APART]}}
    assert sorted(map(str, converter.columns(data, columns=spec)["b"])) == ["None", "x"]
    with pytest.raises(DiffusionError, match="differ only in how their accents"):
        source_of(columns={APART: "int", COMPOSED: "int"})


def test_names_with_dots_are_composed(converter):
    name = {form: unicodedata.normalize(form, "taux.année") for form in ("NFC", "NFD")}
    columns, checks = {name["NFD"]: "float"}, {"range": {name["NFD"]: [0, 5]}}
    found = converter.columns(f"{name['NFC']};b\n1;2\n", columns=columns, checks=checks)
    assert found == {name["NFC"]: [1.0], "b": [2]}


SPELLED = '"Libellé\nde la commune";codeInsee;Part (%);N° œuvre\nAin;01001;5;7\nTotal;;5;7\n'


def test_names_in_snake_case(converter):
    keys = {"names": "snake", "where": "libelle_de_la_commune <> 'Total'"}
    found = converter.columns(
        SPELLED, columns={"part": {"type": "int", "from": "part_pct"}}, **keys
    )
    assert found == {
        "part": [5], "libelle_de_la_commune": ["Ain"], "code_insee": ["01001"], "n_oeuvre": [7],
    }  # fmt: skip
    book = openpyxl.Workbook()
    for row in (["Année 1", "Né le"], [2020, datetime.date(2024, 2, 29)]):
        book.active.append(row)
    book.save(file := io.BytesIO())
    born = {"ne_le": {"type": "date", "format": "%d/%m/%Y"}}
    found = converter.columns(file.getvalue(), columns=born, names="snake")
    assert found == {"ne_le": [datetime.date(2024, 2, 29)], "annee_1": [2020]}
    words = refusal(converter, "Nom;NOM (€);nom_eur\n1;2;3\n", names="snake")
    assert "`NOM (€)` and `nom_eur` are both `nom_eur` in snake_case" in words
    assert "`*` has no letter" in refusal(converter, "a;*\n1;2\n", names="snake", csv={"header": 1})
    with pytest.raises(ConfigError, match=r"sources\.t\.names: has no effect"):
        source_of(names="snake", format="json")
