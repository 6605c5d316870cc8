"""Files by HTTP from servers that deviate: read rightly, or refused in words that help."""

import pytest

from fetches import Answer, Scripted
from trials import Tried

CSV = b"id;v\n" + b"".join(b"%d;x%d\n" % (n, n) for n in range(25))
FILES = {
    "a limit": (Answer(body=b'{"statusCode": 429, "message": "Rate limit is exceeded."}'), "429"),
    "not made yet": (Answer(body=b'{"status": "PENDING", "progress": 10}'), "PENDING"),
    "later": (Answer(body=b'{"warning": {"label": "ASYNCHRONOUS_RESPONSE"}}'), "ASYNCHRONOUS"),
    "another page": (Answer(body=b'<META HTTP-EQUIV="refresh">'), "a web page (HTML)"),
    "no more time": (Answer(headers={"X-SQL-State": "S1TAT"}, body=CSV), "X-SQL-State"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none(name: str, tried: Tried) -> None:
    answer, words = FILES[name]
    with Scripted(lambda _: answer) as server:
        tried.configure(f"{server.url}/d.csv", "file")
        code, told = tried()
    assert code == 1 and words in told and "records: …" not in told


@pytest.mark.parametrize("encoding", ["utf-8", "aws-chunked", "none"])
def test_a_compression_that_is_none(encoding: str, tried: Tried) -> None:
    with Scripted(lambda _: Answer(headers={"Content-Encoding": encoding}, body=CSV)) as server:
        tried.configure(f"{server.url}/d.csv", "file")
        code, told = tried()
    assert code == 0, told
