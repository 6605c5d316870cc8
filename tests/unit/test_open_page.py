"""`make open`: the page of what is published, served to this machine alone."""

import os
import re
import signal
import subprocess
import sys
import urllib.request

from demo import NEXT
from open_page import DEMO, INDEX
from projects import REPOSITORY

SCRIPT = REPOSITORY / "scripts" / "open_page.py"


def test_it_serves_the_page_until_it_is_ended(tmp_path):
    (tmp_path / INDEX).write_text("é", "utf-8")
    (tmp_path / "catalog.jsonld").write_text("{}")
    environment = os.environ | {"BROWSER": "true"}  # the command, which opens nothing
    command = [sys.executable, str(SCRIPT), str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            found = re.match(r"(http://127\.0\.0\.1:\d+/)index.html ", process.stderr.readline())
            with urllib.request.urlopen(f"{found[1]}{INDEX}", timeout=10) as answer:
                assert answer.read().decode() == "é"
            with urllib.request.urlopen(f"{found[1]}catalog.jsonld", timeout=10) as answer:
                assert answer.headers["Content-Type"] == "application/ld+json"
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_where_there_is_no_page_it_says_what_makes_one(tmp_path):
    found = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert found.stderr == (
        f"There is no {INDEX} in {tmp_path}: name the folder of what was published.\n"
    )


def test_the_demo_points_to_it():
    """The page is where the demo's configuration publishes."""
    page = re.search(r"{folder}(\S+index\.html)", NEXT)[1]
    assert str(DEMO / INDEX).endswith(f".demo{page}")
    assert "make open" in NEXT
    assert "\nopen:" in (REPOSITORY / "Makefile").read_text("utf-8")
