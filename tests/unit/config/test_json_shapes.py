"""Where the records are and what shape they have: what cannot be is an error before a run."""

import pytest
import yaml

from diffusion.config.resolve import ConfigError, resolve_config

START = "project: {name: x}\nvintage: '1'\nsources:\n  s: {%s}\n"
API = "from: api, url: https://x.example"
FILE = "from: file, url: https://x.example/f"
WRONG = {
    "the last element of a file": (FILE, "records: 'a[-1]'", "counts from the end, or searches"),
    "no path": (FILE, "records: a..b", "`a..b` is no path: `.b` is no step"),
    "a header of a file": (FILE, "records: 'header:X'", "a file has none"),
    "two columns of keys": (FILE, "records: 'a.*.*'", "named `key`: name them, `*:NAME`"),
    "rows without names": (FILE, "json: {shape: arrays}", "`[0]`: the first row"),
    "names of objects": (FILE, "json: {names: a}", "the shape is `records`, not `arrays`"),
    "labels of values": (FILE, "json: {shape: values, labels: true}", "not `jsonstat` or `sdmx`"),
    "several objects of columns": (
        FILE,
        "json: {shape: columns}, records: 'a.*'",
        "`columns` reads one object",
    ),
    "XML without records": (FILE, "format: xml", "XML does not say which element is a row"),
    "an element of XML by number": (
        FILE,
        "format: xml, records: 'a[0]'",
        "write names of elements, joined by dots",
    ),
    "a shape of CSV": (FILE, "format: csv, json: {shape: values}", "the format is `csv`"),
    "a document in pages": (API, "json: {shape: jsonstat}", "write `from: file`, which takes"),
    "names that are not kept": (
        API,
        "pages: {records: rows}, json: {shape: arrays, names: head}",
        "write `pages: {names: head}` in place of `json`",
    ),
    "pages of CSV without names": (
        API,
        "format: csv, pages: {style: page, param: p}, csv: {header: 0}",
        "the first row of each is taken",
    ),
    "a shape of pages of CSV": (API, "format: csv, json: {shape: values}", "the format is `csv`"),
    "a search for names": (API, "pages: {records: r, names: 'a[-1]'}", "counts from the end"),
    "a search in all": (API, "pages: {records: 'a[-1].*'}", "counts from the end, or searches"),
    "several totals": (API, "pages: {total: 'a.*'}", "only `records` takes all"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be(name: str) -> None:
    source, option, words = WRONG[name]
    with pytest.raises(ConfigError) as refused:
        resolve_config(yaml.safe_load(START % f"{source}, {option}"))
    (found,) = refused.value.problems
    assert words in str(found)


@pytest.mark.parametrize(
    "option",
    [
        f"{FILE}, records: 'data.\"a.b\"[0].*:code'",
        f"{FILE}, json: {{shape: columns}}, records: 'data[1]'",
        f"{API}, pages: {{records: rows, names: 'rows[0]'}}",
        f"{API}, json: {{shape: arrays, names: [a, b]}}",
        f"{API}, pages: {{records: '*:code'}}",
    ],
)
def test_what_can(option: str) -> None:
    resolve_config(yaml.safe_load(START % option))
