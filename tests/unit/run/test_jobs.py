"""What runs again: for every key of the schema, the rules whose parameters change with it.

The parameters are those that workflow/rules declares: its expressions are evaluated here. What
comes after such a job (its table is newer) runs again by the times of files; that is not repeated.
"""

import copy
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from diffusion.config import names as taken
from diffusion.config.about import resolved_about, shared_by
from diffusion.config.parts import as_text
from diffusion.config.resolve import SCHEMA
from diffusion.run.facts import check_code
from diffusion.run.jobs import Jobs
from diffusion.run.plan import VERBS
from diffusion.run.unstated import words_of
from projects import REPOSITORY

RULE = re.compile(r"^rule (\w+):\n((?:    .*\n|\n)+)", re.MULTILINE)
PARAMS = re.compile(r"^    params:\n((?:        .*\n)+)", re.MULTILINE)
PARAM = re.compile(r"^        (\w+)=(?:lambda wildcards: )?(.*),$", re.MULTILINE)
# rule: the wildcard that stands for an entry, and which entries it takes
RULES = {
    "fetch_raw": ("source", "sources"),
    "convert_table": ("unbatched", "unbatched"),
    "convert_part": ("batched", "batched"),
    "combine_parts": ("batched", "batched"),
    "check_table": ("table", "tables"),
    "publish_sources": ("", ""),
    "publish_derived": ("derived", "derived_tables"),
    "derive_table": ("derived", "derived_tables"),
    "draw_figure": ("figure", "figures"),
    "publish_figure": ("figure", "figures"),
}
BASE = """
project: {name: x, licence: LO}
vintage: "2025-01-01"
sources:
  a: {from: api, url: "https://x.example/{n}", method: POST, partitions: {n: ["2001"]}}
  z:
    from: archive
    url: "https://x.example/{n}.zip"
    members: many
    partitions: {n: ["2001", "2002"]}
  f:
    from: file
    url: "https://x.example/{n}"
    columns: {n: int}
    partitions: {n: ["2001"]}
    licence: LO # a figure says where none is stated
  s: {from: s3, url: "s3://lake/{n}*.csv", partitions: {n: ["2001"]}}
  d: {from: database, url: "mysql://x.example/b", table: "t{n}", partitions: {n: ["2001"]}}
derive:
  t: {script: config/examples/chapter/departements_insee.py, inputs: [f]}
  m: {figure: true, script: config/examples/chapter/carte.py, inputs: [f]}
"""
ENTRIES = {"api": "a", "archive": "z", "file": "f", "s3": "s", "database": "d"}
ENTRIES |= {"table": "t", "figure": "m"}
# another value of each key
OTHER: dict[str, Any] = {
    "url": "https://y.example/{n}",
    "description": "other words",
    "vintage": "2",
    "licence": "ODbL",
    "attribution": "©",
    "params": {"a": 1},
    "headers": {"A": "b"},
    "auth": {"env": "KEY"},
    "timeout": 1,
    "retries": 1,
    "allow_http_redirects": True,
    "allow_hosts": ["h"],
    "method": "POST",
    "body": {"a": 1},
    "form": {"a": "1"},
    "reuse": {"axis": "n"},
    "limit": "5/s",
    "export": {"job": "header:Location"},
    "if_changed": True,
    "pages": {"style": "page"},
    "sha256": "0" * 64,
    "member": "*.csv",
    "members": "one",
    "member_column": "m",
    "max_size": 1,
    "max_members": 1,
    "keep_members": True,
    "format": "csv",
    "csv": {"header": 2},
    "encoding": "latin-1",
    "wait_minutes": 1,
    "empty_on": [404],
    "formerly": {"url": "https://old.example/x"},
    "was": "older",
    "xlsx": {"header": 2},
    "records": "a",
    "separator": "-",
    "layer": "l",
    "labels": True,
    "geometry": {"family": "point"},
    "nulls": ["s"],
    "status": ["n"],
    "columns": {"n": "float"},
    "drop": ["b"],
    "keep": "declared",
    "sort_by": ["n"],
    "partition_by": ["n"],
    "row_group_rows": 1000,
    "checks": {"unique": ["n"]},
    "publish_as": "other",
    "publish": False,
    "also": ["csv"],
    "endpoint": "h",
    "region": "r",
    "path_style": False,
    "anonymous": True,
    "request_payer": True,
    "version": "abc",
    "hive": True,
    "json": {"shape": "values"},
    "fixed": {"columns": {"code": [1, 5]}},
    "names": "snake",
    "where": "n <> 'x'",
    "credentials": {"access_key_env": "A", "secret_key_env": "B"},
    "script": "config/examples/chapter/dpe_mal_codes.py",
    "engine": "spark",
    "sql": "config/examples/chapter/dpe_par_commune.sql",
    "inputs": ["s"],
    "table": "u{n}",
    "query": "SELECT {n} AS n",
    "url_env": "URL",
    "title": "Another",
    "keywords": ["words"],
    "themes": ["ENVI"],
    "contact": "a@b.example",
    "homepage": "https://x.example/about",
    "frequency": "annual",
    "language": "fr",
    "temporal": "2024",
    "portal": "https://x.example/about",
}
# what runs again: the keys that make it so
FETCHED = (
    "url params headers auth timeout retries allow_http_redirects allow_hosts method body pages "
    "sha256 endpoint region path_style anonymous credentials wait_minutes empty_on formerly was "
    "form reuse if_changed limit export table query url_env request_payer version portal"
)
READ = (
    "names hive json fixed member members member_column format csv encoding xlsx records separator "
    "layer geometry labels"
)
CONVERTED = (
    "where nulls status columns drop keep sort_by partition_by row_group_rows licence attribution"
)
SAID = "title keywords themes contact homepage frequency language temporal"  # by a catalogue only
SOURCES = {
    "": SAID,
    "fetch publish": FETCHED,
    "fetch convert publish": "vintage max_size max_members",
    "convert publish": f"{READ} {CONVERTED}",
    "check publish": "checks",
    "publish": "description keep_members publish publish_as also",
}
DERIVED = {
    "": f"{SAID} columns",
    "derive publish": "inputs params script sql engine geometry sort_by partition_by "
    "row_group_rows licence attribution",
    "check publish": "checks",
    "publish": "description publish_as also",
}
FIGURES = {
    "": SAID,
    "draw publish": "inputs params script licence attribution",
    "publish": "description publish_as",
}


