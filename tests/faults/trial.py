"""One project of many sources that go wrong: published once, run with the faults, run again."""

import copy
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from faults.keeper import Keeper, outputs
from faults.report import messages
from faults.rows import NEW, OLD, STEADY, Row
from projects import Project, merge
from standins.server import ALIAS, Standins

FIRST_PAGE = re.compile(r"[?&]page=1(&|$)|cursor\?(?!.*cursor=)")


class Trial:
    """The three runs, and what they left; ``check`` then looks at one row after the other.

    All rows go wrong in one run (`--keep-going`), which is much quicker than a run for each and
    shows each row's own outcome just as well: its job ends with its message or makes its output.
    """

    def __init__(self, folder: Path, s3, standins: Standins, rows: Sequence[Row], group: str):
        self.group, self.rows, self.standins = group, rows, standins
        self.keeper = Keeper(s3, f"faults-{group}".lower())
        self.config = {
            "project": {"name": "faults", "licence": "Licence Ouverte 2.0"},
            "vintage": OLD,
            "storage": self.keeper.storage,
            "sources": {STEADY: {"from": "file", "url": f"{self._url(STEADY)}/files/communes.csv"}},
        }
        self.project = Project(folder, self.config, s3.environment())

    def run(self) -> "Trial":
        """Publish; run with every fault; end the faults, repair what the user must, run again."""
        self.project.run()
        self.lost = self.keeper.look()
        self.before = self.keeper.published()

        config = copy.deepcopy(self.config) | {"vintage": NEW}
        for row in self.rows:
            config["sources"][row.name] = self._source(row)
            self.standins.faults[f"{ALIAS}{row.name}/"] = list(row.faults)
        self.project.configure(config)
        ended = self.project.snakemake("--keep-going", timeout=900)
        self.words, self.code = ended.stdout, ended.returncode
        self.lost += self.keeper.look()
        self.during, self.made = self.keeper.published(), outputs(self.project)

        self.standins.faults.clear()
        for row in self.rows:
            merge(config["sources"][row.name], self._at(row, row.repair))
        self.project.configure(config)
        self.standins.requests.clear()
        self.last = self.project.run(timeout=900)
        self.lost += self.keeper.look()
        self.remade = outputs(self.project)
        return self

    def told(self, row: Row) -> str:
        """Return what the run with faults said of a row; "" when its job ended well."""
        found = messages(self.words, f"{row.stage} {re.escape(row.name)}")
        return " ".join(found[0].split()) if found else ""

    def check(self, row: Row) -> None:
        """Assert what became of one row."""
        told = self.told(row)
        assert self.code == 1, "a run with faults must not end as if all were well"
        assert bool(told) == bool(row.words), told or self.words
        for words in row.words:
            assert words in told
        receipt = f"results/raw/{row.name}/all.json"
        assert (receipt in self.made) == (not row.words or row.stage != "fetch_raw")
        assert self.lost == []
        assert self.during == self.before, "one source failed, and others were published"
        self._check_nothing_done_twice(row)
        if row.expected is not None:
            columns = list(row.expected[0]) if row.expected else None
            assert self.table(row.name, columns) == row.expected

    def _check_nothing_done_twice(self, row: Row) -> None:
        asked = {path for _, path in self.standins.requests}
        assert not [path for path in asked if path.startswith(f"{ALIAS}{STEADY}/")]
        kept = [] if "vintage" in row.repair else [f"results/raw/{row.name}/"]
        kept += [f"results/tables/{row.name}."] if row.repair.keys() <= {"checks"} else []
        done = {path: t for path, t in self.made.items() if path.startswith(tuple(kept))}
        assert done == {path: self.remade[path] for path in done}
        mine = [path for path in asked if path.startswith(f"{ALIAS}{row.name}/")]
        unfrozen = row.words and row.stage == "fetch_raw"
        assert bool(mine) == bool(unfrozen or "vintage" in row.repair), mine
        if row.kept:
            assert not [path for path in mine if FIRST_PAGE.search(path)]

    def table(self, name: str, columns: list[str] | None) -> list[dict]:
        """Return a published table, in its order; None: all columns."""
        data = io.BytesIO(self.keeper.read(f"diffusion/{name}.parquet"))
        return pq.read_table(data, columns=columns).to_pylist()

    def _source(self, row: Row) -> dict:
        return {"timeout": 1, "retries": 1, "sort_by": ["code"], **self._at(row, row.source)}

    def _at(self, row: Row, source: dict) -> dict:
        """Return a source with its URL filled in."""
        source = copy.deepcopy(dict(source))
        if "url" in source:
            source["url"] = source["url"].replace("{url}", self._url(row.name))
        return source

    def _url(self, name: str) -> str:
        return f"{self.standins.url}{ALIAS}{name}"
