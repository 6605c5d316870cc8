"""`diffusion try`: what it shows, what it refuses, and that nothing of it stays."""

import ast
import base64
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml

from diffusion.base.progress import Progress
from diffusion.config.load import load_config
from diffusion.config.remedies import merged
from diffusion.config.typed import flat_entry
from diffusion.errors import DiffusionError
from diffusion.fetch import heads
from diffusion.fetch.batch import fetch_batch
from diffusion.run import heartbeat
from diffusion.run.cli import main
from diffusion.run.trial_words import words_of_a_try
from diffusion.storage.store import Store
from fetches import Answer, Asked, Scripted
from projects import REPOSITORY
from trials import PAGES, SECRET, Tried, api, lines_of

MIB = 1 << 20
TYPED = """
import sys
from pathlib import Path
from diffusion.run.cli import main
sys.exit(main(["try", "t"], Path()))
"""


def test_an_api(tried: Tried) -> None:
    with Scripted(api()) as server:
        tried.configure(server.url, "api", pages=PAGES, columns={"n": "int"}, params={"q": "é"})
        code, words = tried("t", "--rows", "2")
        assert code == 0 and len(server.asked) == 2
    assert "asking http://127.0.0.1" in words and '"q": "é"' in words
    assert "6 records in 2 pages; the server announces 7 (some 3 pages)" in words
    assert "the end is where the announced total is reached, or a page is empty" in words
    assert '"offset": 6' in words
    cells = lines_of(words)
    assert cells["column"] == ["type", "by", "empty", "row", "1", "row", "2"]
    assert cells["n"] == ["int", "declared", "0%", "0", "1"]
    assert cells["v"] == ["string", "found", "0%", "00", "01"]


def test_an_api_of_one_page_and_all_of_one_that_has_more(tried: Tried) -> None:
    with Scripted(api(2)) as server:
        tried.configure(server.url, "api", pages=PAGES, checks={"rows": [3, 9]})
        code, words = tried()
        assert code == 1 and "these are all" in words
        assert "✗ sources.t.checks.rows: " in words  # all is there: the table is too short
    with Scripted(api(7)) as server:
        tried.configure(server.url, "api", pages=PAGES, checks={"rows": [7, 7]})
        assert tried()[0] == 0  # more follow
        code, words = tried("t", "--whole")
        assert (code, "7 rows, 2 columns" in words, "these are all" in words) == (0, True, True)


