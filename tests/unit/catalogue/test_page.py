"""The pages: what they show, that they need nothing else, and that no value becomes markup."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalogues import DPE, SHA, config_of, listed, manifest_of, thing
from diffusion.catalogue.files import refresh_catalogue, write_catalogue
from diffusion.catalogue.page.place import Place
from diffusion.catalogue.page.snippets import snippets
from diffusion.catalogue.page.words import WORDS, number, share, size
from diffusion.errors import DiffusionError
from diffusion.publish.manifest import MANIFEST
from diffusion.run.code import _followed
from diffusion.storage.connection import Connection
from diffusion.storage.store import Store
from projects import REPOSITORY

EVIL = "<script>alert('1')</script>\"&"
PAGES = ["page-of/dpe.html", "page-of/parts.html", "page-of/shapes.html", "index.html"]
VOID = {"meta", "link", "input", "img", "br", "wbr"}


class Page(HTMLParser):
    """What a page refers to, and its text; elements must be closed in order."""

    def __init__(self, html: str):
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        self.links += [given[key] for key in ("href", "src") if key in given]
        self.ids += [given["id"]] if "id" in given else []
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture
def place(tmp_path, monkeypatch) -> Store:
    """A prefix with all objects that its manifest lists, and a working folder beside it."""
    monkeypatch.chdir(tmp_path)
    return filled(tmp_path, manifest_of(dpe=DPE, **others()))


def others() -> dict:
    """Return the other entries of the manifest, and a figure whose texts are markup."""
    carte = {
        "project": "demo",
        "kind": "figure",
        "description": EVIL,
        "about": {"title": EVIL, "homepage": "javascript:alert(1)"},
        "objects": [thing("carte.png"), thing("carte.svg")],
        "inputs": ["dpe", "private"],
        "credits": [EVIL],
        "published": "2026-01-02T03:04:05+00:00",
    }
    tables = manifest_of()["tables"]
    return {name: tables[name] for name in ("parts", "shapes")} | {"carte": carte}


def filled(folder: Path, manifest: dict) -> Store:
    store = Store(str(folder / "published"), None)
    store.put(MANIFEST, json.dumps(manifest).encode(), "")
    for entry in manifest["tables"].values():
        for item in entry["objects"]:
            store.put(item["key"], b"abc", "")
    return store


def made(folder: Path, of: str = SHA, text: str = "01053") -> None:
    """Make what a run leaves of the table ``dpe``: the file, its facts, what its checks found."""
    tables = folder / "results" / "tables"
    tables.mkdir(parents=True)
    path = tables / "dpe.parquet"
    columns = {"code": [text, None], "n": [10, 9], "shape": [b"1", b"2"], "tags": [["a"], None]}
    pq.write_table(pa.table(columns), path)
    found = "1 of 2 values is missing"
    example = {"value": text, "row": 2}
    result = {"check": "not_null", "column": "code", "level": "warn", "found": found}
    result |= {"examples": [example], "failed": 1, "total": 2, "passed": False}
    facts = {"sha256": of, "size": path.stat().st_size, "checks": {"results": [result]}}
    (tables / "dpe.json").write_text(json.dumps(facts))


def noted(**more: object) -> dict:
    return DPE | {"table_sha256": SHA, "checks": "warned", "missing": {"code": 1}} | more


def pages(store: Store) -> dict[str, Page]:
    keys = [key for key, _ in store.list("") if key.endswith(".html")]
    return {key: Page(text(store, key)) for key in keys}


def text(store: Store, key: str) -> str:
    return store.read(key)[0].decode()


def test_every_link_leads_somewhere_without_a_server(place, tmp_path):
    write_catalogue(place, config_of(), tmp_path)
    keys = {key for key, _ in place.list("")}
    found = pages(place)
    assert found.keys() == {*PAGES, "page-of/carte.html"}
    for key, page in found.items():
        assert len(page.ids) == len(set(page.ids))
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids
            elif not link.startswith(("https://", "mailto:", "data:,")):
                assert not PurePosixPath(link).is_absolute()
                assert unquote(urljoin(key, link)) in keys, link


def test_nothing_is_asked_from_elsewhere(place, tmp_path):
    """Links are followed by a click; nothing else names another place."""
    write_catalogue(place, config_of(), tmp_path)
    for key, page in pages(place).items():
        for tag, given in page.elements:
            assert "style" not in given and not any(name.startswith("on") for name in given)
            if tag != "a" and "://" in json.dumps(given):
                raise AssertionError((key, tag, given))
        html = text(place, key)
        assert "@import" not in html and "url(" not in html and "fetch(" not in html
        assert "default-src 'none'" in html
        assert str(tmp_path) not in html


def test_no_value_is_markup(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    columns = listed({EVIL: "string"})
    about = {"title": EVIL, "described": {EVIL: {"description": EVIL, "measured_in": EVIL}}}
    change = {"vintage": EVIL, "new": [EVIL], "retyped": {EVIL: ["a", EVIL]}}
    more = {"description": EVIL, "columns": columns, "licence": EVIL, "vintage": EVIL}
    more |= {"values": {EVIL: {"min": EVIL, "max": EVIL}}, "changes": [change], "credits": [EVIL]}
    entry = noted(**more, about=about, retrieval={"url": "javascript:alert(1)"})
    made(tmp_path, text=EVIL)
    manifest = manifest_of(dpe=entry, **others())
    manifest["project"] |= {"title": EVIL, "publisher": EVIL, "licence": EVIL}
    manifest["project"]["about"] = {"contact": f"javascript:{EVIL}", "homepage": EVIL}
    store = filled(tmp_path, manifest)
    monkeypatch.setattr("diffusion.catalogue.files.said", lambda *_: _Nothing)
    monkeypatch.setattr("diffusion.catalogue.files.update_manifest", lambda *_: None)
    write_catalogue(store, config_of(), tmp_path)
    for key, page in pages(store).items():
        html = text(store, key)
        assert "<script>alert" not in html
        assert not any(link.startswith("javascript:") for link in page.links)
        assert EVIL in " ".join(page.texts)
    assert html.count("<script") == 1  # of the index; beside it, a table's page has what it keeps
    assert text(store, "page-of/dpe.html").count("<script") == 2


def test_no_value_is_markdown_either(tmp_path, monkeypatch):
    """Beside HTML: links, headings, cells of tables, ends of code."""
    monkeypatch.chdir(tmp_path)
    evil = f"{EVIL} [x](http://evil.example) | `\n\n# y\n````\n"
    about = {"title": evil, "described": {evil: {"description": evil, "measured_in": evil}}}
    more = {"description": evil, "columns": listed({evil: "string", "geometry": "binary"})}
    more |= {"licence": evil, "vintage": evil, "credits": [evil], "about": about}
    shapes = manifest_of()["tables"]["shapes"] | more
    store = filled(tmp_path, manifest_of(shapes=shapes))
    refresh_catalogue(store, begin=True)
    keys = [key for key, _ in store.list("") if key.endswith(".md")]
    assert len(keys) == 4
    for key in keys:
        prose = [line for line in text(store, key).splitlines() if not line.startswith("    ")]
        assert not [line for line in prose if re.search(r"<script|(?<!\\)\[x\]|^# y|^````", line)]
        assert len([line for line in prose if line.startswith("# ")]) == 1


_Nothing = object()


@pytest.mark.parametrize(
    ("language", "given"),
    [("fr", ("Colonnes", "Millésime 2025-03-19", "2 lignes", "Licence Ouverte 2.0")), ("de", None)],
)
def test_in_french_and_otherwise_in_english(place, tmp_path, language, given):
    config = config_of()
    project = type(config.project)(**{**_fields(config.project), "language": language})
    write_catalogue(place, _with(config, project), tmp_path)
    found = pages(place)
    both = f"{found['page-of/dpe.html'].text} {found['index.html'].text}"
    for word in given or ("Columns", "Vintage 2025-03-19", "2 rows", "Licence Ouverte 2.0"):
        assert word in both
    assert ("html", {"lang": language if given else "en"}) in found["index.html"].elements
    heading = next(given for tag, given in found["index.html"].elements if tag == "h1")
    assert heading["lang"] == language, "the texts have the language of the project"


def _fields(struct) -> dict:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def _with(config, project):
    return msgspec.structs.replace(config, project=project)


def test_every_word_is_in_both_languages():
    assert WORDS["en"].keys() == WORDS["fr"].keys()
    assert all(word for words in WORDS.values() for word in words.values())


def test_numbers_as_each_language_writes_them():
    assert (number(1234567.5, "fr"), number(1234567.5, "en")) == (
        "1\u202f234\u202f567,5",
        "1,234,567.5",
    )
    assert (size(999, "en"), size(3_130_965, "fr"), size(999_600, "en")) == (
        "999 B",
        "3,1 Mo",
        "1.0 MB",
    )
    assert (share(0, 10, "en"), share(1, 10**6, "en"), share(10**6 - 1, 10**6, "en")) == (
        "0%",
        "0.1%",
        "99.9%",
    )
    assert share(10, 10, "fr") == "100\u202f%"


def test_the_same_again_puts_nothing(place, tmp_path, monkeypatch):
    made(tmp_path)
    write_catalogue(place, config_of(), tmp_path)
    puts = []
    monkeypatch.setattr(Store, "put", lambda s, key, *a, **k: puts.append(key))
    write_catalogue(place, config_of(), tmp_path)
    assert puts == []


def test_first_rows_and_what_warned(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = filled(tmp_path, manifest_of(dpe=noted()))
    made(tmp_path)
    write_catalogue(store, config_of(), tmp_path)
    page = pages(store)["page-of/dpe.html"]
    assert 'code n tags 01053 10 ["a"] ∅ 9 ∅' in page.text
    assert "averti not_null code : valeurs manquantes : 1 sur 2 : code 01053 (ligne 2)" in page.text
    assert "50,0\u202f%" in text(store, "page-of/dpe.html")


def test_the_most_frequent_values_with_their_shares(tmp_path):
    values = {"code": {"distinct": 3, "top": [["01", 1], ["<b>", 1]]}}
    dpe = DPE | {
        "rows": 8,
        "values": values | {"n": {"distinct": 1, "top": [[2019, 8]]}, "day": {"distinct": 5}},
    }
    store = filled(tmp_path, manifest_of(dpe=dpe))
    write_catalogue(store, config_of(), tmp_path)
    page = pages(store)["page-of/dpe.html"].text
    assert "Les plus fréquentes" in page
    assert "01 (12,5 %) · <b> (12,5 %) · …" in page
    assert page.count("…") == 1
    assert "2019 (100 %)" in page


def test_numbers_are_written_in_the_language_of_the_page_and_years_stay_years(tmp_path):
    types = {"surface": "double", "price": "decimal128(9, 2)", "n": "int64", "code": "string"}
    types["day"] = "date32[day]"
    values = {
        "surface": {"distinct": 1, "min": 3.6, "max": 13.0, "top": [[3.6, 8]]},
        "price": {"min": "1.10", "max": "12345.60"},
        "n": {"min": 2019, "max": 12345},
        "code": {"min": "1.10", "max": "12345"},
    }
    dpe = DPE | {"rows": 8, "columns": listed(types), "values": values}
    store = filled(tmp_path, manifest_of(dpe=dpe))
    write_catalogue(store, config_of(), tmp_path)
    page = pages(store)["page-of/dpe.html"].text.replace("\u202f", " ")
    assert "3,6 (100 %)" in page and "3,6 13,0" in page
    assert "1,10 12 345,60" in page and "2019 12 345" in page and "1.10 12345" in page


@pytest.mark.parametrize(
    "given, english, french",
    [
        (2024, "2024", "2024"),
        (-12345.5, "-12,345.5", "-12\u202f345,5"),
        (1e-07, "1e-07", "1e-07"),
        (1.5e20, "1.5e+20", "1,5e+20"),
        ("1.10", "1.10", "1.10"),
        (True, "True", "True"),
    ],
)
def test_a_number_in_both_languages(given, english, french) -> None:
    assert [number(given, language) for language in ("en", "fr")] == [english, french]


def test_types_are_short(tmp_path):
    """On the screen of a phone a long one would push what is known of columns out of sight."""
    box = "struct<xmin: float, ymin: float, xmax: float, ymax: float>"
    types = {
        "code": "string",
        "surface": "double",
        "day": "date32[day]",
        "geometry": "binary",
        "bbox": box,
    }
    layer = others()["shapes"] | {"columns": listed(types)}
    plain = DPE | {"columns": listed(types)}
    store = filled(tmp_path, manifest_of(shapes=layer, dpe=plain))
    write_catalogue(store, config_of(), tmp_path)
    for name, told in (("shapes", "geometry"), ("dpe", "binary")):
        found = re.findall(r'<td class="type"[^>]*>(.*?)</td>', text(store, f"page-of/{name}.html"))
        assert found == ["string", "float", "date", told, "struct"]


def test_how_values_are_spread_is_drawn_and_said(tmp_path):
    days = {"from": "2013-01-01", "to": "2013-01-11", "counts": [0, 30, 10], "outside": 2}
    hidden = {"from": 1, "to": "${YEAR}", "counts": [1]}
    values = {
        "day": {"min": "1899-12-30", "max": "2031-01-01", "spread": days | {"sampled": True}},
        "n": {"min": 0, "max": 40, "spread": {"from": 0, "to": 40, "counts": [1, 999]}},
        "surface": {"min": -1.0, "max": 2.0, "spread": {"from": 0.0, "to": 1.23456, "counts": [5]}},
        "price": {"min": "1.10", "max": "9", "spread": {"from": 1.1, "to": 9.0, "counts": [5]}},
        "code": {"min": 1, "max": "${YEAR}", "spread": hidden},
    }
    store = filled(tmp_path, manifest_of(dpe=DPE | {"values": values}))
    write_catalogue(store, config_of(), tmp_path)
    page = text(store, "page-of/dpe.html").replace("\u00a0", " ").replace("\u202f", " ")
    said = re.findall(r'role="img" aria-label="(Répartition[^"]*)"', page)
    assert said == [
        "Répartition : 2013-01-01 – 2013-01-11, au-delà : 4,8 %; le plus souvent : 2013-01-04 – "
        "2013-01-08 (71,4 %); sur un échantillon de 42 valeurs",
        "Répartition : 0 – 40; le plus souvent : 20 – 40 (99,9 %)",
        "Répartition : 0 – 1,235; le plus souvent : 0 – 1,235 (100 %)",
        "Répartition : 1,1 – 9; le plus souvent : 1,1 – 9 (100 %)",
    ]
    notes = re.findall(r'</svg><span class="note">([^<]*)', page)
    assert notes == ["2013-01-01 – 2013-01-11, au-delà : 4,8 %", "0 – 1,235"]
    drawn = re.findall(r'<rect x="(\d+)" y="(\d+)" width="5" height="(\d+)"', page)
    assert drawn[:4] == [("6", "0", "32"), ("12", "21", "11"), ("0", "31", "1"), ("6", "0", "32")]


def test_types_and_whole_numbers_are_as_people_write_them(tmp_path):
    kinds = {"price": "decimal128(12, 2)", "tags": "list<element: list<element: string>>"}
    kinds |= {"kind": "dictionary<values=string, indices=int32, ordered=0>", "year": "int64"}
    values = {"year": {"min": 2013, "max": 12013, "spread": {"from": 1, "to": 2, "counts": [1]}}}
    entry = DPE | {"columns": listed(kinds), "values": values}
    store = filled(tmp_path, manifest_of(dpe=entry))
    write_catalogue(store, config_of({"columns": {}, "temporal": "2014"}), tmp_path)
    page = text(store, "page-of/dpe.html")
    cells = re.findall(r'<td class="(?:type|min|max)"[^>]*>([^<]*)', page)
    told = [cell.replace("\u202f", " ") for cell in cells if cell]
    assert told == ["decimal(12,2)", "list[list[string]]", "category", "int", "2013", "12 013"]


def test_a_long_name_goes_on_in_another_line_and_is_no_markup(tmp_path):
    names = {"classe_<b>_énergie": "string"}
    store = filled(tmp_path, manifest_of(dpe=DPE | {"columns": listed(names)}))
    write_catalogue(store, config_of({"columns": {}, "temporal": "2014"}), tmp_path)
    page = text(store, "page-of/dpe.html")
    assert '<th scope="row"><code>classe_<wbr>&lt;b&gt;_<wbr>énergie</code></th>' in page


def test_a_run_elsewhere_keeps_the_rows_of_the_same_version_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = filled(tmp_path, manifest_of(dpe=noted()))
    made(tmp_path)
    write_catalogue(store, config_of(), tmp_path)
    monkeypatch.chdir(tmp_path / "published")  # no results here
    before = text(store, "page-of/dpe.html")
    refresh_catalogue(store)
    assert text(store, "page-of/dpe.html") == before
    newer = manifest_of(dpe=noted(table_sha256=SHA.replace("0", "f")))
    store.put(MANIFEST, json.dumps(newer).encode(), "")
    refresh_catalogue(store)
    page = pages(store)["page-of/dpe.html"]
    assert "01053" not in page.text
    assert "Some checks warned; the details are not kept here." in page.text


def test_rows_of_another_version_are_not_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = filled(tmp_path, manifest_of(dpe=noted()))
    made(tmp_path, of="e" * 64)
    write_catalogue(store, config_of(), tmp_path)
    assert "01053" not in text(store, "page-of/dpe.html")


def test_the_page_of_what_is_withdrawn_goes(place, tmp_path):
    write_catalogue(place, config_of(), tmp_path)
    left = manifest_of(dpe=DPE) | {"withdrawn": {"shapes": {}}}
    left["taken_down"] = {"x": {"as": "carte"}}
    place.put("page-of/carte.html", b"of somebody else", "")
    place.put("catalog.jsonld", b"of somebody else", "")  # which ends it, after that
    place.put(MANIFEST, json.dumps(left).encode(), "")
    with pytest.raises(DiffusionError, match="did not make"):
        refresh_catalogue(place)
    place.delete(["catalog.jsonld"])
    assert {key for key, _ in place.list("page-of")} == {
        "page-of/carte.html",
        "page-of/dpe.html",
        "page-of/parts.html",  # nobody says that it went
    }
    refresh_catalogue(place)
    assert "shapes" not in text(place, "index.html")


def test_a_page_of_somebody_else_is_left(place, tmp_path):
    place.put("index.html", b"<h1>mine</h1>", "")
    with pytest.raises(DiffusionError, match="a file that this project did not make"):
        write_catalogue(place, config_of(), tmp_path)
    assert text(place, "index.html") == "<h1>mine</h1>"


def test_how_it_is_cited(place, tmp_path):
    write_catalogue(place, config_of(), tmp_path)
    words = "Energy certificates [jeu de données], millésime 2025-03-19, publié le 2026-01-02"
    where = "https://data.example/demo/page-of/dpe.html"
    cited = f"The office. {words}. Licence Ouverte 2.0. {where}"
    assert cited in pages(place)["page-of/dpe.html"].text


def test_inputs_are_links_by_the_hash_of_what_was_read(tmp_path, monkeypatch):
    """The manifest has the names of the configuration; they may be published as others."""
    monkeypatch.chdir(tmp_path)
    derived = DPE | {"inputs": {"raw_name": SHA, "private": "e" * 64}}
    store = filled(tmp_path, manifest_of(dpe=noted(), d=derived))
    write_catalogue(store, config_of(), tmp_path)
    page = pages(store)["page-of/d.html"]
    assert "dpe.html" in page.links
    assert "Produit à partir de dpe , private" in page.text


def test_the_list_has_the_vintages_that_a_derived_table_is_made_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    derived = {key: value for key, value in DPE.items() if key != "vintage"}
    derived |= {"vintages": {"dpe": "2024-01", "communes": "2025", "regions": "2025"}}
    store = filled(tmp_path, manifest_of(d=derived))
    write_catalogue(store, config_of(), tmp_path)
    assert "Millésime 2024-01, 2025" in pages(store)["index.html"].text


def test_templates_are_code():
    template = "scripts/diffusion/catalogue/page/templates/index.html"
    here, start = str(REPOSITORY), "scripts/write_summary.py"
    assert template in _followed(here, start, here)[0]


PLACES = {
    "here": Place(),
    "public": Place("https://data.example/demo/"),
    "s3": Place("", "bucket/demo/", "https://minio.example", "us-east-1"),
    "plain": Place("", "bucket/", "http://127.0.0.1:9000", "us-east-1"),
    "amazon": Place("", "bucket/demo/", "", "eu-west-3", path_style=False),
}


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("name", ["dpe", "parts", "shapes"])
def test_code_is_code_and_says_where(where, name):
    place, entry = PLACES[where], manifest_of()["tables"][name]
    found = {s.tool: s.text for s in snippets(place, name, entry)}
    for tool, code in found.items():
        if tool in ("pandas", "pyarrow", "polars", "geopandas", "s3fs", "boto3", "Spark"):
            compile(code, tool, "exec")
        if place.s3 and tool != "boto3":
            assert f"{place.s3}{name}" in code
        assert place.endpoint.partition("://")[2] in code
    assert ("geopandas" in found) == (name == "shapes")
    assert ("mc" in found) == ("Spark" in found) == bool(place.s3)


def test_spark_is_told_to_read_times_of_a_day():
    for kind, told in (("time64[us]", True), ("timestamp[us]", False)):
        entry = {"objects": [thing("t.parquet")], "columns": listed({"at": kind})}
        found = {s.tool: s.text for s in snippets(PLACES["s3"], "t", entry)}
        assert ('"spark.sql.timeType.enabled", "true"' in found["Spark"]) == told


def test_code_for_a_folder_reads_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = pa.table({"code": ["01", "2A"], "n": [1, 2]})
    for key in ("t.parquet", "p/by_code=_01/data-1.parquet", "p/by_code=_2A/data-1.parquet"):
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
    columns = listed({"code": "string", "n": "int64"})
    parts = [thing("p/by_code=_01/data-1.parquet", values={"code": "01"})]
    for name, objects, rows in (("t", [thing("t.parquet")], 2), ("p", parts, 4)):
        found = {
            s.tool: s.text
            for s in snippets(Place(), name, {"objects": objects, "columns": columns})
        }
        for tool, result in (("pandas", "df"), ("pyarrow", "table")):
            scope: dict = {}
            exec(found[tool], scope)  # noqa: S102
            assert len(scope[result]) == rows
            names = getattr(scope[result], "column_names", None) or list(scope[result].columns)
            assert names == ["code", "n"]
        assert len(duckdb.sql(found["DuckDB"]).fetchall()) == rows


def test_a_place_has_no_key_and_no_path(tmp_path):
    assert Place.of(Store(str(tmp_path), None), {}) == Place()
    link = Connection(
        "https://minio.example", access_key="AKIA", secret_key="s3cr3t", token="t0ken"
    )
    place = Place.of(Store("s3://bucket/demo", link), {"public_url": "javascript:x"})
    assert place == Place("", "bucket/demo/", "https://minio.example", "us-east-1")
    for snippet in snippets(place, "dpe", manifest_of()["tables"]["dpe"]):
        assert not re.search("AKIA|s3cr3t|t0ken", snippet.text)


@pytest.mark.parametrize(
    "place", [Place(), Place(s3="b/p/", endpoint="https://s3.example", region="r")]
)
@pytest.mark.parametrize("kind", ["list<element: string>", "string"])
def test_code_asks_for_columns_where_there_are_plain_ones(place, kind):
    entry = {"objects": [thing("t.parquet")], "columns": listed({"tags": kind})}
    for snippet in snippets(place, "t", entry):
        assert not re.search(r"\[\]|c\(\)|\"\"", snippet.text), snippet
        if snippet.tool in ("pandas", "pyarrow", "polars", "DuckDB", "R (arrow)"):
            assert ('"tags"' in snippet.text) == (kind == "string")
