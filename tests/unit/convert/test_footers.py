"""What stands below a table: doubt shows it, a statement leaves it out, ordinary rows stay."""

import io
import zipfile

import pyarrow.parquet as pq
import pytest

from conversions import given, raw, refusal
from diffusion.errors import DiffusionError

ROWS = [["code", "lib", "v"], ["01001", "A", 2], ["01002", "B", 3]]
NOTES = [["Source : Insee, RP2020"], ["Champ : France"]]
SECOND = [[], [], ["Tableau 2"], ["dep", "lib", "n"], ["01", "Ain", 5], ["02", "Aisne", 6]]


@pytest.fixture(params=["csv", "padded", "xlsx"])
def kind(request) -> str:
    return request.param


IN_SECOND = [[], ["", "Source : Insee"], ["", "Champ : France"]]


@pytest.mark.parametrize(
    "below", [NOTES, [[], *NOTES], [[], ["Données provisoires"]], SECOND, IN_SECOND]
)
def test_what_stands_below_is_in_doubt(converter, kind, below):
    data, section = given(kind, ROWS + below), "xlsx" if kind == "xlsx" else "csv"
    count = sum(map(bool, below))
    words = refusal(converter, data)
    seen = below[3][0] if below is SECOND else next(filter(None, below))[-1]
    assert seen in words and f"{section}: {{footer: {count}}}" in words
    found = converter.table(data, **{section: {"footer": count}})
    assert found["code"].to_pylist() == ["01001", "01002"]
    rows = f"the last {count} rows are" if count > 1 else "the last row is"
    assert f"{rows} left out" in str(converter.notes()["notes"])
    assert str(found["v"].type) == "int64"


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([["code", "lib"], ["01001", "A"], ["2A004", "B"], [], ["dep", "nom"], ["01", "Ain"]], 5),
        ([["nom", "lib"], ["Ain", "A"], ["Aisne", "B"], [], ["Tableau 2"], ["Région", "x"]], 6),
    ],
)
def test_another_table_of_words(converter, kind, rows, names):
    last = ["Bretagne", "y"]
    if kind == "csv":
        rows = [row if len(row) != 1 else [*row, ""] for row in rows]  # as spreadsheets pad it
    words = refusal(converter, given(kind, [*rows, last]))
    assert (
        f"from {'row' if kind == 'xlsx' else 'line'} {names} on there seems to be another" in words
    )


LARGE = "".join(f"{i:06d};{'A' * 40};{i}\n" for i in range(90_000))  # beyond what is read twice


@pytest.mark.parametrize(
    ("between", "words"),
    [
        ("\ndep;nom;x\n", "from line 90003 on there seems to be another table"),
        (";;\nTableau 2;;\ndep;nom;x\n", "from line 90004 on there seems to be another table"),
        ("\n", ""),
        ("99;" + '"' + "A\n\nB\n" * 40_000 + '";1\n', ""),  # a text with paragraphs
    ],
)
def test_within_a_large_file(converter, between, words):
    data = f"code;lib;v\n{LARGE}{between}{LARGE}"
    if words:
        assert words in refusal(converter, data)
    else:
        assert converter.table(data).num_rows >= 180_000
    if between == "\n":
        said = refusal(converter, f"{data};;\nSource : Insee;;\n")
        assert "line 180004: Source : Insee" in said and "csv: {footer: 1}" in said


def test_each_file_has_its_own(converter):
    """Those that are not named are looked at as without a statement."""
    files = [given("csv", ROWS + NOTES[:number]) for number in range(3)]
    stated = {"footer": {"1.*": 1, "2.bin": 2}}
    assert set(converter.columns(*files, csv=stated)["code"]) == {"01001", "01002"}
    assert "1.bin: the last row is left out" in str(converter.notes()["notes"])
    assert "1.bin: its last rows may be notes" in refusal(
        converter, *files, csv={"footer": {"2.*": 2}}
    )


