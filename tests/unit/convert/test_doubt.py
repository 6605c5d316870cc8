"""Text in doubt: refused with the rows and the readings, each of which then reads right."""

import csv
import datetime
import io
import json
import re
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from conversions import raw, refusal
from diffusion.convert import completeness, typed_rows
from diffusion.errors import DiffusionError
from diffusion.run.notes import notes

PLAIN = {"code": ["01", "02"], "pop": [1, 2]}


DOUBTS = {
    "a title": ("Population 2021\ncode;pop\n01;1\n02;2\n", "line 1 is no header"),
    "a padded title": ("Population 2021;\n;\ncode;pop\n01;1\n02;2\n", "line 1 looks like a title"),
    "a padded title above years": (
        "Population;;\ncode;2020;2021\n01;1;2\n", "line 1 looks like a title",
    ),
    "no header": ("Paris;1.5;x\nLyon;2.5;y\n", "line 1 looks like data"),
    "no header, a dump": ("01\tAin\t\\N\n02\tAisne\t5\n03\tVar\t6\n", "line 1 looks like data"),
    "no header, a token": ("01;Ain;nd\n02;Aisne;5\n03;Var;6\n", "line 1 looks like data"),
    "no header, dates": ("Paris;2024-01-31\nLyon;2024-02-01\n", "line 1 looks like data"),
    "no header, words": ("Ain;x\nAisne;x\nAin;y\n", "line 1 looks like data"),
    "a footnote": ("code\tnom, prénom\n01\t1,5\n02\t2,5\n03\t3,5\nSource: A, B\n", "several ways"),
    "no header, codes": ("2A004;Ajaccio\n2A006;Alata\n2B033;Bastia\n", "line 1 looks like data"),
    "a preamble": (
        "Source,WDI,\n\nCountry,Code,2019,2020,\nFrance,FRA,1,2,\nAruba,ABW,1,2,\n",
        "those from line 3 on are cut alike",
    ),
    "comments": ("# Licence Ouverte\n# 2024\ncode;pop\n01;1\n02;2\n", "line 1 is no header"),
    "two headers": (
        "Code;Population\ncode;pop\n01;1\n02;2\n02;2\n", "line 1 and line 2 both look like names",
    ),
    "units": ("code;pop\n;hab.\n01;1\n02;2\n02;2\n", "line 1 and line 2 both look like names"),
    "merged names": ("Zone;;\ncode;nom;2020\n01;x;2\n", "line 1 looks like a title"),
    "numbers": ("01;1\n02;2\n", "line 1 looks like data"),
    "two delimiters": ("code;pop, 2021\n01;1,5\n02;2,0\n", "can be cut in several ways"),
    "blanks": ("code pop\n01 1\n02 2\n", "can be cut in several ways"),
    "no delimiter": ("code;pop\n01;1;x\n02;2;y;z\n", "no delimiter cuts its lines alike"),
    "a narrow header": ("code;pop\na;01;1\nb;02;2\n", "the lines below have 3"),
}  # fmt: skip


@pytest.mark.parametrize("doubt", DOUBTS)
def test_doubt_is_an_error_with_the_rows(converter, doubt):
    text, words = DOUBTS[doubt]
    said = refusal(converter, text)
    assert words in said
    assert "line 1: " + text.split("\n")[0] in said
    assert "`csv: {" in said


@pytest.mark.parametrize("doubt", ["a title", "a padded title", "comments", "two headers", "units"])
def test_the_reading_that_is_said_reads_right(converter, doubt):
    text, _ = DOUBTS[doubt]
    said = refusal(converter, text)
    *_, keys = re.findall(r"(?m)`(csv: \{.*\})` gives the columns code · pop$", said)
    read = converter.columns(text, **yaml.safe_load(keys))
    assert {name: values[:2] for name, values in read.items()} == PLAIN


@pytest.mark.parametrize(
    ("text", "sign"),
    [("code;pop\na;01;1\nb;02;2\n", ";"), ('"code" "pop"\n"a" "01" 1\n"b" "02" 2\n', " ")],
)
def test_names_of_rows_as_r_writes_them(converter, text, sign):
    said = refusal(converter, text)
    if sign == " ":
        assert "are cut by no usual delimiter" in said
        said = refusal(converter, text, csv={"delimiter": sign})
    (keys,) = re.findall(r"`(csv: \{.*\})` gives the columns c1 · code · pop", said)
    assert converter.columns(text, **yaml.safe_load(keys)) == {"c1": ["a", "b"]} | PLAIN


@pytest.mark.parametrize(
    "text",
    [  # INSEE's BDM, and ONS
        '"Libellé";"Taux";"Codes"\n"idBank";"001688526";""\n"Mise à jour";"14/02/2024 12:00";""\n'
        '"Période";"";""\n"2023-T4";"7.3";"A"\n"2023-T3";"7.2";"A"\n"2023-T2";"7.2";"A"\n',
        '"Libellé","Taux"\n"CDID","L522"\n"PreUnit",""\n"Unit","Index, base year = 100"\n'
        '"Release date","20-03-2024"\n"Notes",\n"1988","7.3"\n"1989 Q1","7.2"\n"1989 JAN","7.2"\n',
    ],
)
def test_facts_of_a_series_above_its_values(converter, text):
    words = refusal(converter, text)
    assert "both look like names" in words
    [keys] = re.findall(r"(?m)`(csv: \{.*names.*\})` gives the columns Libellé · Taux", words)
    assert converter.columns(text, **yaml.safe_load(keys))["Taux"] == [7.3, 7.2, 7.2]


