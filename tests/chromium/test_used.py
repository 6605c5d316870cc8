"""What a reader does with a page: by the keyboard alone, and with what is downloaded from it."""

import functools
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogues import config_of, manifest_of, thing
from diffusion.catalogue.files import write_catalogue
from diffusion.publish.manifest import MANIFEST
from diffusion.storage.store import Store
from watching import wait_for

pytestmark = pytest.mark.chromium
BYTES = b"PAR1 as it is published PAR1"
HERE = "document.activeElement"
BIG = "12\u202f345"  # as the page writes 12345


def press(chromium, key: str) -> None:
    """Press a key, as a person does."""
    codes = {"Tab": 9, "Enter": 13, " ": 32}
    text = {"Enter": "\r", " ": " "}.get(key, "")
    named = {"key": key, "code": key.strip() or "Space", "windowsVirtualKeyCode": codes[key]}
    chromium.call("Input.dispatchKeyEvent", type="keyDown", text=text, **named)
    chromium.call("Input.dispatchKeyEvent", type="keyUp", **named)


def reached(chromium) -> Iterator[str]:
    """Go through a page by the Tab key; yield what has the focus, until it is the page again."""
    for _ in range(500):
        press(chromium, "Tab")
        if chromium.run(f"{HERE} === document.body"):
            return
        yield chromium.run(f"{HERE}.className || {HERE}.id || {HERE}.localName")
    pytest.fail("the Tab key never comes back to the page")


@pytest.mark.parametrize("page", ["index.html", "page-of/dpe.html"])
def test_all_of_it_is_reached_by_the_keyboard_and_seen(chromium, place, page):
    chromium.open((place / page).as_uri())
    chromium.call("Page.bringToFront")
    outlines, ways = [], []
    for way in reached(chromium):
        ways.append(way)
        outlines.append(chromium.run(f"getComputedStyle({HERE}).outlineStyle"))
    assert ways[0] == "skip"
    assert set(outlines) == {"solid"}
    seen = "[...document.querySelectorAll('a[href], button, input, summary')]"
    assert chromium.run(f"{seen}.filter(e => e.checkVisibility()).length") <= len(ways)


def test_rows_are_sorted_and_the_head_is_skipped_by_the_keyboard(chromium, place):
    chromium.open((place / "page-of/dpe.html").as_uri())
    chromium.call("Page.bringToFront")
    values = "[...sample.tBodies[0].rows].map(row => row.cells[1].textContent)"
    chromium.run("sample.querySelectorAll('th button')[1].focus()")
    press(chromium, "Enter")
    assert chromium.run(values) == ["9", BIG, "∅"]
    press(chromium, " ")
    assert chromium.run(values) == [BIG, "9", "∅"]
    chromium.open((place / "page-of/dpe.html").as_uri())
    press(chromium, "Tab")
    press(chromium, "Enter")
    assert chromium.run("location.hash") == "#content"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""


@pytest.fixture
def served(tmp_path) -> Iterator[str]:
    """A published table of one real object, on a server; its address."""
    folder = tmp_path / "public"
    store = Store(str(folder), None)
    item = thing("dpe.parquet") | {
        "size": len(BYTES),
        "sha256": hashlib.sha256(BYTES).hexdigest(),
    }
    manifest = manifest_of()
    entry = next(iter(manifest["tables"].values())) | {"objects": [item]}
    store.put(MANIFEST, json.dumps(manifest_of(dpe=entry)).encode(), "")
    store.put("dpe.parquet", BYTES, "")
    write_catalogue(store, config_of(), tmp_path)
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_download_has_the_hash_that_the_page_states(chromium, served, tmp_path):
    folder = tmp_path / "downloads"
    chromium.open(f"{served}/page-of/dpe.html")
    chromium.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    row = "document.querySelector('#downloads').parentElement.querySelector('tbody tr')"
    stated = chromium.run(f"{row}.querySelector('.hash').textContent")
    chromium.run(f"{row}.querySelector('a').click()")
    file: Path = wait_for("the download", lambda: next(iter(folder.glob("*.parquet")), None))
    assert hashlib.sha256(file.read_bytes()).hexdigest() == stated
