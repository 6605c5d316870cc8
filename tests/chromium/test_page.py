"""The pages in a real Chromium, from `file:`: nothing is asked from elsewhere, all of it works."""

import json

import pytest

pytestmark = pytest.mark.chromium
BIG = "12\u202f345"  # as the page writes 12345
SHOWN = "[...document.querySelectorAll('.found')].filter(e => e.checkVisibility()).length"
CONTRAST = """(() => {
  const light = (rgb) => {
    const even = (c) => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    const [r, g, b] = rgb.map((c) => even(c / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const found = parse(getComputedStyle(e).backgroundColor);
      if (found.length === 3) return found;
    }
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const poor = [];
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !e.checkVisibility()) continue;
    const both = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((a, b) => b - a);
    if ((both[0] + .05) / (both[1] + .05) < 4.5) poor.push(e.outerHTML);
  }
  return poor;
})()"""


PAGES = ["index.html", "page-of/dpe.html", "page-of/shapes.html", "page-of/carte.html"]


@pytest.mark.parametrize("page", PAGES)
def test_it_opens_without_a_complaint_and_asks_nobody(chromium, place, page):
    chromium.open((place / page).as_uri())
    assert chromium.complaints == []
    assert all(url.startswith((place.as_uri(), "data:")) for url in chromium.asked)
    decoded = "Promise.all([...document.images].map(i => i.decode())).then(all => all.length)"
    assert chromium.run(decoded) == {"index.html": 2, "page-of/carte.html": 1}.get(page, 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_it_can_be_read_on_a_phone_and_in_the_dark(chromium, place, page, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    chromium.call("Emulation.setEmulatedMedia", features=features)
    phone = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    chromium.call("Emulation.setDeviceMetricsOverride", **phone)
    chromium.open((place / page).as_uri())
    assert chromium.run("document.documentElement.scrollWidth") == 390
    assert chromium.run(CONTRAST) == []
    ground = chromium.run("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    chromium.call("Emulation.clearDeviceMetricsOverride")


def test_columns_and_files_are_read_on_a_phone_without_a_way_to_the_side(chromium, place):
    phone = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    chromium.call("Emulation.setDeviceMetricsOverride", **phone)
    chromium.open((place / "page-of/dpe.html").as_uri())
    wide = "[...document.querySelectorAll('.cards')].map(e => e.scrollWidth - e.clientWidth)"
    assert chromium.run(wide) == [0, 0]
    label = "getComputedStyle(document.querySelector('.cards td.type'), '::before').content"
    assert chromium.run(label) == '"Type : "'
    chromium.call("Emulation.clearDeviceMetricsOverride")
    chromium.open((place / "page-of/dpe.html").as_uri())
    assert chromium.run(label) == "none"


def test_the_map_shows_as_many_shapes_as_the_table_has_rows(chromium, place):
    chromium.open((place / "page-of/shapes.html").as_uri())
    shapes = "[...document.querySelectorAll('.map path')].map(path => path.getBBox().width)"
    assert chromium.run(shapes) == pytest.approx([1152 / 5] * 5, abs=2)
    frame = "document.querySelector('.map').getBoundingClientRect().width"
    assert chromium.run(frame) > 300


def test_the_origin_is_drawn_and_leads_to_the_pages(chromium, place):
    chromium.open((place / "page-of/shapes.html").as_uri())
    boxes = "[...document.querySelectorAll('.lineage text')].map(text => text.textContent)"
    assert chromium.run(boxes) == ["office.example", "dpe", "shapes"]
    link = "document.querySelector('.lineage a').href.baseVal"
    assert chromium.run(link) == "dpe.html"


def test_checks_are_told_in_french_on_a_french_page(chromium, place):
    chromium.open((place / "page-of/shapes.html").as_uri())
    said = chromium.run("document.querySelector('.checks [lang=fr]').textContent")
    assert said == "code\u00a0: valeurs manquantes\u00a0: 1 sur 5\u00a0: code null (ligne 2)"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_serious(chromium, axe, place, page, width):
    screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    chromium.call("Emulation.setDeviceMetricsOverride", **screen)
    chromium.open((place / page).as_uri())
    chromium.run(axe + "; 0")
    found = chromium.run("axe.run().then(found => found.violations)")
    chromium.call("Emulation.clearDeviceMetricsOverride")
    told = [(one["impact"], one["id"], one["nodes"][0]["html"]) for one in found]
    assert told == []


def test_search(chromium, place):
    chromium.open((place / "index.html").as_uri())
    type_it = "search.value = {}; search.dispatchEvent(new Event('input')); "
    assert chromium.run(SHOWN) == 3
    assert chromium.run(type_it.format("'ÉNERGY certif'") + SHOWN) == 1
    assert chromium.run("document.querySelectorAll('main > section:not([hidden])').length") == 1
    nothing = "document.getElementById('nothing').checkVisibility()"
    assert chromium.run(nothing) is False
    assert chromium.run(type_it.format("'xyz'") + SHOWN) == 0
    assert chromium.run(nothing) is True
    assert chromium.run(type_it.format("''") + SHOWN) == 3


def test_rows_are_sorted_as_what_they_are_and_missing_ones_stay_last(chromium, place):
    chromium.open((place / "page-of/dpe.html").as_uri())
    values = "[...sample.tBodies[0].rows].map(row => row.cells[{}].textContent)"
    click = "sample.querySelectorAll('th button')[{}].click(); "
    assert chromium.run(values.format(1)) == [BIG, "9", "∅"]
    assert chromium.run(click.format(1) + values.format(1)) == ["9", BIG, "∅"]
    assert chromium.run("sample.querySelectorAll('th')[1].ariaSort") == "ascending"
    assert chromium.run(click.format(1) + values.format(1)) == [BIG, "9", "∅"]
    assert chromium.run(click.format(0) + values.format(0)) == ["a", "b", "∅"]
    assert chromium.run("sample.querySelectorAll('[aria-sort]').length") == 1


def test_code_is_copied(chromium, place):
    chromium.open((place / "page-of/dpe.html").as_uri())
    wait = "new Promise(done => setTimeout(() => done(b.textContent), 500))"
    click = "b = document.querySelector('.copy'); b.click(); "
    assert chromium.run(f"{click}{wait}") == "Copié"


def test_it_can_be_read_without_a_script(chromium, place):
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        for page in PAGES:
            chromium.open((place / page).as_uri())
            assert (
                chromium.run(
                    "[...document.querySelectorAll('button, input')].some(e => e.checkVisibility())"
                )
                is False
            )
        chromium.open((place / "page-of/dpe.html").as_uri())
        assert chromium.run("sample.tBodies[0].rows.length") == 3
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)


def test_no_other_script_runs(chromium, place):
    """Whatever came into a page as markup would not run: the policy allows ours, by its hash."""
    page = place / "page-of" / "dpe.html"
    evil = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'></main>"
    page.write_text(page.read_text().replace("</main>", evil))
    chromium.open(page.as_uri())
    assert chromium.run("new Promise(done => setTimeout(() => done(window.hit), 300))") is None
    assert any("Content Security Policy" in json.dumps(event) for event in chromium.complaints)