def test_a_file_without_header_is_read_as_stated(converter):
    said = refusal(converter, "01;1\n02;2\n")
    assert '`csv: {"delimiter": ";", "header": 0}` gives the columns c1 · c2' in said.replace(
        "delimiter:", '"delimiter":'
    ).replace("header:", '"header":')
    read = converter.columns("01;1\n02;2\n", csv={"header": 0, "names": ["code", "pop"]})
    assert read == PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "code;pop\r\n01;1\n02;2\r\n",  # files of two systems put together
        "code;pop\n01;1\n\ufeffcode;pop\n02;2\n",  # with their marks and headers
        "code;pop\ncode;pop\n01;1\n02;2\n",
        "code;pop\r\n01;1\r\n02;2\r\n\x1a",  # DOS's end of file
        'code;"pop"\n01;1\n02;2\n\x1a',
        "\n;\ncode;pop\n01;1\n02;2\n",  # blank rows above the header
        "sep=;\ncode;pop\n01;1\n02;2\n",  # Excel's own first line
        '"code";pop\n\n01;1\n02;2\n\n',
        "code;pop\r01;1\r02;2\r",
        "\n\n01;1\n\n\n02;2\n\n".replace("\n", "\r\n").replace("\r\n", "code;pop\r\n", 1),
    ],
)
def test_oddities_that_are_certain_are_read(converter, text):
    assert converter.columns(text) == PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "geo;2019;2020\nFR10;12;15\nFR20;3;4\n",  # years above numbers
        "age;0.1;0.5\n10;1.5;2.5\n20;2.5;3.5\n",  # decimals above decimals, beside a name
        "nom;jour\nA;2024-01-31\nB;2024-02-01\n",
        'date;nom, prénom;"a;b"\n2024-01-31;1,5;"c;d"\n2024-01-31;2,5;"e\n;f"\n',
        "mot\nmot\nautre\n",  # a word may be its column's name
        "date;01;2A;2B\n2024;1;2;3\n2025;1;2;3\n",  # codes above numbers
    ],
)
def test_ordinary_headers_are_no_doubt(converter, text):
    names = next(csv.reader([text.split("\n")[0]], delimiter=";"))
    assert list(converter.columns(text)) == names


def test_blank_lines_are_no_rows_of_one_column(converter):
    """Neither counted against a row that is lost, nor published as rows without values."""
    assert converter.columns('v\n1\n\n""\n2\n\n') == {"v": [1, None, 2]}


def test_a_mark_before_a_name_with_a_line_break(converter):
    """DuckDB does not see the quote after the mark; a blank line hid the row it then made up."""
    text = '\ufeff"Nom\nde la commune";pop\nAin;1\n\nAisne;2\n'
    wanted = {"Nom\nde la commune": ["Ain", "Aisne"], "pop": [1, 2]}
    assert converter.columns(text) == wanted


def test_a_declared_delimiter_that_no_row_has(converter):
    text = "code,nom\n01,Ain\n02,Aisne\n"
    said = refusal(converter, text, csv={"delimiter": ";"})
    assert '`csv: {delimiter: ","}` gives the columns code · nom' in said
    decimals = refusal(converter, "code;part\n01;1,5\n02;2,5\n", csv={"delimiter": ","})
    assert '`csv: {delimiter: ";"}` gives the columns code · part' in decimals
    alone = converter.columns(text, csv={"delimiter": "none"})
    assert alone == {"code,nom": ["01,Ain", "02,Aisne"]}


def test_numbers_with_commas_are_told(converter):
    converter.convert("code;taux;prix\n01;1,5;2\n02;2;3\n")
    assert converter.notes()["decimal_commas"] == ["taux"]
    converter.convert("code;taux\n01;1,5\n02;2\n", csv={"decimal": ","})
    assert "decimal_commas" not in converter.notes()


def test_names_behind_a_sign_of_comments(converter):
    """As `numpy.savetxt` writes them; none of the remedies makes a row the names."""
    rows = "1;2.5;x\n2;3.5;y\n"
    remedies = re.findall(r"`csv: ({.*?})` gives", refusal(converter, f"# id;v;z\n{rows}"))
    found = [converter.columns(f"# id;v;z\n{rows}", csv=yaml.safe_load(r)) for r in remedies]
    assert [list(table) for table in found] == [["id", "v", "z"], ["# id", "v", "z"]]
    assert all(table["v"] == [2.5, 3.5] for table in found)
    assert list(converter.columns("% H;% F\n10;90\n20;80\n")) == ["% H", "% F"]


def test_commas_that_may_stand_between_thousands_have_no_remedy(converter):
    """`csv: {decimal: ","}` would make 1.234 of them."""
    converter.convert('dep,pop\n01,"1,234"\n02,"12,345"\n')
    assert "decimal_commas" not in converter.notes()


@pytest.mark.parametrize("decimal", [".", ","])
def test_numbers_that_may_be_something_else_are_told(converter, decimal):
    """Each remedy gives a table in which nothing is text."""
    text = "k;mois;pop\na;2024.1;1.234\nb;2024.10;987\nc;2024.2;12.345\n"
    csv = {"delimiter": ";", "decimal": decimal}
    converter.convert(text.replace(".", decimal), csv=csv)
    months, thousands = converter.notes()["notes"]
    shown = f"`2024{decimal}10` ends in a 0, and others have one digit behind the `{decimal}`"
    assert shown in months
    assert f"`1{decimal}234`, beside `987`, may be a thousand" in thousands
    found = []
    for note in (months, thousands):
        for remedy in re.findall(r"`columns: ({.*?}+)`", note):
            columns = {"mois": "string", "pop": "string", **yaml.safe_load(remedy)}
            found.append(converter.columns(text.replace(".", decimal), csv=csv, columns=columns))
            assert not converter.notes().get("notes")
    assert found[0]["mois"] == [2024.1, 2024.1, 2024.2]
    assert [table["pop"] for table in found[1:]] == [[1234, 987, 12345], [1.234, 987.0, 12.345]]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("version", str), ("Article", str), ("valeur", float), ("version_prix", float)],
)
def test_numbers_of_versions_are_text_by_the_name(converter, name, kind):
    """Whether they are must not depend on the rows of the day: the next one may be 1.110."""
    [first, *_] = converter.columns(f"{name};n\n1.105;1\n1.9;2\n1.21;3\n")[name]
    assert first == kind("1.105")
    assert converter.columns(f"{name};n\n1;1\n2;2\n")[name] == [1, 2]


