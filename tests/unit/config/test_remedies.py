"""Remedies that print YAML keep what is declared: pasted, they lose nothing."""

import pytest
import yaml

from diffusion.config.remedies import merged, remedies_merged
from diffusion.config.typed import flat_entry
from diffusion.errors import DiffusionError
from fetches import source_of

ENTRY = {
    "csv": {"delimiter": ";", "encoding": "cp1252"},
    "xlsx": {"sheet": "Données 2023"},
    "pages": {"records": "items", "total": "meta.total", "style": "page"},
    "columns": {"n": {"type": "int", "nulls": ["x"]}, "d": {"type": "date"}},
    "encoding": "utf-8",
}
REMEDIES = {
    '`csv: {decimal: ","}`': '`csv: {delimiter: ";", encoding: cp1252, decimal: ","}`',
    "`csv: {delimiter: …, header: …}`": "`csv: {delimiter: …, encoding: cp1252, header: …}`",
    "`xlsx: {header: 3}`": '`xlsx: {sheet: "Données 2023", header: 3}`',
    "`pages: {style: offset, …}`": "`pages: {records: items, total: meta.total, style: offset}`",
    "`columns: {n: {type: int, …}}`": "`columns: {n: {type: int, nulls: [x]}, d: date}`",
    "`columns: {n: {nulls: [y, x]}}`": "`columns: {n: {type: int, nulls: [x, y]}, d: date}`",
    "`columns: {n: float}`": "`columns: {n: {type: float, nulls: [x]}, d: date}`",
    "`columns: {e: string}`": "`columns: {n: {type: int, nulls: [x]}, d: date, e: string}`",
    # nothing is declared there, or it is no mapping
    '`geometry: {crs: "EPSG:4326"}`': '`geometry: {crs: "EPSG:4326"}`',
    '`encoding: {"a.csv": …}`': '`encoding: {"a.csv": …}`',
    # of columns that whoever reads it knows
    "`columns: {…: {fill: down}}`": "`columns: {…: {fill: down}}`",
    "`columns: {a: {b: c}`": "`columns: {a: {b: c}`",
}


@pytest.mark.parametrize("remedy", REMEDIES)
def test_a_remedy_keeps_what_is_declared(remedy: str) -> None:
    assert merged(f"write {remedy}, or not", ENTRY) == f"write {REMEDIES[remedy]}, or not"


def test_what_is_printed_is_what_is_meant() -> None:
    odd = {"nulls": ["yes", "1", "a: b"], "format": '%d "of" %m', "on": True, "x": 1.5}
    told = merged("`columns: {n: date}`", {"columns": {"n": odd}})
    read = yaml.safe_load(told.strip("`"))
    assert read == {"columns": {"n": odd | {"type": "date"}}}


def test_of_many_columns_only_those_it_is_about() -> None:
    entry = {"columns": {f"c{n}": {"type": "int", "nulls": ["x"]} for n in range(9)}}
    told = merged("`columns: {c3: float, new: string}`", entry)
    assert told == "`columns: {…, c3: {type: float, nulls: [x]}, new: string}`"


def test_errors_are_told_so() -> None:
    entry = flat_entry(source_of("a.csv", "file", csv={"delimiter": ";"}))
    with pytest.raises(DiffusionError) as caught, remedies_merged(entry):
        raise DiffusionError("a", "b", "`csv: {header: 2}`")
    assert caught.value.fix == '`csv: {delimiter: ";", header: 2}`'