def expressions() -> dict[str, dict[str, str]]:
    """Return the parameters of each rule as workflow/rules writes them."""
    found = {}
    for path in (REPOSITORY / "workflow" / "rules").glob("*.smk"):
        for name, block in RULE.findall(path.read_text("utf-8")):
            params = PARAMS.search(block)
            found[name] = dict(PARAM.findall(params[1])) if params else {}
    return found


EXPRESSIONS = expressions()


def parameters(config: dict) -> dict[tuple[str, str, str], dict]:
    """Return the parameters of each job, by rule, entry and batch."""
    jobs = Jobs.from_config(config, [], REPOSITORY)
    found = {}
    for rule, (wildcard, entries) in RULES.items():
        for entry in getattr(jobs, entries) if entries else ["all sources"]:
            for batch in jobs.batches.get(entry, {"": []}):
                names = {"JOBS": jobs, "as_text": as_text, "list": list}
                names |= {"check_code": check_code, "words_of": words_of}
                names["wildcards"] = SimpleNamespace(**{wildcard: entry, "batch": batch})
                values = {k: eval(e, names) for k, e in EXPRESSIONS[rule].items()}  # noqa: S307
                found[rule, entry, batch] = values
    return found


BEFORE = parameters(yaml.safe_load(BASE))


def kinds() -> dict[str, dict]:
    """Return the keys of each kind of entry, from the schema."""
    schema = yaml.safe_load(SCHEMA.read_text("utf-8"))["properties"]
    sources = schema["sources"]["additionalProperties"]["anyOf"]
    table, figure = schema["derive"]["additionalProperties"]["anyOf"]
    found = {kind["properties"]["from"]["const"]: kind["properties"] for kind in sources}
    return found | {"table": table["properties"], "figure": figure["properties"]}


PUBLISHED = ("publish_sources", "all sources", "")
REPEATED = ("publish", "publish_as", "description", "also", "licence", "attribution")
# what makes an entry another one, and what deals partitions to jobs, is asked further down
APART = ("from", "figure", "partitions", "batches", "draft")
KEYS = [(kind, key) for kind, keys in kinds().items() for key in keys if key not in APART]