def test_nanoseconds_are_not_cut_unless_declared(converter):
    """Two moments would be one."""
    text = "k;d;e\na;{0}789;{0}000\nb;{0}999;{0}000\n".format("2024-01-02T10:00:00.123456")
    read = converter.columns(text)
    assert read["d"] == ["2024-01-02T10:00:00.123456789", "2024-01-02T10:00:00.123456999"]
    moment = datetime.datetime(2024, 1, 2, 10, 0, 0, 123456)
    assert read["e"] == [moment] * 2
    [note] = converter.notes()["notes"]
    remedy = re.search(r"declare `columns: (.*?)`", note)[1]
    assert converter.columns(text, columns=yaml.safe_load(remedy))["d"] == [moment] * 2
    assert "notes" not in converter.notes()


@pytest.mark.parametrize("encoding", ["auto", "cp1252"])
def test_two_encodings_in_one_text(converter, encoding):
    text = "nom;v\nÉvreux;1\n".encode() + "Évry;2\n".encode("cp1252")
    said = refusal(converter, text, encoding=encoding)
    assert "mixed encodings: some of the text is UTF-8, line 3 is not" in said


def test_cyrillic_is_no_mixture(converter):
    text = "Привет;мир\nвсем;1\n" * 2
    assert converter.table(text.encode("cp1251"), encoding="cp1251").num_rows == 2
    assert converter.table(text.encode("utf-8-sig"), encoding="utf-8-sig").num_rows == 2


def test_a_lone_quote(converter):
    said = refusal(converter, 'x;y\n1;"eau\n2;b\n')
    (keys,) = re.findall(r"`(csv: \{.*\})`", said)
    read = converter.columns('x;y\n1;"eau\n2;b\n', **yaml.safe_load(keys))
    assert read == {"x": [1, 2], "y": ['"eau', "b"]}


@pytest.mark.parametrize(
    ("text", "keys", "read"),
    [
        ('[{"n": 1e+05}, {"n": 0.1e1}]', {"columns": {"n": "int"}}, {"n": [100000, 1]}),
        ('a, b\n1, "x"\n', {}, {"a": [1], "b": ["x"]}),  # blanks beside quotes
        ('a,b\n1,"x" \n', {}, {"a": [1], "b": ["x"]}),
        ("a;b\n1;x\n2;y\x0b\x1e\u2029", {}, {"a": [1, 2], "b": ["x", "y\x0b\x1e\u2029"]}),
    ],
)
def test_what_readers_write_otherwise_is_no_difference(converter, text, keys, read):
    assert converter.columns(text, **keys) == read


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_line_breaks_in_names_and_titles(converter, end):
    header = f'"Nom\nde la commune";pop{end}Ain;1{end}Aisne;2{end}'
    wanted = {"Nom\nde la commune": ["Ain", "Aisne"], "pop": [1, 2]}
    assert converter.columns(header) == wanted
    title = f'"Titre\nsur deux lignes";{end}'
    assert converter.columns(title + header, csv={"header": 2}) == wanted


def test_each_reading_has_a_header_of_its_own(converter):
    said = refusal(converter, "# note\na|b|c\n1|x|2\n1|z, w|3\n1|z, w|3\n")
    assert '`csv: {delimiter: "|", header: 2}` gives the columns a · b · c' in said
    assert '`csv: {delimiter: ",", header: 4}` gives the columns 1|z · w|3' in said


def test_a_table_below_wider_rows(converter):
    """As INSEE's BDM writes a series; the commas of its numbers cut nothing."""
    text = '"Libellé";"idBank";"Période";""\n"Indice";"001759970";"";""\n"Mois";"Valeur"\n'
    text += '"2024-12";"119,3"\n"2024-11";"119,1"\n'
    said = refusal(converter, text)
    (keys,) = re.findall(r"`(csv: \{.*\})` gives the columns Mois · Valeur$", said)
    assert "header: 4" not in said
    read = converter.columns(text, **yaml.safe_load(keys))
    assert read == {"Mois": ["2024-12", "2024-11"], "Valeur": ["119,3", "119,1"]}


def test_rows_of_several_kinds(converter):
    """As FINESS has them: the rows of one kind can be kept, with their names."""
    text = "finess;95;2025-01-07\nej;010000024;CH DE FLEYRIAT;;\nej;010000032;CH BUGEY;;\n"
    text += "geo;010000024;870269.0;1,ATLASANTE\ngeo;010000032;870262.0;1,ATLASANTE\n"
    said = refusal(converter, text)
    (keys,) = re.findall(r"(?m)`(csv: \{.*\})` gives the columns c1 · c2 · c3 · c4 · c5$", said)
    (where,) = re.findall(r"`where: \"(.*)\"`", said)
    read = converter.columns(text, **yaml.safe_load(keys), where=where)
    assert read["c2"] == ["010000024", "010000032"] and set(read["c1"]) == {"geo"}
    assert "header: 4" not in said


GROUPS = "Code;Inscrits;Panneau;Nom;Voix\n01;100;1;A;10;2;B;20\n02;200;1;A;11"


@pytest.mark.parametrize("end", ["\n", ";2;B;21\n", "\n03;300;1;A;12\n04;400;1;A;13\n"])
def test_names_that_come_again_in_rows(converter, end):
    """As results of elections have them; names of all columns are no remedy before the others."""
    said = refusal(converter, GROUPS + end)
    (keys,) = re.findall(r"`(csv: \{.*repeat: 3\})` gives the columns Code · Inscrits", said)
    read = converter.columns(GROUPS + end, **yaml.safe_load(keys))
    assert read["Voix"][:2] == [10, 11] and read["Nom_2"][0] == "B"
    assert '"none"' not in said and "columns c1" not in said


