"""`diffusion takedown`: all that there is of a source goes, and what cannot go is told."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from diffusion.catalogue.files import FILES, refresh_catalogue
from diffusion.errors import DiffusionError
from diffusion.publish import objects
from diffusion.publish.manifest import read_manifest
from diffusion.raw.lock import LOCK
from diffusion.raw.tombstones import STONE, refuse_removed
from diffusion.run import takedown as module
from diffusion.run.job import since_of
from diffusion.run.jobs import Jobs
from diffusion.run.state import State
from diffusion.storage.store import Store
from keeps import NOW, Keeper, kept, sha256
from projects import REPOSITORY

__all__ = ["kept"]  # a fixture
pytestmark = pytest.mark.s3
OLD, CURRENT = "plain/2024/all", f"plain/{NOW}/all"
RENTS = f"rents/{NOW}/year=2024"
REST = [".diffusion/fetch/rents/x", "results/tables/rents.parquet", "logs/convert_table/rents.log"]


def everywhere(kept: Keeper, *names: str) -> list[str]:
    """Publish and freeze two sources, and let this machine have files of both."""
    kept.freeze(OLD, CURRENT, RENTS)
    kept.publish("rents")
    kept.publish("plain", "plain/by_n=_1/data.parquet", "plain.csv")
    mine = [
        f".diffusion/cache/{sha256(OLD)}/data.csv",
        f".diffusion/fetch/plain/{NOW}/all/records",
        "results/raw/plain/all.json",
        "results/tables/plain.parquet",
        "results/tables/plain.json",
        "logs/convert_table/plain.log",
        "logs/publish_sources.log",
        "results/run.json",
        "results/summary.json",
    ]
    for place in (*mine, *REST):
        path = kept.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return mine


def down(kept: Keeper, *more: str) -> int:
    return kept.type("takedown", *(more or ("plain",)), "--reason", "erasure", "--yes")


def test_all_of_a_source_goes(kept: Keeper, capsys) -> None:
    mine = everywhere(kept)
    LOCK.write_text(yaml.safe_dump({"plain": {"vintage": NOW, "partitions": {}}}))
    before = (kept.listed(), kept.listed("url"))
    assert kept.type("takedown", "plain", "--reason", "erasure") == 1
    words = capsys.readouterr().out
    assert "would be removed: " in words and "/plain, 4 object(s) of 2 vintage(s)" in words
    assert words.endswith("the same command with --yes\n")
    assert (kept.listed(), kept.listed("url")) == before
    assert all((kept.folder / place).exists() for place in mine)

    assert down(kept) == 0
    words = capsys.readouterr().out
    assert "not removed: the hashes of plain in config/sources.lock.yaml" in words
    assert "not known here: other machines" in words
    assert "earlier version" not in words, "neither a folder nor this server keeps any"
    stones = [f"plain/{place}{STONE}" for place in ("2024/", f"{NOW}/", "")]
    assert [key for key in kept.listed() if key.startswith("plain/")] == sorted(stones)
    assert kept.listed("url") == ["rents.parquet"]
    assert not any((kept.folder / place).exists() for place in mine)
    assert all((kept.folder / place).exists() for place in REST)
    assert any(key.startswith(RENTS) for key in kept.listed())


def test_the_catalogue_says_nothing_of_it_any_more(kept: Keeper) -> None:
    """Values of columns may stand in it; and so after a withdrawal."""
    everywhere(kept)
    kept.publish("old")
    refresh_catalogue(kept.published, begin=True)
    assert all(b"plain" in kept.published.read(key)[0] for key in FILES)
    for command, name in ((down, b"plain"), (lambda k: k.type("withdraw", "old"), b"old")):
        assert command(kept) == 0
        for key in FILES:
            text = kept.published.read(key)[0]
            assert b"rents" in text
            assert name not in text


def test_what_was_taken_down_does_not_come_again(kept: Keeper) -> None:
    """Not by a new vintage, nor from the results that another machine still has."""
    everywhere(kept)
    assert down(kept) == 0
    stone = json.loads(kept.raw.read(f"plain/2024/{STONE}")[0])
    assert stone["files"] == [{"size": len(OLD), "sha256": sha256(OLD)}], "keys may tell too much"
    for vintage in ("2024", "2099"):
        with pytest.raises(DiffusionError, match=r"`plain` was taken down on 20.*: erasure"):
            refuse_removed(kept.raw, "plain", vintage)
    with pytest.raises(DiffusionError, match=r"`plain` was taken down on 20.*: erasure"):
        kept.publish("plain")
    kept.publish("rents", "rents.csv")
    assert kept.listed("url") == ["rents.csv"]


def test_a_source_is_reinstated_by_a_command_and_the_tombstones_say_so(
    kept: Keeper, capsys
) -> None:
    """Its vintages stay removed; what was never taken down is refused, as is a second time."""
    everywhere(kept)
    assert down(kept) == 0
    before = (kept.raw.read(f"plain/{STONE}"), read_manifest(kept.published)[0])
    words = ("reinstate", "plain", "--reason", "renewed")
    assert kept.type(*words) == 1
    assert "Nothing was changed. To do it: the same" in capsys.readouterr().out
    assert (kept.raw.read(f"plain/{STONE}"), read_manifest(kept.published)[0]) == before
    assert kept.type("reinstate", "plain", "rents", "--reason", "renewed", "--yes") == 1
    assert "rents: it was not taken down" in capsys.readouterr().err
    assert kept.type(*words, "--yes") == 0
    assert kept.type(*words, "--yes") == 1
    refuse_removed(kept.raw, "plain", "2099")
    with pytest.raises(DiffusionError, match=f"the raw copies of plain, vintage {NOW}, were rem"):
        refuse_removed(kept.raw, "plain", NOW)
    noted = read_manifest(kept.published)[0]["taken_down"]["plain"]
    stone = json.loads(kept.raw.read(f"plain/{STONE}")[0])
    for told in (noted, stone):
        assert (told["reason"], told["because"]) == ("erasure", "renewed")
        assert told["reinstated"].startswith("20")
    kept.freeze("plain/2099/all", retrieved="2099-01-01T00:00:00+00:00")
    kept.publish("plain", vintages={"plain": "2099"})
    told = read_manifest(kept.published)[0]
    assert told["taken_down"]["plain"]["reinstated"], "also once it is published again"
    assert "plain" not in told.get("withdrawn", {})
    assert down(kept) == 0, "and it can be taken down again"
    with pytest.raises(DiffusionError, match="diffusion reinstate plain --reason"):
        refuse_removed(kept.raw, "plain", "2099")
    with pytest.raises(DiffusionError, match=r"`plain` was taken down on 20.*: erasure"):
        kept.publish("plain", vintages={"plain": "2099"})


@pytest.mark.parametrize("name", ["plain", "old"])
def test_a_source_that_was_reinstated_stays_erased_on_every_machine(kept: Keeper, name) -> None:
    """Another machine has raw copies and results of its own, and names as the source has now."""
    everywhere(kept)
    kept.config["sources"].setdefault(name, {"from": "file", "url": "x.csv"})
    kept.write()
    other = Store(str(kept.folder / "elsewhere"), None)
    now = "new" if name == "old" else name
    kept.freeze(f"{name}/2024/all", f"{now}/2025/1", store=other)
    kept.freeze(f"{now}/2025/2", f"{now}/2099/1", store=other, retrieved="2099-01-01T00:00:00Z")
    assert down(kept, name) == 0
    assert kept.type("reinstate", name, "--reason", "renewed", "--yes") == 0
    places = {"url": kept.published.url, "raw": str(kept.folder / "elsewhere")}
    theirs = {"storage": places, "sources": {now: {"was": name}}}
    assert since_of(theirs, now)(), "its fetch shares nothing that came before"
    erased = pytest.raises(DiffusionError, match=r"are not known to have come since it was rein")
    remedy = {"plain": ["plain --vintage 2024 --vintage 2025"]}
    remedy["old"] = ["new --vintage 2025", "old --vintage 2024"]
    prunes = "".join(f"\ndiffusion prune {words} --yes" for words in remedy[name])
    for vintage in ("2024", "2025", "2026"):
        for entry, facts in ((now, {}), ("x", {}), ("sums", {"inputs": {now: "0"}})):
            with erased as found:
                kept.publish(entry, raw=other, vintages={now: vintage}, **facts)
            assert found.value.fix.endswith(f"remove here what was taken down:{prunes}")
    with erased:
        kept.publish(name, raw=other)  # it does not say of which vintage it is
    kept.publish("x", raw=other, vintages={now: "2099"})
    kept.publish("sums", raw=other, vintages={now: "2099"}, inputs={now: "0"})


def test_another_project_reinstates_nothing(kept: Keeper, capsys) -> None:
    everywhere(kept)
    assert down(kept) == 0
    kept.write(project={"name": "others"})
    assert kept.type("reinstate", "plain", "--reason", "x", "--yes") == 1
    assert "the project `small` took it down" in capsys.readouterr().err


def test_what_was_made_from_a_private_source_is_not_published_again(kept: Keeper) -> None:
    """It has no entry of its own in the manifest."""
    everywhere(kept)
    kept.config["sources"]["secret"] = {"from": "file", "url": "x.csv", "publish": False}
    kept.config["sources"]["secret"]["publish_as"] = "another_name"
    kept.write()
    kept.publish("sums", inputs={"secret": "0"})
    assert down(kept, "secret", "sums") == 0
    with pytest.raises(DiffusionError, match="made from `secret`, which was taken down on 20"):
        kept.publish("sums", inputs={"secret": "0"})
    kept.publish("sums", inputs={"rents": "0"})


def test_what_is_made_from_it_has_to_be_named(kept: Keeper, capsys) -> None:
    everywhere(kept)
    kept.publish("sums", inputs={"plain": "0"})
    kept.publish("map", inputs=["sums"])
    kept.publish("other", inputs={"rents": "0"})
    before = (kept.listed(), kept.listed("url"))
    for named in (["plain"], ["plain", "sums"]):
        assert down(kept, *named) == 1
        words = capsys.readouterr().err
        assert "published, and made from it: " in words
        assert "diffusion takedown plain sums map --reason … --yes" in words
        assert (kept.listed(), kept.listed("url")) == before
    assert down(kept, "plain", "sums", "map") == 0
    assert kept.listed("url") == ["other.parquet", "rents.parquet"]
    assert set(read_manifest(kept.published)[0]["withdrawn"]) == {"plain", "sums", "map"}
    kept.publish("sums", inputs={"rents": "0"})  # made of another source now
    with pytest.raises(DiffusionError, match="`plain` was taken down"):
        kept.publish("plain")


def test_the_configuration_knows_what_reads_it_under_another_name(kept: Keeper, capsys) -> None:
    kept.config["sources"]["plain"]["publish_as"] = "flat"
    kept.write(derive={"sums": {"sql": "SELECT 1", "inputs": ["plain"], "publish_as": "totals"}})
    kept.freeze(CURRENT)
    kept.publish("flat")
    kept.publish("totals")
    assert down(kept) == 1
    assert "diffusion takedown plain sums --reason" in capsys.readouterr().err
    assert down(kept, "plain", "sums") == 0
    assert kept.listed("url") == []


def test_raw_copies_under_a_former_name_go_too(kept: Keeper, capsys) -> None:
    kept.config["sources"]["flat"] = kept.config["sources"].pop("plain") | {"was": "plain"}
    kept.write()
    kept.freeze(OLD, CURRENT, RENTS)
    kept.publish("flat")
    assert down(kept, "plain") == 1
    assert "`flat` is made from its raw copies (`was:`)" in capsys.readouterr().err
    assert down(kept, "flat") == 0
    assert [key for key in kept.listed() if "data.csv" in key and "rents" not in key] == []
    for name in ("plain", "flat"):
        with pytest.raises(DiffusionError, match="was taken down"):
            refuse_removed(kept.raw, name, "2099")
        with pytest.raises(DiffusionError, match="was taken down"):  # a clone that has it so
            kept.publish("another", vintages={name: "2099"})
    assert kept.type("reinstate", "flat", "--reason", "renewed", "--yes") == 0
    for name in ("plain", "flat"):
        refuse_removed(kept.raw, name, "2099")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["plian"], "there is nothing of a source of that name"),
        (["../published"], "there is nothing of a source of that name"),
        (["theirs"], "what is published is of the project `another`"),
    ],
)
def test_what_is_refused(kept: Keeper, capsys, names: list[str], words: str) -> None:
    everywhere(kept)
    kept.publish("theirs", project="another")
    before = (kept.listed(), kept.listed("url"))
    assert down(kept, *names) == 1
    assert words in capsys.readouterr().err
    assert (kept.listed(), kept.listed("url")) == before


@pytest.mark.parametrize("step", ["withdraw", "note_taken_down", "put_stone", "remove_vintage"])
def test_the_same_command_finishes_it(kept: Keeper, monkeypatch, step: str) -> None:
    mine = everywhere(kept)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, step, die)
        assert down(kept) == 130
    assert down(kept) == 0
    assert [key for key in kept.listed() if "data.csv" in key] == [
        key for key in kept.listed() if key.startswith(RENTS) and "data.csv" in key
    ]
    assert kept.listed("url") == ["rents.parquet"]
    assert not any((kept.folder / place).exists() for place in mine)
    refused = pytest.raises(DiffusionError, match="taken down")
    with refused:
        refuse_removed(kept.raw, "plain", NOW)
    assert down(kept) == 0, "nothing is left: that is no error"


@pytest.mark.minio
def test_versions_that_the_bucket_keeps_are_told(
    s3, request, tmp_path, monkeypatch, capsys
) -> None:
    s3.client().create_bucket(Bucket="versions")
    settings = {"Status": "Enabled"}
    s3.client().put_bucket_versioning(Bucket="versions", VersioningConfiguration=settings)
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    places = {"url": "s3://versions/published", "raw": "s3://versions/raw"}
    kept = Keeper(tmp_path, places)
    everywhere(kept)
    assert down(kept) == 0
    words = capsys.readouterr().out
    assert (
        "not removed: 4 earlier version(s) that the bucket keeps of s3://versions/raw/plain/"
        in words
    )
    assert "1 earlier version(s) that the bucket keeps of s3://versions/published/plain." in words


def test_a_run_elsewhere_that_was_about_to_note_what_it_put(kept: Keeper, monkeypatch) -> None:
    """It began before: what it put is removed again, and the manifest stays as it was left."""
    everywhere(kept)
    put = objects._put_all

    def slow(*given: object) -> dict:
        found = put(*given)
        assert down(kept) == 0
        return found

    monkeypatch.setattr(objects, "_put_all", slow)
    with pytest.raises(DiffusionError, match=r"`plain` was taken down on 20.*: erasure"):
        kept.publish("plain", "plain/by_n=_2/data.parquet", "plain.csv", vintages={"plain": NOW})
    assert kept.listed("url") == ["rents.parquet"]
    assert "plain" not in read_manifest(kept.published)[0]["tables"]


def test_what_a_killed_run_put_after_it_is_found_by_the_next_takedown(
    kept: Keeper, monkeypatch, capsys
) -> None:
    """It died before the manifest knew of it; a file of somebody else's in the folder stays."""
    everywhere(kept)
    keys = ["plain/by_n=_2/data.parquet", "plain.csv"]

    def die(store: Store, before: list) -> None:
        assert down(kept) == 0
        for key in (*keys, "plain/notes.txt"):
            store.put(key, b"x", sha256("x"))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(objects, "_put_all", die)
        with pytest.raises(KeyboardInterrupt):
            kept.publish("plain", *keys, vintages={"plain": NOW})
    assert {*keys} < {*kept.listed("url")}
    del kept.config["sources"]["plain"]
    kept.write()
    jobs = Jobs.from_config(kept.config, ["config/config.yaml"], REPOSITORY)
    (words,) = State(jobs, None).look_at_published()
    assert "`plain` is published no more, and " in words and "/plain.csv, " in words
    assert words.endswith("to remove it: diffusion takedown plain --reason … --yes")
    capsys.readouterr()
    assert down(kept) == 0
    assert "/plain, 2 object(s)" in capsys.readouterr().out
    assert kept.listed("url") == ["plain/notes.txt", "rents.parquet"]
    assert State(jobs, None).look_at_published() == []


