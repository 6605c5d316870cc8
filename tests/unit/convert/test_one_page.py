"""A JSON file of which it is said later where its records are: it may be one page of an API."""

import json

import pytest

from conversions import Converter, raw, source_of
from diffusion.convert.stages import convert_table
from diffusion.errors import DiffusionError

PAGE = {"total": 250, "data": [{"n": 1}, {"n": 2}]}


def convert(converter: Converter, url: str) -> None:
    item = raw(converter.file(json.dumps(PAGE), "page.json"))
    item.request["url"] = url
    source = source_of(records="data")
    convert_table("t", source, [item], converter.target, converter.limits())


def test_one_page_is_known_once_its_records_are_named(converter: Converter) -> None:
    """They were named after its raw copy was frozen: fetching could not know."""
    with pytest.raises(DiffusionError, match=r"more than its 2 records: `total`: 250") as caught:
        convert(converter, "https://api.example/rows")
    assert "`pages: {records: data, style: page, total: total}`" in caught.value.fix


def test_a_part_that_is_meant_is_taken(converter: Converter) -> None:
    convert(converter, "https://api.example/rows?page=2")
    assert "notes" not in converter.notes()


def test_of_a_local_file_it_is_noted(converter: Converter) -> None:
    convert(converter, "rows.json")
    said = "page.json: says that there are more than its 2 records: `total`: 250"
    assert converter.notes()["notes"] == [said]
