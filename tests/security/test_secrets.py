"""A secret never leaves the environment: a whole run is watched while it happens, and afterwards.

Looked at every 50 ms: the command line of every process of the run, and every file of the project,
job scripts and Snakemake's own records among them. At the end: all words, and all objects.
"""

import base64
import html
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import boto3
import pyarrow.parquet as pq
import pytest

from minio_server import Minio, find
from projects import Project, small_config
from unit.fetches import Answer, Asked, Scripted

LARGEST = 5_000_000  # bytes of a file that is looked into


class Watch:
    """Looks at the descendants of this process and at a folder, until it is left."""

    def __init__(self, folder: Path, hidden: Mapping[str, str]):
        self.folder, self.found = folder, set()
        self.forms = {form: name for name, value in hidden.items() for form in forms(value)}
        self.commands: set[bytes] = set()
        self._seen: dict[Path, tuple] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    @property
    def files(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self._seen}

    def judge(self, content: bytes, place: object) -> None:
        self.found |= {(name, str(place)) for form, name in self.forms.items() if form in content}

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self._look()

    def _look(self) -> None:
        for process in descendants(os.getpid()):
            try:
                command = Path(f"/proc/{process}/cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            if command not in self.commands:
                self.commands.add(command)
                self.judge(command, "a command line")
        # os.walk goes on where a folder has just been removed
        paths = (Path(place, name) for place, _, names in os.walk(self.folder) for name in names)
        for path in paths:
            try:
                state = path.stat()
                known = (state.st_mtime_ns, state.st_size)
                if path.is_file() and self._seen.get(path) != known and known[1] < LARGEST:
                    self.judge(path.read_bytes(), path.relative_to(self.folder))
                    self._seen[path] = known
            except OSError:  # it is gone
                continue


def forms(secret: str) -> set[bytes]:
    """Return a secret as texts may hold it: plain, in a URL, in HTML, in JSON, in base64."""
    plain = secret.encode()
    texts = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret)}
    found = {text.encode() for text in texts} | {json.dumps(secret)[1:-1].encode()}
    for shift in range(3):  # base64 depends on where in a text it begins
        whole = base64.b64encode(b"\0" * shift + plain)
        found.add(whole[4 if shift else 0 : -4])
        found.add(base64.urlsafe_b64encode(b"\0" * shift + plain)[4 if shift else 0 : -4])
    return found


def descendants(of: int) -> set[int]:
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, last = {of}, 0
    while len(found) > last:
        last = len(found)
        found |= {child for child, parent in parents.items() if parent in found}
    return found - {of}


@pytest.fixture
def keys(s3, tmp_path) -> dict[str, str]:
    """The variables of a service of the SSP Cloud; on MinIO with true temporary keys."""
    given = s3.environment() | {
        "DIFFUSION_BUCKET": "lake",
        "AWS_SESSION_TOKEN": secrets.token_hex(),
    }
    if not isinstance(s3, Minio):
        return given
    root = f"http://{s3.access_key}:{s3.secret_key}@{s3.address}"
    mc = os.environ | {"MC_HOST_root": root, "MC_CONFIG_DIR": str(tmp_path / "mc")}
    user, password = "watched", secrets.token_hex()
    for words in (["user", "add", "root", user, password],
                  ["policy", "attach", "root", "readwrite", "--user", user]):  # fmt: skip
        subprocess.run([find("mc"), "admin", *words], env=mc, check=True, capture_output=True)
    pair = {"aws_access_key_id": user, "aws_secret_access_key": password}
    sts = boto3.client("sts", endpoint_url=s3.endpoint, region_name="us-east-1", **pair)
    role = {"RoleArn": "arn:minio:iam:::role/unused", "RoleSessionName": "test"}
    found = sts.assume_role(**role)["Credentials"]
    names = {"ACCESS_KEY_ID": "AccessKeyId", "SECRET_ACCESS_KEY": "SecretAccessKey"}
    names |= {"SESSION_TOKEN": "SessionToken"}
    return given | {f"AWS_{ours}": found[theirs] for ours, theirs in names.items()}


