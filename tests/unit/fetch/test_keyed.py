"""Pages whose records are the values of an object, or stand in a list beside their counts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from diffusion.errors import AnswerError, DiffusionError
from fetches import Answer, Asked, Scripted, fetch, lines, record_waits, rows


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


def pages(*bodies: str) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        page = asked.path.partition("page=")[2] or "1"
        return Answer(200, {}, bodies[int(page) - 1].encode())

    return answer


def kept(folder: Path) -> list[bytes]:
    return lines((folder / "records").read_bytes())


def test_records_begin_with_their_key_and_keep_their_bytes(tmp_path: Path) -> None:
    first = '{"n": 4, "d": {"01": {"a": 1.10,  "b": "\\u00e9"}, "02": {}}}'
    second = '{"n": 4, "d": {"03": 5e3, "04": null}}'
    asked = {"style": "page", "records": "d.*:code", "total": "n"}
    with Scripted(pages(first, second)) as server:
        assert fetch(tmp_path, server.url, pages=asked)["records"] == 4
    assert kept(tmp_path) == [
        b'{"code":"01","a": 1.10,  "b": "\\u00e9"}',
        b'{"code":"02"}',
        b'{"code":"03","value":5e3}',
        b'{"code":"04"}',
    ]


def test_world_bank_puts_its_counts_before_the_rows(tmp_path: Path) -> None:
    bodies = [json.dumps([{"pages": 2, "total": 3}, rows]) for rows in ([{"n": 1}, {"n": 2}], [{}])]
    asked = {"style": "page", "records": "[1]", "total": "[0].total", "last": "[0].pages"}
    with Scripted(pages(*bodies)) as server:
        assert fetch(tmp_path, server.url, pages=asked)["records"] == 3


@pytest.mark.parametrize(
    ("body", "path", "words"),
    [
        ('{"d": {"1": {"key": 1}}}', "d.*", "`*:key_of_record`"),
        ('{"d": {"1": [1]}}', "d.*", "write `d.*:NAME.*`"),
        ('{"d": {"1": {}, "1": {}}}', "d.*", "an object has the key `1` twice"),
        ('{"d": {"1": {}}}', "e.*", "the body has nothing at `e.*`"),
        ('{"d": "x"}', "d.*", "a string where a mapping or a list is meant"),
        ('{"total": 9, "d": {"1": {}}}', "d.*", "`total`: 9"),
    ],
)
def test_what_is_refused(body: str, path: str, words: str, tmp_path: Path) -> None:
    with Scripted(pages(body)) as server, pytest.raises(DiffusionError) as refused:
        fetch(tmp_path, server.url, pages={"records": path})
    assert words in str(refused.value)


def test_lists_in_an_object_are_put_together(tmp_path: Path) -> None:
    body = '{"01": {"rows": [{"a": 1}]}, "02": {"rows": [{"a": 2}, {"a": 3}]}}'
    with Scripted(pages(body)) as server:
        fetch(tmp_path, server.url, pages={"style": "none", "records": "*:dep.rows"})
    assert kept(tmp_path)[-1] == b'{"dep":"02","a": 3}'


@pytest.mark.parametrize(
    ("names", "bodies"),
    [
        ("fields.*.n", ['{"fields": [{"n": "a"}, {"n": "b"}], "rows": [[1.10, "x"], [2, [3]]]}']),
        ("rows[0]", ['{"rows": [["a", "b"], [1.10, "x"]]}', '{"rows": [["a", "b"], [2, [3]]]}']),
        ("names", ['{"names": ["a", "b"], "rows": [[1.10, "x"], [2, [3]]]}']),
    ],
)
def test_rows_as_lists_get_the_names_of_their_page(
    names: str, bodies: list[str], tmp_path: Path
) -> None:
    asked = {"style": "page", "records": "rows", "names": names}
    with Scripted(pages(*bodies, '{"names": [], "rows": []}')) as server:
        fetch(tmp_path, server.url, pages=asked)
    assert kept(tmp_path) == [b'{"a":1.10,"b":"x"}', b'{"a":2,"b":[3]}']


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"names": ["a", "b"], "rows": [[1]]}', "record 1 has 1 values, and there are 2 names"),
        ('{"names": ["a", "a"], "rows": [[1]]}', "names that come twice: a"),
        ('{"rows": [[1]]}', "at `names`: these are no names of columns"),
        ('{"names": ["a"], "rows": [{"a": 1}]}', "record 1 is no list"),
    ],
)
def test_rows_and_names_that_do_not_fit(body: str, words: str, tmp_path: Path) -> None:
    with Scripted(pages(body)) as server, pytest.raises(DiffusionError) as refused:
        fetch(tmp_path, server.url, pages={"style": "none", "records": "rows", "names": "names"})
    assert words in str(refused.value)


def test_what_stands_beside_nested_records_is_told_once(tmp_path: Path, caplog) -> None:
    each = ({"n": 2, "d": [{"dep": f"0{n}", "l": [{"a": n}]}]} for n in (1, 2))
    bodies = [json.dumps(body) for body in each]
    asked = {"style": "page", "records": "d.*.l", "total": "n"}
    with Scripted(pages(*bodies)) as server:
        assert fetch(tmp_path, server.url, pages=asked)["records"] == 2
    assert caplog.text.count("beside the records: `d.*.dep`: in no column") == 1


ONE = {"code": "01", "nom": "Ain", "communes": ["01001"]}


@pytest.mark.parametrize(
    ("body", "pages"),
    [
        ({"total": 1, "results": ONE}, {"records": "results", "total": "total"}),
        ({"results": ONE}, {"records": "results", "single": True}),
        (ONE, {"single": True}),
        ({"results": [ONE]}, {"records": "results", "single": True}),
    ],
)
def test_one_record_in_place_of_a_list(body: dict, pages: dict, tmp_path: Path) -> None:
    with Scripted(lambda _: Answer(body=json.dumps(body).encode())) as server:
        fetch(tmp_path, server.url, pages=pages)
    assert rows(tmp_path) == [ONE]


def test_one_record_that_nothing_shows_to_be_one(tmp_path: Path) -> None:
    answer = Answer(body=json.dumps({"results": ONE | {"names": [{"a": 1}]}}).encode())
    with Scripted(lambda _: answer) as server, pytest.raises(AnswerError) as caught:
        fetch(tmp_path, server.url, pages={"records": "results"})
    assert "`pages: {single: true}`" in caught.value.fix and "results.names" in caught.value.fix


def test_an_empty_object_in_place_of_an_empty_list(tmp_path: Path) -> None:
    answer = Answer(body=json.dumps({"total": 0, "results": {}}).encode())
    with Scripted(lambda _: answer) as server:
        keys = {"records": "results", "total": "total", "single": True}
        assert fetch(tmp_path, server.url, pages=keys)["records"] == 0