@pytest.mark.parametrize(
    "text",
    [
        "+----+-----+\n| id | nom |\n+----+-----+\n|  1 | a   |\n|  2 | b   |\n+----+-----+\n",
        "\n| id | nom |\n| --- | :---: |\n| 1 | a |\n| 2 | b |\n",
        " id | nom\n----+-----\n  1 | a\n  2 | b\n(2 rows)\n",
    ],
)
def test_rulers_are_no_rows(converter, text):
    """As mysql, Markdown and psql show a table."""
    said = refusal(converter, text)
    (keys,) = re.findall(r"`(csv: \{.*\})` gives", said)
    drop = re.findall(r"`(drop: \[.*\])`", said)
    found = converter.columns(text, **yaml.safe_load(keys), **yaml.safe_load((drop or ["{}"])[0]))
    assert found == {"id": [1, 2], "nom": ["a", "b"]}


def test_a_small_table_between_lines_of_text(converter):
    text = "Tableau 1 - PIB\nen M€\n\nRég;2020\nA;1\nB;3\n\nNote : a\nSource : b\n"
    table, alone = re.findall(r"`(csv: \{.*\})` gives", refusal(converter, text))
    assert converter.columns(text, **yaml.safe_load(table)) == {"Rég": ["A", "B"], "2020": [1, 3]}
    assert converter.table(text, **yaml.safe_load(alone)).num_rows == 6
    plain = converter.table("avis\nbon\nbien; mais\nlong; et cher\ncher; loin\nbon\nbon\nbon\n")
    assert (plain.column_names, plain.num_rows) == (["avis"], 7)


def test_names_given_for_headers_that_differ(converter):
    files = ["code;pop;surf\n01;1;2\n", "code;surf;pop\n02;20;10\n"]
    inputs = [raw(converter.file(text, f"{n}.bin"), str(n)) for n, text in enumerate(files)]
    with pytest.raises(DiffusionError) as refused:
        converter.combined([inputs], csv={"names": ["code", "pop", "surf"]})
    words = "headers differ: code, pop, surf in 0.bin; code, surf, pop in 1.bin"
    assert words in str(refused.value)
    converter.combined([inputs])  # as the remedy says
    read = pq.read_table(converter.target).to_pydict()
    assert (read["pop"], read["surf"]) == ([1, 10], [2, 20])


def test_rows_are_numbered_as_in_the_file(converter):
    """Below what Excel writes first: the remedy states rows of the file."""
    text = "sep=;\n\nPopulation 2021;\n;\ncode;pop\n01;1\n02;2\n"
    said = refusal(converter, text)
    assert "line 3 looks like a title, not like names [header]:\n  line 3: Population 2021;" in said
    (keys,) = re.findall(r"(?m)`(csv: \{.*\})` gives the columns code · pop$", said)
    assert converter.columns(text, **yaml.safe_load(keys)) == PLAIN


def test_names_that_come_twice_are_given(converter):
    text = "nom;voix;nom;voix\nA;1;B;2\n"
    said = refusal(converter, text)
    assert "columns of one name: nom, voix" in said
    (keys,) = re.findall(r"`(csv: \{names: .*\})`", said)
    read = converter.columns(text, **yaml.safe_load(keys))
    assert read == {"nom": ["A"], "voix": [1], "nom_2": ["B"], "voix_2": [2]}


def parquet(**columns: list) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("batches", [1, 2])
def test_types_that_differ_are_named(converter, batches):
    def convert(*files: bytes, **keys) -> None:
        inputs = [raw(converter.file(data, f"{n}.bin"), str(n)) for n, data in enumerate(files)]
        if batches == 1:
            converter.combined([inputs], **keys)
        else:
            converter.combined([[item] for item in inputs], **keys)

    files = [parquet(id=[9007199254740993], v=[1]), parquet(id=[0.5], v=[None])]
    with pytest.raises(DiffusionError, match=r"`id` is int \(BIGINT\).* and float \(DOUBLE\)"):
        convert(*files)
    convert(*files, columns={"id": "string"})
    read = pq.read_table(converter.target).to_pydict()
    assert read["id"] == ["9007199254740993", "0.5"]
    assert read["v"] == [1, None]


def test_whole_floats_and_long_decimals_as_text(converter):
    long = Decimal("11111111111111111111111111111111111111111111111111")
    data = parquet(code=[1001.0, 2.5], d=pa.array([long, None], pa.decimal256(50)))
    read = converter.columns(data, columns={"code": "string"})
    assert read == {"code": ["1001", "2.5"], "d": [str(long), None]}
    assert converter.columns('[{"code": 1001.0}]', columns={"code": "string"}) == {"code": ["1001"]}


def test_a_nul_is_refused_with_its_line(converter):
    said = refusal(converter, "code;pop\n01;1\n" + "02;2\n" * 20_000 + "03;\x00\n")
    assert "line 20003 has a NUL" in said


def test_rows_that_a_reader_loses_are_missed(converter, monkeypatch):
    """As a reader would that leaves out a row: the count of the bytes says so."""
    rows_by_file = completeness._rows_by_file
    monkeypatch.setattr(
        completeness,
        "_rows_by_file",
        lambda con, raws: {n: c - 1 for n, c in rows_by_file(con, raws).items()},
    )
    monkeypatch.setattr("diffusion.files.lines.Lines.records", property(lambda self: 0))
    said = refusal(converter, "code;pop\n01;1\n02;2\n")
    assert "0.bin: holds 2 records, 1 rows came of them" in said
    assert not converter.target.exists()


ENDS = {
    "csv": 'code;v;"a\nb"\n01;1,5;"é ""q"""\n02;2;\n03;s;"x\ny"\n',
    "ndjson": '{"code": "01", "v": 1.50, "o": {"d": true}}\n\n{"code": "02", "v": 2e1}\n',
    "array": '\ufeff [ {"code": "01", "v": [1], "t": "[{,"}, {"code": "0\\"2", "t": null} ]',
    "records": '{"r": [{"code": "01", "v": 1.0}, {"code": "é", "o": {"x": []}}]}',
    "geojson": '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
    '{"code": "01", "n": null, "d": "2024-01-02"}, "geometry": null}, {"id": 7, "properties": '
    '{"code": "é {", "n": 1.5}, "geometry": {"type": "Point", "coordinates": [2, 48]}, '
    '"type": "Feature"}], "crs": {"type": "name", "properties": {"name": "EPSG:4326"}}}',
}


