"""What is no longer configured stays, is told, and is removed on request only."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from diffusion.config.parts import Project
from diffusion.errors import DiffusionError
from diffusion.publish.before import Entry, Upload
from diffusion.publish.lost import lost, replaced
from diffusion.publish.manifest import MANIFEST, read_manifest
from diffusion.publish.objects import publish
from diffusion.publish.ownership import Target
from diffusion.publish.untracked import untracked_words
from diffusion.publish.withdrawal import left_behind, withdraw
from diffusion.storage.store import Store

FACTS = {"kind": "table", "vintage": "2024", "rows": 2}


class Place:
    def __init__(self, folder: Path):
        self.folder, self.store = folder, Store(str(folder / "published"), None)
        self.target = Target(self.store, Project(name="demo"))
        self.receipts = {}

    def publish(self, name: str, *keys: str) -> None:
        path = self.folder / "made"
        path.write_text(name)
        entry = Entry(name, [Upload(key, path) for key in keys], FACTS)
        self.receipts |= publish(self.target, [entry], self.folder)

    @property
    def keys(self) -> list[str]:
        return sorted(k for k, _ in self.store.list("") if not k.startswith((".", MANIFEST)))

    @property
    def manifest(self) -> dict:
        return read_manifest(self.store)[0]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.publish("old", "old/by_n=_1/data.parquet", "old.csv")
    place.publish("new", "new.parquet")
    return place


def test_what_a_killed_run_put_after_it_is_withdrawn_by_the_same_command(place: Place) -> None:
    withdraw(place.target, ["old"], ["new"], "", place.folder)
    for key in ("old.csv", "old/by_n=_9/data.parquet", "old/mine.txt", "older.csv"):
        place.store.put(key, b"x", sha256(b"x").hexdigest())
    listed = [key for key, _ in place.store.list("")]
    (words,) = untracked_words(place.store, listed, place.manifest, "demo", ["new"])
    assert "`old` is published no more" in words and words.endswith("diffusion withdraw old")
    for whose, published in (("demo", ["new", "old"]), ("another", ["new"])):
        assert not list(untracked_words(place.store, listed, place.manifest, whose, published))
    told = withdraw(place.target, ["old"], ["new"], "", place.folder)
    assert told == ["withdrawn: old, 2 object(s) removed"]
    assert place.keys == ["new.parquet", "old/mine.txt", "older.csv"]


def test_what_is_withdrawn_leaves_a_tombstone(place: Place) -> None:
    assert left_behind(place.manifest, "demo", ["new"]) == ["old"]
    told = withdraw(place.target, ["old"], ["new"], "a wrong source", place.folder)
    assert told == ["withdrawn: old, 2 object(s) removed"]
    assert place.keys == ["new.parquet"]
    manifest = place.manifest
    assert list(manifest["tables"]) == ["new"] and "unfinished" not in manifest
    stone = manifest["withdrawn"]["old"]
    assert (stone["reason"], stone["rows"], stone["vintage"]) == ("a wrong source", 2, "2024")
    assert stone["withdrawn"] > stone["published"][:10]
    place.publish("old", "old.csv")
    assert "withdrawn" not in place.manifest, "it is there again"


@pytest.mark.parametrize(
    ("name", "owner", "words"),
    [
        ("new", "demo", "the next run would publish `new` again"),
        ("odl", "demo", "`odl` is not published there"),
        ("old", "another", "`old` is of the project `another`"),
    ],
)
def test_what_is_not_to_be_withdrawn(name: str, owner: str, words: str, place: Place) -> None:
    manifest = place.manifest
    manifest["tables"]["old"]["project"] = owner
    place.store.put(MANIFEST, json.dumps(manifest).encode(), "")
    keys = place.keys
    with pytest.raises(DiffusionError) as caught:
        withdraw(place.target, ["old", name], ["new"], "", place.folder)
    assert words in caught.value.found
    assert (place.keys, place.manifest) == (keys, manifest), "nothing was changed"


def test_a_refused_removal_is_made_by_the_next_try(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Store, keys: list[str]) -> None:
        raise DiffusionError(keys[0], "access is denied")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "delete", refuse)
        with pytest.raises(DiffusionError, match="access is denied"):
            withdraw(place.target, ["old"], [], "", place.folder)
    assert sorted(place.manifest["unfinished"]["old"]) == ["old.csv", "old/by_n=_1/data.parquet"]
    withdraw(place.target, ["old"], [], "", place.folder)
    assert place.keys == ["new.parquet"]
    assert "unfinished" not in place.manifest


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda store: store.delete(["old.csv"]), "old.csv is gone"),
        (lambda store: store.put("old.csv", b"xyz", ""), "old.csv is not what was published"),
        (lambda store: store.put("old.csv", b"longer", ""), "old.csv is not what was published"),
        (lambda store: store.delete([MANIFEST]), "`new` is not in"),
        (lambda store: None, ""),
    ],
)
def test_what_is_lost_is_seen(harm, words: str, place: Place) -> None:
    harm(place.store)
    found = lost(place.store, place.manifest, place.receipts)
    assert words in " ".join(found.values())
    assert bool(found) == bool(words)


def test_what_another_clone_published_since_is_seen(place: Place) -> None:
    """The receipts of this one are of the version before."""
    before = dict(place.receipts)
    assert replaced(place.manifest, before) == {}
    place.publish("old", "old/by_n=_2/data.parquet", "old.csv")
    found = replaced(place.manifest, before)
    assert list(found) == ["old"]
    assert "`old` was published by another clone since (20" in found["old"]
    assert found["old"].endswith(", vintage 2024)")


def test_a_copy_of_the_folder_is_not_lost(place: Place) -> None:
    """Times and inodes differ, the bytes do not."""
    for key in place.keys:
        path = place.store.local_path(key)
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)
    assert lost(place.store, place.manifest, place.receipts) == {}
