"""Each profile end to end, with the variables that its place gives."""

import re

import pytest

from diffusion.config.parts import Server
from projects import lists_of, merge


@pytest.fixture
def on_s3(small, s3):
    """The small project with its storage on S3, as profiles/sspcloud and profiles/s3 set it."""

    def make(name: str, variables: dict):
        storage = {"url": f"s3://lake/diffusion/{name}", "raw": f"s3://lake/raw/{name}"}
        project, config = small({"storage": storage}, name=name)
        project.environment = variables
        return project, config

    return make


def onyxia(s3) -> dict[str, str]:
    """Return the variables that a service of the SSP Cloud finds."""
    host = s3.endpoint.removeprefix("http://")
    return {
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
        "AWS_SESSION_TOKEN": "a-session-token",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_S3_ENDPOINT": host,
        "AWS_ENDPOINT_URL": f"{s3.endpoint}/",
        "AWS_PATH_STYLE_ACCESS": "true",
        "DIFFUSION_BUCKET": "lake",
        "DIFFUSION_PROJECT": "small",
    }


def keys(s3, prefix: str) -> set[str]:
    from diffusion.storage.connection import connection
    from diffusion.storage.store import Store

    store = Store("s3://lake", connection(Server(endpoint=s3.endpoint), s3.environment()))
    return {key for key, _ in store.list(prefix)}


@pytest.mark.embedded  # the session token is invented
def test_sspcloud_with_the_variables_of_onyxia(on_s3, s3):
    project, _ = on_s3("ssp", onyxia(s3))
    words = project.run(profile="profiles/sspcloud")
    assert "\nPublished to s3://lake/diffusion/ssp/:\n" in words and "\ncommunes.parquet " in words
    tables = {"communes", "plain"}
    published = {f"{name}.parquet" for name in tables} | lists_of(tables)
    assert keys(s3, "diffusion/ssp") == {f"diffusion/ssp/{name}" for name in published}
    assert "Nothing to be done" in project.run(profile="profiles/sspcloud")


@pytest.mark.embedded  # the session token is invented
@pytest.mark.slow
def test_s3_keeps_intermediate_results_on_s3_only(on_s3, s3):
    project, config = on_s3("remote", onyxia(s3))
    project.run(profile="profiles/s3")
    work = {key.removeprefix("snakemake/small/") for key in keys(s3, "snakemake/small")}
    assert {".keep", "results/summary.json", "results/tables/plain.parquet"} <= work
    assert not list(project.folder.glob("results/**/*.parquet"))
    assert "diffusion/remote/communes.parquet" in keys(s3, "diffusion/remote")
    assert "Nothing to be done" in project.run(profile="profiles/s3")
    place = "s3://lake/snakemake/small/results/tables/plain.parquet"
    words = project.run("plain", profile="profiles/s3")
    assert f"plain: {place}, made and checked, published as it is\n" in words
    project.configure(merge(config, {"sources": {"plain": {"description": "changed"}}}))
    assert re.search(r"publish_sources +1", project.run("-n", profile="profiles/s3"))


@pytest.mark.embedded  # the session token is invented
def test_wrong_key_is_said_before_anything_runs(on_s3, s3):
    project, _ = on_s3("refused", onyxia(s3) | {"AWS_ACCESS_KEY_ID": "nobody-of-that-name"})
    words = project.fail(profile="profiles/sspcloud")
    assert "the access key is unknown" in words
    assert "check AWS_ACCESS_KEY_ID" in words
    assert "Building DAG" not in words
