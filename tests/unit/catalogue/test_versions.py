"""versions.json: what each publication changed, carried on from what lies there."""

import copy
import datetime
import json
from typing import Literal

import msgspec
import pytest

from catalogues import DPE, PARTS, SHA, config_of, listed, manifest_of, thing
from diffusion.catalogue.files import refresh_catalogue, write_catalogue
from diffusion.catalogue.keys import FILES_EACH, key_of
from diffusion.errors import DiffusionError
from diffusion.publish.manifest import MANIFEST
from diffusion.storage.store import Store

KEY = key_of("dpe", "versions.json")
OTHER = SHA.replace("0", "f")


@pytest.fixture
def place(tmp_path) -> Store:
    store = Store(str(tmp_path / "published"), None)
    publish(store, DPE)
    return store


def publish(store: Store, entry: dict, **more: dict) -> None:
    """Note an entry in the manifest, as publishing does, and write the catalogue."""
    manifest = manifest_of(dpe=entry, **more)
    store.put(MANIFEST, json.dumps(manifest).encode(), "")
    refresh_catalogue(store, begin=True)


def later(line: dict | None = None, day: str = "2026-02-01", sha: str = OTHER, **more) -> dict:
    """Return the entry of a later publication, with what the manifest noted of it."""
    entry = copy.deepcopy(DPE) | {"published": f"{day}T00:00:00+00:00", **more}
    entry["objects"][0]["sha256"] = sha
    lines = [line | {"published": entry["published"]}] if line else []
    return entry | {"changes": [*more.get("changes", ()), *lines]}


def versions(store: Store, key: str = KEY) -> list[dict]:
    return json.loads(store.read(key)[0])["versions"]


def test_the_first_version_is_what_is_published(place):
    (first,) = versions(place)
    assert (first["version"], first["breaking"], first["rows"]) == ("1.0.0", False, 2)
    assert (first["created"], first["vintage"]) == (DPE["published"], "2025-03-19")
    assert first["assets"]["dpe.csv"] == {"sha256": SHA, "size_bytes": 3, "href": "dpe.csv"}
    assert first["changes"] == ["dpe.csv", "dpe.parquet"]


@pytest.mark.parametrize(
    ("line", "number", "message"),
    [
        ({"rows": [2, 3], "keys": {"added": 1}}, "1.0.1", "2 rows became 3; keys: 1 new"),
        ({"new": ["b"]}, "1.1.0", "column `b` new"),
        ({"lost": ["b"], "new": ["c"]}, "2.0.0", "column `c` new; column `b` gone"),
        ({"retyped": {"n": ["int64", "string"]}}, "2.0.0", "column `n` was int64, is string"),
        ({"crs": ["EPSG:4326", "EPSG:2154"]}, "2.0.0", "CRS: EPSG:4326 became EPSG:2154"),
        (None, "1.0.1", "values changed"),
    ],
)
def test_each_publication_adds_what_it_changed(place, line, number, message):
    before = versions(place)
    publish(place, later(line, vintage="2025-06", rows=3))
    assert versions(place)[:-1] == before
    new = versions(place)[-1]
    assert (new["version"], new["message"], new["vintage"]) == (number, message, "2025-06")
    assert new["breaking"] == (number == "2.0.0")
    assert new["changes"] == ["dpe.parquet"]
    assert [{k: v for k, v in of.items() if k != "published"} for of in new.get("changed", [])] == (
        [line] if line else []
    )


def test_what_an_earlier_version_changed_is_not_told_again(place):
    """The manifest has it still, beside the new one."""
    one = later({"rows": [2, 3]})
    publish(place, one)
    publish(place, later({"rows": [3, 4]}, "2026-03-01", SHA, changes=one["changes"]))
    assert [version["message"] for version in versions(place)[1:]] == [
        "2 rows became 3",
        "3 rows became 4",
    ]


def test_the_same_again_is_no_version(place):
    before = place.read(KEY)[0]
    refresh_catalogue(place, begin=True)
    assert place.read(KEY)[0] == before


def test_files_that_come_and_go(place):
    fewer = later()
    del fewer["objects"][1]
    publish(place, fewer)
    publish(place, later(day="2026-03-01"))
    one, two = versions(place)[1:]
    assert (one["removed"], one["changes"]) == (["dpe.csv"], ["dpe.parquet"])
    assert (two["version"], two["changes"]) == ("1.1.0", ["dpe.csv"])


def test_earlier_versions_outlive_the_manifest(place):
    """It keeps the last changes only, and nothing at all of a table that is withdrawn."""
    publish(place, later({"rows": [2, 3]}))
    known = versions(place)
    gone = manifest_of(parts=PARTS) | {"withdrawn": {"dpe": {}}}
    place.put(MANIFEST, json.dumps(gone).encode(), "")
    refresh_catalogue(place)
    assert versions(place) == known
    publish(place, later(day="2027-01-01", sha=SHA))
    assert versions(place)[:-1] == known
    assert versions(place)[-1]["version"] == "1.0.2"


def test_changes_of_a_run_that_wrote_no_catalogue_come_with_the_next(place):
    missed = {"rows": [2, 3], "published": "2026-01-20T00:00:00+00:00"}
    publish(place, later({"rows": [3, 4]}, changes=[{"rows": [1, 2]}, missed]))
    assert versions(place)[-1]["message"] == "2 rows became 3. 3 rows became 4"


