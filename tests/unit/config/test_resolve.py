"""The configuration: each row a broken config and the words its author reads."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from config_errors import ONE_ERROR, S3, SOURCE, START, derived, source
from diffusion.config.fetching import expanded
from diffusion.config.model import Config
from diffusion.config.parts import Storage
from diffusion.config.reading import ColumnSpec
from diffusion.config.resolve import ConfigError, resolve_config
from diffusion.config.secrets import hide
from diffusion.config.typed import flat_config
from said import words_of

ROOT = Path(__file__).parents[3]


@pytest.fixture
def resolve(tmp_path, monkeypatch):
    """Resolve YAML texts as Snakemake would hand them over: merged, with the names of the files."""
    monkeypatch.chdir(tmp_path)

    def run(*texts: str, environment: dict | None = None) -> Config:
        merged: dict = {}
        names = []
        for index, text in enumerate(texts):
            name = Path("config.yaml" if index == 0 else f"config{index}.yaml")
            name.write_text(text, "utf-8")
            update_config(merged, yaml.safe_load(text) or {})
            names.append(name)
        return resolve_config(merged, names, environment or {})

    return run


def errors(resolve, *texts: str, **settings) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        resolve(*texts, **settings)
    return [words_of(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("name", ONE_ERROR)
def test_what_the_user_reads(resolve, name):
    text, expected = ONE_ERROR[name]
    found = [message.replace("\n  → ", " ⏎ ") for message in errors(resolve, text)]
    assert len(found) == 1, found
    if expected.endswith("…"):
        assert found[0].startswith(expected[:-1])
    else:
        assert found[0] == expected


SECRETS = {
    "header by its name": ("headers: {X-Api-Key: abcdef}", "headers.X-Api-Key"),
    "header by its value": ("headers: {X-Odd: Bearer abcdefgh12}", "headers.X-Odd"),
    "basic authentication": ("headers: {X-Odd: Basic dXNlcjpwYXNz}", "headers.X-Odd"),
    "cookie": ("headers: {Cookie: session=1}", "headers.Cookie"),
    "parameter": ("params: {api_key: abcdef}", "params.api_key"),
    "parameter that is a number": ("params: {token: 123456}", "params.token"),
    "deep in a body": ("body: {login: {password: abcdef}}", "body.login.password"),
    "AWS key": ("description: AKIAIOSFODNN7EXAMPLE", "description"),
    "JWT": ("attribution: eyJhbGciOiJIUzI1NiJ9.x.y", "attribution"),
    "private key": ("description: '-----BEGIN RSA PRIVATE KEY-----'", "description"),
    "URL with password": ("url: https://user:abcdef@example.org/x", "url"),
    "URL with a token": ("url: https://abcdef@example.org/x", "url"),
    "URL with token": ("url: https://example.org/x?page=1&access_token=abcdef", "url"),
    "URL with pwd": ("url: https://example.org/x?pwd=hunter2", "url"),
    "ordinary name, random value": (
        "params: {key: 9f86d081884c7d659a2feaa0c55ad015}",
        "params.key",
    ),
    "code of Azure": ("params: {code: xPz3QmT9vLk2Wd8RbN4yHs6Jf1aGcE5u==}", "params.code"),
    "UUID": ("headers: {X-Map-Key: eb36371a-761d-44a8-93ec-3d728bec17ce}", "headers.X-Map-Key"),
    "URL with key": ("url: https://example.org/x?a=1&key=kJ3mQ9vLx2Wd8RbN4yHs6Jf1a", "url"),
    "URL with auth": ("url: https://example.org/x?auth=9f86d081884c7d659a2feaa0", "url"),
    "signed URL": ("url: https://example.org/x?sv=1&sig=abcdef", "url"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_refused_and_not_repeated(resolve, name):
    line, where = SECRETS[name]
    text = START + "sources:\n  dpe:\n    from: api\n    " + line + "\n"
    if where != "url":
        text += "    url: https://example.org\n    method: POST\n"
    (found,) = errors(resolve, text)
    assert found == (
        f"sources.dpe.{where} (config.yaml, line 6): looks like a secret\n  → put it in an "
        "environment variable and name that: `auth: {env: NAME}`; then change the secret"
    )


@pytest.mark.parametrize(
    "line",
    [
        "description: Basic statistics of incomes",
        "description: Basic Indicators",
        "description: The token of the bearer is a key",
        "params: {page_size: 10, select: token}",
        "url: https://example.org/a:b@c",
        "url: https://example.org/x?sort=token",
        "url: https://example.org/x?pageToken=start&key=population&code=01001&sort_key=2023-01-01",
        'params: {pageToken: start, key: population, code: "01001", sort_key: date_de_mise_a_jour}',
        "params: {max_tokens: 100, secretariat: A, tokenize: x, nextToken: kJ3mQ9vLx2Wd8RbN4yHs6}",
        "params: {key: Q.N+S1.FR.W2.S1M.S1.N.B.B1G.EUR.V, code: NomenclatureActivitesFr2008}",
        "params: {key: FRA, code: '75056750567505675056', foreign_key: commune_insee_2023}",
        "params: {key: 20250319T000000Z-20260319T000000Z, auth: none}",
    ],
)
def test_harmless_words_are_no_secrets(resolve, line):
    assert resolve(START + "sources:\n  dpe:\n    from: file\n" + _with_url(line))


def _with_url(line: str) -> str:
    return f"    {line}\n" + ("" if line.startswith("url") else "    url: https://example.org\n")


def test_an_error_elsewhere_in_a_url_does_not_show_its_password(resolve):
    text = START + "sources:\n  f: {from: s3, url: 'https://me:hunter2@example.org/x'}\n"
    found = errors(resolve, text)
    assert len(found) == 2
    assert "hunter2" not in "".join(found)
    assert hide("https://me:hunter2@h/?api_key=abc&x=1") == "https://***@h/?api_key=***&x=1"


ENVIRONMENT = {"HOST": "https://example.org", "EMPTY": "", "API_TOKEN": "abc", "MY_KEY": "abc"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("${HOST}/x", "https://example.org/x"),
        ("${HOST:-https://other.org}/x", "https://example.org/x"),
        ("${MISSING:-https://other.org}/x", "https://other.org/x"),
        ("${EMPTY:-https://other.org}/x", "https://other.org/x"),
        ("${HOST}/${MISSING:-}x", "https://example.org/x"),
        ("${HOST}/$x/{y}", "https://example.org/$x/{y}"),
    ],
)
def test_variables(resolve, url, expected):
    text = START + f"sources:\n  f: {{from: file, url: '{url}', partitions: {{y: ['1']}}}}\n"
    text = text if "{y}" in url else text.replace(", partitions: {y: ['1']}", "")
    fetch = resolve(text, environment=ENVIRONMENT).sources["f"].fetch
    assert fetch.url == url, "it may be a secret: the job that asks replaces it"
    assert expanded(fetch, ENVIRONMENT).url == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "url: ${MISSING}/x",
            "url (config.yaml, line 5): the variable MISSING is not set\n  → export MISSING=… , or "
            "give a default: ${MISSING:-…}",
        ),
        (
            "url: ${EMPTY}/x",
            "url (config.yaml, line 5): the variable EMPTY is not set\n  → export EMPTY=… , or "
            "give a default: ${EMPTY:-…}",
        ),
        (
            "url: ${HOST}/?k=${API_TOKEN}",
            "url (config.yaml, line 5): `${API_TOKEN}` looks like a secret\n  → secrets are never "
            "written into the configuration; see `auth:` and `credentials:`",
        ),
        (
            "url: ${MY_KEY:-x}",
            "url (config.yaml, line 5): `${MY_KEY}` looks like a secret\n  → secrets are never "
            "written into the configuration; see `auth:` and `credentials:`",
        ),
        (
            "portal: ${EMPTY}/x",
            "portal (config.yaml, line 5): the variable EMPTY is not set\n  → export EMPTY=… , or "
            "give a default: ${EMPTY:-…}",
        ),
        (
            "licence: ${HOST}",
            "licence (config.yaml, line 5): found `${HOST}`\n  → `${…}` works in storage.url, "
            ".raw, .public_url, .endpoint, .region and a source's url, endpoint, region, portal",
        ),
    ],
)
def test_variables_that_cannot_be_used(resolve, line, expected):
    text = START + "sources:\n  f:\n    " + _with_url(line).strip() + "\n    from: file\n"
    assert errors(resolve, text, environment=ENVIRONMENT) == [f"sources.f.{expected}"]


def test_many_errors_are_told_at_once(resolve):
    text = """\