@pytest.mark.parametrize("form", ENDS)
@pytest.mark.parametrize("place", [0, 1])
def test_first_and_last_records_that_are_read_otherwise(converter, monkeypatch, form, place):
    """As a reader would that takes a value for another one: sorted or not, in a part or not."""
    keys = {"sort_by": ["code"]} | ({"records": "r"} if form == "records" else {})
    files = [converter.file(ENDS[form], "a.bin"), converter.file(ENDS[form], "b.bin")]
    inputs = [raw(file, file.stem) for file in files]
    converter.convert(*files, **keys)
    converter.combined([[each] for each in inputs], **keys)
    open_raw = typed_rows.open_raw

    def changed(*given) -> list:
        tables = open_raw(*given)
        ends = [dict(record) for record in tables[0].held.ends]
        assert len(ends) == 2
        ends[place]["code"] = "99"
        return [replace(tables[0], held=replace(tables[0].held, ends=ends))]

    monkeypatch.setattr(typed_rows, "open_raw", changed)
    converter.target.unlink()
    for convert in (converter.convert, lambda *_, **keys: converter.combined([inputs], **keys)):
        with pytest.raises(DiffusionError) as refused:
            convert(*files, **keys)
        which = ("first", "last")[place]
        assert f"a.bin: its {which} record did not come as it is: " in str(refused.value)
        assert '"code": "99"' in str(refused.value)
        assert not converter.target.exists()


def test_utf_16_without_a_mark_is_read_as_stated(converter):
    data = "code;nom\n01;Île\n".encode("utf-16-le")
    said = refusal(converter, data)
    assert "state `encoding: utf-16-le`" in said
    read = converter.columns(data, format="csv", encoding="utf-16-le")
    assert read == {"code": ["01"], "nom": ["Île"]}


def test_folders_that_look_like_keys_are_no_columns(converter):
    folder = converter.folder / "annee=2023"
    folder.mkdir()
    for name, text in (("a.csv", "annee;v\n2021;1\n"), ("a.json", '[{"annee": 2021, "v": 1}]')):
        (folder / name).write_text(text)
        assert converter.columns(folder / name) == {"annee": [2021], "v": [1]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "this is a PDF, which is not read"),
        (b"II*\x00\x08\x00", "this is a TIFF: an image, or a raster such as GeoTIFF, which"),
        (b"MM\x00+\x00\x08", "by rasterio or rasterstats, or by `gdal_polygonize.py`"),
        (b"ncols 2\nnrows 1\nxllcorner 0\n1 2\n", "this is a raster (JPEG 2000, GRIB, or an A"),
        (b"GRIB\x00\x00\x00\x02\x00", "this is a raster (JPEG 2000, GRIB"),
        (b"<table border=1>\n<tr><td>a</td></tr>", "this is a table of a web page (HTML), as some"),
        (
            b'<html xmlns:x="urn:schemas-microsoft-com:office:excel">',
            "this is a table of a web page",
        ),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related;", "this is a web page in one file"),
        (
            b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
            b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Row/>',
            "this is a workbook in XML (Excel 2003",
        ),
        (b'\xef\xbb\xbfCHARSET="ANSI";\nAXIS-VERSION="2010";\n', "this is a PC-Axis file (.px)"),
        (b"version https://git-lfs.github.com/spec/v1\noid x", "this is a pointer of Git LFS"),
        (b"-- MySQL dump;1\n/*!40101 SET a */;\nINSERT INTO t VALUES", "this is a dump of a data"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "this is a calendar (iCalendar)"),
        (b"% x\n@RELATION y\n@data\n1,2\n", "this is an ARFF file"),
        (b"@prefix a: <http://a.example/> .\n", "this is RDF (Turtle, N-Triples)"),
        (b'cb([{"a": 1}]);', "this is JSON in a call of a function (JSONP)"),
        (b"\x89HDF\r\n\x1a\n", "this is an HDF5 file, as netCDF 4 is, which is not read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "this is an old Office file"),
        (b"\x00\x01\x00\x00Standard Jet DB" + bytes(600), "this is an Access database"),
        (b'// licence\n[{"a": 1}]', "this is JSON with comments"),
        (b'[{"a": "\\ud83d"}]', "is no"),
        (b'[{"a": {"": 1}}]', "an object has an empty key"),
        (b"[" * 5_000 + b"]" * 5_000, "nested 5,000 levels deep or more, at most 100 are read"),
        ('[{"nom": "Évreux"}]'.encode("latin-1"), '`encoding: cp1252` reads [{"nom": "Évreux"}]'),
    ],
)
def test_what_is_not_read_is_named(converter, data, words):
    said = refusal(converter, data)
    assert words in said or "no low surrogate" in said
    assert "`csv:" not in said


def test_json_in_other_encodings(converter):
    for encoding in ("utf-16", "utf-32"):
        assert converter.columns('[{"nom": "Évreux"}]'.encode(encoding)) == {"nom": ["Évreux"]}
    data = '{"r": [{"nom": "Évreux"}]}'.encode("latin-1")
    assert converter.columns(data, records="r", encoding="latin-1") == {"nom": ["Évreux"]}


def test_a_key_that_comes_twice_is_refused(converter):
    for data, keys in (('[{"a": 1, "a": 2}]', {}), ('{"r": [{"a": 1, "a": 2}]}', {"records": "r"})):
        assert "an object has the key `a` twice" in refusal(converter, data, **keys)


def test_names_of_our_own_columns_may_be_the_files(converter):
    read = converter.columns("to be counted;row of the file;raw 0;value 0\n1;2;3;4\n")
    assert list(read) == ["to be counted", "row of the file", "raw 0", "value 0"]


def test_one_column_of_decimal_commas(converter):
    """Cut by the comma, it would lose its first row to the header."""
    data = "valeur\n12,5\n3,0\n7,25\n"
    words = refusal(converter, data)
    assert '`csv: {delimiter: "none", decimal: ","}` gives the columns valeur' in words
    assert "header: 2" not in words
    found = converter.columns(data, csv={"delimiter": "none", "decimal": ","})
    assert sorted(found["valeur"]) == [3.0, 7.25, 12.5]


