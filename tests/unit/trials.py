"""What the tests of `diffusion try` share: a project whose files are watched, and an API."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from diffusion.run.cli import main
from fetches import Answer, Asked

SECRET = "s3cret-value"


class Tried:
    """A project with one source, `t`, that is tried in a folder whose files are watched."""

    def __init__(self, folder: Path, scratch: Path, capsys: pytest.CaptureFixture):
        self.folder, self.scratch, self.capsys = folder, scratch, capsys

    def configure(self, url: str, kind: str = "file", **keys: object) -> None:
        source = {"from": kind, "url": url} | keys
        if url.startswith("http"):
            source.setdefault("retries", 0)
        config = {"project": {"name": "p"}, "vintage": "2026", "sources": {"t": source}}
        (self.folder / "config/config.yaml").write_text(yaml.safe_dump(config), "utf-8")

    def files(self) -> set[str]:
        return {str(p) for place in (self.folder, self.scratch) for p in place.rglob("*")}

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Type `diffusion try t …`; returns exit code and words. Nothing of it may stay."""
        before = self.files()
        code = main(["try", *(arguments or ("t",))], self.folder)
        assert self.files() == before
        told = self.capsys.readouterr()
        return code, told.out + told.err


def lines_of(words: str) -> dict[str, list[str]]:
    """Return the cells of each line of the table, by its first one."""
    return {line.split()[0]: line.split()[1:] for line in words.splitlines() if line.split()}


def api(total: int = 7, **more: object) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        offset = int(asked.path.partition("offset=")[2].partition("&")[0] or 0)
        items = [{"n": n, "v": f"0{n}"} for n in range(offset, min(offset + 3, total))]
        return Answer(body=json.dumps({"items": items, "total": total} | more).encode())

    return answer


PAGES = {"style": "offset", "records": "items", "total": "total", "size_param": "size", "size": 3}