@pytest.fixture
def guarded() -> Iterator[Scripted]:
    """An API and a file behind a secret, which answers with what it was asked: worst manners."""

    def answer(asked: Asked) -> Answer:
        parts, feed = urlsplit(asked.path), f"/feeds/{server.feed}"
        by_place = parts.path.startswith(feed)  # an address that only subscribers know
        parts = parts._replace(path=parts.path.removeprefix(feed))
        given = parse_qs(parts.query).get("key", [asked.headers.get("X-Key", "")])[0]
        if (given != server.secret and not by_place) or server.refuse:
            echo = f"<html>not with {given} at {server.url}{asked.path}</html>".encode()
            if parts.path == "/file":  # what is received stays in the scratch folder as it came
                return Answer(body=b"<html>log in</html>")
            return Answer(403 if parts.path == "/moved" else 200, {}, echo)
        if parts.path == "/moved":
            to = f"{feed}/file?by=place" if by_place else f"/file?key={quote(given)}"
            return Answer(302, {"Location": to})
        if parts.path == "/file":
            return Answer(body=b"code;value\n01;1\n02;2\n")
        more = (
            f"{server.url}{feed if by_place else ''}/api?page=2&key={quote_plus(given)}"
            if "page" not in parts.query
            else None
        )
        return Answer(body=json.dumps({"items": [{"a": len(parts.query)}], "next": more}).encode())

    with Scripted(answer) as server:
        server.feed = secrets.token_urlsafe(9)
        server.secret, server.refuse = f"s3cr&t/+ =%'\"é{secrets.token_hex(4)}", True
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["default", "s3"])
def test_nothing_of_a_run_holds_a_secret(profile, s3, keys, guarded, sources, tmp_path):
    config = small_config(sources.url)
    guarded.secret = guarded.secret.replace("é", "") if profile == "s3" else guarded.secret
    auth = {"env": "GUARDED", "name": "key", "style": "param"}
    pages = {"style": "next_url", "records": "items"}
    config["sources"] |= {
        "paged": {"from": "api", "url": f"{guarded.url}/api", "pages": pages, "auth": auth},
        "moved": {"from": "file", "url": f"{guarded.url}/moved", "auth": auth},
        "headed": {
            "from": "file",
            "url": f"{guarded.url}/file",
            "auth": {"env": "GUARDED", "name": "X-Key", "style": "header"},
        },
        "feed": {"from": "api", "url": "${FEED}/api", "pages": pages},
        "moved_feed": {"from": "file", "url": "${FEED}/moved"},
        "feed_file": {"from": "file", "url": f"{guarded.url}/feeds/${{PLACE}}/file"},
    }
    config["derive"] = {"d": {"inputs": ["plain"], "sql": "select count(*) as n from plain"}}
    name = f"secrets-{profile}"
    config["storage"] = {"url": f"s3://lake/diffusion/{name}", "raw": f"s3://lake/raw/{name}"}
    own = {"GUARDED": guarded.secret, "PLACE": guarded.feed}
    own["FEED"] = f"{guarded.url}/feeds/{guarded.feed}"
    project = Project(tmp_path / "project", config, keys | own)
    hidden = {n: keys[n] for n in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")}
    guarded.refuse = profile == "default"
    # the profile's own prefix may hold what another test left there
    prefix = ["--default-storage-prefix", f"s3://lake/jobs/{name}"] if profile == "s3" else []
    with Watch(project.folder, hidden | {n: own[n] for n in ("GUARDED", "PLACE")}) as watch:
        words = ""
        if guarded.refuse:
            words = project.fail("--keep-going", "write_lock", profile=f"profiles/{profile}")
            for said in ("HTTP 403", "not JSON", "a web page (HTML)", "not with ***"):
                assert said in words
        guarded.refuse = False
        words += project.run(*prefix, profile=f"profiles/{profile}")
        words += project.run(*prefix, "--report", "report.html", profile=f"profiles/{profile}")
    watch.judge(words.encode(), "the terminal")
    assert str(project.folder) not in project.path("report.html").read_text("utf-8")
    pair = {"aws_access_key_id": s3.access_key, "aws_secret_access_key": s3.secret_key}
    client = boto3.client("s3", endpoint_url=s3.endpoint, region_name="us-east-1", **pair)
    for page in client.get_paginator("list_objects_v2").paginate(Bucket="lake"):
        for item in page["Contents"]:
            body = client.get_object(Bucket="lake", Key=item["Key"])["Body"].read()
            watch.judge(body + item["Key"].encode(), item["Key"])
    assert watch.found == set()
    looked_at(watch)


def test_what_quotes_the_data_holds_no_secret(tmp_path):
    """A server that repeats a secret in a field: the data keep it, and nothing beside them does.

    Not the examples of checks and of casts, the notes, the manifest, a log or an error.
    """
    place, secret = secrets.token_urlsafe(12), f"s3cr{secrets.token_hex(6)}"
    number = str(10**11 + secrets.randbelow(10**11))
    rows = [f"{place};1", f"x{secret}y;2", f"a;{secret[:9]}", f"b;{place}", f"c;{number}"]
    with Scripted(lambda asked: Answer(body="\n".join(["s;n", *rows, ""]).encode())) as server:
        checks = {"cast_failures": 0.9, "allowed": {"s": ["a", "b"]}, "range": {"n": [0, 9]}}
        common = {"from": "file", "columns": {"s": "string", "n": "int"}, "checks": checks}
        auth = {"env": "GUARDED", "style": "header", "name": "X-Key"}
        common |= {"url": f"{server.url}/${{PLACE}}/x.csv", "auth": auth}
        warns = {**common, "checks": {**checks, "warn": ["allowed", "range"]}}
        config = {"project": {"name": "echoed", "licence": "none"}, "vintage": "2026"}
        config["sources"] = {"told": warns, "failed": common}
        # each job keeps out the secrets of all sources: this one's is another
        config["sources"]["other"] = {**warns, "auth": {"env": "NUMBER"}}
        own = {"GUARDED": secret, "PLACE": place, "NUMBER": number}
        project = Project(tmp_path / "project", config, own)
        words = project.fail("--keep-going")
        del config["sources"]["failed"]
        project.configure(config)
        words += project.run()
    assert "***" in words and "${PLACE}" in words, words
    hidden = own | {"a part of it": secret[:9]}
    seen = []
    for path in (path for path in project.folder.rglob("*") if path.is_file()):
        is_data = path.suffix == ".csv" or "page-of" in path.parts  # which shows the first rows
        content, kept = path.read_bytes(), is_data or ".diffusion" in path.parts
        if path.suffix == ".parquet":
            content = pq.read_metadata(path).metadata[b"diffusion"]
        assert kept or not [n for n, v in hidden.items() if v.encode() in content], path
        seen.append(path.name)
    assert not [name for name, value in hidden.items() if value in words], words
    assert {"manifest.json", "run.json", "told.parquet", "failed.json"} <= {*seen}
    table = pq.read_table(project.path("published/told.parquet"))
    assert table["s"].to_pylist() == [place, f"x{secret}y", "a", "b", "c"], "the data stay"


def looked_at(watch: Watch) -> None:
    """The watch itself must have seen what it is for."""
    assert any(b"snakemake" in command for command in watch.commands)
    assert any(b".snakemake/scripts" in command for command in watch.commands), "no job was seen"
    for part in (
        ".snakemake/log/",
        ".snakemake/metadata/",
        ".snakemake/scripts/",
        "logs/fetch_raw/",
    ):
        assert any(file.startswith(part) for file in watch.files), part
    assert "report.html" in watch.files


def test_the_watch_finds_what_is_hidden(tmp_path):
    """Each way in which a secret could come out is noticed."""
    secret = "s3cr&t/+ =%" + secrets.token_hex(4)
    for number, form in enumerate(sorted(forms(secret))):
        with Watch(tmp_path, {"KEY": secret}) as watch:
            (tmp_path / f"{number}").write_bytes(b"..." + form + b"...")
        assert watch.found == {("KEY", f"{number}")}
        (tmp_path / f"{number}").unlink()
    encoded = base64.b64encode(f"user:{secret}".encode())
    with Watch(tmp_path, {"KEY": secret}) as watch:
        (tmp_path / "basic").write_bytes(encoded)
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)", secret], check=True)
    assert watch.found == {("KEY", "basic"), ("KEY", "a command line")}