@pytest.mark.parametrize(
    "values", [["2024-01-02 03:04:05", "2024-01-03 03:04:05"], ["03:04", "13:05"]]
)
def test_the_colons_of_times_cut_nothing(converter, values):
    found = converter.table("moment\n" + "".join(f"{value}\n" for value in values))
    assert found.num_rows == 2 and found.column_names == ["moment"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('[{"a": NaN, "b": 1}, {"a": 1.5, "b": 2}]', "NaN"),
        ("a;b\nNA;1\n1.5;2\n", "NA"),
        ("a;b\ns;1\n15;2\n", "s"),
    ],
)
def test_words_for_no_value_among_numbers(converter, text, word):
    """What is written so is told, and what the remedy gives are numbers."""
    converter.convert(text)
    told = [line for line in notes("t", converter.notes()) if line.startswith("!")]
    assert told == [
        f"! t.a: is text: of the first 2 values 1 is `{word}`, the others numbers; if that means "
        f'no value, write `nulls: ["{word}"]`'
    ]
    assert sorted(converter.columns(text, nulls=[word])["a"], key=str)[1] is None


@pytest.mark.parametrize("text", ["a;b\n01;1\ns;2\n", "insee;b\ns;1\n15;2\n", "a;b\nns;1\nX;2\n"])
def test_words_among_codes_are_words(converter, text):
    converter.convert(text)
    assert "missing_words" not in converter.notes()


TOTALS = "region;pop;taux\nAin;100;0.1\nAisne;NA;0.3\nAllier;300;0.5\nTotal;400;0.3\n"


LONG = "dep;sexe;age;n\n" + "".join(
    f"{dep};{sexe};{age};{(1 + (sexe == 'T')) * (1 + (age == 'T'))}\n"
    for dep in ("01", "02") for sexe in "HFT" for age in "0T"
)  # fmt: skip
SUBTOTALS = "reg;dep;n\nARA;01;1\n;69;2\nTotal ARA;;3\nPACA;13;4\nTotal PACA;;4\n"
ROLLUP = "dep;sexe;n\n01;H;1\n01;F;2\n01;;3\n02;H;4\n02;F;5\n02;;9\n"  # SQL's
GEOGRAPHIES = "geo;n\nMartinique;1\nAin;5\nVar;6\nFrance métropolitaine;11\nFrance entière;12\n"
LEVELS = "zone;n\nAin;1\nIsère;2\nTotal ARA;3\nEure;4\nTotal Normandie;4\nTOTAL GÉNÉRAL;7\n"


@pytest.mark.parametrize(
    ("text", "keys", "told", "left"),
    [
        (TOTALS, {}, "`where: \"region IS DISTINCT FROM 'Total'\"` leaves it out", 3),
        (TOTALS.replace("region", "Lib région"), {}, 'where: "\\"Lib région\\" IS DISTINCT', 3),
        (TOTALS, {"where": "taux <> '0'"}, "where: \"(taux <> '0') AND region IS DISTINCT", 3),
        (TOTALS.replace("Total", "France entière"), {}, "`France entière` as `region`", 3),
        (LONG, {}, "4 rows have `T` as `sexe`", 8),
        (LEVELS, {}, "coalesce(zone NOT IN ('Total ARA', 'Total Normandie', 'TOTAL", 3),
        (
            GEOGRAPHIES,
            {},
            "coalesce(geo NOT IN ('France métropolitaine', 'France entière'), true)",
            3,
        ),
        (TOTALS.replace("Total", ""), {}, "coalesce(region, '') NOT IN ('', 'NA')", 3),
        (TOTALS.replace("Total", ""), {"nulls": []}, "", 0),  # `pop` is text
        (ROLLUP, {"nulls": []}, "\"coalesce(sexe, '') <> ''\"` leaves them out", 4),
        (ROLLUP.replace("01;;", "01;NA;"), {}, "no value as `sexe`, and the sum of", 4),
        (SUBTOTALS, {}, "coalesce(reg NOT IN ('Total ARA', 'Total PACA'), true)", 3),
        ("dep;n;m\n01;0;1\n02;0;2\n;1;7\n03;1;9\n", {}, "", 0),  # one column is, by chance
        (TOTALS.replace("Total;400", "Total;450"), {}, "some of which have no value, as `pop`", 3),
        (TOTALS.replace("NA", "0").replace("Total;400", "Total;450"), {}, "", 0),
        (TOTALS.replace("Total;400", "France;450"), {}, "", 0),
        (TOTALS.replace("Total;400", "Total;399"), {}, "", 0),
        ("zone;n\nARA;3\nAin;1\nIsère;2\nEure;5\nGrand total;10\n", {}, "", 0),
        (TOTALS.replace("Total", "Var"), {}, "", 0),
        (TOTALS.replace("Total;400", "Total;"), {}, "", 0),
        ("pays;n\nFrance;3\nMonde;9\nItalie;5\n", {}, "", 0),
    ],
)
def test_rows_that_are_the_sum_of_all_others_are_told(converter, text, keys, told, left):
    """Their remedy leaves them out, and nothing else; what is only called so is a row."""
    keys = {"nulls": ["NA"]} | keys
    converter.convert(text, **keys)
    found = [line for line in notes("t", converter.notes()) if "sum of all others" in line]
    assert bool(found) == bool(told)
    if told:
        assert found[0].startswith("! t: ") and told in found[0]
        fix = yaml.safe_load(re.search("`(where: .*)`", found[0])[1])
        assert converter.table(text, **keys | fix).num_rows == left


def test_a_row_of_totals_is_told_once(converter):
    """It has a label in one column, and none in the other."""
    converter.convert("code;nom;n\n01;Ain;1000\n02;Aisne;3000\n03;Allier;500\nTotal;;4500\n")
    [alert] = converter.notes()["alerts"]
    assert "one row has `Total` as `code`" in alert
    converter.convert("code;nom;n\n01;Ain;1000\n02;Aisne;3000\n03;Allier;500\n99;;4500\n")
    [alert] = converter.notes()["alerts"]
    assert "one row has no value as `nom`" in alert


