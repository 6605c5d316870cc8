"""The files of the catalogue: written when they change, and no other's."""

import json

import pytest

from catalogues import CONFIG, DPE, config_of, manifest_of
from diffusion.catalogue import files as module
from diffusion.catalogue.files import FILES, refresh_catalogue, write_catalogue
from diffusion.catalogue.keys import (
    AGENTS,
    CITATION,
    COLLECTION,
    DATAPACKAGE,
    DCAT,
    INDEX,
    README,
    STAC,
    VERSIONS,
    expected,
    key_of,
    page_key,
)
from diffusion.errors import DiffusionError
from diffusion.publish.manifest import MANIFEST, read_manifest
from diffusion.storage.store import Store


@pytest.fixture
def place(tmp_path) -> Store:
    store = Store(str(tmp_path / "published"), None)
    store.put(MANIFEST, json.dumps(manifest_of()).encode(), "")
    return store


@pytest.fixture
def puts(place, monkeypatch) -> list[str]:
    """The keys that are put."""
    found: list[str] = []
    put = Store.put
    monkeypatch.setattr(
        Store, "put", lambda s, key, *a, **k: (found.append(key), put(s, key, *a, **k))
    )
    return found


OF_SHAPES = [key_of("shapes", file) for file in (COLLECTION, README, AGENTS)]
PAGES = [page_key(name) for name in ("dpe", "parts", "shapes")]


def test_each_file_is_put_once_and_again_when_it_changes(place, puts, tmp_path):
    write_catalogue(place, config_of(), tmp_path)
    versions = [key_of(name, VERSIONS) for name in ("dpe", "parts", "shapes")]
    documents = [*OF_SHAPES[1:], README, AGENTS]
    first = [MANIFEST, *versions, *FILES, OF_SHAPES[0], STAC, *documents, CITATION, *PAGES, INDEX]
    assert puts == first
    assert set(expected(manifest_of())) == {*first} - {MANIFEST, *PAGES}
    write_catalogue(place, config_of(), tmp_path)
    assert puts == first, "nothing changed"
    write_catalogue(place, config_of({"title": "Other"}), tmp_path)
    assert puts[len(first) :] == [MANIFEST, DATAPACKAGE, DCAT, README, CITATION, PAGES[0], INDEX]
    assert read_manifest(place)[0]["tables"]["dpe"]["objects"] == DPE["objects"]


def test_where_nothing_is_geographic_there_is_no_stac(tmp_path):
    """Nor is anybody's own file in its place an obstacle; once begun it is kept up to date."""
    store = Store(str(tmp_path / "published"), None)
    store.put(STAC, b"{}", "")
    store.put(MANIFEST, json.dumps(manifest_of(dpe=DPE)).encode(), "")
    write_catalogue(store, config_of(), tmp_path)
    assert store.read(STAC)[0] == b"{}"
    assert store.head(README) is None
    store.delete([STAC])
    store.put(MANIFEST, json.dumps(manifest_of()).encode(), "")
    refresh_catalogue(store)
    assert all(store.head(key) for key in (STAC, README, *OF_SHAPES))
    gone = manifest_of(dpe=DPE) | {"withdrawn": {"shapes": {}}}
    store.put(MANIFEST, json.dumps(gone).encode(), "")
    refresh_catalogue(store)
    assert not any(store.head(key) for key in OF_SHAPES)
    links = json.loads(store.read(STAC)[0])["links"]
    assert "child" not in {link["rel"] for link in links}


def test_a_readme_of_ones_own_is_left_and_does(place, tmp_path):
    place.put(README, b"# Mine", "")
    write_catalogue(place, config_of(), tmp_path)
    assert place.read(README)[0] == b"# Mine"
    assert place.head(INDEX)


def test_a_file_of_somebody_else_is_left(place, tmp_path):
    place.put("datapackage.json", b'{"name": "mine"}', "")
    with pytest.raises(DiffusionError, match="a file that this project did not make"):
        write_catalogue(place, config_of(), tmp_path)
    assert place.read("datapackage.json")[0] == b'{"name": "mine"}'


def test_a_command_begins_no_catalogue(place):
    refresh_catalogue(place)
    assert [key for key, _ in place.list("")] == [MANIFEST]


def test_what_another_run_publishes_meanwhile_is_in_it(place, tmp_path, monkeypatch):
    later = manifest_of(dpe=DPE)

    def made(manifest):
        place.put(MANIFEST, json.dumps(later).encode(), "")
        return {"listed": list(manifest["tables"])}

    monkeypatch.setattr(module, "FILES", {"x.json": made})
    write_catalogue(place, config_of(), tmp_path)
    assert json.loads(place.read("x.json")[0])["listed"] == ["dpe"]


def test_nothing_is_written_where_nothing_is_published(tmp_path):
    store = Store(str(tmp_path / "published"), None)
    write_catalogue(store, config_of(), tmp_path)
    assert list(store.list("")) == []
    assert CONFIG["project"]["name"] == "demo"
