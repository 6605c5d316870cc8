"""What `snakemake --report` makes, in a real Chromium."""

import json
import re

import pytest

from projects import REPOSITORY, small_config

pytestmark = pytest.mark.chromium
TITLE = "Petit projet : <b> & {{ *x* }} </script>"
SHOW = """new Promise(done => {
  const path = Object.keys(results).find(path => path.endsWith(NAME));
  app.setView({content: 'html', contentPath: results[path].data_uri, navbarMode: 'resultinfo',
               resultPath: path});
  setTimeout(async () => {
    const page = await (await fetch(document.querySelector('iframe').src)).text();
    const shown = new DOMParser().parseFromString(page, 'text/html');
    const texts = (row) => [...row.cells].map(cell => cell.textContent.trim());
    done([...shown.querySelectorAll('tbody tr')].map(texts));
  }, 300);
})"""

WHERE = """[SELECTORS].map(name => {
  const box = document.querySelector(name).getBoundingClientRect();
  return [Math.round(box.left), Math.round(box.right)];
})"""
WIDTH = 390


def _reads_on_a_phone(chromium, url: str) -> None:
    """The menu stands above what it shows, and no text lies beyond an edge but in a wide table."""
    phone = {"width": WIDTH, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    chromium.call("Emulation.setDeviceMetricsOverride", **phone)
    chromium.open(url)
    title = WHERE.replace("SELECTORS", "'nav', '.prose', '.prose h1', '.prose ul'")
    nav, *parts = chromium.run(title)
    assert nav == [0, WIDTH]
    assert all(left >= 0 and WIDTH - 40 < right <= WIDTH for left, right in parts)
    wide = "document.querySelector('.prose table').parentElement"
    assert chromium.run(f"getComputedStyle({wide}).overflowX") == "auto"
    chromium.run(SHOW.replace("NAME", "'plain.html'"))
    assert chromium.run(WHERE.replace("SELECTORS", "'nav', 'iframe'")) == [[0, WIDTH], [0, WIDTH]]
    chromium.call("Emulation.clearDeviceMetricsOverride")


def test_the_report_has_a_front_page_readable_checks_captions_and_run_times(
    chromium, project, sources
):
    config = small_config(sources.url)
    config["project"] |= {"title": TITLE, "publisher": "Insee"}
    config["sources"]["plain"]["checks"] = {"rows": [1, 2], "warn": ["rows"]}
    config["sources"]["plain"]["description"] = "A <i>small</i> table"
    del config["project"]["licence"]
    config["sources"]["communes"]["licence"] = "Licence Ouverte 2.0"
    made = project(config)
    made.run("--report", "report.html", "--report-after-run")
    report = made.path("report.html")
    page = report.read_text("utf-8")
    assert [path for path in (made.folder, REPOSITORY) if str(path) in page] == []
    chromium.open(report.as_uri())
    # Snakemake's own, of a library that it takes along
    told = [event for event in chromium.complaints if "tailwindcss" not in json.dumps(event)]
    assert told == []
    assert [url for url in chromium.asked if not url.startswith(("file:", "data:"))] == []
    assert chromium.run("document.querySelector('.prose h1').innerText") == TITLE
    front = chromium.run("document.querySelector('.prose').innerText")
    for said in ("Publisher: Insee", "Vintage: 2026-01-01", "A <i>small</i> table"):
        assert said in front
    rows = "[...document.querySelectorAll('.prose tbody tr')].map(row => row.innerText)"
    communes, plain = (re.split(r"\s*\t\s*", row) for row in chromium.run(rows))
    assert (communes[0], communes[4], communes[6]) == ("communes", "✓ passed", "communes.parquet")
    assert (plain[1], plain[4], plain[5]) == ("250", "⚠ warned", "not stated")
    links = chromium.run("[...document.querySelectorAll('.prose tbody a')].map(a => a.href)")
    assert made.path("published/plain.parquet").as_uri() in links
    assert any("etalab" in link for link in links)

    first, *others = chromium.run(SHOW.replace("NAME", "'plain.html'"))
    assert first == ["warned", "rows", "the table has 250 rows; at most 2 wanted"]
    assert {row[0] for row in others} == {"passed"}
    menu = chromium.run("document.body.innerText")
    for said in ("plain: ⚠ 1 warned", "published/plain.parquet", "Licence: not stated"):
        assert said in menu
    _reads_on_a_phone(chromium, report.as_uri())
    times = chromium.run(SHOW.replace("NAME", "'run-times.html'"))
    assert {row[0] for row in times} >= {"fetch_raw", "convert_table", "publish_sources"}
