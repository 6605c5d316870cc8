"""`diffusion copy-raw`: verified, provenance last, resumed, and no source is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from diffusion.config.parts import Project
from diffusion.publish.ownership import Target
from diffusion.publish.withdrawal import note_taken_down
from diffusion.raw.copies import PROVENANCE
from diffusion.raw.tombstones import put_stone, read_stone
from diffusion.storage.store import Store
from keeps import NOW, Keeper, kept, sha256

__all__ = ["kept"]  # a fixture
pytestmark = pytest.mark.s3
ALL = [*(f"rents/{NOW}/year={year}" for year in (2024, 2025)), f"plain/{NOW}/all"]


@pytest.fixture
def laptop(kept: Keeper, tmp_path: Path) -> Store:
    """Another folder of raw copies, with all current ones and an old one."""
    store = Store(str(tmp_path / "laptop"), None)
    kept.freeze(*ALL, "plain/2024/all", store=store)
    return store


def contents(store: Store) -> dict[str, bytes]:
    return {key: store.read(key)[0] for key, _ in store.list("")}


def test_current_raw_copies_go_along(kept: Keeper, laptop: Store, capsys) -> None:
    kept.freeze(ALL[0])
    assert kept.type("copy-raw", "laptop") == 0
    told = capsys.readouterr().out.splitlines()
    count = sum(map(len, ALL[1:]))
    assert told == [
        f"copied to {kept.raw.url}: 2 raw copies, {count} bytes",
        "there already: 1",
    ]
    expected = {k: v for k, v in contents(laptop).items() if not k.startswith("plain/2024/")}
    assert contents(kept.raw) == expected, "provenance and all, to the byte"
    assert kept.type("copy-raw", "laptop") == 0
    assert "copied to" in capsys.readouterr().out


def test_a_renamed_source_takes_its_raw_copies_along(kept: Keeper, laptop: Store) -> None:
    kept.config["sources"]["flat"] = kept.config["sources"].pop("plain") | {"was": "plain"}
    kept.write()
    assert kept.type("copy-raw", "laptop") == 0
    assert f"flat/{NOW}/all/{PROVENANCE}" in kept.listed()


def test_it_goes_on_where_it_was_killed(kept: Keeper, laptop: Store, monkeypatch) -> None:
    put, keys = Store.put, []

    def die(self: Store, key: str, *rest: object, **options: object) -> None:
        if key.endswith(PROVENANCE):
            raise KeyboardInterrupt
        keys.append(key)
        put(self, key, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "put", die)
        assert kept.type("copy-raw", "laptop") == 130
    assert keys and not any(key.endswith(PROVENANCE) for key in kept.listed())
    assert kept.type("copy-raw", "laptop") == 0
    assert len(kept.listed()) == 2 * len(ALL)


def damage(kept: Keeper, laptop: Store) -> str:
    key = next(key for key, _ in laptop.list(ALL[1]) if key.endswith("data.csv"))
    laptop.local_path(key).write_text("x" * len(ALL[1]))
    return "damaged: its hash is "


def ask_otherwise(kept: Keeper, laptop: Store) -> str:
    kept.config["sources"]["rents"]["url"] = "https://example.org/other/{year}.csv"
    kept.write()
    return "its raw copy was fetched by another request"


def lock_otherwise(kept: Keeper, laptop: Store) -> str:
    entry = {"name": "data.csv", "size": 1, "sha256": "0" * 64, "retrieved": NOW}
    lock = {"plain": {"vintage": NOW, "partitions": {"all": [entry]}}}
    (kept.folder / "config/sources.lock.yaml").write_text(yaml.safe_dump(lock))
    return "data.csv is not what config/sources.lock.yaml says"


def remove(kept: Keeper, laptop: Store) -> str:
    put_stone(kept.raw, f"plain/{NOW}", {"removed": "2026-02-02", "reason": "an error"})
    return f"the raw copies of plain, vintage {NOW}, were removed on 2026-02-02: an error"


def remove_there(kept: Keeper, laptop: Store) -> str:
    put_stone(laptop, f"plain/{NOW}", {"removed": "2026-02-02", "reason": "an error"})
    return f"the raw copies of plain, vintage {NOW}, were removed on 2026-02-02: an error"


def take_down_there(kept: Keeper, laptop: Store) -> str:
    put_stone(laptop, "plain", {"removed": "2026-02-02", "reason": "erasure"})
    return "`plain` was taken down on 2026-02-02: erasure [taken-down]\n  → take it out of the"


def take_down_what_is_published(kept: Keeper, laptop: Store) -> str:
    """The raw copies were at another place then, which is not asked."""
    target = Target(kept.published, Project(name="small"))
    note_taken_down(target, {"plain": "plain"}, "erasure", kept.folder / "locks")
    return "sources.plain: `plain` was taken down on 20"


def reinstate(kept: Keeper, laptop: Store) -> str:
    """What is on the laptop came before."""
    put_stone(kept.raw, "plain", {"removed": "2026-02-02", "reinstated": "2026-02-03T00:00:00Z"})
    return "it was reinstated on 2026-02-03T00:00: they were taken down [raw-copy]\n  → set a new"


@pytest.mark.parametrize(
    "harm",
    [
        remove_there,
        take_down_there,
        take_down_what_is_published,
        reinstate,
        damage,
        ask_otherwise,
        lock_otherwise,
        remove,
    ],
)
def test_what_is_wrong_is_not_copied(kept: Keeper, laptop: Store, capsys, harm: Callable) -> None:
    words = harm(kept, laptop)
    assert kept.type("copy-raw", "laptop") == 1
    assert words in capsys.readouterr().err
    assert kept.type("copy-raw", "laptop") == 1, "also by a second try"
    frozen = [key for key in kept.listed() if key.endswith(PROVENANCE)]
    assert f"{ALL[1]}/{PROVENANCE}" not in frozen
    assert all(sha256(folder)[:16] in str(kept.listed()) for folder in ALL if folder in str(frozen))


def test_tombstones_go_along(kept: Keeper, laptop: Store, capsys) -> None:
    """Also of what is configured no more; one that is newer there stays, as a reinstatement."""
    put_stone(laptop, "former", {"removed": "2026-02-02", "reason": "erasure"})
    put_stone(laptop, "plain/2023", {"removed": "2026-02-02"})
    put_stone(laptop, "rents", {"removed": "2024-02-02"})
    newer = {"removed": "2024-02-02", "reinstated": "2025-03-03T00:00:00+00:00"}
    put_stone(kept.raw, "rents", newer)
    assert kept.type("copy-raw", "laptop") == 0
    assert "tombstones of what was removed: former, plain/2023\n" in capsys.readouterr().out
    for folder in ("former", "plain/2023"):
        assert read_stone(kept.raw, folder) == read_stone(laptop, folder)
    assert read_stone(kept.raw, "rents") == newer


def test_what_is_not_there_is_told(kept: Keeper, tmp_path: Path, capsys) -> None:
    kept.freeze(ALL[0], store=Store(str(tmp_path / "laptop"), None))
    assert kept.type("copy-raw", "laptop") == 0
    words = capsys.readouterr().out
    assert "of the current vintages: plain (1), rents (1); a run asks the source" in words
    assert kept.type("copy-raw", kept.raw.url) == 1
    assert "this is `storage.raw` itself" in capsys.readouterr().err


def test_a_place_without_any_is_an_error(kept: Keeper, tmp_path: Path, capsys) -> None:
    (tmp_path / "empty").mkdir()
    assert kept.type("copy-raw", "empty") == 1
    assert "there is no raw copy of a current vintage" in capsys.readouterr().err


def test_back_to_the_laptop(kept: Keeper, tmp_path: Path) -> None:
    kept.freeze(*ALL)
    kept.write(storage={"url": "published", "raw": "other"})
    origin = kept.raw.url if kept.raw.is_s3 else "raw"
    assert kept.type("copy-raw", origin) == 0
    assert contents(kept.store("raw")) == contents(kept.raw)
    assert list((tmp_path / ".diffusion/scratch").iterdir()) == []
