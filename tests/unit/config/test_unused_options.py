"""An option that would have no effect is an error that says why."""

import pytest
import yaml

from diffusion.config.parts import Geometry
from diffusion.config.reading import ArchiveRead, FileRead
from diffusion.config.resolve import ConfigError, resolve_config
from diffusion.config.rows import Csv
from diffusion.config.unused_reading import unused_read_option
from said import words_of

API = "from: api, url: https://x.example"
FILE = "from: file, url: https://x.example/f"
LOCAL = "from: file, url: data/f.csv"
S3 = "from: s3, url: s3://lake/f.csv"
IDLE = {
    "headers of a local file": (LOCAL, "headers: {A: b}", "headers", "`url` is a local path"),
    "retries of a local file": (LOCAL, "retries: 9", "retries", "`url` is a local path"),
    "hosts of a local archive": (
        "from: archive, url: f.zip",
        "allow_hosts: [h]",
        "allow_hosts",
        "`url` is a local path",
    ),
    "batches of one partition": (FILE, "batches: 3", "batches", "there is one partition"),
    "keys that sign nothing": (
        S3,
        "anonymous: true, credentials: {access_key_env: A, secret_key_env: B}",
        "credentials",
        "with `anonymous: true` nothing is signed",
    ),
    "a name that is not used": (
        FILE,
        "auth: {env: A, name: X-Key}",
        "auth.name",
        "the style is `bearer`",
    ),
    "next without a style that uses it": (
        API,
        "pages: {next: links.next}",
        "pages.next",
        "the style is not stated, not `next_url` or `cursor`",
    ),
    "a start of tokens": (
        API,
        "pages: {style: cursor, start: 0}",
        "pages.start",
        "the style is `cursor`, not `page` or `offset`",
    ),
    "a size that nobody sends": (
        API,
        "pages: {style: page, size: 10}",
        "pages.size",
        "no `size_param` sends it",
    ),
    "one record of text": (
        API,
        "format: csv, pages: {single: true}",
        "pages.single",
        "the answers are csv, which has no lists",
    ),
    "an estimate of nothing": (
        API,
        "pages: {estimate: e}",
        "pages.estimate",
        "there is no `total`",
    ),
    "csv of Parquet": (
        FILE,
        "format: parquet, csv: {decimal: ',', header: 2}",
        "csv.header",
        "the format is `parquet`",
    ),
    "columns of an API to be filled": (
        API,
        "columns: {a: {fill: down}}",
        "columns.a.fill",
        "the rows are of no text or sheet",
    ),
    "columns of JSON to be filled": (
        FILE,
        "format: json, columns: {a: {fill: down}}",
        "columns.a.fill",
        "the format is `json`",
    ),
    "records of CSV": (FILE, "format: csv, records: a.b", "records", "the format is `csv`"),
    "a sheet of CSV": (FILE, "format: csv, xlsx: {sheet: A}", "xlsx", "the format is `csv`"),
    "geometry of a workbook": (
        FILE,
        "format: xlsx, geometry: {crs: 'EPSG:2154'}",
        "geometry",
        "the format is `xlsx`",
    ),
    "a column for one member": (
        "from: archive, url: f.zip",
        "member_column: m",
        "member_column",
        "there is one member (see `members: many`)",
    ),
    "a column for one object": (
        S3,
        "member_column: m",
        "member_column",
        "there is one member (see `members: many`)",
    ),
    "what is left out and declared": (
        FILE,
        "columns: {a: int, b: {from: c, type: int}}, drop: [c]",
        "drop",
        "`columns.b` keeps `c`",
    ),
    "what is left out anyway": (
        FILE,
        "keep: declared, columns: {a: int}, drop: [b]",
        "drop",
        "`keep: declared` leaves out what is not declared",
    ),
    "the format of a number": (
        FILE,
        "columns: {a: {type: int, format: '%d'}}",
        "columns.a.format",
        "the type is `int`, not `date`, `timestamp` or `time`",
    ),
    "casts of text": (
        FILE,
        "columns: {a: string}, checks: {cast_failures: 0.1}",
        "checks.cast_failures",
        "no column is declared with a type that a value could fail",
    ),
    "a warning of no check": (
        FILE,
        "checks: {warn: [rows, regex]}",
        "checks.warn.1",
        "there is no check `regex`",
    ),
}
START = "project: {name: x}\nvintage: '1'\nsources:\n  s: {%s}\n"


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        resolve_config(yaml.safe_load(text))
    return [words_of(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("name", IDLE)
def test_options_without_effect(name):
    source, option, where, why = IDLE[name]
    assert resolve_config(yaml.safe_load(START % source))
    fix = "remove it, or correct the other one"
    assert problems(START % f"{source}, {option}") == [
        f"sources.s.{where}: has no effect: {why}\n  → {fix}"
    ]


DERIVED = {
    "params of a query": ("sql: t.sql, params: {a: 1}", "params", "to a `script`, not to `sql`"),
    "casts": ("sql: t.sql, checks: {cast_failures: 1}", "checks.cast_failures", "only columns of"),
    "a warning": ("script: t.py, checks: {warn: [unique]}", "checks.warn.0", "no check `unique`"),
}


@pytest.mark.parametrize("name", DERIVED)
def test_derived_options_without_effect(name):
    entry, where, why = DERIVED[name]
    text = START % FILE + "derive:\n  t: {inputs: [s], %s}\n" % entry  # noqa: UP031 - braces
    (found,) = problems(text)
    assert found.startswith(f"derive.t.{where}: has no effect: ")
    assert why in found


FOREIGN = {
    "records of an API": (API, "records: a", "did you mean `pages.records`?"),
    "encoding of an API": (API, "encoding: latin-1", "did you mean `csv.encoding`?"),
    "pages of a file": (FILE, "pages: {style: page}", "only with `from: api`"),
    "POST for an object": (S3, "method: POST", "only with `from: api` or `from: archive`"),
    "members of a file": (FILE, "members: many", "only with `from: archive` or `from: s3`"),
    "kept members of a file": (FILE, "keep_members: true", "only with `from: archive`"),
    "retries of an object": (S3, "retries: 3", "only with `from: api` or `from: archive`"),
    "an endpoint of a file": (FILE, "endpoint: h", "only with `from: s3`"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_each_kind_has_its_own_keys(name):
    source, option, words = FOREIGN[name]
    (found,) = problems(START % f"{source}, {option}")
    assert ": unknown key\n" in found
    assert words in found
    assert found.endswith("Every key: config/README.md")


@pytest.mark.parametrize("option", ["checks: {unique: [a]}", "sort_by: [a]", "also: [csv]"])
def test_a_figure_is_no_table(option):
    entry = f"derive:\n  f: {{figure: true, script: f.py, inputs: [s], {option}}}\n"
    (found,) = problems(START % FILE + entry)
    assert ": unknown key\n  → only with `figure: false`" in found


SEEN = [
    (FileRead(csv=Csv(header=2)), ["parquet"], "s.csv: has no effect: the data are parquet"),
    (FileRead(csv=Csv(decimal=",")), ["parquet"], None),  # texts of any format have numbers
    (FileRead(geometry=Geometry(crs="EPSG:2154")), ["csv"], "s.geometry: has no effect"),
    (FileRead(member="*.csv"), ["csv"], "s.member: has no effect"),
    (ArchiveRead(members="many"), ["csv"], "s.members: has no effect"),
    (FileRead(csv=Csv(decimal=",")), ["archive", "csv"], None),
    (FileRead(geometry=Geometry(crs="EPSG:2154")), ["geometry", "parquet"], None),
    (ArchiveRead(members="many", csv=Csv(header=2)), ["archive", "csv", "parquet"], None),
    (FileRead(csv=Csv(decimal=",")), [], None),  # no data: another error's matter
]


@pytest.mark.parametrize(("read", "seen", "words"), SEEN)
def test_once_the_data_are_seen(read, seen, words):
    found = unused_read_option("s", read, seen)
    assert found is None if words is None else words_of(found).startswith(words)
