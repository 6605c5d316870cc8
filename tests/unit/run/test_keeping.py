"""`diffusion withdraw`, `space` and `prune`: listed first, removed on request only."""

import json

import pytest

from diffusion.catalogue.files import refresh_catalogue
from diffusion.config.load import load_config
from diffusion.errors import DiffusionError
from diffusion.publish.manifest import LOCK, MANIFEST, read_manifest
from diffusion.raw.copies import PROVENANCE, find_raw, share
from diffusion.raw.tombstones import STONE, refuse_removed
from diffusion.storage.store import Store
from keeps import FACTS, NOW, Keeper, kept, sha256

__all__ = ["kept"]  # a fixture
pytestmark = pytest.mark.s3
ALL = [*(f"rents/{NOW}/year={year}" for year in (2024, 2025)), f"plain/{NOW}/all"]


def test_withdraw_lists_and_then_removes(kept: Keeper, capsys) -> None:
    kept.publish("plain")
    kept.publish("old", "old/by_n=_1/data.parquet", "old.csv")
    assert kept.type("withdraw") == 0
    words = capsys.readouterr().out
    assert words.startswith("old: 2 object(s), published 20")
    assert words.endswith("diffusion withdraw old\n")
    assert kept.type("withdraw", "old", "config/config.yaml", "--reason", "was wrong") == 0
    assert capsys.readouterr().out == "withdrawn: old, 2 object(s) removed\n"
    assert kept.listed("url") == ["plain.parquet"]
    assert read_manifest(kept.published)[0]["withdrawn"]["old"]["reason"] == "was wrong"
    assert kept.type("withdraw") == 0
    assert "all that this project published is configured" in capsys.readouterr().out


def test_withdraw_refuses_in_words(kept: Keeper, capsys) -> None:
    kept.publish("plain")
    assert kept.type("withdraw", "plain") == 1
    words = capsys.readouterr().err
    assert "the next run would publish `plain` again" in words and "→ remove it from" in words
    assert kept.listed("url") == ["plain.parquet"]


def test_a_withdrawal_asks_nothing_of_a_place_that_is_not_there(kept: Keeper, capsys) -> None:
    kept.write(storage={"url": "nowhere", "raw": "raw"})
    assert kept.type("withdraw") == 0
    assert kept.type("space") == 0
    assert not (kept.folder / "nowhere").exists()


def test_space(kept: Keeper, capsys, monkeypatch) -> None:
    kept.freeze(*ALL, f"rents/{NOW}/year=2023", "rents/2025-01-01/year=2024", "gone/1/all")
    kept.publish("plain")
    kept.publish("old", "old/by_n=_1/data.parquet", "old.csv")
    for name in ("head", "read"):
        monkeypatch.setattr(Store, name, None)  # listings only
    assert kept.type("space") == 0
    *lines, prune, withdraw = capsys.readouterr().out.splitlines()
    rows = {tuple(line.split()[:3]): line.split() for line in lines[2:]}
    assert rows["raw", "gone", "1"][3] == "2"
    assert rows["raw", "gone", "1"][-2:] == ["not", "configured"]
    assert rows["raw", "rents", "2025-01-01"][-2:] == ["another", "vintage"]
    states = [line.split()[-1] for line in lines if line.split()[:3] == ["raw", "rents", NOW]]
    assert states == ["current", "configured"]  # partitions not configured
    assert rows["published", "old", "2"][3] == str(2 * len("old"))
    everything = [size for store in (kept.raw, kept.published) for _, size in store.list("")]
    total = next(line.split() for line in lines if line.split()[0] == "all")
    assert total == ["all", str(len(everything)), f"{sum(everything):,}"]
    unnamed = next(line.split() for line in lines if "no configuration names" in line)
    assert unnamed[3] == str(2 + 2 + 2 + 2)
    assert "diffusion prune SOURCE" in prune and "diffusion withdraw" in withdraw


def test_the_catalogue_is_of_the_project(kept: Keeper, capsys) -> None:
    """A publication writes it: it is nothing that a configuration could name."""
    kept.publish("plain")
    config = load_config([kept.folder / "config/config.yaml"])
    refresh_catalogue(kept.published, begin=True, config=config)
    others = ("plain.parquet", MANIFEST, LOCK)
    catalogue = [(key, size) for key, size in kept.published.list("") if key not in others]
    assert {"index.html", "CITATION.cff", "page-of/plain.html"} <= dict(catalogue).keys()
    kept.published.put("notes/index.html", b"?", sha256("?"))  # of somebody else
    assert kept.type("space") == 0
    words = capsys.readouterr().out
    line = next(line.split() for line in words.splitlines() if "its catalogue" in line)
    sizes = sum(size for _, size in catalogue)
    assert line[3:] == [str(len(catalogue)), f"{sizes:,}", "of", "the", "project"]
    unnamed = next(line.split() for line in words.splitlines() if "no configuration names" in line)
    assert unnamed[3:] == ["1", "1"]