project: {name: Bad Name}
vintage: 2025
storage: {url: s3://lake/x, raw: s3://lake/x/raw}
sources:
  a: {from: file, url: '${NOWHERE}/a.csv'}
  b: {from: file, url: b.csv, unknown: 1, params: {password: hunter2}}
  c: {from: s3, url: https://example.org, publish_as: b}
  d: {from: file, url: "https://example.org", timeout: no, timeout: 1}
derive:
  t: {sql: t.sql, inputs: [a, b, nothing]}
  u: {sql: u.sql, inputs: [v]}
  v: {sql: v.sql, inputs: [u]}
  w: {sql: w.sql}
  x: {sql: x.sql, inputs: [w]}
"""
    with pytest.raises(ConfigError) as caught:
        resolve(text)
    places = [problem.where.partition(" ")[0] for problem in caught.value.problems]
    assert sorted(places) == [
        "derive.t.inputs.2",
        "derive.u.inputs",
        "derive.w.inputs",
        "project.name",
        "sources.a.url",
        "sources.b.params.password",
        "sources.b.unknown",
        "sources.c.publish_as",
        "sources.c.url",
        "sources.d.timeout",
        "storage.raw",
        "vintage",
    ]
    assert str(caught.value).startswith("configuration: 12 errors\n\n")


def test_the_file_that_holds_the_error_is_named(resolve):
    found = errors(resolve, START + SOURCE, "# a profile\nsources: {dpe: {timeout: soon}}\n")
    assert found[0].startswith("sources.dpe.timeout (config1.yaml, line 2): found 'soon'")


def test_a_file_given_twice_is_read_once(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(START + SOURCE + "    timeout: 1\n    timeout: 2\n")
    with pytest.raises(ConfigError) as caught:
        resolve_config(yaml.safe_load(path.read_text()), [path, path])
    assert len(caught.value.problems) == 1


def test_defaults_fill_below_absent_parents(resolve):
    config = resolve(START + SOURCE)
    assert config.storage == Storage(url="published", raw="raw")
    found = config.sources["dpe"]
    assert found.fetch.pages.style is None
    assert found.checks.rows == (1, None)
    assert found.vintage == "2025-03-19"
    assert found.publish.publish_as == "dpe"
    assert config.derive == {}


@pytest.mark.parametrize(
    "line", ["pages:", "pages: {total: }", "timeout:", "checks:", "partitions:", "vintage: ~"]
)
def test_null_means_not_set(resolve, line):
    assert resolve(source(line)) == resolve(source())


def test_the_files_of_derived_entries_are_there(tmp_path):
    folder = tmp_path / "scripts" / "derive"
    folder.mkdir(parents=True)
    (folder / "there.sql").touch()
    given = ["sql: there.sql", "sql: theer.sql", "script: own/v.py, figure: true", "sql: SELECT 1"]
    given += ["script: x.py, oops: 1"]
    entries = [
        f"{name}: {{inputs: [a], {keys}}}" for name, keys in zip("tuvwx", given, strict=True)
    ]
    config = yaml.safe_load(derived(*entries))
    with pytest.raises(ConfigError) as caught:
        resolve_config(config, project=tmp_path)
    unknown, *missing = map(words_of, caught.value.problems)
    assert "oops" in unknown
    assert missing == [
        "derive.u.sql: there is no file scripts/derive/theer.sql\n"
        "  → did you mean `there.sql`? files there: there.sql",
        "derive.v.script: there is no file own/v.py\n  → files there: none",
    ]


@pytest.mark.parametrize("sql", ["t.sql", "SELECT * FROM a", "SELECT 1\nFROM a;"])
def test_sql_is_a_file_or_a_query(resolve, sql):
    config = resolve(derived(f"t: {{sql: {json.dumps(sql)}, inputs: [a]}}"))
    assert config.derive["t"].derive.sql == sql


def test_null_in_free_mappings_is_a_value(resolve):
    config = resolve(source("method: POST", "body: {until: null}"))
    assert config.sources["dpe"].fetch.body == {"until": None}
    config = resolve(derived("t: {script: t.py, inputs: [a], params: {year: null}}"))
    assert config.derive["t"].derive.params == {"year": None}


def test_an_empty_endpoint_means_not_set(resolve):
    from diffusion.storage.connection import connection

    text = START + S3 + "    endpoint: https://minio.lab.sspcloud.fr\n    anonymous: true\n"
    config = resolve(text, "sources: {f: {endpoint: '', region: ''}}")
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    link = connection(config.sources["f"].fetch.server, environment)
    assert (link.endpoint, link.region) == ("http://127.0.0.1:1", "us-east-1")


def test_unquoted_dates_are_text(resolve):
    config = resolve(START.replace('"2025-03-19"', "2025-03-19") + SOURCE)
    assert config.vintage == "2025-03-19"


def test_columns_are_normalised(resolve):
    config = resolve(source("columns: {a: int, b: {from: B}}"))
    assert config.sources["dpe"].convert.columns == {
        "a": ColumnSpec(type="int"),
        "b": ColumnSpec(source="B"),
    }


def test_the_given_configuration_is_left_alone():
    given = yaml.safe_load(START + SOURCE + "    pages:\n")
    before = copy.deepcopy(given)
    resolve_config(given)
    assert given == before


def real(*names: str) -> tuple[dict, list[Path]]:
    merged: dict = {}
    files = [ROOT / "config/examples/chapter" / name for name in names]
    for file in files:
        update_config(merged, yaml.safe_load(file.read_text("utf-8")))
    return merged, files


@pytest.mark.parametrize("names", [["config.yaml"], ["config.yaml", "demo.yaml"]])
def test_the_real_configuration_resolves_and_again(names):
    merged, files = real(*names)
    demo = {"DEMO_SOURCES": "http://127.0.0.1:1"}
    once = resolve_config(merged, files, demo)
    flat = flat_config(once)
    assert resolve_config(flat, files, demo) == once
    assert resolve_config(yaml.safe_load(yaml.safe_dump(flat)), [], demo) == once
    found = once.sources["filosofi"].fetch.endpoint
    assert found == (None if "demo.yaml" in names else "https://minio.lab.sspcloud.fr")


def test_the_demo_says_which_variable_it_needs():
    merged, files = real("config.yaml", "demo.yaml")
    with pytest.raises(ConfigError, match=re.escape("demo.yaml, line 15")) as caught:
        resolve_config(merged, files, {})
    assert "the variable DEMO_SOURCES is not set" in str(caught.value)
    assert len(caught.value.problems) == 3


def test_only_an_unusual_crs_costs_the_library_that_knows_them():
    code = "import sys\nfrom diffusion.config.rules_crs import crs_problems as find\n"
    code += "from diffusion.config.parts import Geometry as G\nseen = ['pyproj' in sys.modules]\n"
    code += "for g in (G(), G(crs='EPSG:2154', to_crs='epsg:4326'), G(crs='EPSG:32631')):\n"
    code += "    list(find('x', g)); seen.append('pyproj' in sys.modules)\nprint(seen)"
    environment = {"PYTHONPATH": str(ROOT / "scripts")}
    told = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    assert told == "[False, False, False, True]\n"


SEVERAL = {
    "keys that are unknown, values that do not exist, what is missing": (
        """from: file
    url: s3://x/y
    encoding: klingon
    bogus: 1
    geometry: {to_crs: lambert93}
    checks: {range: {n: [9, 1]}}""",
        ["bogus", "checks.range.n", "encoding", "geometry.to_crs", "url", "vintage"],
    ),
    "what is broken has no further mistake": (
        """from: file
    url: "a{d}.csv"
    vintage: 2
    partitions: {d: 1}
    encoding: [klingon]
    checks: {range: {n: 1}}
    columns: {n: integr}
    sort_by: [n]
    keep: declared""",
        ["checks.range.n", "columns.n", "encoding", "partitions.d", "vintage"],
    ),
    "the kind is another word": (
        "from: csv\n    url: x\n    bogus: 1\n    csv: {delimter: x}\n    columns: {n: integr}",
        ["bogus", "columns.n", "csv.delimter", "from"],
    ),
    "the kind is missing": (
        "url: x\n    retries: many\n    pages: {styl: 1}\n    bogus: 1",
        ["bogus", "from", "retries"],  # only some have `pages`
    ),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_all_that_is_wrong_in_a_source_is_told_at_once(resolve, name):
    text, wheres = SEVERAL[name]
    found = errors(resolve, "project: {name: p}\nsources:\n  a:\n    " + text + "\n")
    assert sorted(one.partition(" ")[0].removeprefix("sources.a.") for one in found) == wheres


def test_the_project_names_its_places(resolve):
    storage = "storage: {url: 's3://lake/diffusion/{project}', raw: 'raw/{project}'}"
    config = resolve(START + SOURCE, storage)
    name = config.project.name
    assert config.storage == Storage(url=f"s3://lake/diffusion/{name}", raw=f"raw/{name}")