FORMATS = {("api", "csv"): "csv", ("api", "names"): "csv", ("api", "geometry"): "geojson"}

# what else has to be there
NEEDED: dict[str, dict] = {"status": {"columns": {"n": "int"}, "nulls": {"s": "secret"}}}
NEEDED |= {key: {"method": "POST"} for key in ("body", "form")}


def changed(kind: str, key: str) -> dict:
    """Return the base configuration with another value of one key."""
    config, value = yaml.safe_load(BASE), copy.deepcopy(OTHER[key])
    section = "derive" if kind in ("table", "figure") else "sources"
    entry = config[section][ENTRIES[kind]]
    if (kind, key) == ("s3", "url"):
        value = "s3://lake/in/{n}*.csv"
    if (kind, key) == ("database", "url"):
        value = "mysql://y.example/b"
    if key in ("query", "url_env"):  # in place of another
        del config["sources"]["d"]["table" if key == "query" else "url"]
    if (kind, key) == ("table", "columns"):  # in words
        value = {"n": {"description": "Number"}}
    if (kind, key) == ("s3", "members"):
        value = "many"
    if (kind, key) == ("s3", "version"):
        entry["url"] = "s3://lake/{n}.csv"
    if key == "method":
        value = "GET" if kind == "api" else "POST"
    if key in ("sql", "engine"):
        del entry["script"]
        entry["sql"] = OTHER["sql"]
    if (kind, key) == ("api", "csv"):  # the first row of each page has the names
        value = {"decimal": ","}
    entry[key] = value
    return config


@pytest.mark.parametrize(("kind", "key"), KEYS)
def test_what_runs_again_when_a_key_changes(kind, key):
    config, base = changed(kind, key), yaml.safe_load(BASE)
    if key == "sha256":  # of one partition only
        for given in (config, base):
            given["sources"][ENTRIES[kind]]["partitions"] = {"n": ["2001"]}
    needed = NEEDED.get(key, {})
    for given in (config, base):
        given.get("sources", {}).get(ENTRIES[kind], {}).update(needed)
    if form := FORMATS.get((kind, key)):  # of an API's answers, to which the key belongs
        for given in (config, base):
            given["sources"]["a"]["format"] = form
    before = parameters(base) if key == "sha256" or form or needed else BEFORE
    after = parameters(config)
    again = {rule for rule, *job in after if before.get((rule, *job)) != after[rule, *job]}
    others = {job[1] for job in after if before.get(job) != after[job]} - {ENTRIES[kind]}
    if key in REPEATED:  # by what is derived from it, whose publication notes what it was made of
        others -= {"t", "m"}
    assert others <= {"all sources"}, "no other entry"
    table = {"table": DERIVED, "figure": FIGURES}.get(kind, SOURCES)
    (steps,) = (steps for steps, keys in table.items() if key in keys.split())
    if (kind, key) == ("api", "format"):  # of what comes, not of how it is read
        steps = "fetch publish"
    if key == "table" and kind != "database":  # of a file
        steps = "convert publish"
    assert {rule.partition("_")[0] for rule in again} - {"combine"} == set(steps.split())


def test_every_rule_with_parameters_is_looked_at():
    assert {rule for rule, found in EXPRESSIONS.items() if found} - {
        "write_lock",
        "write_summary",
    } == set(RULES)


def test_no_entry_can_be_called_as_a_rule_or_as_what_it_does():
    assert set(EXPRESSIONS) == set(taken.RULES)
    assert set(VERBS.values()) < set(taken.TARGETS)


def test_a_further_partition_fetches_and_converts_one_batch():
    config = yaml.safe_load(BASE)
    config["sources"]["z"]["partitions"]["n"].append("3")
    after = parameters(config)
    new = {job for job in after if job not in BEFORE}
    assert new == {
        (rule, "z", "n=3") for rule in ("fetch_raw", "convert_part", "combine_parts", "check_table")
    }
    old = {
        rule
        for rule, entry, batch in BEFORE
        if BEFORE[rule, entry, batch] != after[rule, entry, batch]
    }
    assert old == {"combine_parts", "publish_sources"}