def test_what_was_known_before_versions_were_kept_is_in_the_first(tmp_path):
    store = Store(str(tmp_path / "new"), None)
    publish(store, DPE | {"changes": [{"rows": [1, 2], "vintage": "2024"}]})
    assert versions(store)[0]["message"] == "1 rows became 2"


def test_keys_of_others_and_of_later_times_are_kept(place):
    content = json.loads(place.read(KEY)[0])
    content |= {"note": "mine"}
    content["versions"][0]["signed"] = "x"
    place.put(KEY, json.dumps(content).encode(), "")
    publish(place, later())
    again = json.loads(place.read(KEY)[0])
    assert again["note"] == "mine"
    assert again["versions"][0] == content["versions"][0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"generator": "Diffusion", "versions', "damaged (Unterminated string"),
        (b'{"generator": "Diffusion", "versions": []}', "missing required field `current_version`"),
        (
            b'{"generator": "Diffusion", "current_version": "1", "versions": []}',
            "there is no version in it",
        ),
        (
            b'{"generator": "Diffusion", "current_version": "1", "versions": [{"version": "one",'
            b'"created": "", "assets": {}}]}',
            "invalid literal",
        ),
    ],
)
def test_a_damaged_file_is_never_replaced(place, data, words):
    listing = {key: place.read(key)[0] for key, _ in place.list("")} | {KEY: data}
    place.put(KEY, data, "")
    with pytest.raises(DiffusionError) as caught:
        refresh_catalogue(place, begin=True)
    assert words in str(caught.value)
    assert caught.value.where.endswith(KEY)
    assert "put back a good copy" in caught.value.fix
    assert {key: place.read(key)[0] for key, _ in place.list("")} == listing
    place.delete([KEY])  # what the remedy says where there is no copy
    refresh_catalogue(place, begin=True)
    assert len(versions(place)) == 1


def test_a_file_of_somebody_else_is_left(place):
    theirs = json.dumps(json.loads(place.read(KEY)[0]) | {"generator": "x"}).encode()
    place.put(KEY, theirs, "")
    with pytest.raises(DiffusionError, match="did not make"):
        refresh_catalogue(place, begin=True)
    assert place.read(KEY)[0] == theirs


def test_another_run_that_wrote_meanwhile_is_not_written_over(place, monkeypatch):
    """Its versions are read again, and the new one comes after them."""
    put, theirs = Store.put, []

    def slow(self, key, *given, create=False, etag="", **more):
        if key == KEY and not theirs:
            theirs.append(key)
            raise FileExistsError(key)
        return put(self, key, *given, create=create, **more)

    monkeypatch.setattr(Store, "put", slow)
    before = versions(place)
    publish(place, later())
    assert theirs == [KEY]
    assert versions(place)[:-1] == before
    assert len(versions(place)) == 2


def test_very_many_files_of_a_folder_are_one(tmp_path):
    store = Store(str(tmp_path / "new"), None)
    objects = [thing(f"dpe/by_n=_{n}/d.parquet", values={"n": n}) for n in range(FILES_EACH + 1)]
    publish(store, DPE | {"objects": objects, "columns": listed({"n": "string"})})
    (first,) = versions(store)
    assert first["assets"].keys() == {"dpe/"}
    assert first["assets"]["dpe/"]["files"] == FILES_EACH + 1
    objects[0] |= {"sha256": OTHER}
    publish(store, later() | {"objects": objects})
    assert versions(store)[-1]["changes"] == ["dpe/"]


def test_what_is_taken_down_has_no_versions(place):
    gone = manifest_of(parts=PARTS) | {"taken_down": {"raw": {"as": "dpe"}}}
    place.put(MANIFEST, json.dumps(gone).encode(), "")
    refresh_catalogue(place)
    assert place.head(KEY) is None


class Asset(msgspec.Struct):
    sha256: str
    size_bytes: int
    href: str


class Version(msgspec.Struct):
    version: str
    created: datetime.datetime
    breaking: bool
    assets: dict[str, Asset]
    changes: list[str]
    message: str | None = None


class Portolan(msgspec.Struct):
    """What portolan-cli 0.8 reads; it cannot be installed beside this project's pyarrow."""

    spec_version: Literal["1.0.0"]
    current_version: str
    versions: list[Version]


def test_it_has_the_form_that_portolan_reads(place):
    publish(place, later({"rows": [2, 3]}))
    read = msgspec.json.decode(place.read(KEY)[0], type=Portolan)
    assert read.current_version == read.versions[-1].version == "1.0.1"
    assert read.versions[1].message == "2 rows became 3"
    assert all(version.created.tzinfo for version in read.versions)


def test_the_page_shows_them(place, tmp_path):
    entry = later({"rows": [2, 3], "keys": {"added": 1}}, vintage="2025-06", rows=3)
    place.put(MANIFEST, json.dumps(manifest_of(dpe=entry)).encode(), "")
    write_catalogue(place, config_of(), tmp_path)
    html = place.read("page-of/dpe.html")[0].decode()
    shown = html[html.index('id="changes"') :]
    assert "Millésime 2025-06\u00a0: Lignes\u00a0: 2 → 3 · clés ajoutées\u00a0: 1" in shown
    assert shown.index("<strong>1.0.1</strong>") < shown.index("première version notée")
