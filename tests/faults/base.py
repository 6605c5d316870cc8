"""A small project that was published once; each fault begins with a copy of it."""

import copy
import hashlib
import json
import shutil
from pathlib import Path

from diffusion.run.workflow import has_record
from faults.keeper import Keeper, outputs
from faults.rows import NEW, OLD, STEADY
from projects import Project
from standins.server import Standins

VICTIM = "victim"


def table(version: int, rows: int = 1_300_000) -> bytes:
    """A CSV whose Parquet is large enough to be sent in several parts."""
    lines = (b"%d,%d\n" % (n, n * 2654435761 * version % 2**61) for n in range(rows))
    return b"n,hash\n" + b"".join(lines)


class Base:
    """The published project, its storage, and what became of both after a fault."""

    def __init__(self, folder: Path, s3, standins: Standins, prefix: str):
        self.s3, self.standins = s3, standins
        standins.given["/victim.csv"] = (table(1), "text/csv")
        self.keeper = Keeper(s3, prefix)
        self.config = {
            "project": {"name": "faults", "licence": "Licence Ouverte 2.0"},
            "vintage": OLD,
            "storage": self.keeper.storage,
            "sources": {
                STEADY: {"from": "file", "url": f"{standins.url}/files/communes.csv"},
                VICTIM: {"from": "file", "url": f"{standins.url}/victim.csv", "sort_by": ["n"]},
            },
        }
        self.project = Project(folder / "base", self.config, s3.environment())
        self.project.run()
        standins.given["/victim.csv"] = (table(2), "text/csv")
        self.keeper.look()
        self.first = self.keeper.everything()

    def begin(self, place: Path, endpoint: str | None = None) -> Project:
        """Put storage back to the first version; return a copy that will publish the second."""
        self.standins.faults.clear()
        self.keeper.restore(self.first)
        self.keeper.known = {}
        self.keeper.look()
        return self.copy(place, endpoint)

    def copy(self, place: Path, endpoint: str | None = None) -> Project:
        """Return another copy, over the storage as it is."""
        shutil.copytree(self.project.folder, place, symlinks=True)
        environment = self.s3.environment() | ({"AWS_ENDPOINT_URL": endpoint} if endpoint else {})
        return Project(place, copy.deepcopy(self.config) | {"vintage": NEW}, environment)

    def end(self, project: Project) -> None:
        """Assert that nothing is lost or half there, and that a plain run ends well and quickly."""
        self.standins.faults.clear()
        assert self.keeper.look() == []
        assert self.keeper.damaged() == []
        between, frozen = self.keeper.published(), self.keeper.frozen(NEW)
        converted = self._tables(project)
        asked = len(self.standins.requests)
        project.environment = self.s3.environment()
        project.run()
        assert self.keeper.look() == []
        assert self.keeper.damaged() == []
        self._check_published(between)
        again = " ".join(path for _, path in self.standins.requests[asked:])
        paths = {STEADY: "communes.csv", VICTIM: "victim.csv"}
        assert not [name for name in frozen if paths[name] in again], "fetched twice"
        assert converted.items() <= self._tables(project).items(), "converted twice"

    def _check_published(self, between: dict[str, str]) -> None:
        """Each object was the old or the new one after the fault, and is the new one now."""
        new = self.keeper.published()
        tables = json.loads(self.keeper.read("diffusion/manifest.json"))["tables"]
        assert {name: entry["vintage"] for name, entry in tables.items()} == {
            STEADY: NEW,
            VICTIM: NEW,
        }
        for item in (item for entry in tables.values() for item in entry["objects"]):
            key = f"diffusion/{item['key']}"
            assert new[key] == item["sha256"]
            assert between[key] in (new[key], hashlib.sha256(self.first[key].body).hexdigest())

    def _tables(self, project: Project) -> dict[str, int]:
        """Return the tables that are not those of the first version, with their times.

        Without those that Snakemake has no record of, as a full disk takes the record along, or
        whose job it did not see end, as it was killed before: it makes them again, rightly.
        """
        known, kept = outputs(self.project), project.path(".snakemake")
        return {
            path: time
            for path, time in outputs(project).items()
            if path.startswith("results/tables/")
            and time != known.get(path)
            and has_record(path, str(kept / "metadata"))
            and not has_record(path, str(kept / "incomplete"))
        }
