"""`diffusion show`: a table as it was made here, or as it is published, on one screen."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from diffusion.config.parts import Server
from diffusion.config.resolve import resolve_config
from diffusion.convert.stages import convert_table
from diffusion.publish.manifest import MANIFEST
from diffusion.raw.inputs import RawInput
from diffusion.run.cli import main
from diffusion.run.showing import published_rows
from diffusion.storage.connection import connection
from diffusion.storage.hashing import sha256_of
from diffusion.storage.store import Store
from diffusion.tables.facts import facts_of
from diffusion.tables.limits import Limits

PENGUINS = "species,island,bill,mass\n" + "".join(
    f"{'Adelie' if n % 3 else 'Gentoo'},Biscoe,{30 + n / 10},{3000 + n}\n" for n in range(98)
)
PENGUINS += "Adelie,Dream,NA,4000\nAdelie,Dream,40.5,heavy\n"
ENTRY = {"from": "file", "url": "p.csv", "columns": {"mass": "int"}}
POINTS = {
    "from": "file",
    "url": "t.csv",
    "columns": {"code": "string"},
    "geometry": {"from": {"lon": "x", "lat": "y"}, "crs": "EPSG:4326"},
}


class Folder:
    """A project's folder with a source, and what is made of it."""

    def __init__(self, path: Path):
        self.path = path
        (path / "config").mkdir()
        self.config = {"project": {"name": "x"}, "vintage": "1", "sources": {}}
        (path / "results/tables").mkdir(parents=True)

    def make(self, name: str, text: str, entry: dict, **more: object) -> dict:
        """Make a table as a run does, with its facts beside it; return these."""
        self.config["sources"][name] = entry
        self.config |= more
        (self.path / "config/config.yaml").write_text(yaml.safe_dump(self.config))
        source = resolve_config(self.config).sources[name]
        raw, table = self.path / f"{name}.csv", self.path / f"results/tables/{name}.parquet"
        raw.write_text(text)
        given = [RawInput.of("all", [raw.name], [raw], "0", {"url": "p.csv"})]
        distinct = convert_table(name, source, given, table, Limits(1000, 1, self.path / "scratch"))
        facts = facts_of(table, distinct) | {"checks": None}
        table.with_suffix(".json").write_text(json.dumps(facts))
        return facts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path)


@pytest.fixture
def show(folder: Folder, capsys) -> Callable[..., str]:
    def run(*arguments: str, code: int = 0) -> str:
        assert main(["show", *arguments], folder.path) == code
        told = capsys.readouterr()
        return told.err if code else told.out

    return run


def test_a_table_with_its_doubts_and_what_mends_them(folder, show):
    folder.make("penguins", PENGUINS, ENTRY | {"draft": True})
    words = show("penguins")
    head, *lines = words.splitlines()
    assert head == "penguins: 100 rows, 4 columns"
    assert lines[0] == "results/tables/penguins.parquet"
    assert lines[1].startswith("made 20")
    assert lines[1].endswith(
        "; vintage 1; not published: it is a draft; what was published of it "
        "before, if anything, stays as it is"
    )
    assert "species  string  0%     2         Adelie (67), Gentoo (33)" in lines
    assert "mass     int     1%     99        3000 … 4000" in lines
    assert "first rows  row 1   row 2   row 3" in lines
    assert 'write `nulls: ["NA"]`' in words
    mend = "`heavy`; if that means no value, write `columns: {mass: {type: int, nulls: [heavy]}}`"
    assert mend in words


def test_what_it_says_to_write_mends_it(folder, show):
    entry = ENTRY | {"columns": {"mass": {"type": "int", "nulls": ["heavy"]}}, "nulls": ["NA"]}
    folder.make("penguins", PENGUINS, entry)
    words = show("penguins")
    assert "bill     float " in words
    assert "not be read" not in words
    assert "penguins.mass: 1 of 100 values is `heavy`: no value" in words


@pytest.mark.parametrize("columns", ["80", "100", "200"])
def test_it_fits_on_a_terminal(folder, show, monkeypatch, columns):
    """Many columns stand below each other, and so do rows for which there is no room."""
    monkeypatch.setenv("COLUMNS", columns)
    names = [f"a_rather_long_name_of_a_column_{n}" for n in range(60)]
    folder.make(
        "wide",
        ",".join(names) + "\n" + "".join(f"{'x' * 90},{'1,' * 58}{n}\n" for n in range(30)),
        {"from": "file", "url": "w.csv"},
    )
    words = show("wide", "--rows", "30")
    assert "row 30" in words
    assert max(map(len, words.splitlines())) <= min(int(columns), 120)
    assert "row 1" not in show("wide", "--rows", "0")