def test_a_total_of_rows_with_their_subtotals(converter):
    converter.convert("zone;n\nARA;3\nAin;1\nIsère;2\nPACA;5\nVar;5\nGrand total;8\n")
    [alert] = converter.notes()["alerts"]
    assert "half the sum of all others" in alert and "where" not in alert


@pytest.mark.parametrize(
    "text",
    [
        "code;unite;annee;v\n01;EUR;2024;5\n02;EUR;2024;7\n03;;2024;8\n",  # half of two years
        "code;nom;ordre\nA;Ain;100\nB;;200\nC;Eure;300\n",  # the middle one of three
        "code;nom;prix\nA;Ain;1000\nB;Eure;2000\nC;;3000\n",  # round numbers
        "code;nom;rang\nA;Ain;5\nB;Eure;10\nC;;15\n",
        "sexe;annee;salaire\nH;2023;2140\nF;2023;1830\nEnsemble;2023;2010\n",  # means
        "zone;n\nAin;12\nEnsemble;31\nVar;50\n",
    ],
)
def test_numbers_that_are_sums_by_chance(converter, text):
    converter.convert(text)
    assert "sum of all others" not in str(converter.notes().get("alerts"))


def test_a_total_without_a_label_of_many_digits(converter):
    converter.convert("code;nom;prix\nA;Ain;1012\nB;Eure;2345\nC;;3357\n")
    assert "one row has no value as `nom`" in converter.notes()["alerts"][0]


@pytest.mark.parametrize(
    ("values", "declared"),
    [
        (["01/02/2020", "13/02/2020"], '{type: date, format: "%d/%m/%Y"}'),
        (["01/02/2020", "02/13/2020"], '{type: date, format: "%m/%d/%Y"}'),
        (["13.2.2020 10:30"], '{type: timestamp, format: "%d.%m.%Y %H:%M"}'),
        (["01/02/2020", "x"], ""),
        (["13/13/2020"], ""),
        (["2020-01"], ""),
    ],
)
def test_days_that_are_text_are_told_with_their_format(converter, values, declared):
    text = "d,n\n" + "".join(f"{value},1\n" for value in values)
    converter.convert(text)
    notes = [note for note in converter.notes().get("notes", []) if "to be dates" in note]
    assert len(notes) == bool(declared)
    if declared:
        assert f"`columns: {{d: {declared}}}`" in notes[0]
        fix = yaml.safe_load(re.search("`(columns: .*?)`", notes[0])[1])
        assert None not in converter.columns(text, **fix)["d"]


def test_days_whose_order_is_open_are_told_with_both(converter):
    converter.convert("d,n\n01/02/2020,1\n")
    assert '(or `format: "%m/%d/%Y"`)' in converter.notes()["notes"][0]


def test_a_first_line_of_more_cells_than_the_table(converter):
    """A logger says more of itself than it measures, and its columns have units."""
    text = "TOA5,CR1000,12345,x.CR1,Table1\nTIMESTAMP,RECORD,Volts\nTS,RN,V\n"
    text += "".join(f"2024-01-0{n} 10:00:00,{n},12.{n}\n" for n in range(1, 5))
    words = refusal(converter, text)
    remedy = 'csv: {delimiter: ",", header: 3, names: ["TIMESTAMP", "RECORD", "Volts"]}'
    assert f"`{remedy}`" in words
    made = converter.columns(text, **yaml.safe_load(remedy))
    assert (made["RECORD"], made["Volts"]) == ([1, 2, 3, 4], [12.1, 12.2, 12.3, 12.4])


def test_a_table_of_other_columns_above(converter):
    """Instruments write one block below the other: neither is left out unsaid."""
    text = "* Type = 96\n\n[Results]\nWell\tSample\tv\n1\tS1\t23.4\n2\tS2\t24.5\n\n"
    text += "[Melt]\nWell\tTm\n1\t80.1\n2\t81.5\n"
    words = refusal(converter, text)
    assert "lines 4 to 6 may be another table, of other columns" in words
    assert "`csv: {header: 4, footer: …}`" in words
    keys = {"delimiter": "\t", "header": 4, "footer": 4}
    assert converter.columns(text, csv=keys)["v"] == [23.4, 24.5]


@pytest.mark.parametrize("sign", "§¤!•$#")
def test_other_signs_that_cut_all_lines_alike(converter, sign):
    text = f"id{sign}nom{sign}v\n01{sign}A{sign}1\n02{sign}B{sign}2\n"
    words = refusal(converter, text)
    assert f'`csv: {{delimiter: "{sign}"}}` gives the columns id · nom · v' in words
    found = converter.columns(text, csv={"delimiter": sign})
    assert found == {"id": ["01", "02"], "nom": ["A", "B"], "v": [1, 2]}


@pytest.mark.parametrize("sign", ["¬", "\x01", "~", "¦"])
def test_other_signs_beside_decimal_commas(converter, sign):
    """The comma cuts all lines but the names: a header in line 2 was named as the remedy."""
    text = f"id{sign}v\n" + "".join(f"0{n}{sign}{n},5\n" for n in range(1, 6))
    words = refusal(converter, text)
    assert words.count("gives the columns") == 1 and "gives the columns id · v" in words
    found = converter.columns(text, csv={"delimiter": sign, "decimal": ","})
    assert found["v"] == [1.5, 2.5, 3.5, 4.5, 5.5]


def test_a_blank_row_of_delimiters_is_no_header(converter):
    """As tables of GENESIS begin: the row of names below it is named."""
    rows = "".join(f"31.12.{year};{year * 41};\n" for year in range(2000, 2020))
    words = refusal(converter, f"GENESIS-Tabelle: 12411-0001\n;;\nStichtag;Anzahl;\n{rows}")
    assert '`csv: {delimiter: ";", header: 3}` gives the columns Stichtag · Anzahl' in words