def test_all_are_rows_where_that_is_stated(converter):
    data = given("padded", ROWS + NOTES)
    assert converter.table(data, csv={"footer": 0}).num_rows == 4
    assert "has 4 rows below its header, 9" in refusal(converter, data, csv={"footer": 9})
    assert converter.table(data, csv={"footer": 4}).num_rows == 0


@pytest.mark.parametrize(
    "rows",
    [
        [*ROWS, ["01003", "", ""]],  # a key as the others
        [["nom", "lib", "v"], ["Ain", "", ""], ["Val d'Oise", "x", 1], ["Iles du vent", "", ""]],
        [["nom", "lib", "v"], ["Ain", "y", ""], ["Paris", "x", 1], ["L'Ile-Rousse", "", ""]],
        [["nom"], ["Ain"], ["Source : Insee"]],
        [["nom", "v"], ["Ain", 1], ["Paris", 2], ["Total", 3]],
        [["nom", "lib", "v"], ["Ain", "a", 1], [], ["Aisne", "b", "s"], ["Paris", "c", 4]],
    ],
)
def test_ordinary_rows(converter, kind, rows):
    expected = [row[0] for row in rows[1:] if row]
    found = converter.columns(given(kind, rows))[rows[0][0]]
    assert sorted(filter(None, found)) == sorted(expected)


DEPARTMENTS = [["nom", "n", "v"], ["Paris", 1, 2], ["Seine-et-Marne", 3, 4], ["Ain", 5, 6]]


@pytest.mark.parametrize("last", ["Val-d'Oise", "Territoire de Belfort", "La Réunion", "Corse"])
def test_a_last_label_without_values_is_a_row(converter, kind, last):
    rows = [*DEPARTMENTS, [last, "", ""]]
    assert converter.columns(given(kind, rows))["nom"][-1] == last
    told = str(converter.notes()["notes"])
    section = "xlsx" if kind == "xlsx" else "csv"
    assert last in told and f"{section}: {{footer: 1}}" in told
    left = converter.columns(given(kind, rows), **{section: {"footer": 1}})
    assert left["nom"] == ["Paris", "Seine-et-Marne", "Ain"]


@pytest.mark.parametrize(
    "last", ["Mayotte non comprise dans ces résultats", "Insee (2024)", "hors Mayotte"]
)
def test_a_last_text_that_is_no_label(converter, last):
    rows = [*DEPARTMENTS, [last, "", ""]]
    assert "may be notes" in refusal(converter, given("xlsx", rows))


def test_numbers_alone_are_no_notes(converter):
    assert converter.columns("n;lib;v\n1;a;1\n\n2.5;;\n")["n"] == [1.0, 2.5]


def test_a_remedy_for_one_of_many_files(converter, kind):
    files = []
    for number, rows in enumerate([ROWS + NOTES, ROWS]):
        files.append((f"{number}.dat", given(kind, rows)))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    section = "xlsx" if kind == "xlsx" else "csv"
    words = refusal(converter, packed.getvalue(), members="many")
    assert f'`{section}: {{footer: {{"0.dat": 2}}}}`' in words and "footer: 2" not in words
    keys = {section: {"footer": {"0.dat": 2}}}
    assert converter.table(packed.getvalue(), members="many", **keys).num_rows == 4


@pytest.mark.parametrize("last", ["  \n", "  ", " \r\n\r\n"])
def test_last_lines_of_blanks_hold_nothing(converter, last):
    assert converter.columns("a;b\n1;2\n" + last) == {"a": [1], "b": [2]}
    assert converter.columns("a\n1\n2\n")["a"] == [1, 2]


BODY = [["code", "nom", "n"], *([f"{n:05}", f"Commune {n}", n] for n in range(1001, 1006))]
NOTES = [["Champ : France", "", ""], ["Source : Insee", "", ""]]


