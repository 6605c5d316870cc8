"""What an API says beside its records, anywhere in its answers: its whole data, or an error.

Flags, counts and errors at paths of every form, statuses, and ranges; each true, or a lie. A total
that is true and declared is the witness: with it, no lie may cost a record.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diffusion.base.json_path import name_step, parse_path
from diffusion.errors import DiffusionError
from diffusion.fetch.body import Body
from fuzzing import fuzz, no_hang
from test_fuzz_pages import json_value
from unit.fetches import Answer, Asked, Scripted, fetch, record_waits, rows

STYLES = ["none", "next_url", "link_header", "page", "offset", "cursor"]
COUNTED = ("page", "offset")
# a form of path, and what an answer has where a value stands at it
FORMS: dict[str, Callable[[str, object], dict]] = {
    "{k}": lambda k, v: {k: v},
    "meta_{k}.{k}": lambda k, v: {f"meta_{k}": {k: v}},
    '"@{k}.x"': lambda k, v: {f"@{k}.x": v},
    "{k}[0]": lambda k, v: {k: [v, None]},
    "{k}[-1].v": lambda k, v: {k: [0, {"v": v}]},
    "{k}[rel=mine].v": lambda k, v: {k: [{"rel": "other", "v": "other"}, {"rel": "mine", "v": v}]},
}
STATUSES = [201, 202, 203, 204, 206, 304, 400, 401, 403, 404, 410, 416, 422, 429, 500, 503]
odd = json_value | st.sampled_from(["", "0", "N", "false", "-1", "1e3", 1e300, -1, 0, 2.5, 10**30])
span = st.tuples(
    st.sampled_from(["", "bytes ", "items "]),
    st.sampled_from(["*", "0-0", "0-2", "1-3", "5-2", "-", "x-y"]),
    st.sampled_from(["*", "0", "3", "9999", "-1", ""]),
)


@dataclass
class Api:
    """An API with these records; ``lies``: what it says in place of the truth on one page."""

    style: str
    records: list
    size: int
    forms: dict
    lies: dict = field(default_factory=dict)
    lying: int = 0  # the number of that page
    given: list[list] = field(default_factory=list)
    served: int = 0

    @property
    def pages(self) -> dict:
        """What the configuration states."""
        paths = {key: form.replace("{k}", key) for key, form in self.forms.items()}
        pages = {"style": self.style, "records": "items"} | paths
        if self.style != "none":
            pages |= {"max_pages": 20}
        return pages

    def __call__(self, asked: Asked) -> Answer:
        query = dict(parse_qsl(urlsplit(asked.path).query))
        number, self.served = self.served, self.served + 1
        start = self._start(query)
        items = self.records if self.style == "none" else self.records[start : start + self.size]
        true, headers = self._truth(start, len(items))
        lies = self.lies if number == self.lying else {}
        body: dict = {"items": items}
        for key, form in self.forms.items():
            value = lies.get(key, true[key])
            if value is not None or key in lies:
                body |= FORMS[form](key, value)
        if "stray" in lies:
            body["error"] = lies["stray"]
        if "range" in lies:
            headers["Content-Range"] = "{}{}/{}".format(*lies["range"])
        data = json.dumps(body).encode()
        if "flip" in lies:
            at, byte = lies["flip"]
            data = data[: at % len(data)] + bytes([byte]) + data[at % len(data) + 1 :]
        if "cut" in lies:
            data = data[: lies["cut"] % len(data)]
        self._note(data, lies)
        status = lies.get("status", 200)
        return Answer(status, headers, b"" if status in (204, 304) else data)

    def _truth(self, start: int, came: int) -> tuple[dict, dict]:
        stop, many = start + self.size, len(self.records)
        more = self.style != "none" and stop < many
        pages = -(-many // self.size) if self.style != "none" else 1
        following = {"next_url": f"?start={stop}", "cursor": stop}.get(self.style)
        headers = {}
        if self.style == "link_header" and more:
            headers["Link"] = f'<?start={stop}>; rel="next"'
        true = {"total": many, "more": more, "last": pages, "error": None}
        return true | {"next": following if more else None}, headers

    def _start(self, query: dict[str, str]) -> int:
        known = {"page": "page", "offset": "offset", "cursor": "cursor"}
        value = query.get(known.get(self.style, "start"), "")
        number = int(value) if value.isdecimal() and len(value) < 9 else 0
        return (number - 1) * self.size if self.style == "page" else number

    def _note(self, data: bytes, lies: dict) -> None:
        if lies.get("status", 200) not in (200, 206):
            return
        try:
            self.given.append(json.loads(data)["items"])
        except (ValueError, KeyError, TypeError):
            self.given.append([])


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with pytest.MonkeyPatch.context() as patch, Scripted(lambda asked: server.api(asked)) as server:
        record_waits(patch)
        yield server


def ask(server: Scripted, folder: Path, api: Api, **keys: object) -> list | None:
    """Return the records that came, or None for an error of ours."""
    server.api = api
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with no_hang():
        try:
            fetch(
                folder,
                server.url + "/lines",
                pages=api.pages,
                retries=1,
                timeout=5,
                wait_minutes=1,
                **keys,
            )
        except DiffusionError as error:
            assert str(error).startswith("sources.t")
            return None
    return rows(folder)


forms = st.sampled_from(list(FORMS))
stated = st.fixed_dictionaries({}, optional={"total": forms, "more": forms, "error": forms})


def with_next(style: str, forms: dict, next_form: str, last_form: str | None) -> dict:
    found = dict(forms)
    if style in ("next_url", "cursor"):
        found["next"] = next_form
    if style == "none":
        found.pop("more", None)
    elif last_form:
        found["last"] = last_form
    return found


@pytest.mark.slow
@given(
    st.sampled_from(STYLES), st.integers(0, 11), st.integers(1, 5), stated, forms, st.none() | forms
)
@fuzz(100)
def test_fuzz_true_words_at_any_path(
    server, tmp_path_factory, style, count, size, stated, next_form, last_form
) -> None:
    records = [{"n": n} for n in range(count)]
    api = Api(style, records, size, with_next(style, stated, next_form, last_form))
    found = ask(server, tmp_path_factory.getbasetemp() / "true", api)
    is_one = style in ("next_url", "cursor") and 0 < count <= size
    if is_one and not {"total", "more"} & api.forms.keys():
        return  # nothing proves that the only page is the only one: an error is right
    assert found == records


@pytest.mark.slow
@given(
    st.sampled_from(STYLES),
    st.integers(0, 9),
    st.integers(1, 4),
    stated,
    forms,
    st.none() | forms,
    st.fixed_dictionaries(
        {},
        optional={
            "more": odd,
            "last": odd,
            "next": odd,
            "error": odd,
            "stray": odd,
            "range": span,
            "status": st.sampled_from(STATUSES),
            "flip": st.tuples(st.integers(0, 500), st.integers(0, 255)),
            "cut": st.integers(0, 500),
        },
    ),
    st.integers(0, 3),
    st.sampled_from([[], [404], [404, 410, 400]]),
)
@fuzz(250)
def test_fuzz_lies_at_any_path(
    server,
    tmp_path_factory,
    style,
    count,
    size,
    stated,
    next_form,
    last_form,
    lies,
    lying,
    empty_on,
) -> None:
    records = [{"n": n} for n in range(count)]
    forms = with_next(style, stated, next_form, last_form)
    lies = {
        k: v for k, v in lies.items() if k in forms or k not in ("more", "last", "next", "error")
    }
    api = Api(style, records, size, forms, lies, lying)
    keys = {"empty_on": empty_on} if empty_on else {}
    found = ask(server, tmp_path_factory.getbasetemp() / "lies", api, **keys)
    if found is None:
        return
    if lying == 0 and lies.get("status") in (204, *empty_on):
        assert found == []  # as declared: no total is known then
        return
    is_garbled = bool({"flip", "cut"} & lies.keys())
    if "total" in forms and not is_garbled:
        assert found == records  # whatever else was said
    says_end = {"more", "last", "next", "status"} & lies.keys()
    if not says_end and not is_garbled:
        assert found == records
    assert found == [item for items in api.given for item in items][: len(found)]


@pytest.mark.slow
@given(st.text(alphabet='ab."[]=-0١ é:\\', max_size=12) | st.text(max_size=8), json_value)
@example('""', {"": 1})
@example("[" + "9" * 5000 + "]", [])
@fuzz(500)
def test_fuzz_paths(path: str, value: object) -> None:
    """A path is refused where it stands, or names what a plain walk finds."""
    try:
        steps = parse_path(path)
    except ValueError:
        return
    response = type("R", (), {"headers": {}, "status_code": 200, "history": []})
    response.content = json.dumps(value).encode()
    body = Body(response, "sources.t")
    if all(isinstance(step, str | int) for step in steps) and not path.startswith("header:"):
        assert body.value(path) == (walked(value, steps) if path else None)
    body.has(path), body.nearest(path), body.ways_on(path)


def walked(value: object, steps: tuple) -> object:
    for step in steps:
        try:
            value = value[step] if isinstance(value, dict | list) else None
        except (KeyError, IndexError, TypeError):
            return None
    return value


@pytest.mark.slow
@given(st.text(min_size=1, max_size=8).filter(lambda name: '"' not in name))
@fuzz(300)
def test_fuzz_every_name_has_a_path(name: str) -> None:
    """What errors recommend as a path leads to the name that it was made of."""
    assert parse_path(name_step(name)) == (name,)
