"""A real Chromium for the session, spoken to through a pipe: DevTools' protocol, no driver."""

import base64
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from catalogues import DPE, SHA, config_of, manifest_of, thing
from diffusion.catalogue.files import write_catalogue
from diffusion.publish.manifest import MANIFEST
from diffusion.storage.store import Store

AXE = "4.14.1"

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
CHECKED = {
    "results": [
        {
            "check": "not_null",
            "column": "code",
            "level": "warn",
            "passed": False,
            "found": "1 of 5 values is missing",
            "examples": [{"row": 2, "value": None}],
        }
    ]
}


class Chromium:
    """A browser with one page; what it asks for and complains about is kept."""

    def __init__(self, folder: Path):
        to_it, self._write = os.pipe()
        self._read, from_it = os.pipe()

        def places() -> None:
            first, second = os.dup(to_it), os.dup(from_it)
            os.dup2(first, 3)
            os.dup2(second, 4)

        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu"]
        command += ["--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"]
        silent = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, preexec_fn=places, pass_fds=(3, 4), stdout=silent, stderr=silent
        )
        os.close(to_it)
        os.close(from_it)
        self._answers = os.fdopen(self._read, "rb")
        self._count, self._session = 0, ""
        self.events: list[dict] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: object) -> dict:
        """Call a method, and wait for its answer; events that come meanwhile are kept."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._count:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, url: str) -> None:
        """Open a page, and wait until it is loaded."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def run(self, script: str) -> object:
        """Return the value of an expression on the page."""
        found = self.call(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    @property
    def asked(self) -> list[str]:
        """The addresses that the page asked for."""
        sent = [e for e in self.events if e["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    @property
    def complaints(self) -> list[dict]:
        """What the console shows."""
        kinds = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        return [event for event in self.events if event["method"] in kinds]

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait(30)
        self._answers.close()
        os.close(self._write)

    def _next(self) -> dict:
        message = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "Chromium ended"
            message += byte
        return json.loads(message)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory) -> Iterator[Chromium]:
    """Chromium; a machine that is asked for it and has none fails."""
    if not shutil.which("chromium"):
        pytest.fail("there is no Chromium: apt-get install chromium")
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The script of axe-core, from npm; a machine that has neither it nor a network fails."""
    folder = tmp_path_factory.mktemp("axe")
    command = ["npm", "pack", "--silent", f"axe-core@{AXE}", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, timeout=120)
    with tarfile.open(folder / f"axe-core-{AXE}.tgz") as packed:
        return packed.extractfile("package/axe.min.js").read().decode()


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A published folder with a table whose first rows are known, and a figure."""
    monkeypatch.chdir(tmp_path)
    tables = tmp_path / "results" / "tables"
    tables.mkdir(parents=True)
    numbers = {"code": ["b", "a", None], "n": [12345, 9, None]} | {
        f"c{n}": ["x" * 50] * 3 for n in range(9)
    }
    pq.write_table(pa.table(numbers), tables / "dpe.parquet")
    facts = {"sha256": SHA, "size": (tables / "dpe.parquet").stat().st_size, "checks": None}
    (tables / "dpe.json").write_text(json.dumps(facts))
    figure = {"project": "demo", "kind": "figure", "objects": [thing("carte.png")]}
    figure |= {"description": "A map", "published": "2026-01-02T03:04:05+00:00"}
    boxes = [shapely.box(x, 0, x + 1, 1) for x in range(5)]
    frame = geopandas.GeoDataFrame({"code": [*"abcde"]}, geometry=boxes, crs=2154)
    frame.to_parquet(tables / "shapes.parquet", write_covering_bbox=True)
    here = {"sha256": SHA[::-1], "size": (tables / "shapes.parquet").stat().st_size}
    (tables / "shapes.json").write_text(json.dumps(here | {"checks": CHECKED}))
    geo = {"crs": "EPSG:2154", "types": ["Polygon"], "bbox": [0, 0, 5, 1]}
    shapes = manifest_of()["tables"]["shapes"] | {"rows": 5, "table_sha256": SHA[::-1]}
    shapes |= {"geo": geo | {"bbox_wgs84": [-1.3, -5.9, -1.2, -5.8]}, "checks": "warned"}
    dpe = DPE | {"table_sha256": SHA, "checks": "warned"}
    store = Store(str(tmp_path / "published"), None)
    store.put(MANIFEST, json.dumps(manifest_of(dpe=dpe, shapes=shapes, carte=figure)).encode(), "")
    store.put("carte.png", PNG, "")
    write_catalogue(store, config_of(), tmp_path)
    return tmp_path / "published"