def test_a_run_that_is_under_way_is_not_disturbed(tmp_path: Path, monkeypatch, capsys) -> None:
    from filelock import FileLock

    from diffusion.run.interruption import RUN_LOCK

    monkeypatch.chdir(tmp_path)
    kept = Keeper(tmp_path, {"url": "published", "raw": "raw"})
    kept.freeze(CURRENT)
    RUN_LOCK.parent.mkdir()
    with FileLock(RUN_LOCK):
        assert down(kept) == 1
    assert "a run is under way here [busy]\n  → wait for it" in capsys.readouterr().err
    assert any("data.csv" in key for key in kept.listed())


def test_what_is_published_under_an_earlier_name_goes_too(kept: Keeper, capsys) -> None:
    """As a source left the configuration that was published under another name."""
    everywhere(kept)
    kept.publish("bee", vintages={"plain": "2024"})
    kept.publish("sum", vintages={"plain": "2024", "rents": NOW}, inputs=["rents"])
    assert down(kept) == 0
    names = read_manifest(kept.published)[0]["tables"]
    assert {"rents", "sum"} <= names.keys() and not {"plain", "bee"} & names.keys()
    assert "bee.parquet" not in kept.listed("url")


def test_a_damaged_tombstone_blocks_no_takedown(kept: Keeper) -> None:
    kept.freeze(CURRENT)
    stone = json.dumps({"removed": 5, "files": [{"key": 1}, 3]}).encode()
    kept.raw.put(f"plain/2023/{STONE}", stone, hashlib.sha256(stone).hexdigest())
    assert down(kept) == 0