def test_another_number_of_batches_deals_the_partitions_anew():
    config = yaml.safe_load(BASE)
    config["sources"]["z"]["batches"] = 1
    after = parameters(config)
    new = {job for job in after if BEFORE.get(job) != after[job]}
    assert new == {(r, "z", "all") for r in ("fetch_raw", "convert_table", "check_table")} | {
        PUBLISHED
    }


def test_a_draft_changes_no_other_job():
    """It is itself left out: see test_drafts.py."""
    config = yaml.safe_load(BASE)
    config["sources"]["z"]["draft"] = config["derive"]["m"]["draft"] = True
    after = parameters(config)
    gone = {job[1] for job in BEFORE if job not in after}
    assert gone == {"z", "m"}
    assert {job for job in after if BEFORE[job] != after[job]} == {PUBLISHED}


def test_an_unrelated_source_changes_no_job():
    config = yaml.safe_load(BASE)
    config["sources"]["new"] = {"from": "file", "url": "new.csv"}
    after = parameters(config)
    assert {job for job in BEFORE if BEFORE[job] != after[job]} == {PUBLISHED}


def test_words_for_a_catalogue_change_no_job():
    """Those of columns that are declared, and that are not, of the project, and its address."""
    config = yaml.safe_load(BASE)
    words = {"description": "Number", "measured_in": "t"}
    config["sources"]["f"]["columns"] = {"n": {"type": "int", **words}, "other": words}
    config["project"] |= {"contact": "a@b.example", "language": "fr", "keywords": ["k"]}
    config["project"]["homepage"] = "https://x.example"
    config["storage"] = {"public_url": "https://x.example/data"}
    assert parameters(config) == BEFORE


def test_an_entry_that_is_described_takes_its_project_s_words():
    config = yaml.safe_load(BASE)
    config["project"] |= {"contact": "a@b.example", "language": "fr", "keywords": ["k"]}
    config["sources"]["f"] |= {"contact": "f@b.example", "keywords": ["own"], "title": "F"}
    config["sources"]["f"]["columns"] = {"x": {"measured_in": "t"}}
    jobs = Jobs.from_config(config, [], REPOSITORY)
    shared = shared_by(jobs.config.project)
    assert resolved_about(jobs.sources["f"].about, shared) == {
        "title": "F",
        "contact": "f@b.example",
        "keywords": ["own", "k"],
        "language": "fr",
        "described": {"x": {"measured_in": "t"}},
    }
    assert "x" not in jobs.sources["f"].convert.columns, "words alone declare no string"
    again = Jobs.from_config(jobs.resolved(), [], REPOSITORY)
    assert again.config == jobs.config


PUBLISHING = {"publish_sources", "publish_derived", "publish_figure"}
STORAGE = {
    "another prefix": (
        {"url": "s3://lake/other"},
        {"publish_sources", "publish_derived", "publish_figure"},
    ),
    "another spelling": ({"endpoint": "https://minio.example.org/"}, set()),
    "without scheme": ({"endpoint": "minio.example.org"}, set()),
    "another server": (
        {"endpoint": "https://other.example.org"},
        {"fetch_raw", *PUBLISHING},
    ),
    "raw copies elsewhere": ({"raw": "s3://lake/raw2"}, {"fetch_raw"}),
    "a slash": ({"url": "s3://lake/published/"}, set()),
}


@pytest.mark.parametrize("name", STORAGE)
def test_conversions_do_not_depend_on_the_storage(name):
    change, expected = STORAGE[name]
    storage = {
        "url": "s3://lake/published",
        "raw": "s3://lake/raw",
        "endpoint": "https://minio.example.org",
    }
    config = yaml.safe_load(BASE) | {"storage": storage}
    before, after = parameters(config), parameters(config | {"storage": storage | change})
    assert {job[0] for job in after if before[job] != after[job]} == expected


def test_parameters_are_short_text():
    """A `Reason:` of Snakemake shows them: what the user wrote, without defaults."""
    for job, values in BEFORE.items():
        for name, value in values.items():
            texts = value.values() if isinstance(value, dict) else [value]
            assert max(len(str(text)) for text in texts) < 250, (job, name)
    assert (
        BEFORE["fetch_raw", "f", "n=2001"]["fetch"]
        == '{"from":"file","url":"https://x.example/{n}"}'
    )


def test_nothing_of_the_machine_is_a_parameter():
    words = repr(BEFORE)
    assert str(REPOSITORY) not in words
    assert str(Path.home()) not in words