@pytest.mark.parametrize("kind", ["padded", "xlsx"])
def test_a_footer_that_is_stated_of_other_rows(converter, kind):
    """As a new vintage has a note more, or one less."""
    section = "xlsx" if kind == "xlsx" else "csv"
    rows = [[cell or (None if kind == "xlsx" else "") for cell in row] for row in BODY + NOTES]
    data = given(kind, rows)
    assert len(converter.columns(data, **{section: {"footer": 2}})["code"]) == 5
    said = refusal(converter, data, **{section: {"footer": 1}})
    assert "the last row that is kept looks like a note: Champ : France" in said
    assert f"`{section}: {{footer: 2}}`" in said
    said = refusal(converter, data, **{section: {"footer": 3}})
    assert "looks like one of the table: 01005 · Commune 1005 · 1005" in said
    total = [*rows[:-2], ["Ensemble", "France", 9], *rows[-2:]]
    assert len(converter.columns(given(kind, total), **{section: {"footer": 3}})["code"]) == 5


GAPS = [["Rég", "2022", "2023"], ["Bretagne", 1, ""], ["Corse", 3, 4], ["Alsace", 3, 4]]


@pytest.mark.parametrize(
    "note",
    [
        ["Données provisoires"],
        ["© Insee 2024"],
        ["Last Updated: 01/28/2025"],
        ["Quelle: Destatis"],
        ["Source Insee"],
        ["20 rows selected."],
        ["(2 rows)"],
        ["// : sans objet"],
        ["12/03/2024"],
        ["EOF"],
        ["Source :", "Insee"],  # its first word in a cell of its own
    ],
)
def test_notes_below_a_table_with_gaps(converter, kind, note):
    rows = [*GAPS, [*note, ""] if kind == "csv" and len(note) == 1 else note]
    rows[-1] = [*rows[-1], *[""] * (3 - len(rows[-1]))]
    section = "xlsx" if kind == "xlsx" else "csv"
    words = refusal(converter, given(kind, rows))
    assert f"its last rows may be notes below the table:\n  {'row' if kind == 'xlsx' else 'line'} 5"
    assert " ".join(note) in words and f"{section}: {{footer: 1}}" in words
    assert converter.columns(given(kind, rows), **{section: {"footer": 1}})["2022"] == [1, 3, 3]


def test_keys_in_pairs_are_no_notes(converter):
    assert converter.table("clé;valeur\nTitre :;PIB\nSource :;Insee\n").num_rows == 2
    assert converter.table("objet;n;m\nSource;12;1\nChamp;13;2\nNote;14;\n").num_rows == 3


@pytest.mark.parametrize(
    "error",
    [
        "<html>error 504</html>",
        '{"error":"timeout"}',
        "Fatal error: Allowed memory size exhausted",
        "Warning: fopen(), failed",
        "Traceback (most recent call last)",
        "ORA-03113: end-of-file on communication channel",
        "504 Gateway Time-out",
    ],
)
@pytest.mark.parametrize("keys", [{}, {"csv": {"footer": 1}}, {"csv": {"pad": True}}])
def test_an_export_that_broke_off(converter, error, keys):
    rows = "".join(f"r{i};{i};x\n" for i in range(30))
    words = refusal(converter, f"k;v;w\n{rows}{error}\n", **keys)
    assert "rows are missing" in words and error in words
    assert "under a new `vintage`" in words and "footer" not in words and "pad" not in words


def test_lines_of_json_that_broke_off(converter):
    rows = "".join(f'{{"a": {i}}}\n' for i in range(30))
    words = refusal(converter, rows + '{"error": "timeout"}\n')
    assert "rows are missing" in words and '{"error": "timeout"}' in words
    assert converter.table(rows + '{"a": 1, "error": "timeout"}\n').num_rows == 31
    assert converter.table(rows + '{"b": "error"}\n').num_rows == 31


