"""S3 as intranets have it: a certificate of a private authority, buckets in the host's name."""

from collections.abc import Iterator

import boto3
import pyarrow.fs
import pytest
from botocore.config import Config

from certificates import Authority
from diffusion.config.parts import Server
from diffusion.config.resolve import resolve_config
from diffusion.errors import DiffusionError
from diffusion.run.doctor import examine
from diffusion.run.preflight import check_storage
from diffusion.storage.connection import connection
from diffusion.storage.store import Store
from minio_server import Minio
from projects import Project, lists_of, small_config

pytestmark = [pytest.mark.minio, pytest.mark.s3]
UNSET = Server()
BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE")
STORAGE = {"url": "s3://lake/diffusion/tls", "raw": "s3://lake/raw/tls"}


@pytest.fixture(autouse=True)
def _no_other_authority(monkeypatch) -> None:
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def tls(tmp_path_factory) -> Iterator[Minio]:
    """A MinIO that speaks https, its certificate signed by a private authority."""
    folder = tmp_path_factory.mktemp("tls")
    with Minio(folder / "data", ["lake"], Authority(folder / "authority")) as server:
        yield server


@pytest.fixture
def onyxia(tls) -> dict[str, str]:
    variables = {"DIFFUSION_BUCKET": "lake", "DIFFUSION_PROJECT": "small"}
    return tls.environment() | variables | {"AWS_S3_ENDPOINT": tls.address}


@pytest.fixture
def as_environment(monkeypatch):
    """Let this process have these variables."""

    def become(variables: dict[str, str]) -> None:
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return become


@pytest.mark.parametrize("profile", ["sspcloud", "s3"])
def test_one_variable_is_enough_for_a_whole_run(profile, tls, onyxia, sources, tmp_path):
    storage = {key: f"{url}-{profile}" for key, url in STORAGE.items()}
    config = small_config(sources.url) | {"storage": storage}
    config["sources"]["again"] = {"from": "s3", "url": "s3://lake/again.csv"}
    config["derive"] = {"d": {"inputs": ["plain"], "sql": "select count(*) as n from plain"}}
    tls.client().put_object(Bucket="lake", Key="again.csv", Body=b"a\n1\n")
    file = str(tls.authority.certificate)
    project = Project(tmp_path / profile, config, onyxia | {"SSL_CERT_FILE": file})
    if profile == "s3":  # Snakemake's own client is made before it reads a line of ours
        words = project.fail(profile="profiles/s3")
        assert "to Snakemake the certificate is not trusted" in words
        assert "export REQUESTS_CA_BUNDLE=" in words
        project.environment["REQUESTS_CA_BUNDLE"] = file
    project.run(profile=f"profiles/{profile}")
    prefix = f"diffusion/tls-{profile}/"
    listed = tls.client().list_objects_v2(Bucket="lake", Prefix=prefix)
    names = {item["Key"].removeprefix(prefix) for item in listed["Contents"]}
    tables = ("communes", "plain", "again", "d")
    assert names == {f"{name}.parquet" for name in tables} | lists_of(tables)


def test_without_it_the_run_says_so_at_once(tls, onyxia, sources, tmp_path):
    config = small_config(sources.url) | {"storage": STORAGE}
    words = Project(tmp_path / "refused", config, onyxia).fail(profile="profiles/sspcloud")
    assert "the server's certificate is not trusted" in words
    assert "in SSL_CERT_FILE" in words
    assert "Building DAG" not in words


def test_without_it_the_checks_and_the_doctor_say_so(tls, onyxia, as_environment):
    as_environment(onyxia)
    config = {"project": {"name": "d"}, "vintage": "1", "storage": STORAGE}
    source = {"from": "file", "url": f"{tls.endpoint}/lake/f.csv"}
    resolved = resolve_config(config | {"sources": {"one": source}})
    with pytest.raises(DiffusionError, match="certificate is not trusted"):
        check_storage(resolved.storage)
    words = "\n".join(map(str, examine(resolved)))
    assert f"{tls.endpoint} has a certificate that is not trusted\n    → install its" in words
    local = resolve_config(config | {"sources": {"one": source}, "storage": {"url": "here"}})
    words = "\n".join(map(str, examine(local)))
    assert f"sources.one: {tls.endpoint} has a certificate that is not trusted" in words


@pytest.fixture(scope="module")
def in_host(tmp_path_factory) -> Iterator[Minio]:
    """A MinIO that takes what stands before its domain for the bucket."""
    folder = tmp_path_factory.mktemp("domain")
    settings = {"MINIO_DOMAIN": "minio.test,localhost"}
    with Minio(folder / "data", ["lake"], settings=settings) as server:
        server.client().put_object(Bucket="lake", Key="x/a.csv", Body=b"a\n1\n")
        yield server


def test_virtual_host_style(in_host, as_environment):
    """Nobody here knows lake.minio.test: the server itself is the proxy that does."""
    endpoint = f"http://minio.test:{in_host.address.rpartition(':')[2]}"
    keys = in_host.environment() | {"AWS_ENDPOINT_URL": endpoint}
    as_environment(keys | {"HTTP_PROXY": in_host.endpoint, "http_proxy": in_host.endpoint})
    link = connection(Server(path_style=False))
    store = Store("s3://lake/x", link, patient=False)
    assert list(store.list("")) == [("a.csv", 4)]
    store.put("b.csv", b"b\n", "")
    assert store.read("b.csv")[0] == b"b\n"
    virtual = Config(s3={"addressing_style": "virtual"})
    session = boto3.Session()  # the default one may have the keys of another test
    client = session.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=virtual)
    listed = client.list_objects_v2(Bucket="lake")["Contents"]
    assert [item["Key"] for item in listed] == ["x/a.csv", "x/b.csv"]


def test_virtual_host_style_of_pyarrow(in_host, as_environment):
    """curl, which is in pyarrow, knows that *.localhost is this machine."""
    endpoint = in_host.endpoint.replace("127.0.0.1", "localhost")
    as_environment(in_host.environment() | {"AWS_ENDPOINT_URL": endpoint})
    files = pyarrow.fs.S3FileSystem(**connection(Server(path_style=False)).pyarrow())
    assert files.open_input_stream("lake/x/a.csv").read() == b"a\n1\n"
