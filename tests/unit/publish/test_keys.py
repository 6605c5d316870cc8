"""Keys that a new version adds, removes or changes, as the manifest notes them."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalogues import undated
from diffusion.config.checking import Checks
from diffusion.config.parts import Project, PublishSource, Server, Storage, Write
from diffusion.publish.change_words import change_words
from diffusion.publish.manifest import read_manifest
from diffusion.publish.ownership import Target
from diffusion.publish.publication import Publication
from diffusion.publish.tables import CheckedTable, publish_tables
from diffusion.run.facts import Checking, write_facts
from diffusion.storage.connection import connection
from diffusion.storage.store import Store
from diffusion.tables.facts import facts_of
from diffusion.tables.limits import Limits
from projects import PRINT_PEAK, REPOSITORY

pytestmark = pytest.mark.s3

COLUMNS = {
    "Code": ["01", "02", "03", None],
    "code": ["a", "b", "c", "d"],
    "n": [1, 2, 3, 4],
    "x": [0.5, float("nan"), None, 1.0],
}
OTHER = {
    "Code": [None, "04", "02", "01"],
    "code": ["d", "e", "b", "a"],
    "n": [4, 5, 2, 10],
    "x": [1.0, 1.0, float("nan"), 0.5],
    "added": [1, 2, 3, 4],
}


class Place:
    """A published prefix, and the conversions of a table before it is published there."""

    def __init__(self, url: str, folder: Path, server: Server, environment: dict):
        link = connection(server, environment) if url.startswith("s3://") else None
        self.store, self.folder = Store(url, link), folder
        self.storage = Storage(url=url, endpoint=server.endpoint)
        self.limits = Limits(500, 2, folder)

    def convert(self, columns: dict, unique: list[str]) -> dict:
        """Write the table and its facts, as a conversion does; return the facts."""
        path, facts = self.folder / "t.parquet", self.folder / "t.json"
        pq.write_table(pa.table(columns), path)
        checking = Checking(Checks(unique=unique, warn=["unique"]), "t", self.storage)
        write_facts(facts_of(path), facts, checking, path, self.limits)
        return json.loads(facts.read_text())

    def publish(self, facts: dict, unique: list[str], parts: list[str]) -> list[dict]:
        """Publish the table; return the changes that the manifest keeps."""
        told = Publication(
            publish=PublishSource(publish_as="t"),
            write=Write(partition_by=parts),
            unique=unique,
            shrink=1,
            checks="",
            code="",
            spec=facts["sha256"],
        )
        table = CheckedTable(
            self.folder / "t.parquet", facts, "passed", told, keys=facts["checks"].get("keys")
        )
        target = Target(self.store, Project(name="demo"))
        publish_tables(target, [table], self.limits, self.folder / "made")
        return undated(read_manifest(self.store)[0]["tables"]["t"])


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, s3, tmp_path: Path, monkeypatch) -> Place:
    monkeypatch.chdir(tmp_path)
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    url = f"s3://lake/{tmp_path.name}" if request.param == "s3" else str(tmp_path / "published")
    return Place(url, tmp_path, Server(endpoint=s3.endpoint), s3.environment())


@pytest.mark.parametrize("parts", [[], ["Code"]])
def test_keys_that_a_version_adds_removes_and_changes(place: Place, parts: list[str]) -> None:
    """A key may be missing, columns may differ by case; a new column changes no row."""
    assert place.convert(COLUMNS, ["Code"])["checks"].get("keys") is None
    first = place.convert(COLUMNS, ["Code"])
    assert place.publish(first, ["Code"], parts) == []
    facts = place.convert(OTHER, ["Code"])
    counts = {"added": 1, "removed": 1, "changed": 1}
    assert facts["checks"]["keys"] == {"of": first["sha256"], **counts}
    [change] = place.publish(facts, ["Code"], parts)
    assert change == {"new": ["added"], "keys": counts}
    words = "column `added` new; keys: 1 new, 1 gone, 1 with other values"
    assert change_words(change) == words
    again = place.convert(OTHER, ["Code"])
    assert again["checks"]["keys"] is None, "nothing else is published"


def test_what_was_published_meanwhile_is_compared_when_this_is(place: Place) -> None:
    place.publish(place.convert(COLUMNS, ["Code"]), ["Code"], [])
    late = place.convert({**COLUMNS, "n": [1, 2, 3, 5]}, ["Code"])
    place.publish(place.convert(OTHER, ["Code"]), ["Code"], [])
    pq.write_table(pa.table({**COLUMNS, "n": [1, 2, 3, 5]}), place.folder / "t.parquet")
    change = place.publish(late, ["Code"], [])[-1]
    assert change["keys"] == {"added": 1, "removed": 1, "changed": 2}


def test_keys_that_cannot_be_compared(place: Place) -> None:
    """Of another type, or new, or gone from storage: the version is published all the same."""
    place.publish(place.convert(COLUMNS, ["n"]), ["n"], [])
    texts = {**COLUMNS, "n": ["1", "2", "3", "4"], "new": [1, 2, 3, 4]}
    assert place.convert(texts, ["n"])["checks"]["keys"] is None
    assert place.convert(texts, ["new"])["checks"]["keys"] is None
    facts = place.convert(OTHER, ["n"])
    place.store.delete(["t.parquet"])
    assert place.convert(OTHER, ["n"])["checks"]["keys"] is None
    assert facts["checks"]["keys"] == {
        "of": facts["checks"]["keys"]["of"],
        "added": 2,
        "removed": 2,
        "changed": 0,
    }
    [change] = place.publish(facts | {"checks": {}}, ["n"], [])
    assert change == {"new": ["added"]}


def test_rows_that_share_a_key_are_compared_together(place: Place) -> None:
    twice = {"k": ["a", "a", "b", "b"], "v": [1, 2, 3, 3]}
    place.publish(place.convert(twice, ["k"]), ["k"], [])
    turned = {"k": ["b", "a", "b", "a"], "v": [3, 2, 3, 1], "w": [1, 1, 1, 1]}
    keys = place.convert(turned, ["k"])["checks"]["keys"]
    assert (keys["added"], keys["removed"], keys["changed"]) == (0, 0, 0)
    fewer = {"k": ["a", "a", "b"], "v": [2, 2, 3]}
    assert place.convert(fewer, ["k"])["checks"]["keys"]["changed"] == 2


LARGE = """
import sys, pathlib
from diffusion.publish.keys import compare_keys
from diffusion.storage.store import Store
from diffusion.tables.limits import Limits
folder = pathlib.Path(sys.argv[1])
columns = [{"name": "k", "type": "string"}, {"name": "v", "type": "int64"}]
size = (folder / "old.parquet").stat().st_size
known = {"table_sha256": "x", "columns": columns, "objects": [{"key": "old.parquet", "size": size}]}
facts = {"sha256": "y", "columns": columns}
store, new = Store(str(folder), None), folder / "new.parquet"
keys = compare_keys(store, "old", known, new, facts, ["k"], Limits(600, 2, folder))
print(keys["added"], keys["removed"], keys["changed"])
"""


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Four million keys of 32 characters in each version are more than DuckDB may hold."""
    import duckdb

    for name, start in (("old", 0), ("new", 1000)):
        duckdb.execute(
            f"COPY (SELECT md5(i::VARCHAR) AS k, i + (i % 10 = {start % 7})::INT AS v "
            f"FROM range({start}, {start + 4_000_000}) t(i)) TO '{tmp_path}/{name}.parquet'"
        )
    command = [sys.executable, "-c", LARGE + PRINT_PEAK, str(tmp_path)]
    place = {"PYTHONPATH": str(REPOSITORY / "scripts")}
    done = subprocess.run(command, env=place, capture_output=True, text=True, check=True)
    counts, peak = done.stdout.splitlines()
    assert counts.split()[:2] == ["1000", "1000"]
    assert int(counts.split()[2]) > 0
    assert int(peak) < 600
