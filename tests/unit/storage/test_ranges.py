"""DuckDB reads published files itself, as files of their receipts, within its memory."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.fs import LocalFileSystem

from counting_proxy import CountingProxy, refusal
from derivations import derived, local
from diffusion.config.parts import Server, Storage
from diffusion.derive.inputs import PublishedTable, open_inputs
from diffusion.errors import DiffusionError
from diffusion.storage.connection import connection
from diffusion.storage.hashing import sha256_of
from diffusion.storage.ranges import PublishedFiles
from diffusion.storage.store import Store
from projects import PRINT_PEAK
from projects import REPOSITORY as ROOT

KEYS = tuple(f"t/by_code={place}.parquet" for place in ("_a*[b]?/é 1", "_'}/part", "_%2F/part"))


def three_rows(number: int, path) -> None:
    pq.write_table(pa.table({"n": range(3 * number, 3 * number + 3)}), path)


def publish(url: str, folder, keys=KEYS, link=None, write=three_rows) -> dict:
    """Publish a table of some files; return its receipt by its name, as the folder keeps it."""
    store, objects = Store(url, link), []
    for number, key in enumerate(keys):
        path = folder / f"{number}.parquet"
        write(number, path)
        store.put(key, path, sha256_of(path))
        objects.append({"key": key, "size": path.stat().st_size, "sha256": sha256_of(path)})
    receipt = {"name": "t", "url": url, "objects": objects, "columns": [{"name": "n"}]}
    receipts = {"t": receipt | {"credits": []}}
    (folder / "receipts.json").write_text(json.dumps(receipts))
    return receipts


def test_keys_may_have_any_character(tmp_path):
    receipts = publish(local(tmp_path).url, tmp_path)
    inputs = open_inputs(receipts, local(tmp_path))
    found = derived(inputs, tmp_path, "SELECT sum(n)::BIGINT AS total, count(*) AS rows FROM t")
    assert found == [{"total": 36, "rows": 9}]


def test_the_threads_of_duckdb_do_not_disturb_each_other(tmp_path):
    path = tmp_path / "bytes"
    path.write_bytes(bytes(range(100)))
    files = PublishedFiles()
    file = files.open(files.add(LocalFileSystem(), str(path), 100))
    file.seek(10)
    with ThreadPoolExecutor(1) as other:
        other.submit(file.seek, 50).result()
        assert file.read(2) == bytes([10, 11])
        assert other.submit(file.read, 2).result() == bytes([50, 51])
    assert file.tell() == 12


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda path: path.unlink(), "there is no such file, though it was published"),
        (lambda path: path.write_bytes(b"other"), "another file than the one that was published"),
        (
            lambda path: path.write_bytes(path.read_bytes()[::-1]),
            "another file than the one that was published",
        ),
    ],
    ids=["removed", "replaced", "altered at the same size"],
)
def test_a_table_that_is_not_what_was_published_is_refused(tmp_path, change, words):
    receipts = publish(local(tmp_path).url, tmp_path, ["t.parquet"])
    change(tmp_path / "published" / "t.parquet")
    with pytest.raises(DiffusionError, match=words) as error:
        open_inputs(receipts, local(tmp_path))
    assert "t.parquet" in error.value.where
    assert "snakemake --forcerun publish_sources" in error.value.fix


@pytest.mark.s3
def test_a_file_of_the_same_size_is_known_by_its_hash(s3, tmp_path, monkeypatch):
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    url = "s3://lake/replaced"
    receipts = publish(url, tmp_path, ["t.parquet"], connection(Server()))
    storage = Storage(url=url, raw=url)
    inputs = open_inputs(receipts, storage)
    assert derived(inputs, tmp_path, "SELECT max(n) AS most FROM t") == [{"most": 2}]
    path = tmp_path / "0.parquet"
    path.write_bytes(path.read_bytes()[::-1])
    Store(url, connection(Server())).put("t.parquet", path, sha256_of(path))
    with pytest.raises(DiffusionError, match="another file than the one that was published"):
        open_inputs(receipts, storage)


@pytest.mark.s3
def test_a_key_that_expires_while_a_query_runs_is_told(s3, tmp_path):
    url, link = "s3://lake/expires", connection(Server(), s3.environment())
    receipt = publish(url, tmp_path, ["t.parquet"], link)["t"]
    with CountingProxy(s3.endpoint) as proxy:
        through = connection(Server(endpoint=proxy.endpoint), s3.environment())
        proxy.refuse = lambda request: (
            refusal(403, "ExpiredToken") if len(proxy.requests) > 2 else None
        )
        with pytest.raises(DiffusionError) as error:
            derived({"t": PublishedTable(receipt, through)}, tmp_path, "SELECT n FROM t")
    assert error.value.where == "derive.mine.sql"
    assert "a published table cannot be read: When reading" in error.value.found
    assert "run `snakemake` again" in error.value.fix
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT ('x' || n)::INT AS n FROM t", "Could not convert string 'x0' to INT32"),
        ("SELECT * FROM read_parquet('published://1')", "disabled by configuration"),
    ],
)
def test_what_a_query_may_not_is_told_with_its_inputs(tmp_path, sql, words):
    receipts = publish(local(tmp_path).url, tmp_path, ["t.parquet"])
    with pytest.raises(DiffusionError, match=words) as error:
        derived(open_inputs(receipts, local(tmp_path)), tmp_path, sql)
    assert error.value.where == "derive.mine.sql"
    assert error.value.fix == "t: n"


RANKS = """
import json
import sys
from pathlib import Path
from diffusion.derive.inputs import open_inputs
from derivations import derived, local
folder = Path(sys.argv[1])
sql = "SELECT id, rank() OVER (PARTITION BY left(id, 2) ORDER BY id) AS rank FROM t"
receipts = json.loads((folder / "receipts.json").read_text())
derived(open_inputs(receipts, local(folder)), folder, sql, 700)
"""


def peak_of(folder, millions: int) -> int:
    """Rank so many million published rows in a process of its own; return its peak in MiB."""

    def write(number: int, path) -> None:
        ids = f"SELECT md5(range::VARCHAR) AS id FROM range({millions}_000_000)"
        duckdb.sql(ids).write_parquet(str(path), row_group_size=100_000)

    publish(local(folder).url, folder, ["t.parquet"], write=write)
    environment = {"PYTHONPATH": f"{ROOT / 'scripts'}:{ROOT / 'tests'}:{ROOT / 'tests' / 'unit'}"}
    command = [sys.executable, "-c", RANKS + PRINT_PEAK, folder]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert pq.read_metadata(folder / "out.parquet").num_rows == millions * 1_000_000
    return int(done.stdout)


@pytest.mark.slow
def test_memory_does_not_grow_with_what_a_query_reads(tmp_path):
    peaks = [peak_of(tmp_path, millions) for millions in (4, 8)]
    assert peaks[1] < 1.25 * peaks[0], f"{peaks} MiB"
    assert peaks[1] < 700, f"{peaks} MiB"
