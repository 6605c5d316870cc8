"""What servers and networks do to a fetch."""

import gzip

import pytest

from faults.rows import Row
from faults.trial import Trial
from standins import files
from standins.answers import json_answer
from standins.faults import Fault
from standins.records import records
from standins.server import Standins

COLUMNS = {"code": "string", "population": "int"}
FILE = {"from": "file", "url": "{url}/files/communes.csv", "columns": COLUMNS}
PAGES = {"style": "page", "records": "items", "total": "total"}
PAGES |= {"size": 50, "size_param": "per_page"}
API = {
    "from": "api",
    "url": "{url}/examples/page",
    "pages": PAGES,
    "columns": COLUMNS,
}
CURSOR = {"style": "cursor", "records": "rows", "next": "next_cursor"}
LOOP = {"Location": "/as/redirects/files/communes.csv"}
HTML = Fault(replace=b"<!DOCTYPE html><html>Maintenance</html>", content_type="text/html")
CUT = Fault(cut_after=300_000)
RESET = Fault(cut_after=300_000, reset=True)
MANY = [{"code": f"{n:05}", "population": n} for n in range(50_000)]  # 500 kB: a range is worth it
BIG = FILE | {"url": "{url}/big.csv"}
BIG_CSV = b"code,population\n" + b"".join(b"%05d,%d\n" % (n, n) for n in range(50_000))
CSV, GZIP = files.content("communes.csv"), files.content("communes.csv.gz")


def page(number: int, **changes: object) -> bytes:
    items = records()[(number - 1) * 50 : number * 50]
    return json_answer({"items": items, "total": 250} | changes).body


def second(data: bytes) -> list[Fault | None]:
    """The first page comes as it should, the second with these bytes."""
    return [None, Fault(replace=data, content_type="application/json")]


ROWS = [
    Row(
        "refused",
        "connection refused",
        FILE | {"url": "http://127.0.0.1:9/communes.csv"},
        words=("127.0.0.1 refuses connections", "run `snakemake` again later"),
        repair={"url": "{url}/files/communes.csv"},
    ),
    Row("reset_once", "connection reset in the middle of a body", BIG, [RESET], expected=MANY),
    Row(
        "reset_always",
        "connection reset each time",
        BIG,
        [RESET, RESET],
        words=("broke the connection", "tried 2 times", "what was received is kept"),
        expected=MANY,
    ),
    Row("stall_once", "the server stalls", FILE, [Fault(delay=3)]),
    Row(
        "stall_always",
        "the server stalls each time",
        FILE,
        [Fault(delay=3)] * 2,
        words=("did not answer in time", "run `snakemake` again later"),
    ),
    Row("drip", "the body comes in drips", FILE, [Fault(drip=0.3)]),
    Row("error_once", "500, then 200", API, [Fault(status=500)]),
    Row(
        "error_always",
        "500 each time, on the second page",
        API,
        [None, *[Fault(status=500, body=b"no database")] * 2],
        words=("HTTP 500: no database", "tried 2 times"),
        kept=True,
    ),
    Row("throttled", "429 with Retry-After", API, [Fault(429, headers={"Retry-After": "2"})]),
    Row("throttled_mute", "429 without Retry-After", API, [Fault(429)]),
    Row(
        "throttled_long",
        "429 until tomorrow",
        API,
        [None, Fault(429, headers={"Retry-After": "86400"})],
        words=("HTTP 429", "asks to wait 86,400 s", "run `snakemake` again after that time"),
        kept=True,
    ),
    Row(
        "forbidden",
        "403",
        FILE,
        [Fault(403, b"no licence")],
        words=("HTTP 403", "no licence", "check `auth:`"),
    ),
    Row(
        "not_found",
        "404",
        FILE | {"url": "{url}/files/nowhere.csv"},
        words=("HTTP 404", "check the URL"),
        repair={"url": "{url}/files/communes.csv"},
    ),
    Row(
        "redirects",
        "redirects in a circle",
        FILE,
        [Fault(302, headers=LOOP)] * 20,
        words=("more than 10 redirects", "check the URL"),
    ),
    Row(
        "length",
        "a Content-Length that is not kept",
        BIG,
        [CUT, CUT],
        words=("closed the connection: 300,000 bytes received", "what was received is kept"),
        expected=MANY,
    ),
    Row(
        "gzip_file",
        "a .gz file that is cut short",
        FILE | {"url": "{url}/files/communes.csv.gz"},
        [Fault(replace=GZIP[:-100])],
        words=("sources.gzip_file http", "cut short"),
    ),
    Row(
        "gzip_body",
        "a compressed body that is cut short",
        FILE,
        [Fault(replace=gzip.compress(CSV)[:-100], headers={"Content-Encoding": "gzip"})],
    ),
    Row(
        "html_page",
        "an HTML page with status 200, from an API",
        API,
        [HTML],
        words=("not JSON", "Maintenance"),
    ),
    Row("html_file", "an HTML page with status 200, as a file", FILE, [HTML], words=("HTML",)),
    Row(
        "json_cut",
        "JSON that is cut in the middle",
        API,
        second(page(2)[:1000]),
        words=("not JSON", "the answer begins"),
        kept=True,
    ),
    Row(
        "charset",
        "a charset that lies",
        FILE,
        [Fault(replace=CSV, content_type="text/csv; charset=iso-8859-1")],
        expected=[{"code": row["code"], "nom": row["nom"]} for row in records()],
    ),
    Row(
        "total",
        "the total changes between pages",
        API,
        second(page(2, total=300)),
        words=("the total went from 250 to 300", "run `snakemake` again"),
    ),
    Row(
        "repeated",
        "a page comes twice",
        API,
        second(page(1)),
        words=("page 2 was received before", "repeats itself"),
    ),
    Row(
        "endless",
        "a cursor that does not end",
        API | {"url": "{url}/examples/cursor", "pages": CURSOR | {"max_pages": 3}},
        words=("3 pages and no end", "raise pages.max_pages"),
        repair={"pages": {"max_pages": 100}},
        kept=True,
    ),
    Row(
        "range_ignored",
        "a server that ignores ranges",
        BIG,
        [CUT, Fault(replace=BIG_CSV, content_type="text/csv")],
        expected=MANY,
    ),
    Row(
        "range_refused",
        "a server that refuses ranges",
        BIG | {"retries": 2},
        [CUT, Fault(416)],
        expected=MANY,
    ),
    Row(
        "etag",
        "the file changes between two ranges",
        BIG,
        [Fault(cut_after=300_000, headers={"ETag": '"older"'})],
        expected=MANY,
    ),
]


@pytest.fixture(scope="module")
def trial(tmp_path_factory, s3):
    with Standins() as standins:
        standins.given["/big.csv"] = (BIG_CSV, "text/csv")
        yield Trial(tmp_path_factory.mktemp("http"), s3, standins, ROWS, "HTTP").run()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_http(trial, row, noted):
    noted(trial, row)
