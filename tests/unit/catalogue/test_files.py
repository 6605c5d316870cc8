"""The files of the catalogue: written when they change, and no other's."""

import json

import pytest

from catalogues import CONFIG, DPE, config_of, manifest_of
from diffusion.catalogue import files as module
from diffusion.catalogue.files import FILES, refresh_catalogue, write_catalogue
from diffusion.catalogue.keys import INDEX
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


def test_each_file_is_put_once_and_again_when_it_changes(place, puts, tmp_path):
    write_catalogue(place, config_of(), tmp_path)
    pages = ["page-of/dpe.html", "page-of/parts.html", "page-of/shapes.html", INDEX]
    assert puts == [MANIFEST, *FILES, *pages]
    write_catalogue(place, config_of(), tmp_path)
    assert len(puts) == 3 + len(pages), "nothing changed"
    write_catalogue(place, config_of({"title": "Other"}), tmp_path)
    assert puts[3 + len(pages) :] == [MANIFEST, *FILES, pages[0], INDEX]
    assert read_manifest(place)[0]["tables"]["dpe"]["objects"] == DPE["objects"]


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