def test_prune_lists_and_then_leaves_a_tombstone(kept: Keeper, capsys) -> None:
    kept.freeze(*ALL, "plain/2024/all", "plain/2025/all")
    before = kept.listed()
    assert kept.type("prune", "plain", "--vintage", "2024", "--reason", "room") == 1
    words = capsys.readouterr().out
    assert "would be removed: " in words and "plain/2024, 2 object(s), " in words
    assert "--yes" in words
    assert kept.listed() == before
    assert kept.type("prune", "plain", "--vintage", "2024", "--reason", "room", "--yes") == 0
    gone = [key for key in before if key.startswith("plain/2024/")]
    assert kept.listed() == sorted({*before, f"plain/2024/{STONE}"} - {*gone})
    stone = json.loads(kept.raw.read(f"plain/2024/{STONE}")[0])
    data = "plain/2024/all"
    [file] = stone.pop("files")
    assert (file["sha256"], file["size"]) == (sha256(data), len(data))
    assert stone.pop("removed").startswith("20")
    assert stone == {"source": "plain", "vintage": "2024", "reason": "room"}
    with pytest.raises(DiffusionError) as caught:
        refuse_removed(kept.raw, "plain", "2024")
    assert caught.value.found.startswith("the raw copies of plain, vintage 2024, were removed on")
    assert caught.value.found.endswith(": room")
    assert "set a new `vintage` for plain" in caught.value.fix
    refuse_removed(kept.raw, "plain", "2025")
    assert kept.type("prune", "plain", "--vintage", "2024", "--yes") == 0
    assert "removed already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "vintage", "words"),
    [
        ("plain", NOW, f"{NOW} is its current vintage"),
        ("plain", "2023", "vintages of plain there: 2024, "),
        ("rents", "2024", "there is no raw copy of rents, vintage 2024"),
        (f"rents/{NOW}", "year=2024", "there is no raw copy of"),
        ("plain", f"2024/../{NOW}", "there is no raw copy of"),
    ],
)
def test_prune_refuses(kept: Keeper, capsys, source: str, vintage: str, words: str) -> None:
    kept.freeze(*ALL, "plain/2024/all")
    before = kept.listed()
    assert kept.type("prune", source, "--vintage", "2024", "--vintage", vintage, "--yes") == 1
    assert words in capsys.readouterr().err
    assert kept.listed() == before


def test_raw_copies_of_a_former_name_are_current(kept: Keeper, capsys) -> None:
    kept.config["sources"]["flat"] = kept.config["sources"].pop("plain") | {"was": "plain"}
    kept.write()
    kept.freeze(*ALL, "plain/2024/all")
    before = kept.listed()
    assert kept.type("prune", "plain", "--vintage", NOW, "--yes") == 1
    assert f"sources.flat.vintage: {NOW} is its current vintage" in capsys.readouterr().err
    assert kept.listed() == before
    assert kept.type("space") == 0
    words = capsys.readouterr().out
    states = [line.split()[-1] for line in words.splitlines() if " plain " in line]
    assert states == ["vintage", "current"]


def test_prune_is_finished_by_the_same_command(kept: Keeper, monkeypatch, capsys) -> None:
    partitions = [f"rents/2024/year={year}" for year in (2024, 2025)]
    kept.freeze(*partitions)
    delete = Store.delete

    def die(self: Store, keys: list[str]) -> None:
        if any(key.endswith(PROVENANCE) for key in keys):
            raise KeyboardInterrupt
        delete(self, keys)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "delete", die)
        assert kept.type("prune", "rents", "--vintage", "2024", "--reason", "r", "--yes") == 130
    assert [key.rpartition("/")[2] for key in kept.listed()] == [STONE, PROVENANCE, PROVENANCE]
    with pytest.raises(DiffusionError, match="were removed"):
        refuse_removed(kept.raw, "rents", "2024")
    assert kept.type("prune", "rents", "--vintage", "2024", "--yes") == 0
    assert kept.listed() == [f"rents/2024/{STONE}"]
    stone = json.loads(kept.raw.read(f"rents/2024/{STONE}")[0])
    assert {file["sha256"] for file in stone["files"]} == set(map(sha256, partitions))
    assert stone["reason"] == "r"


