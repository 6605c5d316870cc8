"""Projects that tests run Snakemake in, and what they ask of a run."""

import copy
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml
from snakemake.utils import update_config

REPOSITORY = Path(__file__).parents[1]
SHARED = REPOSITORY.parent / "shared"
# Prints the peak of this process' memory in MiB. Not ru_maxrss: that one begins with what the
# parent held at the fork, and a test runner holds a lot.
PRINT_PEAK = """
with open("/proc/self/status") as status:
    print(next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM")))
"""
# what lists a published prefix: it changes with all that is published there
LISTS = {
    "manifest.json",
    "datapackage.json",
    "catalog.jsonld",
    "croissant.json",
    "CITATION.cff",
    "index.html",
}
STAC = {"catalog.json", "README.md", "AGENTS.md"}  # where there are geometries
COMMUNES = ["01450", "01053", "2A004", "69123", "75056", "97105"]


def is_list(key: str) -> bool:
    """Say whether a published object is of the catalogue: a page of each table is, too."""
    return key in LISTS | STAC or key.startswith(("page-of/", "catalog-of/"))


def lists_of(tables: Iterable[str], figures: Iterable[str] = (), geo: Iterable[str] = ()) -> set:
    """Return the objects of the catalogue of some tables and figures, by published names."""
    found = LISTS | {f"page-of/{name}.html" for name in (*tables, *figures)}
    found |= {f"catalog-of/{name}/versions.json" for name in tables}
    files = ("collection.json", "README.md", "AGENTS.md", "thumbnail.png")
    found |= {f"catalog-of/{name}/{file}" for name in geo for file in files}
    return found | (STAC if list(geo) else set())


def chapter_config(sources_url: str) -> dict:
    """Return the worked example with the stand-ins for its sources."""
    path = REPOSITORY / "config" / "examples" / "chapter" / "config.yaml"
    config = on_standins(yaml.safe_load(path.read_text("utf-8")), sources_url)
    config["sources"]["dpe"]["partitions"] = {"commune": COMMUNES}
    return config


def on_standins(config: dict, sources_url: str) -> dict:
    """Lead the chapter's three sources to their stand-ins, in place."""
    sources = config["sources"]
    sources["dpe"]["url"] = f"{sources_url}/data-fair/api/v1/datasets/dpe-france/lines"
    path = "/fr/datasets/r/eb36371a-761d-44a8-93ec-3d728bec17ce"
    sources["departements"]["url"] = sources_url + path
    sources["filosofi"] |= {"endpoint": None, "anonymous": False}
    return config


SMALL = {
    "project": {"name": "small", "licence": "Licence Ouverte 2.0"},
    "vintage": "2026-01-01",
    "sources": {
        "communes": {
            "from": "api",
            "url": "{server}/examples/page",
            "params": {"departement": "{departement}"},
            "pages": {
                "style": "page",
                "records": "items",
                "total": "total",
                "size": 50,
                "size_param": "per_page",
            },
            "partitions": {"departement": ["01", "2A"]},
            "batches": 3,  # so that each has its own
            "columns": {"code": "string", "population": "int"},
            "sort_by": ["code"],
            "checks": {"unique": ["code"]},
        },
        "plain": {
            "from": "file",
            "url": "{server}/files/communes.csv",
            "checks": {"rows": [250, 250]},
        },
    },
}


def small_config(server: str) -> dict:
    """Return the small project's configuration for a stand-in server."""
    return yaml.safe_load(yaml.safe_dump(SMALL).replace("{server}", server))


def copy_of_repository(folder: Path) -> None:
    """Put into a folder what a clone of this project would have, as the files are now."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, check=True).stdout
    for name in names.decode().rstrip("\0").split("\0"):
        if (REPOSITORY / name).is_file() and not name.startswith(("tests/", "config/sources")):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((REPOSITORY / name).read_bytes())


def is_shipped(page: str) -> bool:
    """Say whether a page is the template's; a project makes README.md its own, or removes it."""
    path = REPOSITORY / page
    return path.is_file() and path.read_text("utf-8").startswith("# Diffusion\n")


class Project:
    """A working directory in which the repository's workflow runs, as a user runs it."""

    def __init__(self, folder: Path, config: Mapping, environment: Mapping[str, str] | None = None):
        self.folder = folder
        self.environment = dict(environment or {})
        folder.mkdir(parents=True, exist_ok=True)
        self.configure(config)

    @property
    def repository(self) -> Path:
        """The clone whose workflow is run."""
        return REPOSITORY

    def configure(self, config: Mapping) -> None:
        """Write the configuration, whole."""
        path = self.folder / "config" / "config.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True), "utf-8")

    def command(self, *arguments: str, profile: str = "profiles/default") -> list[str]:
        """Return the command that runs the repository's workflow in this folder."""
        command = [sys.executable, "-m", "snakemake"]
        command += ["-s", str(self.repository / "workflow" / "Snakefile")]
        command += ["--directory", str(self.folder)]
        command += ["--workflow-profile", str(self.repository / profile)]
        command += ["--configfile", str(self.folder / "config" / "config.yaml"), "--cores", "2"]
        return [*command, *arguments]

    def variables(self) -> dict[str, str]:
        """Return the environment of a run: no key of the machine's own, and the project's."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return clean | self.environment

    def snakemake(self, *arguments: str, profile: str = "profiles/default", timeout: int = 300):
        """Run Snakemake; returns the completed process, with all its words in ``stdout``."""
        return subprocess.run(
            self.command(*arguments, profile=profile),
            cwd=self.folder,
            env=self.variables(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )

    def run(self, *arguments: str, **settings: object) -> str:
        """Run Snakemake, which must succeed; returns its words."""
        done = self.snakemake(*arguments, **settings)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def fail(self, *arguments: str, **settings: object) -> str:
        """Run Snakemake, which must fail; returns its words."""
        done = self.snakemake(*arguments, **settings)
        assert done.returncode != 0, done.stdout
        return done.stdout

    def path(self, name: str) -> Path:
        """Return a path in the project."""
        return self.folder / name


def merge(config: dict, change: Mapping) -> dict:
    """Lay one mapping over another, in place, as Snakemake does with several config files."""
    update_config(config, copy.deepcopy(dict(change)))
    return config


def job_counts(words: str) -> dict[str, int]:
    """Return how many jobs of each rule are planned, from the line that says so."""
    line = re.search(r"^(?:This would run )?[\d,]+ jobs: (.*)$", words, re.MULTILINE)
    counts = dict(count.split() for count in line[1].split(", ")) if line else {}
    return {rule: int(count) for rule, count in counts.items() if rule != "write_summary"}


def folder_state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return every file of a folder with its time and bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(p.relative_to(folder)): (p.stat().st_mtime_ns, p.read_bytes()) for p in files}
