"""`diffusion source`: files, archives, workbooks, layers and APIs; what is proposed and refused."""

import gzip
import io
import json
import re
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import msgspec
import openpyxl
import pyarrow as pa
import pytest
import yaml

from added import BEFORE
from diffusion.config.fetching import Auth, FileFetch
from diffusion.config.parts import Server
from diffusion.propose.asking import Asking
from diffusion.propose.place import name_of
from diffusion.propose.project import CONFIG, SHIPPED
from diffusion.run.cli import main
from diffusion.storage.connection import connection
from diffusion.storage.store import Store
from fetches import Answer, Asked, Scripted
from projects import REPOSITORY
from standins.files import content
from standins.server import Standins

PENGUINS = "species,bill_mm,sex\nAdelie,39.1,male\nAdelie,NA,NA\nGentoo,40.3,female\n"
COUNTRIES = "iso,country,n\nAF,FR,1\nBF,NA,NA\nCF,DE,2\n"
FRENCH = 'code_insee;loyer;part;le\n01001;"1 234,5";0,5;03/04/2024\n2A004;NA;1,25;28/04/2024\n'
SERIES = "pays;annee;valeur\nFR;2020;1,5\nFR;2021;2\nDE;2020;3\nDE;2021;4,25\n"
# a file: what is written of its entry, the types of its table
TABLES: Mapping[str, tuple[str, dict, dict]] = {
    "null tokens": (
        PENGUINS,
        {"nulls": ["NA"], "columns": {"species": "string", "bill_mm": "float", "sex": "string"}},
        {"bill_mm": "double"},
    ),
    "a token that is a code": (
        COUNTRIES,
        {"nulls": None, "checks": {"unique": ["iso"], "not_null": ["iso"]}},
        {"country": "string", "n": "int64"},
    ),
    "as it is written in French": (
        FRENCH,
        {"csv": {"decimal": ","}, "checks": {"unique": ["code_insee"], "not_null": ["code_insee"]}},
        {"code_insee": "string", "loyer": "double", "part": "double", "le": "date32[day]"},
    ),
    "a key of two columns": (
        SERIES,
        {"checks": {"unique": ["pays", "annee"], "not_null": ["pays", "annee"]}},
        {"annee": "int64", "valeur": "double"},
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table(name: str, added) -> None:
    text, expected, types = TABLES[name]
    (added.folder / "data").mkdir()
    (added.folder / "data/t.csv").write_text(text)
    code, words = added("data/t.csv", "--name", "t")
    assert code == 0, words
    keys = added.keys("t")
    assert {key: keys.get(key) for key in expected} == expected
    assert keys["from"] == "file" and keys["url"] == "data/t.csv" and "licence" not in keys
    table = added.table("t")
    assert {n: str(table.schema.field(n).type) for n in types} == types
    assert (
        list(keys["columns"])
        == table.column_names
        == text.partition("\n")[0].replace(";", ",").split(",")
    )
    assert "? no licence is stated" in words


def test_what_is_told_of_a_column_of_text_is_told_though_it_is_declared(added) -> None:
    values = [*(f"10{n}.5" for n in range(40)), "1e3"]  # as R writes 1000
    (added.folder / "t.csv").write_text(
        "id,pression\n" + "".join(f"{n},{v}\n" for n, v in enumerate(values))
    )
    code, words = added("t.csv")
    assert code == 0 and added.keys("t")["columns"]["pression"] == "string"
    assert (
        "? `pression` is text: `1e3` is no plain number; if it is to be one, declare "
        "`columns: {pression: float}`" in words
    )


def test_a_token_is_kept_where_it_may_be_a_value(added) -> None:
    (added.folder / "t.csv").write_text(COUNTRIES)
    code, words = added("t.csv")
    assert code == 0 and "`NA` may be a value in `country`: it is kept there" in words
    assert added.keys("t")["columns"]["n"] == {"type": "int", "nulls": ["NA"]}
    assert added.table("t")["country"].to_pylist() == ["FR", "NA", "DE"]


KINDS = """
communes.csv communes_latin1.csv communes.csv.gz communes.tsv communes.json communes_nested.json
communes.ndjson communes.parquet communes.xlsx communes.ods communes.dta points.geojson points.gpkg
communes.7z communes.tar.gz communes.tar.zst
"""


STATED = {
    "communes.xlsx": "xlsx: {sheet: Communes, header: 3}",
    "communes.ods": "xlsx: {header: 3}",
}


@pytest.mark.parametrize("name", KINDS.split())
def test_files_of_all_kinds_give_the_table_of_a_bare_entry(name: str, added) -> None:
    """What is declared says what was found, and changes no value of it."""
    with Standins() as server:
        stated = ["--set", STATED[name]] if name in STATED else []
        code, words = added(f"{server.url}/files/{name}", "--name", "t", *stated)
        assert code == 0, words
        keys = added.keys("t")
        table = added.table("t")
        bare = {key: value for key, value in keys.items() if key not in ("columns", "checks")}
        config = yaml.safe_load(added.path.read_text())
        config["sources"]["t"] = bare
        added.path.write_text(yaml.safe_dump(config))
        found = added.table("t")
    assert table.num_rows == 250
    assert same(table, found)
    assert keys["checks"]["unique"] == ["code"]
    assert str(table.schema.field("code").type) == "string"


def same(one: pa.Table, other: pa.Table) -> bool:
    """Whether tables are the same, their columns in whatever order."""
    names = sorted(one.column_names)
    if names != sorted(other.column_names):
        return False
    rows = [sorted(map(str, table.select(names).to_pylist())) for table in (one, other)]
    kinds = [[str(table.schema.field(n).type) for n in names] for table in (one, other)]
    return rows[0] == rows[1] and kinds[0] == kinds[1]


def test_what_is_data_comes_first_in_the_list_of_an_archive(added, monkeypatch) -> None:
    with zipfile.ZipFile(added.folder / "a.whl", "w") as archive:
        archive.writestr("a.dist-info/METADATA", "Name: a")
        archive.writestr("a.dist-info/top_level.txt", "a")
        archive.writestr("a/rents.csv.gz", gzip.compress(b"code,n\n01001,1\n01002,2\n"))
        archive.writestr("a/py.typed", "")
    answering(monkeypatch, "", "")
    code, words = added("a.whl")
    assert code == 0 and "   1  a/rents.csv.gz\n   2  a.dist-info/METADATA\n" in words, words
    assert added.keys("rents")["member"] == "a/rents.csv.gz"


def test_numbers_that_json_holds_as_text_are_told(added) -> None:
    rows = [{"code": "01", "lat": "48.5", "n": "1"}, {"code": "02", "lat": "49", "n": "20"}]
    (added.folder / "t.json").write_text(json.dumps(rows))
    code, words = added("t.json")
    assert code == 0 and added.keys("t")["columns"]["lat"] == "string"
    assert (
        "? `lat`, `n`: text in the file, and each value is a number; if they are to be numbers, "
        "declare `columns: {lat: float, n: int}`\n" in words
    )


def test_members_and_sheets_are_listed_and_chosen(added) -> None:
    with zipfile.ZipFile(added.folder / "two.zip", "w") as archive:
        archive.writestr("a/rents.csv", "code,n\n01001,1\n01002,2\n")
        archive.writestr("b.csv", "code,n\n01001,3\n")
        archive.writestr("README.txt", "words")
        archive.writestr("index.js", "module.exports = {}")
    code, words = added("two.zip")
    assert code == 1 and "    a/rents.csv\n    b.csv\n" in words and "README" not in words
    assert "add --resource TEXT" in words
    code, words = added("two.zip", "--set", "member: b.csv", "--name", "two")
    assert code == 0 and added.keys("two")["member"] == "b.csv"
    code, words = added("two.zip", "--resource", "rent")
    assert code == 0 and added.keys("rents")["member"] == "a/rents.csv"
    assert added.keys("rents")["from"] == "archive" and added.table("rents").num_rows == 2
    code, words = added("two.zip", "--resource", "csv")
    assert code == 1 and "the archive holds 2" in words

    book = openpyxl.Workbook()
    for name, cells in {"Notes": ["a"], "Data": ["code", "n"]}.items():
        sheet = book.create_sheet(name)
        sheet.append(cells)
        sheet.append([number for number, _ in enumerate(cells, 1)])
    del book["Sheet"]
    book.save(added.folder / "book.xlsx")
    code, words = added("book.xlsx")
    assert code == 1 and "sheets: Data, Notes" in words, "one that has a table is first"
    assert "the same command with --set 'xlsx: {sheet: Data}' (or another of these)" in words
    code, words = added("book.xlsx", "--set", "xlsx: {sheet: Data}")
    assert code == 0 and added.keys("book")["xlsx"] == {"sheet": "Data"}
    assert added.table("book").column_names == ["code", "n"]
    code, words = added("book.xlsx", "--resource", "data", "--name", "again")
    assert code == 0 and added.keys("again")["xlsx"] == {"sheet": "Data"}


def test_a_layer_without_a_crs(added, real) -> None:
    code, words = added(str(real / "departements-shp.zip"), "--name", "d")
    assert code == 0, words
    assert added.keys("d")["geometry"] == {"family": "polygon", "crs": "EPSG:4326"}
    assert added.keys("d")["checks"]["unique"] == ["code_insee"]
    assert added.table("d").num_rows == 101


def test_real_communes(added, real) -> None:
    path = str(real / "etalab-decoupage-administratif-6.0.0.tgz")
    code, words = added(path)
    assert code == 1 and "communes.json\n" in words
    member = next(line.strip() for line in words.splitlines() if line.endswith("/communes.json"))
    code, words = added(path, "--set", f"member: {member}", "--name", "communes")
    assert code == 0, words
    table = added.table("communes")
    assert table.num_rows == 37590 and {"01001", "2A004"} <= set(table["code"].to_pylist())
    assert str(table.schema.field("population").type) == "int64"


STYLES = {
    "next_url": {"style": "next_url", "records": "data.items", "total": "total"},
    "link_header": {"style": "link_header"},
    "page": {"style": "page", "param": "page", "records": "items", "total": "total"},
    "offset": {"style": "offset", "param": "offset", "records": "results", "total": "count"},
    "cursor": {"style": "cursor", "next": "next_cursor", "param": "cursor", "records": "rows"},
    "world_bank": {"style": "page", "param": "page", "records": "[1]", "total": "[0].total"},
    "features": {"style": "next_url", "next": "links[rel=next].href", "total": "numberMatched"},
    "page?per_page=20&page=3": None,
}


@pytest.mark.parametrize("style", STYLES)
def test_pages_are_found_and_confirmed(style: str, added) -> None:
    with Standins() as server:
        code, words = added(f"{server.url}/examples/{style}", "--name", "t")
        assert code == 0, words
        keys = added.keys("t")
        assert keys["from"] == "api" and keys["pages"] == (STYLES[style] or STYLES["page"])
        assert ("params" in keys) == ("?" in style)
        assert added.table("t").num_rows == 250
    assert "confirmed: the second page" in words


def paged(first: int, name: str, size: int = 3, total: int = 7) -> object:
    """Return an API whose parameter counts pages, or records, from a first number on."""

    def answer(asked: Asked) -> Answer:
        given = asked.path.partition(f"{name}=")[2].partition("&")[0]
        at = int(given) - first if given else 0
        start = at * size if "page" in name.lower() else at
        items = [{"id": n, "v": f"0{n}"} for n in range(start, min(start + size, total))]
        return Answer(body=json.dumps({"meta": {"totalCount": total}, "list": items}).encode())

    return answer


@pytest.mark.parametrize(
    "first, name, more", [(0, "page", {"start": 0}), (0, "skip", {}), (1, "start", {"start": 1})]
)
def test_where_counting_begins(first: int, name: str, more: dict, added) -> None:
    with Scripted(paged(first, name)) as server:
        code, words = added(server.url + "/things", "--name", "t")
        assert code == 0, words
        style = "page" if name == "page" else "offset"
        pages = {"style": style, "param": name, "records": "list", "total": "meta.totalCount"}
        assert added.keys("t")["pages"] == pages | more
        assert added.table("t")["id"].to_pylist() == [*range(7)]


def test_an_offset_that_counts_pages_is_none(added) -> None:
    def answer(asked: Asked) -> Answer:
        page = int(asked.path.partition("offset=")[2].partition("&")[0] or 0)
        items = [{"id": n} for n in range(page * 3, min(page * 3 + 3, 90))]
        return Answer(body=json.dumps({"total": 90, "list": items}).encode())

    with Scripted(answer) as server:
        code, words = added(server.url + "/things")
    assert code == 1 and "how it is asked for the next ones was not found" in words


def test_an_api_that_hides_its_pages_is_not_half_taken(added) -> None:
    with Scripted(paged(0, "unheard_of")) as server:
        code, words = added(server.url + "/things")
    assert code == 1 and "announces 7 records (`meta.totalCount`) and gives 3" in words
    assert "--set 'pages: {style: offset, param: offset, records: list" in words


SHAPES = {
    "sparql": {
        "head": {"vars": ["code"]},
        "results": {"bindings": [{"code": {"type": "literal", "value": "01"}}]},
    },
    "jsonstat": {
        "version": "2.0",
        "class": "dataset",
        "id": ["geo"],
        "size": [2],
        "dimension": {"geo": {"category": {"index": {"FR": 0, "DE": 1}}}},
        "value": [1, 2],
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_documents_that_are_no_lists(shape: str, added) -> None:
    with Scripted(lambda _: Answer(body=json.dumps(SHAPES[shape]).encode())) as server:
        code, words = added(server.url + "/things.json", "--name", "t")
        assert code == 0, words
        keys = added.keys("t")
    assert keys["from"] == "file" and keys["json"] == {"shape": shape} and "records" not in keys


@pytest.mark.parametrize("url", ["/api/v1/datasets/rents/lines", "/rents/2024/data.csv", "/rents"])
def test_a_name_says_something_of_the_data(url: str) -> None:
    assert name_of(f"https://example.org{url}?size=1") == "rents"


def test_a_secret_goes_to_the_host_that_it_is_stated_for(monkeypatch) -> None:
    monkeypatch.setenv("T_KEY", "s3cret-value")
    fetch = FileFetch(url="http://localhost:1/x", auth=[Auth(env="T_KEY")], headers={"X-Mine": "1"})
    with Scripted(lambda _: Answer(body=b"{}")) as server:
        Asking(fetch).json(server.url + "/other")
        own = msgspec.structs.replace(fetch, url=server.url + "/x")
        Asking(own).json(server.url + "/own")
    other, mine = server.asked
    assert "Authorization" not in other.headers and "X-Mine" not in other.headers
    assert mine.headers["Authorization"] == "Bearer s3cret-value"


REFUSED = {
    "nothing.csv": "✗ nothing.csv: there is no such file",
    "~/nothing.csv": "✗ ~/nothing.csv: there is no such file",
    "www.example.org/a.csv": "if that is an address, type https://www.example.org/a.csv",
    "ftp://example.org/a.csv": "ftp:// is not read",
    ".": "is a folder",
    "empty.csv": "is empty",
    "paper.pdf": "a PDF",
    "https://example.org/a.csv?api_key=abc": "looks like a secret",
}


@pytest.mark.parametrize("typed", REFUSED)
def test_what_is_refused(typed: str, added) -> None:
    (added.folder / "empty.csv").write_bytes(b"")
    (added.folder / "paper.pdf").write_bytes(b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n")
    code, words = added(typed)
    assert code == 1 and REFUSED[typed] in words
    assert "abc" not in words


def test_names_and_places(added, monkeypatch, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "2024 Été.csv").write_bytes(content("communes.csv"))
    monkeypatch.setenv("HOME", str(home))
    assert added("~/2024 Été.csv")[0] == 0
    assert added.keys("t_2024_ete")["url"] == str(home / "2024 Été.csv")
    code, words = added("~/2024 Été.csv")
    assert code == 1 and "is what this source reads already" in words
    assert "`diffusion try t_2024_ete`. To add it once more, name it" in words
    assert added("~/2024 Été.csv", "--name", "again")[0] == 0 and added.keys("again")
    (home / "check.csv").write_bytes(content("communes.csv"))
    assert added("~/check.csv")[0] == 0 and added.keys("check_data")
    code, words = added("~/2024 Été.csv", "--name", "old")
    assert code == 1 and "there is a source of that name" in words
    code, words = added("~/2024 Été.csv", "--name", "Old")
    assert code == 1 and "lower case letters" in words


def test_what_is_added_to_the_example_of_the_template_is_told(added, monkeypatch) -> None:
    (added.folder / "t.csv").write_text(PENGUINS)
    assert "the template's example" not in added("t.csv", "--dry-run")[1]
    monkeypatch.setitem(SHIPPED, CONFIG, (sha256(added.path.read_bytes()).hexdigest(),))
    code, words = added("t.csv", "--dry-run")
    assert code == 0 and "is the template's example: `diffusion new` begins a project" in words


def test_a_dry_run_and_what_nobody_agrees_to_write_nothing(added, monkeypatch) -> None:
    (added.folder / "t.csv").write_text(PENGUINS)
    code, words = added("t.csv", "--dry-run")
    assert code == 0 and "t:\n  from: file\n" in words and "nothing was written" in words
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    before = added.path.read_bytes()
    assert main(["source", "t.csv"], added.folder) == 0
    assert added.path.read_bytes() == before
    assert main(["source", "t.csv", "--yes"], added.folder) == 0
    assert added.path.read_bytes() != before


def test_a_terminal_is_asked_which_remedy_is_right(added, monkeypatch) -> None:
    (added.folder / "t.csv").write_bytes("code;nom\n01;Muñoz\n02;Peña\n".encode("cp1252"))
    asked: list[str] = []
    answers = iter(["1", "y"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or next(answers))
    code, words = added("t.csv")
    assert code == 0, words
    assert "   1  `encoding: cp1252` reads 01;Muñoz" in words
    assert added.keys("t")["encoding"] == "cp1252"
    assert added.table("t")["nom"].to_pylist() == ["Muñoz", "Peña"]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_the_encoding_of_a_french_text_is_proposed_with_its_evidence(added, encoding) -> None:
    names = ["Ambérieu", "Bâgé", "Mâcon", "Évian"]
    text = "code;nom\n" + "".join(f"0{n};{name}\n" for n, name in enumerate(names, 1))
    (added.folder / "t.csv").write_bytes(text.encode(encoding))
    code, words = added("t.csv", "--yes")
    assert code == 0, words
    evidence = "5 signs beyond ASCII, all French then: é 2, â 2, É 1"
    assert f"encoding: {encoding} # {evidence}\n" in words
    assert added.keys("t")["encoding"] == encoding
    assert added.table("t")["nom"].to_pylist() == names


def answering(monkeypatch, *answers: str) -> None:
    """Let somebody at a terminal type these, one a question."""
    given = iter(answers)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: next(given))


MINISTRY = [
    ["Tableau 1 – Dépenses par département", None, None],
    [None, None, None],
    ["Code", "Département", "Évolution\n(en %)"],
    ["01", "Ain", 8.6],
    ["2A", "Corse-du-Sud", "ns"],
    ["38", "Isère", 2.5],
    ["75", "Paris", -1.5],
    ["ns : non significatif.", None, None],
    ["Source : Drees.", None, None],
]


def test_the_first_remedy_is_the_likely_one(added, monkeypatch) -> None:
    """Title above, notes below, a name of two lines: Enter at each question reads the table."""
    book = openpyxl.Workbook()
    for row in MINISTRY:
        book.active.append(row)
    book.save(added.folder / "t.xlsx")
    answering(monkeypatch, "", "", "")
    code, words = added("t.xlsx")
    assert code == 0, words
    columns = "Code · Département · Évolution (en %)"
    assert f"   1  `xlsx: {{header: 3}}` gives the columns {columns}\n" in words
    assert "   1  leave them out, `xlsx: {footer: 2}`\n" in words
    assert "   2  or state that all are rows of one table, `xlsx: {footer: 0}`\n" in words
    assert re.search("(?m)^Évolution \\(en %\\) +float", words)
    assert "· t.Évolution (en %): 1 of 4 values is `ns`: no value" in words
    assert added.keys("t")["xlsx"] == {"header": 3, "footer": 2}
    assert added.table("t")["Évolution\n(en %)"].to_pylist() == [8.6, None, 2.5, -1.5]


def test_a_terminal_is_asked_again(added, monkeypatch) -> None:
    (added.folder / "t.csv").write_bytes("code;nom\n01;Muñoz\n02;Peña\n".encode("cp1252"))
    answering(monkeypatch, "oui", "9", "1", "")
    code, words = added("t.csv")
    assert code == 0 and words.count("a number from 1 to ") == 2, words


def test_numbers_in_groups_are_whole(added) -> None:
    (added.folder / "t.csv").write_text("nom;n;p\nAin;32 390;1 204,5\nVar;1 083 214;3,5\n")
    assert added("t.csv")[0] == 0
    columns = added.keys("t")["columns"]
    assert columns["n"] == {"type": "int", "thousands": " "}
    assert columns["p"]["type"] == "float"
    assert added.table("t")["n"].to_pylist() == [32390, 1083214]


@pytest.mark.parametrize(
    ("values", "keys", "first"),
    [
        (["1.234,56", "2.000,00", "150,00"], {"decimal": ",", "thousands": "."}, 1234.56),
        (["1.234.567,8", "1.234", "-15"], {"decimal": ",", "thousands": "."}, 1234567.8),
        (["1,234.56", "2,000", "150.5"], {"thousands": ","}, 1234.56),
        (["1.234,56 €", "12,00 €"], {"decimal": ",", "thousands": ".", "unit": "€"}, 1234.56),
        (["1.234,56", "1,234.56"], None, "1.234,56"),
        (["1.234,56", "12.5"], None, "1.234,56"),
    ],
)
def test_points_and_commas_in_one_number(added, values, keys, first) -> None:
    """One value that has both shows which of them stands before decimals."""
    rows = "".join(f"d{n};{value}\n" for n, value in enumerate(values))
    (added.folder / "t.csv").write_text(f"dossier;montant\n{rows}")
    assert added("t.csv")[0] == 0
    expected = {"type": "float"} | keys if keys else "string"
    assert added.keys("t")["columns"]["montant"] == expected
    assert added.table("t")["montant"][0].as_py() == first


def test_codes_of_corsica_are_no_doubt(added) -> None:
    """`2A004` among `01053` is a code as these are."""
    codes = [f"{n:02}001" for n in range(1, 20)] + ["2A004", *(f"{n}001" for n in range(21, 96))]
    rows = "".join(f"{n};{code}\n" for n, code in enumerate(codes))
    (added.folder / "t.csv").write_text(f"id;chefLieu\n{rows}")
    code, words = added("t.csv")
    assert code == 0 and "if they are numbers" not in words


def test_a_path_beside_the_project(added) -> None:
    place = added.folder.parent
    (place / "data").mkdir()
    (place / "data/t.csv").write_text(PENGUINS)
    assert added("../data/t.csv")[0] == 0
    assert added.keys("t")["url"] == str(place / "data/t.csv")
    (place / "far/away").mkdir(parents=True)
    (place / "far/t.csv").write_text(PENGUINS)
    (place / "link").symlink_to(place / "far/away")
    assert added("../link/../t.csv", "--name", "u")[0] == 0
    assert added.table("u").num_rows == 3, "the file that the system finds there"


def test_a_path_that_was_mistyped(added) -> None:
    (added.folder / "communes.csv").write_text(PENGUINS)
    code, words = added("comunes.csv")
    assert code == 1 and "did you mean `" in words and "/communes.csv`? check the path" in words


def test_what_somebody_writes_meanwhile_is_kept(added, monkeypatch, capsys) -> None:
    (added.folder / "t.csv").write_text(PENGUINS)

    def answered(_: str) -> str:
        added.path.write_text(added.path.read_text() + "# mine\n")
        return "y"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", answered)
    assert main(["source", "t.csv"], added.folder) == 1
    assert "was changed meanwhile" in capsys.readouterr().err
    assert added.path.read_text() == BEFORE + "# mine\n"


def test_a_terminal_chooses(added, monkeypatch) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "code,n\n1A,1\n")
        archive.writestr("b.csv", "code,n\n1B,2\n1C,3\n")
    (added.folder / "two.zip").write_bytes(buffer.getvalue())
    answers = iter(["3", "two", "2", "y"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    code, words = added("two.zip")
    assert code == 0 and "   2  b.csv" in words and added.keys("b")["member"] == "b.csv"
    assert words.count("a number from 1 to 2; or Ctrl-D, and add --resource TEXT") == 2


def test_an_object(added, s3, monkeypatch, tmp_path: Path) -> None:
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    place = f"s3://lake/{tmp_path.name}"
    store = Store(place, connection(Server()))
    store.put("2024/rents.csv", content("communes.csv"), "0" * 64)
    code, words = added(f"{place}/2024/rents.csv")
    assert code == 0, words
    keys = added.keys("rents")
    assert (keys["from"], keys["url"]) == ("s3", f"{place}/2024/rents.csv")
    assert keys["checks"]["unique"] == ["code"] and added.table("rents").num_rows == 250
    code, words = added(f"{place}/2024/none.csv")
    assert code == 1 and "none.csv" in words


def test_the_page_shows_what_is_said(added) -> None:
    (added.folder / "data").mkdir()
    rows = "01001;1 234,5;03/04/2024\n2A004;NA;28/04/2024\n69123;987,6;01/05/2024\n"
    (added.folder / "data/loyers.csv").write_text(f"code_insee;loyer;le\n{rows}")
    words = added("data/loyers.csv")[1]
    page = (REPOSITORY / "docs/source.md").read_text("utf-8")
    assert f"```text\n$ diffusion source data/loyers.csv\n{words}```\n" in page


ACCIDENTS = {
    "names": ("first_name,n\nAna,1\nBob,1\nEva,1\n", None),
    "ages": ("age,n\n31,1\n25,1\n40,1\n", None),
    "a number of rooms": ("number_of_rooms,n\n3,1\n2,1\n", None),
    "codes": ("pays,n\nFR,1\nDE,1\n", ["pays"]),
    "in order": ("annee,n\n2021,1\n2022,1\n", ["annee"]),
    "many": ("nom,n\n" + "".join(f"n {n},1\n" for n in range(200)), ["nom"]),
}


@pytest.mark.parametrize("name", ACCIDENTS)
def test_a_key_is_no_accident(name: str, added) -> None:
    text, key = ACCIDENTS[name]
    (added.folder / "t.csv").write_text(text)
    code, words = added("t.csv")
    assert code == 0 and added.keys("t").get("checks", {}).get("unique") == key
    assert ("no key was found" in words) == (key is None)