def test_a_header_that_is_stated_in_excels_own_line(converter):
    """Names of our own were proposed, with which the names of the file were a row."""
    text = "sep=;\ncode;pop\n01;1\n02;2\n"
    assert "`csv: {header: 2}`" in refusal(converter, text, csv={"header": 1})
    assert converter.columns(text, csv={"header": 2}) == {"code": ["01", "02"], "pop": [1, 2]}


def test_addresses_of_one_column(converter):
    text = "adresse\n1 rue A, Paris\n2 rue B, Lyon\n3 rue C, Lille\n"
    assert '`csv: {delimiter: "none"}` gives the columns adresse' in refusal(converter, text)
    assert converter.table(text, csv={"delimiter": "none"}).num_rows == 3


@pytest.mark.parametrize("sign", ["~|~", "~|", "|~", "#;", "§\t"])
def test_a_delimiter_of_several_signs(converter, sign):
    """The signs beside the usual one were parts of names and values."""
    text = "".join(
        sign.join(row) + "\n" for row in (["id", "nom", "v"], ["1", "A", "2"], ["3"] * 3)
    )
    words = refusal(converter, text)
    assert "values are parted by several signs" in words and f"`{sign}`" in words


@pytest.mark.parametrize(
    "text",
    [
        "[a];[b]\n[1];[2]\n[3];[4]\n",
        "a%;b%;c\n1%;2%;3\n1%;2%;3\n",
        "a;b\n?;1\n?;2\n",
        "a;#b\n1;#2\n",
        "#id;#couleur\n1;#ff0000\n2;#00ff00\n",
    ],
)
def test_signs_beside_a_delimiter_that_are_part_of_values(converter, text):
    assert converter.table(text).num_columns == text.split("\n")[0].count(";") + 1


@pytest.mark.parametrize(
    "text", ["nom(n°)\nA(1)\nB(2)\n", "m/s\n1/2\n3/4\n", "quoi!\na!\nb c!\n", "prix €\n5\n6 $\n"]
)
def test_signs_of_texts_cut_nothing(converter, text):
    assert converter.table(text).num_columns == 1


@pytest.mark.parametrize("above", ["", "05.03.2024 Liste 1\n\n"])
@pytest.mark.parametrize("below", ["", "\n2 lignes\n"])
def test_a_list_of_sap(converter, above, below):
    ruler = "-" * 12 + "\n"
    text = f"{above}{ruler}|id |nom  |\n{ruler}|01 |Ain  |\n|02 |Aisne|\n{ruler}{below}"
    words = refusal(converter, text)
    keys = {"delimiter": "|", "trim": True, "comment": "-", "header": 3 if above else 1}
    keys |= {"footer": 1} if below else {}
    listed = ", ".join(f"{key}: {json.dumps(value)}" for key, value in keys.items())
    assert f"`csv: {{{listed}}}`" in words and "`drop: [c1, c4]`" in words
    found = converter.columns(text, csv=keys, drop=["c1", "c4"])
    assert found == {"id": ["01", "02"], "nom": ["Ain", "Aisne"]}


def test_lines_of_one_length_without_a_sign(converter):
    text = "AA 1 xx\nBB 2 yy\nCC 3 zz\n"
    assert "`format: fixed`" in refusal(converter, text)
    places = {"columns": {"k": [1, 2], "n": [4, 4], "t": [6, 7]}}
    assert converter.columns(text, format="fixed", fixed=places)["n"] == [1, 2, 3]
    assert "`format: fixed`" not in refusal(converter, "AA 1 x\nBB 2 yyy\n")


def test_lines_of_one_length_without_names(converter):
    """As INSEE's files of deaths: no sign cuts them, and nothing says where columns stand."""
    text = "DUPONT MARIE   119900101\nMARTIN PAUL    219910202\nPETIT ANNE     119920303\n"
    for data in (text, "07119900101751012345\n07219910202751022345\n07219910202751032345\n"):
        words = refusal(converter, data)
        assert "`format: fixed`" in words
    assert '`csv: {delimiter: "none", header: 0}`' in words
    assert converter.table(data, csv={"delimiter": "none", "header": 0}).num_rows == 3
    places = {"columns": {"nom": [1, 15], "sexe": [16, 16], "jour": [17, 24]}}
    found = converter.columns(text, format="fixed", fixed=places)
    assert found["nom"][0].strip() == "DUPONT MARIE" and found["sexe"] == [1, 2, 1]
    assert converter.table(data, csv={"header": 0}).num_rows == 3
    codes = "siret\n" + "".join(f"1234567890123{n}\n" for n in range(4))
    assert converter.table(codes).num_rows == 4


@pytest.mark.parametrize(
    ("values", "read"),
    [
        (["1\u202f234,5", "12"], [1234.5, 12.0]),
        (["1\u202f234", "s", "5"], [1234.0, None, 5.0]),
        (["12,5 %", "3 %"], [12.5, 3.0]),
        (["\u22125", "4.5"], [-5.0, 4.5]),
        (["+5", "1.2E+3"], [5.0, 1200.0]),
        (["5*", "7", "12"], None),
        (["2A", "7B"], ""),
        (["0123", "7"], ""),
        (["1234567890123456", "7"], ""),
        (["12 km", "7"], None),
    ],
)
def test_numbers_that_are_written_otherwise_are_told(converter, values, read):
    """What is proposed reads them all; marks among numbers are told, and codes are codes."""
    text = "a|v\n" + "".join(f"{n}|{value}\n" for n, value in enumerate(values))
    converter.convert(text)
    told = [note for note in converter.notes().get("notes", []) if note.startswith("`v` is text")]
    assert len(told) == (read != "")
    if read:
        keys = yaml.safe_load(re.search("`(columns: .*)`", told[0])[1])
        assert converter.columns(text, **keys)["v"] == read


def test_two_decimal_signs_are_told(converter):
    converter.convert("k;v\n1;1,5\n2;2,5\n", "k;v\n3;3.5\n4;7\n")
    [note] = [note for note in converter.notes()["notes"] if "`v` is text" in note]
    assert "`1,5` has a comma, and `3.5` a point" in note