REFUSED = {
    "status": ({}, Answer(404, body=b"no such data set")),
    "html": ({}, Answer(body=b"<!doctype html><html>down</html>")),
    "path": ({"pages": PAGES | {"records": "rows"}}, api()(Asked("GET", "/", {}, b""))),
    "again": ({"pages": PAGES | {"total": ""}}, api()(Asked("GET", "/", {}, b""))),
    "error": ({}, Answer(body=b'{"error": "quota of s3cret-value", "items": []}')),
    "none": ({}, Answer(body=b'{"items": [], "total": 0}')),
    "part": ({"from": "file"}, Answer(206, {"Content-Range": "bytes 0-3/9"}, b"a\n1\n")),
    "empty": ({"from": "file"}, Answer()),
    "zip": ({"from": "archive"}, Answer(body=b"a,b\n1,2\n")),
    "pin": ({"from": "file", "sha256": "0" * 64}, Answer(body=b"a,b\n1,2\n")),
    "redirect": ({"from": "file"}, Answer(302, {"Location": "http://10.0.0.1/"})),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_run_refuses_is_refused_in_its_words(name: str, tried: Tried, tmp_path) -> None:
    keys, answer = REFUSED[name]
    with Scripted(lambda _: answer) as server:
        kind = keys.get("from", "api")
        http = {"auth": {"env": "T_KEY", "style": "header"}}
        keys = http | ({"pages": PAGES} if kind == "api" else {}) | keys
        tried.configure(server.url + "/f", kind, **{k: v for k, v in keys.items() if k != "from"})
        source = load_config([Path("config/config.yaml")]).sources["t"]
        store = Store(str(tmp_path / "raw"), None)
        with pytest.raises(DiffusionError) as caught:
            fetch_batch("t", source.fetching, ["all"], store, tmp_path / "s", lock={})
        code, words = tried()
    error = caught.value
    told = error.restated(fix=merged(words_of_a_try(error.fix), flat_entry(source)))
    assert code == 1 and f"✗ {told}\n" in words
    assert SECRET not in words


def test_what_a_conversion_refuses(tried: Tried) -> None:
    with Scripted(lambda _: Answer(body=b"a;b\n1;2\n")) as server:
        tried.configure(server.url + "/f.csv", columns={"c": "int"})
        code, words = tried()
    assert code == 1 and "✗ sources.t" in words and "`c`" in words


def test_a_path_from_the_home_folder(tried: Tried, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "d.csv").write_text("a,b\n1,2\n")
    tried.configure("~/d.csv")
    code, words = tried()
    assert code == 0 and f"reading {tmp_path}/d.csv" in words
    assert main(["doctor"], tried.folder) == 0, tried.capsys.readouterr().out


def test_notes_and_checks(tried: Tried) -> None:
    data = b"code;prix;n\n01;1,5;x\n01;;2\n"
    with Scripted(lambda _: Answer(body=data)) as server:
        checks = {"unique": ["code"], "cast_failures": 1}
        tried.configure(server.url + "/f.csv", columns={"n": "int"}, checks=checks)
        code, words = tried()
    assert code == 1 and "✗ sources.t.checks.unique: 2 of 2 rows are duplicated" in words
    assert "! t.n: 1 of 2 values could not be read" in words
    assert "! t.prix: is text, as its numbers have decimal commas" in words
    assert "· t: read as CSV, utf-8, `;`, names in line 1" in words
    assert lines_of(words)["prix"][:3] == ["string", "found", "50%"]


def large_csv(rows: int, cell: str) -> bytes:
    return ("n,text\n" + "".join(f'{n},"{cell}"\n' for n in range(rows))).encode()


@pytest.mark.parametrize(
    ("cell", "keys"),
    [
        ("plain", {}),
        ("two\nlines, and a ; é", {}),
        ("l\n" * 40, {}),
        ("é", {"encoding": "latin-1"}),
    ],
)
def test_the_head_of_a_csv_ends_with_a_whole_record(cell: str, keys: dict, tried: Tried) -> None:
    data = large_csv(6 * MIB // (len(cell) + 12), cell)
    data = data.decode().encode(keys.get("encoding", "utf-8"))
    assert len(data) > 4 * MIB
    with Scripted(lambda _: Answer(body=data)) as server:
        tried.configure(server.url + "/f.csv", csv={"delimiter": ","}, **keys)
        code, words = tried()
    assert code == 0, words
    first = next(line for line in words.splitlines() if "up to the end of a record" in line)
    taken = int(first.split("first ")[1].split()[0].replace(",", ""))
    assert f"of {len(data):,} bytes" in first and MIB - 200 < taken <= 2 * MIB
    head = data[:taken].decode(keys.get("encoding", "utf-8"))
    assert head.endswith('"\n')
    assert f"{head.count(cell):,} rows, 2 columns" in words
    assert "types that were found hold for these rows" in words


@pytest.mark.parametrize("csv", [{"delimiter": "\t"}, {"delimiter": "\t", "quote": ""}])
def test_a_stray_quote_opens_no_cell(csv: dict, tried: Tried) -> None:
    rows = "".join(f"{n}\ttube\n" if n != 5 else '5\ttube 5"\n' for n in range(300_000))
    with Scripted(lambda _: Answer(body=b"n\ttext\n" + rows.encode())) as server:
        tried.configure(server.url + "/f.tsv", csv=csv)
        code, words = tried()
    assert code == 0, words
    assert int(words.partition(" rows, ")[0].split()[-1].replace(",", "")) > MIB // 12


def test_the_head_of_lines_of_json(tried: Tried) -> None:
    data = b"".join(json.dumps({"n": n, "s": 'a "quote'}).encode() + b"\n" for n in range(99_999))
    (tried.folder / "f.ndjson").write_bytes(data)
    tried.configure("f.ndjson")
    code, words = tried()
    assert code == 0 and f"of {len(data):,} bytes, up to the end of a record" in words
    assert lines_of(words)["n"][:2] == ["int", "found"]


@pytest.mark.parametrize(
    ("name", "data", "keys", "kind"),
    [
        ("f.csv", large_csv(200_000, "é").decode().encode("utf-16"), {}, "text"),
        ("f.csv", gzip.compress(large_csv(200_000, "x"), 0), {"format": "csv"}, "gz"),
        ("f.json", json.dumps([{"n": n} for n in range(200_000)]).encode(), {}, "json"),
    ],
)
def test_what_has_no_head_is_taken_whole_up_to_a_limit(
    name: str, data: bytes, keys: dict, kind: str, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Scripted(lambda _: Answer(body=data)) as server:
        tried.configure(f"{server.url}/{name}", **keys)
        code, words = tried()
        assert code == 0, words
        assert f"{name}: all of it, {len(data):,} bytes ({kind})" in words
        assert "200,000 rows" in words
        monkeypatch.setattr(heads, "LARGEST", MIB)
        code, words = tried()
        assert code == 1 and f"{name} has {len(data):,} bytes, and no head" in words
        assert "`diffusion try --whole`" in words
        code, words = tried("t", "--whole")
        assert (code, "200,000 rows" in words) == (0, True)


def test_partitions(tried: Tried) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(body=f"asked\n{asked.path}\n".encode())

    with Scripted(answer) as server:
        axes = {"dep": ["01", "2A"], "year": ["2023", "2024"]}
        tried.configure(server.url + "/{dep}-{year}.csv", partitions=axes)
        assert "/01-2023.csv" in tried()[1]
        code, words = tried("t", "--partition", "year=2024", "--partition", "dep=2A")
        assert code == 0 and "t dep=2A,year=2024: a try" in words and "/2A-2024.csv" in words
        assert lines_of(words)["dep"][:2] == ["string", "partition"]
        code, words = tried("t", "--partition", "dep=01", "--partition", "dep=2A")
        assert code == 2 and "--partition dep=2A: the axis dep is given twice" in words
        code, words = tried("t", "--partition", "dep=02")
        assert code == 2 and "--partition dep=02: there is no such value" in words
        code, words = tried("t", "--partition", "yaer=2024")
        assert code == 2 and "did you mean `year`?" in words
        code, words = tried("tt")
        assert code == 2 and "tt: there is no such source [usage]\n  → did you mean `t`?" in words
        code, words = tried("https://example.org/a.csv")
        assert code == 2 and "diffusion source https://example.org/a.csv --dry-run" in words


def test_a_partition_without_a_record(tried: Tried) -> None:
    with Scripted(lambda _: Answer(404)) as server:
        axes = {"dep": ["01", "2A"]}
        tried.configure(server.url + "/{dep}", "api", partitions=axes, empty_on=[404])
        code, words = tried()
    assert (
        code == 1 and "the API gave no record for dep=01 [incomplete]\n  → try another one" in words
    )


def test_offline_forbids_a_try(tried: Tried) -> None:
    tried.configure("http://127.0.0.1:9/f.csv")
    (tried.folder / "more.yaml").write_text("offline: true")
    code, words = tried("t", "config/config.yaml", "more.yaml")
    assert code == 1 and "→ a try asks the source: take out `offline: true`" in words


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_try_that_is_stopped_leaves_nothing(number: signal.Signals, tried: Tried) -> None:
    begun = threading.Event()

    def answer(asked: Asked) -> Answer:
        begun.set()
        time.sleep(2)
        return Answer(200, {"Content-Length": str(9 * MIB)}, b"a,b\n" + b"1,2\n" * 40_000)

    with Scripted(answer) as server:
        tried.configure(server.url + "/f.csv", timeout=30)
        before = tried.files()
        environment = os.environ | {"TMPDIR": str(tried.scratch)}
        environment["PYTHONPATH"] = str(REPOSITORY / "scripts")
        command = [sys.executable, "-c", TYPED]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, env=environment, **pipes)
        assert begun.wait(30)
        assert tried.files() > before  # it is under way
        process.send_signal(number)
        told, words = process.communicate(timeout=30)
    assert (process.returncode, words) == (130, "\n✗ stopped; nothing was kept\n")
    assert f"asking {server.url}/f.csv\n" in told
    assert tried.files() == before


def test_a_closed_pipe_ends_quietly(tried: Tried) -> None:
    with Scripted(lambda _: Answer(body=b"a,b\n" * 9_000)) as server:
        tried.configure(server.url + "/f.csv", columns={"b": "string"})
        before = tried.files()
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "scripts")}
        command = ["sh", "-c", '"$0" -c "$1" | true', sys.executable, TYPED]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("", "")
    assert tried.files() == before


