"""Names that look alike are one name: Unicode's two forms of an accent, in files of every kind."""

import datetime
import io
import json
import re
import unicodedata
import zipfile

import geopandas
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from shapely import Point

from conversions import refusal, shared, source_of
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
    assert converter.columns(shared(file.getvalue()))["nom"] == [text]


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
        source_of(names="snake", format="sav")


NESTED = [
    {"codeInsee": "01001", "Libellé": "Ain", "monObjet": {"laClé": 1}, "unAutre": {"X Y": 2.5}},
    {"codeInsee": "2A004", "Libellé": None, "monObjet": None, "unAutre": {"X Y": 3.5}},
]
KEYS = {
    "names": "snake",
    "columns": {"code": {"from": "code_insee", "type": "string"}, "mon_objet": "json"},
    "where": "code_insee <> '03001'",
}
SPELT = {
    "code": ["01001", "2A004"],
    "mon_objet": ['{"laClé":1}', None],
    "libelle": ["Ain", None],
    "un_autre_x_y": [2.5, 3.5],
}


@pytest.mark.parametrize("form", ["json", "ndjson", "parquet"])
def test_names_of_json_and_parquet_in_snake_case(converter, form: str):
    """What is declared of a column counts as it is read: an object stays JSON by its new name."""
    rows = [*NESTED, NESTED[0] | {"codeInsee": "03001"}]
    text = json.dumps(rows) if form == "json" else "\n".join(map(json.dumps, rows))
    data, found = text.encode(), SPELT
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), out := io.BytesIO())
        data = out.getvalue()
        found = {n: v for n, v in SPELT.items() if n != "un_autre_x_y"}
        found |= {"un_autre": [{"X Y": 2.5}, {"X Y": 3.5}]}
    assert converter.columns(data, **KEYS) == found
    drop = KEYS | {"drop": ["libelle", *(["un_autre"] if form == "parquet" else ["un_autre_x_y"])]}
    assert [*converter.columns(data, **drop)] == ["code", "mon_objet"]


def test_many_files_of_parquet_in_snake_case(converter):
    """Each file has names of its own, which become one."""
    files = []
    for name in ("Code Insee", "codeInsee"):
        pq.write_table(pa.table({name: ["01"], "Pop 2020": [1]}), out := io.BytesIO())
        files.append(out.getvalue())
    found = converter.columns(*files, names="snake")
    assert found == {"code_insee": ["01", "01"], "pop_2020": [1, 1]}


def test_what_snake_case_makes_of_digits(converter):
    assert converter.columns("2020 Pop;a\n1;2\n", names="snake") == {"2020_pop": [1], "a": [2]}


@pytest.mark.parametrize("data", ['[{"nomA": 1, "nom_a": 2}]', b"parquet"])
def test_two_names_that_become_one_are_refused(converter, data):
    if data == b"parquet":
        pq.write_table(pa.table({"nomA": [1], "nom_a": [2]}), out := io.BytesIO())
        data = out.getvalue()
    assert "`nomA` and `nom_a` are both `nom_a` in snake_case" in refusal(
        converter, data, names="snake"
    )


@pytest.mark.parametrize(
    "kind", ["geojson", "gpkg", "fgb", "shp.zip", "parquet", "mif", "esrijson"]
)
def test_names_of_layers_in_snake_case(converter, kind: str):
    """By the new names a text is kept as it is written, and a column is left out."""
    names = {"codeInsee": ["01001"], "dateMaj": ["2020/01/02"], "N° œuv": [7], "autreNom": ["x"]}
    if kind == "shp.zip":
        names = {name[:10]: values for name, values in names.items()}
    frame = geopandas.GeoDataFrame(names, geometry=[Point(2, 48)], crs=4326)
    path = converter.folder / f"raw.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind == "mif":
        frame = frame.rename(columns={"N° œuv": "nOeuv"})
        frame.to_file(path, driver="MapInfo File", encoding="UTF-8")
        with zipfile.ZipFile(path := converter.folder / "raw.zip", "w") as archive:
            for part in ("mif", "mid"):
                archive.write(converter.folder / f"raw.{part}", f"raw.{part}")
    elif kind == "esrijson":
        values = {name: values[0] for name, values in names.items()}
        feature = {"attributes": values, "geometry": {"x": 2, "y": 48}}
        fields = [{"name": n, "type": "esriFieldTypeString"} for n in values if n != "N° œuv"]
        fields.append({"name": "N° œuv", "type": "esriFieldTypeInteger"})
        about = {"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326}}
        path.write_text(json.dumps({**about, "fields": fields, "features": [feature]}))
    else:
        frame.to_file(path, encoding="UTF-8")
    columns = {"date": {"from": "date_maj", "type": "string"}, "code_insee": "string"}
    keys = {"names": "snake", "columns": columns, "drop": ["autre_nom"]}
    table = converter.table(path, **keys)
    found = {name: table[name].to_pylist() for name in table.column_names[:-2]}
    assert found == {"date": ["2020/01/02"], "code_insee": ["01001"], "n_oeuv": [7]}
    assert table.column_names[-2:] == ["geometry", "bbox"]


def test_what_other_formats_have_is_said(converter):
    path = converter.file("<r><a_b>1</a_b><a_b>2</a_b></r>")
    words = refusal(converter, path, records="r.a_b", names="snake")
    assert "names: has no effect: the data are xml" in words


def test_names_proposed_are_texts_in_yaml(converter):
    said = refusal(converter, "code;2020;2020\n01;x;a\n02;y;b\n")
    assert 'csv: {names: [code, "2020", "2020_2"]}' in said
    names = yaml.safe_load(said.partition("names: ")[2].partition("}")[0])
    made = converter.columns("code;2020;2020\n01;x;a\n02;y;b\n", csv={"names": names})
    assert list(made) == ["code", "2020", "2020_2"]


def test_quotes_with_a_blank_before_them_are_none_of_the_name(converter):
    made = converter.columns('"code", "nom", "pop"\n"01001", "Paris, c", 12\n"01002", "Lyon", 13\n')
    assert list(made) == ["code", "nom", "pop"]
    assert made["nom"] == ["Paris, c", "Lyon"]


def test_the_delimiter_of_hive_is_named(converter):
    data = "a\x01b\n1\x01x\n2\x01y\n"
    assert r'csv: {delimiter: "\x01"}' in refusal(converter, data)
    assert converter.columns(data, csv={"delimiter": "\x01"}) == {"a": [1, 2], "b": ["x", "y"]}


def test_a_blank_line_below_names_of_which_the_first_is_empty(converter):
    """As SAP exports a list."""
    made = converter.columns("\tPièce\tMontant\n\n\t100001\t12\n\t100002\t13\n")
    assert made["Montant"] == [12, 13]


@pytest.mark.parametrize("name", ["code\u00a0insee", "\u200bcode insee", "code\u202finsee"])
def test_a_name_that_only_looks_like_a_declared_one(converter, name):
    """Both were shown alike, and nothing said how to name the one that is there."""
    text = f"{name};v\n01001;1\n01002;2\n"
    words = refusal(converter, text, columns={"code insee": "string"})
    assert "one that only looks so" in words and ascii(name) in words
    fix = yaml.safe_load(re.search("`(columns: .*?)`; or", words)[1])
    assert converter.columns(text, **fix)["code insee"] == ["01001", "01002"]
    converter.convert(text)
    assert "blanks of another kind (U+00A0)" in str(converter.notes()["notes"])
    assert converter.columns(text, names="snake")["code_insee"] == ["01001", "01002"]
