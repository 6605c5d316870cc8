"""The connection: how the environment is understood, and that each client works with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import obstore
import pyarrow.fs
import pytest
from obstore.store import S3Store

from counting_proxy import CountingProxy
from diffusion.config.parts import Server, Storage
from diffusion.errors import DiffusionError
from diffusion.storage.connection import Connection, connection, split_url, storage_connection
from said import words_of

UNSET = Server()


def server(**keys: object) -> Server:
    """Return a server as the configuration names it."""
    return msgspec.convert(keys, Server)


KEYS = {"AWS_ACCESS_KEY_ID": "key-of-env", "AWS_SECRET_ACCESS_KEY": "secret-of-env"}
PROFILES = """\
[default]
region = eu-west-3
endpoint_url = http://of-default:1/
aws_access_key_id = key-of-default
aws_secret_access_key = secret-of-default

[profile cloud]
region = cloud-1
services = cloud-services
endpoint_url = http://of-cloud:2
aws_access_key_id = key-of-cloud
aws_secret_access_key = secret-of-cloud
aws_session_token = token-of-cloud

[profile bare]
output = json

[services cloud-services]
s3 =
  endpoint_url = http://of-cloud-s3:3
"""


@pytest.fixture(autouse=True)
def no_aws(monkeypatch, tmp_path):
    """Nothing of this machine counts: what the test gives is all there is."""
    for name in [n for n in os.environ if n.startswith("AWS_") and n != "AWS_CA_BUNDLE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # the machine's own, which must not be seen when another environment is given
    for name, value in {"AWS_PROFILE": "wrong", "AWS_CONFIG_FILE": "/nowhere"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def profiles(tmp_path) -> dict:
    path = tmp_path / "aws-config"
    path.write_text(PROFILES)
    return {"AWS_CONFIG_FILE": str(path), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("minio.example.org", "https://minio.example.org"),
        ("minio.example.org/", "https://minio.example.org"),
        ("https://minio.example.org", "https://minio.example.org"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        (" minio.example.org ", "https://minio.example.org"),
        ("", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("by", ["config", "environment"])
def test_spellings_of_the_endpoint(given, expected, by):
    section = server(**({"endpoint": given} if by == "config" else {}))
    environment = KEYS | ({"AWS_S3_ENDPOINT": given or ""} if by == "environment" else {})
    assert connection(section, environment).endpoint == expected


def test_precedence_of_the_endpoint(profiles):
    environment = KEYS | profiles | {"AWS_PROFILE": "default"}
    environment |= {"AWS_S3_ENDPOINT": "onyxia", "AWS_ENDPOINT_URL": "http://general"}
    environment |= {"AWS_ENDPOINT_URL_S3": "http://special"}
    section = server(endpoint="config")
    assert connection(section, environment).endpoint == "https://config"
    for name, expected in [
        ("AWS_ENDPOINT_URL_S3", "http://special"),
        ("AWS_ENDPOINT_URL", "http://general"),
        ("AWS_S3_ENDPOINT", "https://onyxia"),
    ]:
        assert connection(UNSET, environment).endpoint == expected
        del environment[name]
    assert connection(UNSET, environment).endpoint == "http://of-default:1"
    assert connection(UNSET, KEYS).endpoint is None


@pytest.mark.parametrize("given", ["https://me:pa55@s3.example", "me:pa55@s3.example/"])
def test_an_endpoint_with_a_password_is_refused_without_showing_it(given):
    with pytest.raises(DiffusionError, match="has a user name or a password") as refused:
        connection(UNSET, {"AWS_ENDPOINT_URL": given})
    assert "pa55" not in str(refused.value)


def test_an_empty_variable_is_not_set():
    environment = KEYS | {"AWS_ENDPOINT_URL_S3": "", "AWS_ENDPOINT_URL": "http://general"}
    environment |= {"AWS_REGION": "", "AWS_DEFAULT_REGION": "r2", "AWS_SESSION_TOKEN": ""}
    found = connection(UNSET, environment)
    assert (found.endpoint, found.region, found.token) == ("http://general", "r2", None)


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (None, ("http://of-default:1", "eu-west-3", "key-of-default", None)),
        ("cloud", ("http://of-cloud-s3:3", "cloud-1", "key-of-cloud", "token-of-cloud")),
        ("bare", (None, "us-east-1", None, None)),
    ],
)
def test_profiles(profiles, profile, expected):
    environment = profiles | ({"AWS_PROFILE": profile} if profile else {})
    found = connection(UNSET, environment)
    assert (found.endpoint, found.region, found.access_key, found.token) == expected


def test_keys_of_the_environment_come_before_those_of_a_profile(profiles):
    found = connection(UNSET, profiles | KEYS | {"AWS_PROFILE": "cloud"})
    assert (found.access_key, found.secret_key) == ("key-of-env", "secret-of-env")
    assert found.token is None, "the token of other keys would spoil the signature"
    assert found.endpoint == "http://of-cloud-s3:3"


def test_credentials_file(tmp_path, monkeypatch):
    path = tmp_path / "credentials"
    path.write_text("[team]\naws_access_key_id = a\naws_secret_access_key = b\n")
    environment = {"AWS_SHARED_CREDENTIALS_FILE": str(path), "AWS_PROFILE": "team"}
    found = connection(UNSET, environment)
    assert (found.access_key, found.secret_key) == ("a", "b")
    # the keys of this process are not those of the environment that was given
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    assert connection(UNSET, environment).access_key == "a"


def test_the_process_s_own_environment(profiles, monkeypatch):
    for name, value in (profiles | {"AWS_PROFILE": "cloud"}).items():
        monkeypatch.setenv(name, value)
    assert connection(UNSET).access_key == "key-of-cloud"
    link = storage_connection(Storage(url="s3://lake/x"))
    assert link.endpoint == "http://of-cloud-s3:3"
    assert storage_connection(Storage()) is None


def test_a_profile_that_does_not_exist(profiles):
    with pytest.raises(DiffusionError) as caught:
        connection(UNSET, profiles | {"AWS_PROFILE": "typo"})
    assert words_of(caught.value) == (
        "~/.aws: The config profile (typo) could not be found\n  → correct ~/.aws/config, or set "
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )


@pytest.mark.parametrize(
    ("variable", "section", "endpoint", "expected"),
    [
        (None, None, "http://h", True),
        (None, None, None, False),
        ("true", None, None, True),
        ("True", None, None, True),
        ("false", None, "http://h", False),
        ("", None, "http://h", True),
        ("false", True, "http://h", True),
        ("true", False, "http://h", False),
    ],
)
def test_path_style(variable, section, endpoint, expected):
    environment = KEYS | ({} if variable is None else {"AWS_PATH_STYLE_ACCESS": variable})
    given = server(endpoint=endpoint, path_style=section)
    assert connection(given, environment).path_style is expected


@pytest.mark.parametrize(
    ("environment", "given", "expected"),
    [
        ({}, None, "us-east-1"),
        ({"AWS_DEFAULT_REGION": "r2"}, None, "r2"),
        ({"AWS_DEFAULT_REGION": "r2", "AWS_REGION": "r1"}, None, "r1"),
        ({"AWS_REGION": "r1"}, "r0", "r0"),
    ],
)
def test_region(environment, given, expected):
    assert connection(server(region=given), KEYS | environment).region == expected


def test_anonymous_takes_no_keys(profiles):
    section = server(anonymous=True)
    found = connection(section, KEYS | profiles)
    assert (found.access_key, found.secret_key, found.token) == (None, None, None)
    assert found.endpoint == "http://of-default:1"
    # a bad ~/.aws does not matter to a public bucket whose endpoint is known
    section = server(anonymous=True, endpoint="minio.example.org")
    assert connection(section, {"AWS_PROFILE": "typo"}).endpoint == "https://minio.example.org"


NAMED = {"access_key_env": "INSEE_KEY", "secret_key_env": "INSEE_SECRET", "token_env": None}


def test_credentials_by_named_variables():
    section = server(endpoint="h", credentials=NAMED)
    environment = KEYS | {"AWS_SESSION_TOKEN": "t", "INSEE_KEY": "k", "INSEE_SECRET": "s"}
    found = connection(section, environment)
    assert (found.access_key, found.secret_key, found.token) == ("k", "s", None)
    section = server(endpoint="h", credentials=NAMED | {"token_env": "INSEE_TOKEN"})
    found = connection(section, environment | {"INSEE_TOKEN": "t2"})
    assert found.token == "t2"


@pytest.mark.parametrize(
    ("credentials", "environment", "expected"),
    [
        (
            NAMED,
            {"INSEE_KEY": "k"},
            "credentials: the variable INSEE_SECRET is not set\n  → export INSEE_SECRET=…, or name "
            "another variable under `credentials:`",
        ),
        (
            {},
            {"AWS_ACCESS_KEY_ID": "k"},
            "S3 credentials: the variable AWS_SECRET_ACCESS_KEY is not set\n  → export "
            "AWS_SECRET_ACCESS_KEY=…",
        ),
        (
            {},
            {"AWS_SECRET_ACCESS_KEY": "k"},
            "S3 credentials: the variable AWS_ACCESS_KEY_ID is not set\n  → export "
            "AWS_ACCESS_KEY_ID=…",
        ),
    ],
)
def test_half_a_pair_of_keys(credentials, environment, expected):
    with pytest.raises(DiffusionError) as caught:
        connection(server(credentials=credentials), environment)
    assert words_of(caught.value) == expected


def test_repr_shows_no_secret():
    link = Connection("http://h", access_key="AKIAKEY", secret_key="hunter2", token="tok3n")
    for text in (repr(link), str(link), f"{link}", repr([link]), repr(link.obstore("lake"))):
        assert not any(secret in text for secret in ("AKIAKEY", "hunter2", "tok3n"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("s3://lake", ("lake", "")),
        ("s3://lake/", ("lake", "")),
        ("s3://lake/a/b/", ("lake", "a/b")),
        ("s3://lake/20??/x#[12].csv", ("lake", "20??/x#[12].csv")),
        ("s3://lake/é à/100%.csv", ("lake", "é à/100%.csv")),
    ],
)
def test_split_url(url, expected):
    assert split_url(url) == expected


# --- each client against a real server


@pytest.fixture
def link(s3, monkeypatch) -> Connection:
    monkeypatch.delenv("AWS_PROFILE")
    environment = s3.environment()
    S3Store("lake", **connection(UNSET, environment).obstore("lake")).put(
        "clients/a=1,é.txt", b"hello"
    )
    return connection(UNSET, environment)


def test_obstore_works(link):
    store = S3Store("lake", prefix="clients", **link.obstore("lake"))
    assert bytes(obstore.get(store, "a=1,é.txt").bytes()) == b"hello"


def test_pyarrow_works(link):
    files = pyarrow.fs.S3FileSystem(**link.pyarrow())
    with files.open_input_stream("lake/clients/a=1,é.txt") as stream:
        assert stream.read() == b"hello"


def test_no_setting_is_none(link):
    for settings in (link.obstore("lake"), link.pyarrow()):
        assert None not in settings.values(), "None overrides what the environment says"


INVENTED_TOKEN = pytest.param("named with token", marks=pytest.mark.embedded)


@pytest.mark.parametrize("kind", ["named", INVENTED_TOKEN, "anonymous"])
@pytest.mark.parametrize("client", ["obstore", "pyarrow"])
def test_the_environment_s_keys_do_not_leak_into_others(s3, monkeypatch, kind, client):
    """A user's own session token or keys must not be sent with a source's own credentials."""
    leaks = KEYS | {"AWS_SESSION_TOKEN": "token-of-env"}
    for name, value in leaks.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE")
    names = NAMED | ({"token_env": "INSEE_TOKEN"} if "token" in kind else {})
    own = {"INSEE_KEY": s3.access_key, "INSEE_SECRET": s3.secret_key, "INSEE_TOKEN": "own-token"}
    with CountingProxy(s3.endpoint) as proxy:
        anonymous = kind == "anonymous"
        section = server(endpoint=proxy.endpoint, credentials=names, anonymous=anonymous)
        link = connection(section, leaks | own)
        status = ask(client, link)
        (request, *_) = proxy.requests
    seen = json.dumps(request.headers)
    assert "token-of-env" not in seen
    assert "key-of-env" not in seen
    if kind == "anonymous":
        assert "authorization" not in request.headers
    else:
        assert status == "found"
        assert s3.access_key in request.headers["authorization"]
        expected = "own-token" if "token" in kind else None
        assert request.headers.get("x-amz-security-token") == expected


def ask(client: str, link: Connection) -> str:
    try:
        if client == "obstore":
            store = S3Store("lake", retry_config={"max_retries": 0}, **link.obstore("lake"))
            list(obstore.list(store))
        else:
            selector = pyarrow.fs.FileSelector("lake")
            pyarrow.fs.S3FileSystem(**link.pyarrow()).get_file_info(selector)
    except (obstore.exceptions.BaseError, OSError) as error:
        # the server refuses anonymous requests, and each client says it its way
        return f"refused: {error}"
    return "found"


def test_importing_the_connection_is_cheap():
    """Fetch jobs start a hundred times: boto3 and pyarrow are imported when needed only."""
    code = "import sys, diffusion.storage.connection\n"
    code += "print([m for m in ('botocore', 'pyarrow') if m in sys.modules])"
    scripts = Path(__file__).parents[3] / "scripts"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(scripts)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(
    ("endpoint", "unsigned"),
    [(None, True), ("https://minio.example", True), ("http://minio.example", False)],
)
def test_a_body_is_hashed_for_the_server_where_nothing_else_protects_it(endpoint, unsigned):
    settings = connection(server(endpoint=endpoint), KEYS).obstore("lake")
    assert settings["unsigned_payload"] is unsigned