WAYS = {
    "json": lambda: json.dumps([{"n": 1, "said": f"é: {SECRET}".replace("-", "\\u002d")}]),
    "long": lambda: json.dumps([{"n": 1, "said": f"0123456789abc{SECRET}, yes", "z": 1}]),
    "base64": lambda: json.dumps([{"n": base64.b64encode(f"u:{SECRET}".encode()).decode()}]),
    "name": lambda: json.dumps([{SECRET: 1}]),
    "error": lambda: json.dumps({"error": "x" * 492 + SECRET, "rows": []}),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_secret_that_a_server_repeats_is_not_shown(name: str, tried: Tried) -> None:
    with Scripted(lambda _: Answer(body=WAYS[name]().encode())) as server:
        tried.configure(server.url, "api", auth={"env": "T_KEY", "style": "header"})
        words = tried()[1]
    assert "***" in words and SECRET[:7] not in words and "czNjcmV0" not in words


LITERAL = re.compile(r"[^\"]*(?:run `snakemake`|new `vintage`|kept;)[^\"]*")
# of runs: raw copies, locks, published objects, and how a run ends
OF_RUNS = ("raw/", "publish/", "run/", "derive/", "fetch/asked.py", "base/joblog.py")


def test_no_remedy_of_a_run_is_left_in_a_try() -> None:
    library = REPOSITORY / "scripts/diffusion"
    for path in library.rglob("*.py"):
        if str(path.relative_to(library)).startswith(OF_RUNS):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and LITERAL.fullmatch(str(node.value)):
                told = words_of_a_try(node.value)
                assert "snakemake" not in told and "vintage" not in told, (path, told)
                assert "kept" not in told, (path, told)


def test_what_takes_long_gives_signs_of_life(caplog: pytest.LogCaptureFixture, monkeypatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(heartbeat, "FIRST_WORD", 0.01)
    with heartbeat.heartbeat(said.append) as heart, Progress("t", "rows", 9) as progress:
        heart.doing = "asking"
        progress._last_line = -99
        progress.add(5)
        time.sleep(0.2)
    assert "… asking: at 5 of 9 rows (56%), 0 s" in said
    count = len(said)
    time.sleep(0.1)
    assert len(said) == count < 9


def test_nothing_is_said_while_somebody_is_asked(monkeypatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(heartbeat, "FIRST_WORD", 0.01)
    with heartbeat.heartbeat(said.append) as heart:
        with heart.paused():
            time.sleep(0.05)
            said.clear()  # of before
            time.sleep(0.15)
            assert said == []
        time.sleep(0.2)
    assert said


def test_only_the_boxes_that_layers_are_given_are_left_out(tried: Tried) -> None:
    layer = {"type": "FeatureCollection", "features": [{"type": "Feature"}]}
    layer["features"][0] |= {"properties": {"bbox": "own"}}
    layer["features"][0] |= {"geometry": {"type": "Point", "coordinates": [2, 48]}}
    (tried.folder / "f.geojson").write_text(json.dumps(layer))
    tried.configure("f.geojson")
    words = tried()[1]
    assert "1 row, 3 columns (not shown: bbox)" in words and lines_of(words)["bbox_"][-1] == "own"
    (tried.folder / "f.csv").write_text("bbox,n\nown,1\n")
    tried.configure("f.csv")
    assert lines_of(tried()[1])["bbox"][-1] == "own"


def test_mistakes_elsewhere_stop_no_try(tried: Tried) -> None:
    """What they need of one another, they know: that a source has that name."""
    with Scripted(lambda _: Answer(body=b"a,b\n1,2\n")) as server:
        tried.configure(server.url + "/f.csv", checks={"foreign_keys": {"a": "other.a"}})
        path = tried.folder / "config/config.yaml"
        config = yaml.safe_load(path.read_text("utf-8"))
        config["sources"]["other"] = {"from": "flie", "url": "${NOWHERE_SET}", "colums": {}}
        config["sources"]["no name"] = 7
        config |= {"storage": {"ulr": "x"}, "derive": {"d": {"sql": "missing.sql"}}}
        path.write_text(yaml.safe_dump(config), "utf-8")
        code, words = tried()
        assert code == 0 and "1 row, 2 columns" in words, words
        assert words.startswith("! 7 mistakes elsewhere ("), words
        assert "no such source" in tried("x")[1]
        config["sources"]["t"]["colums"] = {"a": "int"}
        path.write_text(yaml.safe_dump(config), "utf-8")
        code, words = tried()
    assert code == 1 and words.startswith("✗ configuration: 1 error\n\nsources.t.colums (config/")


def test_why_values_are_missing_is_counted(tried: Tried) -> None:
    with Scripted(lambda _: Answer(body=b"c,n\na,1\nb,s\nc,s\nd,nd\n")) as server:
        nulls = {"s": "secret statistique", "nd": "non disponible"}
        tried.configure(server.url + "/f.csv", nulls=nulls, columns={"n": "int"})
        words = tried()[1]
    told = "· t.n: 1 of 4 values is `nd` (non disponible), 2 of 4 values are `s` (secret "
    assert told + "statistique): no value" in words
