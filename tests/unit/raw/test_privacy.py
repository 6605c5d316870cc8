"""What stays on this machine: paths, and folders that only their owner reads."""

from pathlib import Path

import pytest

from diffusion.base.private import private_folder
from diffusion.config.load import load_config
from diffusion.config.parts import Server
from diffusion.errors import DiffusionError
from diffusion.fetch.batch import fetch_batch
from diffusion.raw.cache import raw_files
from diffusion.run.interruption import clear_stale_lock
from diffusion.run.private import FOLDERS, keep_private
from diffusion.storage.connection import connection
from diffusion.storage.store import Store
from fetches import source_of

pytestmark = pytest.mark.s3


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "home of somebody" / "2024" / "x.csv"
    path.parent.mkdir(parents=True)
    path.write_text("a,b\n1,2\n")
    return path


def fetched(store: Store, path: Path, here: Path) -> dict:
    source = source_of(str(path), "file")
    return fetch_batch("t", source.fetching, ["all"], store, here / ".diffusion/fetch", lock={})


def test_paths_do_not_travel_to_s3(s3, data: Path, tmp_path: Path) -> None:
    store = Store(f"s3://lake/{tmp_path.name}", connection(Server(), s3.environment()))
    receipt = fetched(store, data, tmp_path)
    stored = b"".join(store.read(key)[0] for key, _ in store.list("") if key.endswith(".json"))
    assert b"somebody" not in stored and "somebody" not in str(receipt)
    assert receipt["partitions"]["all"]["url"] == "x.csv"
    assert fetched(store, data, tmp_path) == receipt, "it is the same request"
    other = data.parents[1] / "2025" / "x.csv"
    other.parent.mkdir()
    other.write_text("a,b\n3,4\n")
    with pytest.raises(DiffusionError, match="was fetched by another request"):
        fetched(store, other, tmp_path)  # of the same name


def test_a_local_place_keeps_the_path(data: Path, tmp_path: Path) -> None:
    facts = fetched(Store(str(tmp_path / "raw"), None), data, tmp_path)["partitions"]["all"]
    assert (facts["url"], facts["request"]["url"]) == (str(data), str(data))


def test_caches_are_their_owners_only(s3, data: Path, tmp_path: Path, monkeypatch) -> None:
    store = Store(f"s3://lake/{tmp_path.name}", connection(Server(), s3.environment()))
    facts = fetched(store, data, tmp_path)["partitions"]["all"]
    raw_files(store, facts, tmp_path / ".diffusion/cache")
    assert mode(tmp_path / ".diffusion/fetch") == mode(tmp_path / ".diffusion/cache") == 0o700
    monkeypatch.chdir(tmp_path / "home of somebody")
    assert clear_stale_lock()
    assert mode(Path(".diffusion")) == 0o700
    shared = tmp_path / "shared"
    shared.mkdir(0o755)
    private_folder(shared)
    assert mode(shared) == 0o755, "what is there was made by somebody who knows why"


@pytest.mark.parametrize("publish", ["false", "true"])
def test_folders_of_a_source_that_is_not_published(tmp_path: Path, monkeypatch, publish) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("config.yaml")
    path.write_text(
        "project: {name: p}\nvintage: '1'\n"
        f"sources: {{a: {{from: file, url: a.csv, publish: {publish}}}}}\n"
    )
    keep_private(load_config([path]))
    made = {folder: mode(Path(folder)) for folder in (*FOLDERS, "raw") if Path(folder).exists()}
    assert made == (dict.fromkeys((*FOLDERS, "raw"), 0o700) if publish == "false" else {})


@pytest.mark.parametrize("inside", ["published/raw", "published"])
def test_raw_copies_below_what_is_published_by_a_link(tmp_path: Path, monkeypatch, inside) -> None:
    monkeypatch.chdir(tmp_path)
    Path(inside).mkdir(parents=True)
    Path("raw").symlink_to(inside)
    path = Path("config.yaml")
    path.write_text("project: {name: p}\nvintage: '1'\nsources: {a: {from: file, url: a.csv}}\n")
    with pytest.raises(DiffusionError) as caught:
        load_config([path])
    words = str(caught.value)
    assert (
        "storage.raw" in words
        and "`raw` and storage.url `published` overlap: by a symbolic" in words
    )
    assert f"they are `{tmp_path / inside}` and `{tmp_path / 'published'}`" in words
    Path("raw").unlink()
    Path("elsewhere").mkdir()
    Path("raw").symlink_to("elsewhere")
    assert load_config([path]).storage.raw == "raw"
