"""A project with raw copies and published tables, in a folder or on S3, and its command line."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from diffusion.config.parts import Project, Server
from diffusion.publish.before import Entry, Upload
from diffusion.publish.objects import publish
from diffusion.publish.ownership import Target
from diffusion.publish.taken_down import Origins
from diffusion.raw.copies import Received, freeze
from diffusion.run.cli import main
from diffusion.storage.connection import connection
from diffusion.storage.store import Store

NOW = "2026-01-01"
FACTS = {"retrieved": f"{NOW}T00:00:00+00:00", "url": "https://example.org"}


class Keeper:
    """A project named `small` with the sources `rents` (two years) and `plain`."""

    def __init__(self, folder: Path, places: dict[str, str]):
        self.folder = folder
        self.config = {
            "project": {"name": "small"},
            "vintage": NOW,
            "storage": places,
            "sources": {
                "rents": {
                    "from": "file",
                    "url": "https://example.org/{year}.csv",
                    "partitions": {"year": ["2024", "2025"]},
                },
                "plain": {"from": "file", "url": "https://example.org/plain.csv"},
            },
        }
        self.write()
        self.raw, self.published = self.store("raw"), self.store("url")

    def store(self, key: str) -> Store:
        url = self.config["storage"][key]
        link = connection(Server()) if url.startswith("s3://") else None
        return Store(url, link)

    def write(self, **change: object) -> None:
        """Write the configuration, changed at its top."""
        self.config |= change
        (self.folder / "config").mkdir(exist_ok=True)
        (self.folder / "config/config.yaml").write_text(yaml.safe_dump(self.config))

    def freeze(
        self, *folders: str, store: Store | None = None, text: str = "", retrieved: str = ""
    ) -> None:
        """Freeze raw copies, by `source/vintage/partition`; their bytes are their names."""
        for folder in folders:
            path = self.folder / "data.csv"
            path.write_text(text or folder)
            request = self.config["sources"].get(folder.split("/")[0], {}).get("url", "")
            facts = FACTS | {"request": {"url": request}}
            facts |= {"retrieved": retrieved} if retrieved else {}
            received = [Received.at("data.csv", path, is_ours=False)]
            freeze(store or self.raw, folder, received, facts)

    def publish(self, name: str, *keys: str, raw: Store | None = None, **facts: object) -> None:
        """Publish an entry; ``raw``: where this machine's raw copies are."""
        path = self.folder / "made"
        path.write_text(name)
        noted = {"kind": "table", "rows": 2, **facts}
        entry = Entry(name, [Upload(key, path) for key in keys or [f"{name}.parquet"]], noted)
        target = Target(
            self.published,
            Project(name="small"),
            origins=Origins(raw or self.raw, {"new": ["old"]}),
        )
        publish(target, [entry], self.folder / "locks")

    def listed(self, key: str = "raw") -> list[str]:
        found = sorted(k for k, _ in self.store(key).list(""))
        return [k for k in found if not k.startswith((".", "manifest.json"))]

    def type(self, *arguments: str) -> int:
        """Type `diffusion …`; return its exit code."""
        return main(list(arguments), self.folder)


def keeper(request: pytest.FixtureRequest, folder: Path, patch: pytest.MonkeyPatch) -> Keeper:
    """Return a project whose storage is what the parameter of a fixture says."""
    patch.chdir(folder)
    if request.param == "folder":
        return Keeper(folder, {"url": "published", "raw": "raw"})
    for name, value in request.getfixturevalue("s3").environment().items():
        patch.setenv(name, value)
    base = f"s3://lake/{folder.name}"
    return Keeper(folder, {"url": f"{base}/published", "raw": f"{base}/raw"})


@pytest.fixture(params=["folder", "s3"])
def kept(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Keeper]:
    """Empty raw copies and nothing published."""
    return keeper(request, tmp_path, monkeypatch)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