def test_a_table_of_notes_below_a_blank_line(converter):
    """As UNdata explains its footnotes: nothing is to fill its rows."""
    rows = "".join(f'"France","{n}","6{n}","{n % 3 or ""}"\n' for n in range(1990, 2020))
    text = f'"Country","Year","Value","Note"\n{rows}\n"noteID","Footnote"\n"1","Provisional"\n'
    words = refusal(converter, text)
    assert "below a blank line" in words and "pad" not in words
    assert "`csv: {footer: 2}`" in words
    assert converter.table(text, csv={"footer": 2}).num_rows == 30


def test_a_text_that_is_cut_off(converter):
    """Cells of its last row are missing: nothing is to fill them."""
    rows = "".join(f"r{i};{i};x\n" for i in range(30))
    words = refusal(converter, f"k;v;w\n{rows}r31;4")
    assert "as in a file that is cut off: fetch it again" in words and "pad" not in words
    assert "pad: true" in refusal(converter, f"k;v;w\n{rows}r31;4\n")


ALONE = {"delimiter": "none", "header": 1}


def test_errors_that_are_rows(converter):
    logs = "ligne;message;n\nok;a;1\nError: x;;\nok;b;2\nError: y;;\n"
    assert converter.table(logs, csv={"footer": 0}).num_rows == 4
    assert converter.table("message;n\nok;1\nError: x;2\n").num_rows == 2
    assert converter.table("message\nFatal error x\nFatal error y\n", csv=ALONE).num_rows == 2


def test_a_remedy_for_one_of_many_partitions(converter):
    """Files of several partitions may be called alike."""
    months = {"2022": "janv;1\nmars;7\n", "2023": "avril;1\nmai;5\nSource: z;\n"}
    items = []
    for year, rows in months.items():
        (folder := converter.folder / year).mkdir()
        (path := folder / "data.csv").write_text(f"mois;v\n{rows}")
        items.append(raw(path, f"year={year}", year=year))
    axes = {"url": "data/{year}/data.csv", "partitions": {"year": [*months]}}
    with pytest.raises(DiffusionError) as refused:
        converter.combined([[item] for item in items], **axes)
    assert 'footer: {"year=2023": 1}' in str(refused.value)
    table = converter.combined([[item] for item in items], **axes, csv={"footer": {"year=2023": 1}})
    assert sorted(pq.read_table(table)["mois"].to_pylist()) == ["avril", "janv", "mai", "mars"]


def test_a_note_that_holds_the_delimiter(converter):
    """Its first cell says what it is, whatever follows; `footer` takes all such notes or none."""
    rows = "".join(f"0100{n},Commune {n}\n" for n in range(9))
    text = f"code,nom\n{rows}Source : Insee, RP 2020\nNote : champ France\n"
    assert "`csv: {footer: 2}`" in refusal(converter, text)
    words = refusal(converter, text, csv={"footer": 1})
    assert "looks like a note: Source : Insee" in words and "`csv: {footer: 2}`" in words
    assert len(converter.columns(text, csv={"footer": 2})["code"]) == 9
    alone = f"code,nom\n{rows}Source : Insee, RP 2020\n"
    assert len(converter.columns(alone, csv={"footer": 0})["code"]) == 10
    numbers = "".join(f"0100{n};{n}\n" for n in range(9))
    assert "`csv: {footer: 1}`" in refusal(converter, f"code;n\n{numbers}Source : Insee ;2024\n")


@pytest.mark.parametrize("first", ["Note : {}", "Sources = {}"])
def test_rows_that_begin_as_notes_do(converter, first):
    rows = [f"{first.format(n)},{n}\n" for n in range(9)]
    assert len(converter.columns("libelle,n\n" + "".join(rows))["n"]) == 9
    rows[::2] = [f"other {n},{n}\n" for n in range(5)]
    assert len(converter.columns("libelle,n\n" + "".join(rows))["n"]) == 9
