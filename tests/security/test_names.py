"""Names given by strangers cannot leave their folder, their prefix, or the SQL they stand in."""

import io
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from diffusion.config.partitions import batches_of, parse_partition, partition_name
from diffusion.config.parts import Server
from diffusion.config.resolve import ConfigError, resolve_config
from diffusion.errors import DiffusionError
from diffusion.fetch.batch import fetch_batch
from diffusion.fetch.objects import find_objects
from diffusion.publish.layout import table_uploads
from diffusion.raw.copies import PROVENANCE
from diffusion.storage.store import Store
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits
from unit.conversions import Converter, source_of
from unit.fetches import Answer, Asked, Scripted

NAMES = ["..", "../x", "a/b", "/x", "a\\b", "..%2f", "a\0b", "a\nb", "x" * 300, "a b", "%2e%2e"]
NAMES += [
    "ａ",
    "a\u202eb",
    "́a",
    "a;b",
    "a'b",
    'a"b',
    "$(id)",
    "`id`",
    "{x}",
    "~",
    "-rf",
    "C:x",
    "a\n",
]
SOURCE = {"from": "file", "url": "data/raw.csv"}


def config(**change: object) -> dict:
    return {"project": {"name": "p"}, "vintage": "1", "sources": {"s": SOURCE}} | change


PLACES = {
    "a source": lambda name: config(sources={name: SOURCE}),
    "a derived table": lambda name: config(derive={name: {"inputs": ["s"], "sql": "t.sql"}}),
    "publish_as": lambda name: config(sources={"s": SOURCE | {"publish_as": name}}),
    "a vintage": lambda name: config(vintage=name),
    "an axis": lambda name: config(sources={"s": SOURCE | {"partitions": {name: ["1"]}}}),
    "member_column": lambda name: config(sources={"s": SOURCE | {"member_column": name}}),
    "a script": lambda name: config(derive={"d": {"inputs": ["s"], "script": f"{name}.py"}}),
    "a query": lambda name: config(derive={"d": {"inputs": ["s"], "sql": f"{name}.sql"}}),
    "the project": lambda name: config(project={"name": name}),
}


HARMLESS = [("a query", "a b"), ("a query", "a\nb"), ("a query", "a\n")]  # SQL: it has a space
HARMLESS += [(kind, "x" * 300) for kind in ("a query", "a script", "member_column")]
HARMLESS += [("a query", "a/b"), ("a script", "a/b")]  # a path, which stays below the project


@pytest.mark.parametrize(
    ("place", "name"),
    [(place, name) for place in PLACES for name in NAMES if (place, name) not in HARMLESS],
    ids=ascii,
)
def test_hostile_names_are_refused(place: str, name: str) -> None:
    given = PLACES[place](name)
    with pytest.raises(ConfigError) as caught:
        resolve_config(given)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize("value", NAMES, ids=ascii)
def test_a_value_of_an_axis_names_one_file_or_is_refused(value: str) -> None:
    source = SOURCE | {"url": "data/{axis}.csv", "partitions": {"axis": [value]}}
    try:
        resolved = resolve_config(config(sources={"s": source})).sources["s"]
    except ConfigError:
        assert value[0] == "." or value in ("a\0b", "a\nb", "a\n", "x" * 300)
        return
    ((batch, (name,)),) = batches_of(
        resolved.partitions, resolved.batches, resolved.fetch.kind
    ).items()
    assert batch == name == os.path.basename(name)  # noqa: PTH119 - as the system sees it
    assert name.isascii() and len(name) < 255
    assert parse_partition(name) == {"axis": value}


def test_two_values_never_name_the_same_file() -> None:
    names = [partition_name({"axis": value}) for value in NAMES]
    assert len({name.lower() for name in names}) == len(NAMES)


URLS = [
    "/a/..%2f..%2fx",
    "/..",
    "/a/%00",
    "/.hidden",
    "/a;b'c\"d",
    "/" + "x" * 300,
    "/",
    "/é/ü ñ?a=/b",
]