def test_a_terminal_obeys_nothing_that_data_hold(folder, show):
    folder.make("evil", "a\n\x1b]0;x\x07\nb\n", {"from": "file", "url": "e.csv"})
    assert set(show("evil")) & {"\x1b", "\x07"} == set()


@pytest.mark.parametrize("place", ["folder", "S3"])
def test_what_is_published(folder, show, s3, monkeypatch, place):
    """By the manifest, where nothing was made here, or where that is asked for."""
    facts = folder.make("towns", "code,x,y\n01,2.5,48.5\n02,2.75,48.75\n", POINTS)
    storage = {"url": "published"}
    if place == "S3":
        storage = {"url": "s3://lake/shown", "endpoint": s3.endpoint}
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
    folder.config["sources"]["towns"]["publish_as"] = "all_towns"
    link = connection(Server(endpoint=s3.endpoint), s3.environment()) if place == "S3" else None
    store = Store(storage["url"], link)
    table = folder.path / "results/tables/towns.parquet"
    digest = sha256_of(table)
    store.put("all_towns.parquet", table, digest)
    keys = ("rows", "columns", "missing", "values", "geo")
    entry = {key: facts[key] for key in keys} | {
        "kind": "table",
        "checks": "passed",
        "vintage": "1",
    }
    entry |= {"published": "2026-01-01T00:00:00+00:00"}
    entry["objects"] = [
        {"key": "all_towns.parquet", "size": table.stat().st_size, "sha256": digest}
    ]
    text = json.dumps({"version": 1, "tables": {"all_towns": entry}}).encode()
    store.put(MANIFEST, text, "")
    folder.config["storage"] = storage
    (folder.path / "config/config.yaml").write_text(yaml.safe_dump(folder.config))

    assert show("towns").splitlines()[1] == "results/tables/towns.parquet"
    folder.config["sources"]["new"] = {"from": "file", "url": "n.csv"}
    folder.config["derive"] = {"map": {"figure": True, "script": "m.py", "inputs": ["towns"]}}
    (folder.path / "config/config.yaml").write_text(yaml.safe_dump(folder.config))
    lines = [line.split() for line in show().splitlines()]
    assert [line[0] for line in lines if line] == ["table", "new", "towns", "to"]
    assert lines[1] == ["new"] and len(lines[2]) == 4 and lines[2][-1] == "all_towns"
    published = show("towns", "--published")
    place = f"{storage['url']}/all_towns.parquet", "vintage 1; published 2026-01-01T00:00:00+00:00"
    assert published.splitlines()[:3] == [
        "all_towns: 2 rows, 5 columns (not shown: bbox)",
        *place,
    ]
    assert "geometry: Point; CRS EPSG:4326; bounds 2.5, 48.5, 2.75, 48.75" in published
    assert "geometry    POINT (2.5 48.5)  POINT (2.75 48.75)" in published
    assert published.count("bbox") == 1
    table.unlink()
    assert show("all_towns") == show("towns") == published
    assert "did you mean `all_towns`" in show("all_town", code=1)
    folder.config["sources"]["new"] = {"from": "file", "url": "n.csv"}
    (folder.path / "config/config.yaml").write_text(yaml.safe_dump(folder.config))
    assert "→ make it: `snakemake new`" in show("new", code=1)


def test_first_rows_of_a_table_in_several_files(tmp_path):
    keys = [f"t/by_dep/dep={n}/data.parquet" for n in range(3)]
    for n, key in enumerate(keys):
        (tmp_path / key).parent.mkdir(parents=True)
        pq.write_table(pa.table({"dep": [n, n], "row": [0, 1]}), tmp_path / key)
    entry = {"objects": [{"key": key, "size": (tmp_path / key).stat().st_size} for key in keys]}
    rows = published_rows("t", str(tmp_path), entry, None, 3).to_pylist()
    assert [(row["dep"], row["row"]) for row in rows] == [(0, 0), (0, 1), (1, 0)]


def test_what_there_is_where_the_storage_cannot_be_read(folder, show):
    folder.make("towns", "code,x,y\n01,2.5,48.5\n", POINTS, storage={"url": "published"})
    (folder.path / "published").mkdir()
    (folder.path / "published" / MANIFEST).write_text("damaged")
    words = show()
    assert "\ntowns  20" in words and "! what is published cannot be told: " in words


def test_a_derived_entry_is_not_tried(folder, capsys):
    derive = {"means": {"sql": "SELECT 1 AS n FROM towns", "inputs": ["towns"]}}
    folder.make("towns", "code,x,y\n01,2.5,48.5\n", POINTS, derive=derive)
    assert main(["try", "means"], folder.path) == 2
    words = capsys.readouterr().err
    assert "derive.means: it is derived, and only sources can be tried" in words
    assert words.rstrip().endswith("`snakemake means`")
