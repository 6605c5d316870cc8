"""Results at a work prefix on S3 that the folder has no record of, as in a new pod."""

import json
import shutil
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from diffusion.config.parts import Server
from diffusion.run.jobs import Jobs
from diffusion.run.state import SOURCES, SUMMARY
from diffusion.run.unrecorded import remove_stale
from diffusion.storage.connection import connection
from diffusion.storage.store import Store
from projects import REPOSITORY, small_config

pytestmark = pytest.mark.s3


def jobs_of(**change: object) -> Jobs:
    config = small_config("https://example.org") | change
    config["derive"] = {"d": {"inputs": ["plain"], "sql": "SELECT 1 AS one FROM plain"}}
    return Jobs.from_config(config, [], REPOSITORY)


class Work:
    """A work prefix with the results of one run, all of it published."""

    def __init__(self, store: Store):
        self.store, jobs = store, jobs_of()
        receipts = {}
        for name in ("plain", "communes"):
            for batch in jobs.batches[name]:
                self.put(f"results/raw/{name}/{batch}.json", {})
            self.put_table(name)
            receipts[name] = {"spec": jobs.spec(name), "table_sha256": name}
        self.put(SOURCES, receipts)
        self.put_table("d")
        facts = {"sha256": "d", "size": 5, "made_from": {"plain": "plain"}}
        self.put("results/tables/d.json", facts)
        self.put("results/published/d.json", facts | {"spec": jobs.spec("d")})
        self.put(SUMMARY, {"published": []})

    def put(self, key: str, value: object) -> None:
        self.store.put(key, json.dumps(value).encode(), "")

    def put_table(self, name: str) -> None:
        self.store.put(f"results/tables/{name}.parquet", b"bytes", "")
        self.put(f"results/tables/{name}.json", {"sha256": name, "size": 5})

    def listed(self) -> set[str]:
        return {key for key, _ in self.store.list("")}


def record(records: Path, result: str) -> None:
    """Note a result as Snakemake does: by its name in base64, long ones cut into folders."""
    name, length = urlsafe_b64encode(result.encode()).decode(), 20
    parts = [name[i : i + length] for i in range(0, len(name), length)]
    path = records.joinpath(*("@" + part for part in parts[:-1]), parts[-1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


@pytest.fixture
def work(s3, tmp_path: Path, monkeypatch) -> Work:
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    return Work(Store(f"s3://lake/prefix/{tmp_path.name}", connection(Server(), s3.environment())))


def test_results_of_this_configuration_stay(work: Work, tmp_path: Path) -> None:
    before = work.listed()
    assert remove_stale(work.store, jobs_of(), records=tmp_path / "none") == ""
    assert work.listed() == before


def test_results_of_another_vintage_go(work: Work, tmp_path: Path) -> None:
    before = work.listed()
    (tmp_path / "records").mkdir()
    now = jobs_of(vintage="2027-01-01")
    words = remove_stale(work.store, now, dry=True, records=tmp_path / "records")
    assert words.endswith("unfinished: communes, plain: a run makes them again")
    assert work.listed() == before
    for path in ("results/raw/plain/all.json", "results/raw/communes/x.json"):
        record(tmp_path / "records", path)
    words = remove_stale(work.store, now, dry=True, records=tmp_path / "records")
    assert words == ""  # Snakemake knows what they were made from
    shutil.rmtree(tmp_path / "records")
    record(tmp_path / "records", "s3/lake/results/tables/plain.parquet")
    words = remove_stale(work.store, now, dry=True, records=tmp_path / "records")
    assert words.endswith("unfinished: communes: a run makes them again")
    assert remove_stale(work.store, now, records=tmp_path / "none").endswith(": made again")
    assert {key.split("/")[-1] for key in work.listed()} == {"d.parquet", "d.json"}


def test_what_is_newer_than_what_was_published_goes(work: Work, tmp_path: Path) -> None:
    """A table that another run made and did not publish; the other source stays."""
    work.put("results/tables/plain.json", {"sha256": "of another run", "size": 5})
    words = remove_stale(work.store, jobs_of(), records=tmp_path / "none")
    assert words.endswith("or unfinished: plain, d: made again")
    kept = {key for key in work.listed() if key.startswith("results/raw/")}
    assert kept and all("/communes/" in key for key in kept)
    assert SOURCES not in work.listed()