@pytest.mark.parametrize("path", URLS)
def test_the_name_of_a_raw_copy_stays_in_its_folder(path: str, tmp_path: Path) -> None:
    """Whatever the URL, or a Content-Disposition, calls it."""
    hostile = {"Content-Disposition": 'attachment; filename="../../evil.csv"'}

    def answer(asked: Asked) -> Answer:
        if asked.path == "/start":
            return Answer(302, {"Location": path.encode().decode("latin-1")})
        return Answer(200, hostile, b"a\n1\n")

    with Scripted(answer) as server:
        url = f"{server.url}/start"
        source = source_of(url=url)
        store = Store(str(tmp_path / "raw"), None)
        fetch_batch("s", source.fetching, ["all"], store, tmp_path / "scratch" / "fetch", lock={})
    files = [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".lock"]
    folder = tmp_path / "raw" / "s" / "2025-03-19" / "all"
    assert sorted(file.parent for file in files) == [folder, folder]
    (raw,) = (file for file in files if file.name != PROVENANCE)
    assert raw.name.isascii() and len(raw.name) < 130


def listing(*keys: str) -> bytes:
    items = "".join(
        f"<Contents><Key>{escape(key)}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified>"
        f"<ETag>x</ETag><Size>3</Size></Contents>"
        for key in keys
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>".encode()


@pytest.mark.parametrize(
    "key", ["data/../../../evil.csv", "../x.csv", "data/./x", "data//x", "a\nb"]
)
def test_a_key_of_a_hostile_bucket_is_refused(key: str) -> None:
    with Scripted(lambda _: Answer(body=listing("data/good.csv", key))) as server:
        for url in ("s3://bucket/**", f"s3://bucket/{key}"):
            with pytest.raises(DiffusionError, match="s3://bucket"):
                find_objects(url, Server(endpoint=server.url, anonymous=True), "sources.s.url")


@pytest.mark.parametrize("key", ["../x", "a/../../x", "a\0b", "a//b", "."])
def test_a_store_writes_nothing_outside(key: str, tmp_path: Path) -> None:
    with pytest.raises(DiffusionError):
        Store(str(tmp_path / "store"), None).put(key, b"x", "")
    assert [path.name for path in tmp_path.rglob("*")] == ["store"]


@pytest.mark.parametrize(
    "url", ["s3://lake/a/../x", "s3://lake/../x", "s3://lake/a//x", "s3://lake/./x"]
)
def test_a_url_of_the_configuration_has_no_dots(url: str) -> None:
    for change in ({"storage": {"url": url}}, {"sources": {"s": {"from": "s3", "url": url}}}):
        with pytest.raises(ConfigError, match="write s3://bucket/"):
            resolve_config(config(**change))


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator:
    """Publish a column of values as a folder; returns key → values."""

    def make(values: list[str], column: str) -> dict[str, list]:
        table, out = tmp_path / "t.parquet", tmp_path / "work" / "out"
        pq.write_table(pa.table({column: values}), table)
        with engine(Limits(1000, 1, tmp_path / "scratch")) as con:
            source = source_of(partition_by=[column])
            found = table_uploads(con, source.publish, source.write, table, out)
        inside = [path for path in tmp_path.rglob("*.parquet") if path != table]
        assert all(path.is_relative_to(out) for path in inside)
        return {upload.key: pq.read_table(upload.path)[column].to_pylist() for upload in found}

    return make


@pytest.mark.parametrize("column", ["..", "a/b", 'a"; --', "a=b", "é"])
def test_a_value_that_names_a_folder_of_a_table_stays_inside(column: str, uploads) -> None:
    values = [name for name in NAMES if len(name) < 200] + [" ", "null", "by_x=1"]
    keys = uploads(values, column)
    assert sorted(value for (value,) in keys.values()) == sorted(values)
    for key in keys:
        table, folder, file = key.split("/")
        assert table == "t" and re.fullmatch(r"data-[0-9a-f]{12}\.parquet", file)
        assert folder.startswith("by_") and folder.isascii()


def test_a_value_too_long_for_a_folder_is_said(uploads) -> None:
    with pytest.raises(DiffusionError, match="too long to name a folder"):
        uploads(["x" * 300], "a")


def test_fields_of_a_shapefile_are_only_names(tmp_path: Path) -> None:
    fields = ['a";--', "b'c", "../d", "geometry", "{e}"]
    pyogrio.raw.write(
        tmp_path / "s.shp",
        shapely.to_wkb([shapely.Point(1, 2)]),
        [pa.array([str(i)]).to_numpy(zero_copy_only=False) for i, _ in enumerate(fields)],
        fields,
        geometry_type="Point",
        crs="EPSG:4326",
    )
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w") as archive:
            for file in tmp_path.glob("s.*"):
                archive.write(file, file.name)
        data = out.getvalue()
    work = tmp_path / "work"
    work.mkdir()
    found = Converter(work).columns(data, **{"from": "archive"})
    assert list(found)[:5] == ['a";--', "b'c", "../d", "geometry_", "{e}"]
