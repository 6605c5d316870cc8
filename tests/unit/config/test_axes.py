"""Axes that are not listed: the codes in a file, windows of time, and the days of a period."""

from pathlib import Path

import pytest
import yaml

from diffusion.config.partitions import fill
from diffusion.config.periods import parse_period
from diffusion.config.resolve import ConfigError, resolve_config
from said import words_of

URL = "https://example.org/{a}"
CODES = "\ufeffcode;nom\r\n01450;Vieu\r\n\r\n2A004;Ajaccio\r\n"


@pytest.fixture
def axis(tmp_path: Path, monkeypatch):
    """Resolve one axis `a`, written as in YAML; files of the project stand in its folder."""
    monkeypatch.chdir(tmp_path)

    def values(text: str, vintage: str = "2025-03-19", url: str = URL) -> list[str]:
        source = {"from": "file", "url": url, "partitions": {"a": yaml.safe_load(text)}}
        config = {"project": {"name": "x"}, "vintage": vintage, "sources": {"t": source}}
        return resolve_config(config).sources["t"].partitions["a"]

    return values


def refused(axis, *arguments: str, **settings: str) -> str:
    with pytest.raises(ConfigError) as caught:
        axis(*arguments, **settings)
    (problem,) = caught.value.problems
    return words_of(problem).replace("\n  → ", " ⏎ ")


def test_the_codes_of_a_file(axis):
    Path("c.csv").write_text(CODES, "utf-8", newline="")
    assert axis("{file: c.csv, column: code}") == ["01450", "2A004"]
    Path("one.csv").write_text('c\n"a,b"\n')
    assert axis("{file: one.csv}") == ["a,b"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("code;nom\n1;\n1;\n", "`1` stands twice in c.csv, in lines 2 and 3 ⏎ keep one"),
        ("code\n1\n \n", "c.csv, line 3, has no `code` ⏎ remove the row, or fill it in"),
        ("Code,nom\n1,\n", "c.csv has not one column `code` ⏎ did you mean `Code`? Its columns"),
        ("code\n", "c.csv has no row ⏎ an axis has a value at least"),
        (None, "there is no file c.csv ⏎ write it, or have it written: `diffusion partitions"),
        (b"code\n\xe9\n", "c.csv cannot be read ('utf-8' codec"),
    ],
)
def test_a_file_that_has_no_codes(axis, content, words):
    if content is not None:
        Path("c.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    found = refused(axis, "{file: c.csv, column: code}")
    assert found.startswith("sources.t.partitions.a: ") and words in found


def test_which_column_is_meant_is_asked(axis):
    Path("c.csv").write_text("code,nom\n1,\n")
    words = "c.csv has 2 columns ⏎ name the one that has the values: column: code"
    assert words in refused(axis, "{file: c.csv}")


@pytest.mark.parametrize(
    ("text", "vintage", "first", "last", "count"),
    [
        ('{from: "2020-01", to: vintage, every: month}', "2025-03-19", "2020-01", "2025-03", 63),
        ('{from: "2020-01", to: vintage, every: month}', "2020-03", "2020-01", "2020-03", 3),
        ('{from: "2020-01", to: vintage, every: quarter}', "2020-11b", "2020-Q1", "2020-Q4", 4),
        ('{from: "2020-01", to: vintage, every: year}', "2021", "2020", "2021", 2),
        ('{from: "2020", to: "2021", every: quarter}', "x", "2020-Q1", "2021-Q4", 8),
        ('{from: "2020-12-30", to: "2021-01-04", every: week}', "x", "2020-W53", "2021-W01", 2),
        ('{from: "2024-02-28", to: "2024-03-01", every: day}', "x", "2024-02-28", "2024-03-01", 3),
        ('{from: "2020-Q4", to: "2020-Q4", every: month}', "x", "2020-10", "2020-12", 3),
    ],
)
def test_windows(axis, text, vintage, first, last, count):
    found = axis(text, vintage)
    assert (found[0], found[-1], len(found)) == (first, last, count)


@pytest.mark.parametrize(
    ("text", "vintage", "words"),
    [
        ('{from: "2020", to: vintage, every: month}', "2021", "does not say in which month it is"),
        ('{from: "2020", to: vintage, every: year}', "v1", "does not say in which year it is"),
        ('{from: "2021", to: "2020", every: year}', "1", "`to` (2020) is before `from` (2021)"),
        ('{from: "20-1", to: "2020", every: year}', "1", "`20-1` is no period ⏎ write one as 20"),
        ('{from: "2020-13", to: "2021", every: year}', "1", "partitions.a.from: month must be"),
        ('{from: "2020", every: year}', "1", "found from, every ⏎ write a list of values; or"),
        ("x", "1", "found 'x' ⏎ must be a list or a mapping"),
    ],
)
def test_windows_that_are_none(axis, text, vintage, words):
    assert words in refused(axis, text, vintage)


def test_the_days_of_a_period(axis):
    template = {"from": "{a.first}", "to": "{a.last}", "before": "{a.next}", "q": "{a} {b.first}"}
    filled = fill(template, {"a": "2024-02"})
    assert list(filled.values()) == ["2024-02-01", "2024-02-29", "2024-03-01", "2024-02 {b.first}"]
    assert axis('["2020", "2021"]', url="https://example.org/{a.first}") == ["2020", "2021"]
    words = refused(axis, '["2020", "x"]', url="https://example.org/{a.first}/{a.last}")
    assert "sources.t.url: uses {a.first} and {a.last}, but `x` is no period" in words


@pytest.mark.parametrize("text", ["2020", "2020-Q3", "2020-W53", "2019-12", "2020-02-29"])
def test_a_period_is_written_as_it_is_read(text):
    assert str(parse_period(text)) == text
