"""The first and the last row of a sheet, and of an API's records, by a reader of another make."""

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from backports import zstd
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from conversions import raw, refusal
from diffusion.config.resolve import resolve_config
from diffusion.convert.json import api_records
from diffusion.convert.stages import convert_table
from diffusion.convert.workbooks import sheet_rows
from diffusion.errors import DiffusionError

ROWS = [["code", "nom", "v"], ["01", "a < b", 1.5], ["02", None, 2], ["03", "é_x000D_", None]]
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def workbook(folder: Path, rows=ROWS, name: str = "a.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / name)
    return folder / name


def with_members(path: Path, **changed: str) -> Path:
    """Write members anew; Excel's strings are shared, others' tags have a prefix."""
    target = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode()
            if name == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
                part = f'<Override PartName="/{STRINGS}" ContentType="{kind}.sharedStrings+xml"/>'
                data = data.replace("</Types>", f"{part}</Types>")
            if name == SHEET and "cells" in changed:
                head, _, rest = data.partition("<sheetData>")
                rest = rest.partition("</sheetData>")[2]
                data = f"{head}<sheetData>{changed['cells']}</sheetData>{rest}"
            new.writestr(name, data)
        if "strings" in changed:
            main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            new.writestr(STRINGS, f'<sst xmlns="{main}">{changed["strings"]}</sst>')
    return target


@pytest.mark.parametrize(("row", "text"), [("first", "a < b"), ("last", "é_x000D_")])
@pytest.mark.parametrize("wrong", ["", "?"])
def test_rows_that_come_otherwise_are_refused(converter, monkeypatch, row, text, wrong):
    path, read = workbook(converter.folder), sheet_rows.cell_text
    assert converter.columns(path)["nom"] == ["a < b", None, "é\r"]
    monkeypatch.setattr(sheet_rows, "cell_text", lambda c: wrong if c.value == text else read(c))
    assert f"its {row} record did not come as it is" in refusal(converter, path)


def test_shared_strings(converter):
    """Rich, spoken and empty ones, gaps between cells, and rows that hold nothing."""
    strings = "<si><t>nom</t></si><si/><si><r><t>ab</t></r><r><rPr/><t xml:space='preserve'> c</t>"
    strings += "</r><rPh sb='0' eb='1'><t>spoken</t></rPh></si><si><t>code</t></si>"
    cells = '<row r="1"><c r="A1" t="s"><v>3</v></c><c r="C1" t="s"><v>0</v></c></row><row r="2"/>'
    cells += '<row r="3"><c r="A3"><v>7</v></c><c r="C3" t="s"><v>2</v></c></row>'
    cells += '<row r="4"><c r="A4"><v>8</v></c><c r="C4" t="s"><v>1</v></c></row>'
    path = with_members(workbook(converter.folder), cells=cells, strings=strings)
    found = converter.columns(path, xlsx={"header": 1})
    assert found == {"code": ["7", "8"], "c2": [None, None], "nom": ["ab c", None]}


def test_rows_below_a_title_and_wider_books(converter):
    rich = CellRichText("été ", TextBlock(InlineFont(b=True), "gras"))
    path = workbook(converter.folder, [["Titre"], [], ROWS[0], ["01", rich, 3], ["02", "x", 4]])
    assert converter.columns(path, xlsx={"header": 3})["nom"] == ["été gras", "x"]
    many = [[f"c{n}" for n in range(60)], *[[f"{n}é" for n in range(60)]] * 90]
    assert converter.columns(workbook(converter.folder, many))["c59"] == ["59é"] * 90
    alone = converter.columns(workbook(converter.folder, ROWS[:1]), xlsx={"header": 1})
    assert alone == {"code": [], "nom": [], "v": []}


@pytest.mark.parametrize("count", [0, 1, 3, 50_000])
def test_records_of_an_api(converter, monkeypatch, count):
    path = converter.folder / "records.ndjson.zst"
    records = [{"n": n, "at": {"nom": f"é {n}"}, "l": [n]} for n in range(count)]
    with zstd.open(path, "wb") as file:
        file.write("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode())
    ends = api_records.ends_of_zstd(path)
    assert [int(end["n"]) for end in ends] == ([0, count - 1] if count else [])
    if not count:
        return
    source = {"from": "api", "url": "https://x.example/a", "vintage": "1"}
    source["pages"] = {"style": "none", "records": "results"}
    config = {"project": {"name": "tests", "licence": "LO 2.0"}, "sources": {"t": source}}
    given = ("t", resolve_config(config).sources["t"], [raw(path)], converter.target)
    convert_table(*given, converter.limits())
    ends[-1]["at"]["nom"] = "e 0"
    monkeypatch.setattr(api_records, "ends_of_zstd", lambda _: ends)
    with pytest.raises(DiffusionError, match="record did not come as it is"):
        convert_table(*given, converter.limits())