def test_prune_keeps_the_bytes_that_another_vintage_shares(kept: Keeper, capsys) -> None:
    kept.freeze("plain/2025-01-01/all")
    old = find_raw(kept.raw, "plain/2025-01-01/all")
    share(kept.raw, f"plain/{NOW}/all", old["files"], FACTS)
    assert kept.type("prune", "plain", "--vintage", "2025-01-01", "--yes") == 0
    words = capsys.readouterr().out
    assert "1 object(s)" in words
    assert f"kept: 1 object(s) that are the raw copies of plain/{NOW}, too" in words
    assert find_raw(kept.raw, f"plain/{NOW}/all")["files"] == old["files"]
    assert kept.type("takedown", "plain", "--reason", "x", "--yes") == 0
    assert not [key for key in kept.listed() if key.endswith(".csv")]


def test_the_last_vintage_that_shares_bytes_takes_them_along(kept: Keeper, capsys) -> None:
    """They were kept for its sake; what another one needs, or was never pruned, stays."""
    one, two, three = (f"plain/2025-01-0{day}" for day in (1, 2, 3))
    kept.freeze(f"{one}/all", "rents/2025-01-01/year=2024", text="same")
    old = find_raw(kept.raw, f"{one}/all")
    lent = find_raw(kept.raw, "rents/2025-01-01/year=2024")
    for folder, files in ((two, old["files"] + lent["files"]), (three, old["files"])):
        share(kept.raw, f"{folder}/all", files, FACTS)

    def prune(vintage: str) -> str:
        assert kept.type("prune", "plain", "--vintage", vintage, "--yes") == 0
        return capsys.readouterr().out

    prune("2025-01-01")
    assert "with them" not in prune("2025-01-02")
    assert find_raw(kept.raw, f"{three}/all")["files"] == old["files"]
    assert kept.type("prune", "plain", "--vintage", "2025-01-03") == 1
    told = "removed with them: 1 object(s), 4 bytes, which plain/2025-01-01 kept as their bytes"
    assert f"would be {told}" in capsys.readouterr().out
    assert told in prune("2025-01-03")
    assert [key for key in kept.listed() if key.startswith("plain/") and "data" in key] == []
    assert find_raw(kept.raw, "rents/2025-01-01/year=2024"), "its vintage was not pruned"


def test_takedown_names_the_source_that_shares_its_bytes(kept: Keeper, capsys) -> None:
    kept.freeze(f"plain/{NOW}/all")
    share(kept.raw, f"twin/{NOW}/all", find_raw(kept.raw, f"plain/{NOW}/all")["files"], FACTS)
    assert kept.type("takedown", "plain", "--reason", "x", "--yes") == 1
    assert "diffusion takedown plain twin --reason … --yes" in capsys.readouterr().err
    assert find_raw(kept.raw, f"plain/{NOW}/all")


def test_the_changelog_of_tables(kept: Keeper, capsys) -> None:
    """The last change first; another project's tables are shown by name only."""
    changes = [
        {"vintage": "1", "rows": [2, 3], "keys": {"added": 2, "removed": 1}},
        {"vintage": "2", "thinned": {"n": [9, 1]}, "crs": ["a", "b"], "accepted": ["t:columns"]},
    ]
    kept.publish("t", vintage="2", changes=changes)
    kept.publish("u")
    assert kept.type("changes") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("t: published 20") and lines[0].endswith(", vintage 2, 2 rows")
    assert lines[1:3] == [
        "  vintage 2: column `n`: 9 values became 1; CRS: a became b (accepted: t:columns)",
        "  vintage 1: 2 rows became 3; keys: 2 new, 1 gone",
    ]
    assert lines[3].startswith("u: ") and lines[4] == "  no change is noted"
    assert kept.type("changes", "nothing") == 1
    assert "nothing: it is not published at " in capsys.readouterr().err
    kept.write(project={"name": "others"})
    assert kept.type("changes") == 0
    assert "nothing is published of this project" in capsys.readouterr().out
    assert kept.type("changes", "u") == 0


def test_prune_asks_for_a_good_provenance_first(kept: Keeper, capsys) -> None:
    kept.freeze("plain/2025-01-01/all")
    old = find_raw(kept.raw, "plain/2025-01-01/all")
    share(kept.raw, f"plain/{NOW}/all", old["files"], FACTS)
    kept.raw.put(f"plain/{NOW}/all/{PROVENANCE}", b'{"files": [', sha256('{"files": ['))
    assert kept.type("prune", "plain", "--vintage", "2025-01-01", "--yes") == 1
    assert "which bytes it shares with other raw copies is not known" in capsys.readouterr().err
    assert find_raw(kept.raw, "plain/2025-01-01/all")


def test_takedown_names_the_source_that_has_the_bytes(kept: Keeper, capsys) -> None:
    kept.freeze(f"plain/{NOW}/all")
    share(kept.raw, f"twin/{NOW}/all", find_raw(kept.raw, f"plain/{NOW}/all")["files"], FACTS)
    assert kept.type("takedown", "twin", "--reason", "x", "--yes") == 1
    assert "diffusion takedown twin plain --reason … --yes" in capsys.readouterr().err
