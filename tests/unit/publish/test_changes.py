"""A new version that differs much from the published one is refused until that is accepted."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalogues import undated
from diffusion.config.parts import Project, PublishSource
from diffusion.errors import DiffusionError
from diffusion.publish.change_words import change_words
from diffusion.publish.changes import change_between, is_of_same_origin
from diffusion.publish.manifest import read_manifest
from diffusion.publish.origin import origin_of_inputs
from diffusion.publish.ownership import Target
from diffusion.publish.publication import Publication
from diffusion.publish.tables import CheckedTable, publish_tables
from diffusion.storage.store import Store
from diffusion.tables.facts import facts_of
from diffusion.tables.geoparquet import geo_metadata
from diffusion.tables.limits import Limits

ROWS = 100
FIRST = {"code": [f"{n:05}" for n in range(ROWS)], "n": list(range(ROWS)), "x": [0.5] * ROWS}


class Place:
    def __init__(self, folder: Path):
        self.folder, self.store = folder, Store(str(folder / "published"), None)

    def publish(
        self,
        columns: dict,
        vintage: str,
        *consents: str,
        shrink: float = 0.5,
        name: str = "t",
        of: dict | None = None,
        geo: dict | None = None,
        partitions: int = 1,
    ) -> dict:
        """Publish a version that was made from the bytes of a vintage, or ``of`` a table.

        Returns:
            its entry.
        """
        path = self.folder / f"{name}.parquet"
        metadata = geo_metadata({"bounds": [], "heights": []} | geo) if geo else {}
        pq.write_table(pa.table(columns).replace_schema_metadata(metadata), path)
        facts = facts_of(path)
        facts["noted"] = {"source": name, "vintage": vintage, "raw_sha256": [vintage]}
        if of:
            facts["noted"] = {"inputs": {of["name"]: of["table_sha256"]}}
            facts["origin"] = origin_of_inputs([of])
        told = Publication(
            publish=PublishSource(publish_as=name),
            shrink=shrink,
            checks="",
            code="",
            spec=f"{vintage} {list(columns)}",
            partitions=partitions,
        )
        table = CheckedTable(path, facts, "passed", told)
        target = Target(self.store, Project(name="demo"), frozenset(consents))
        [receipt] = publish_tables(target, [table], Limits(500, 1, self.folder), self.folder)
        return receipt


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    place = Place(tmp_path)
    place.publish(FIRST, "1")
    return place


def some(count: int, **changes: list | None) -> dict:
    columns = {name: values[:count] for name, values in FIRST.items()} | changes
    return {name: values for name, values in columns.items() if values is not None}


def more(times: int) -> dict:
    return {name: values * times for name, values in FIRST.items()}


ALL = list(range(ROWS))


@pytest.mark.parametrize(
    ("columns", "words", "kind"),
    [
        (some(3), "t: 100 rows become 3", "rows"),
        (some(ROWS, n=None), "t: the column `n` is gone", "columns"),
        (some(ROWS, n=None, n_code=ALL), "`n` is gone; new are `n_code`", "columns"),
        (some(ROWS, n=[str(n) for n in ALL]), "`n` was int64, is string", "columns"),
        (
            some(ROWS, n=pa.nulls(ROWS, pa.int64())),
            "the column `n` has no value any more",
            "columns",
        ),
        (
            some(ROWS, n=[7] * 9 + [None] * 91),
            "the column `n` has values in 9 of 100 rows, it had in 100 of 100",
            "columns",
        ),
        (more(10), "t: 100 rows become 1,000", "rows"),
    ],
)
def test_a_suspicious_version_is_not_published(
    columns: dict, words: str, kind: str, place: Place
) -> None:
    before = place.store.read("manifest.json")
    with pytest.raises(DiffusionError) as caught:
        place.publish(columns, "2")
    assert words in caught.value.found
    assert f"""snakemake --config 'accept=["t:{kind}"]'""" in caught.value.fix
    assert place.store.read("manifest.json") == before
    [change] = place.publish(columns, "2", f"t:{kind}")["changes"]
    assert (change["vintage"], change["accepted"]) == ("2", [f"t:{kind}"])
    place.publish(columns, "3")  # the consent was for this change: it is the version now


@pytest.mark.parametrize(
    ("before", "now", "is_back"),
    [
        ("2026-02-01", "2026-01-31", True),
        ("2026-02-01b", "2025-12-31", True),
        ("2026-Q1", "2025", True),
        ("2026-02", "2026-01-31", True),
        ("2026-01-31", "2026-02-01", False),
        ("2026-02-01", "2026-02-01b", False),
        ("2026-02-01", "2026", False),
        ("2026-02-01", "v1", False),
    ],
)
def test_an_older_vintage_is_published_on_request_only(
    before: str, now: str, is_back: bool, place: Place
) -> None:
    """As a clone has it that was not brought up to date."""
    place.publish(some(99), before)
    if not is_back:
        place.publish(FIRST, now)
        return
    with pytest.raises(DiffusionError) as caught:
        place.publish(FIRST, now)
    assert f"t: vintage {before} is published, and this is the older {now}" in caught.value.found
    assert caught.value.fix.startswith(
        "get the configuration that published the newer vintage (`git pull`). Nothing was published"
    )
    assert """'accept=["t:vintage"]'""" in caught.value.fix
    [*_, change] = place.publish(FIRST, now, "t:vintage")["changes"]
    assert change_words(change) == (
        f"vintage {before} went back to {now}; 99 rows became 100 (accepted: t:vintage)"
    )


@pytest.mark.parametrize(
    "columns",
    [FIRST, some(60), some(ROWS, new=ALL), some(ROWS, x=[None] * 50 + [0.5] * 50), more(9)],
)
def test_an_ordinary_version_is_published(columns: dict, place: Place) -> None:
    place.publish(columns, "2")


def test_partitions_that_are_added_bring_rows(place: Place) -> None:
    place.publish(more(101), "2", partitions=101)
    with pytest.raises(DiffusionError, match="10,100 rows become 101,000"):
        place.publish(more(1010), "3", partitions=101)


def test_other_geometries_are_not_published(place: Place) -> None:
    """Their column has one name and one type whatever they are."""
    degrees, metres = ({"id": {"authority": "EPSG", "code": n}, "name": ""} for n in (4326, 2154))
    crs84 = {"id": {"authority": "OGC", "code": "CRS84"}, "name": ""}
    points = {"crs": crs84, "types": ["Point"]}
    place.publish(FIRST, "1", name="g", geo=points)
    place.publish(FIRST, "2", name="g", geo={"crs": degrees, "types": ["MultiPoint", "Point Z"]})
    moved = {"crs": metres, "types": ["Polygon"]}
    with pytest.raises(DiffusionError) as caught:
        place.publish(FIRST, "3", name="g", geo=moved)
    words = "g: the CRS was EPSG:4326, is EPSG:2154; the geometries were points, are polygons"
    assert words in caught.value.found
    [change] = place.publish(FIRST, "3", "g:columns", name="g", geo=moved)["changes"]
    assert (change["crs"], change["geometries"]) == (
        ["EPSG:4326", "EPSG:2154"],
        ["points", "polygons"],
    )


def test_what_the_user_changes_is_noted_only(place: Place) -> None:
    """The same bytes, made otherwise: a column was dropped in the configuration."""
    [change] = undated(place.publish(some(ROWS, n=None), "1"))
    assert change == {"vintage": "1", "lost": ["n"]}


def test_what_the_user_changes_of_a_source_changes_what_is_derived_from_it(place: Place) -> None:
    """The inputs of the derived tables are other bytes then, the raw bytes are the same."""

    def all_three(columns: dict, vintage: str) -> dict:
        source = place.publish(columns, vintage, "t:columns")
        between = place.publish(columns, vintage, "d:columns", name="d", of=source)
        return place.publish(columns, vintage, name="e", of=between)

    first = all_three(FIRST, "1")
    second = all_three(some(ROWS, n=None), "1")
    assert undated(second) == [{"lost": ["n"]}]
    assert (first["origin"], first["inputs"]) != (second["origin"], second["inputs"])
    assert first["origin"] == second["origin"]
    with pytest.raises(DiffusionError, match="e: the column `x` is gone"):
        all_three(some(ROWS, n=None, x=None), "2")


def test_an_entry_without_an_origin_is_compared_by_its_inputs() -> None:
    """It is of an older version of Diffusion."""
    known, now = {"raw_sha256": {"all": "1"}}, {"raw_sha256": {"all": "1"}, "origin": "x"}
    assert is_of_same_origin(known, now)
    assert not is_of_same_origin(known | {"inputs": {"a": "1"}}, now)


@pytest.mark.parametrize(
    ("before", "now", "gone"),
    [
        (["t.parquet", "t.csv"], ["t/by_d=_1/data-a.parquet"], ["t.parquet", "t.csv"]),
        (["t/by_d=_1/data-a.parquet"], ["t.parquet"], ["t/"]),
        (["t/by_d=_1/data-a.parquet"], ["t/by_d=_2/data-b.parquet"], []),
        (["t/by_d=_1/a.parquet"], ["t/by_e=_1/a.parquet"], ["t/by_d=…/"]),
        (["t/by_d=_1/by_e=_1/a.parquet"], ["t/by_d=_1/a.parquet"], ["t/by_d=…/by_e=…/"]),
        (["t.parquet", "t/2024/a.csv"], ["t.parquet", "t/2025/b.csv"], []),
    ],
)
def test_places_that_lead_nowhere_are_told(before: list, now: list, gone: list) -> None:
    """In both directions: a folder that became a file, and a file that became a folder."""
    known = {"rows": 1, "objects": [{"key": key} for key in before]}
    change = change_between(known, {"rows": 1, "columns": [], "missing": {}, "partitions": 1}, now)
    assert change.noted == ({"removed": gone} if gone else {})
    if gone:
        told = f"no longer published as {', '.join(gone)}: links to it lead nowhere"
        assert change_words(change.noted) == told


def test_the_share_of_rows_is_declared(place: Place) -> None:
    place.publish(some(3), "2", shrink=1)
    with pytest.raises(DiffusionError, match="3 rows become 2"):
        place.publish(some(2), "3", shrink=0)


def test_all_that_is_suspicious_is_told_at_once(place: Place) -> None:
    with pytest.raises(DiffusionError) as caught:
        place.publish(some(3, n=None), "2")
    assert caught.value.found.count("\n  t: ") == 2
    assert """accept=["t:columns", "t:rows"]""" in caught.value.fix


def test_the_manifest_keeps_what_changed(place: Place) -> None:
    place.publish(some(90, new=list(range(90))), "2")
    place.publish(some(95, new=list(range(95))), "3")
    assert undated(read_manifest(place.store)[0]["tables"]["t"]) == [
        {"vintage": "2", "rows": [100, 90], "new": ["new"]},
        {"vintage": "3", "rows": [90, 95]},
    ]
