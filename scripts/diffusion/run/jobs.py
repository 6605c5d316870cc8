"""Which jobs a configuration means, and which part of it each of them depends on.

Snakemake reruns a job when its params change: each rule is given just the keys that matter to it,
so that a change reruns what depends on it and nothing else.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from diffusion import VERSION
from diffusion.config.names import derive_file, is_query
from diffusion.config.partitions import batches_of
from diffusion.config.resolve import resolve_config
from diffusion.errors import DiffusionError

FETCH = (
    "from url vintage params headers auth method body timeout retries allow_http_redirects "
    "allow_hosts partitions pages sha256 max_size max_members endpoint region path_style anonymous "
    "credentials"
).split()
READ = "from url partitions member members member_column max_size max_members".split()
CONVERT = (
    "vintage format csv xlsx records separator layer nulls columns drop keep geometry sort_by "
    "partition_by row_group_rows licence attribution"
).split()
PUBLISH = "publish_as also partition_by row_group_rows description licence attribution".split()
DERIVE = (
    "sql script figure inputs params geometry sort_by partition_by row_group_rows description "
    "licence attribution"
).split()


@dataclass(frozen=True)
class Jobs:
    """The resolved configuration, seen as jobs."""

    config: Mapping
    project: Path
    batches: Mapping[str, Mapping[str, list[str]]]

    @classmethod
    def from_config(cls, config: Mapping, files: Iterable[str], project: Path) -> "Jobs":
        """Resolve a configuration; see ``resolve_config`` for what is raised."""
        resolved = resolve_config(config, files)
        batches = {name: batches_of(source) for name, source in resolved["sources"].items()}
        return cls(resolved, project, batches)

    @property
    def sources(self) -> Mapping[str, Mapping]:
        return self.config["sources"]

    @property
    def derive(self) -> Mapping[str, Mapping]:
        return self.config["derive"]

    @property
    def single(self) -> list[str]:
        """Sources with one batch, converted at once."""
        return [name for name, batches in self.batches.items() if len(batches) == 1]

    @property
    def dealt(self) -> list[str]:
        """Sources with several batches, converted in parts."""
        return [name for name, batches in self.batches.items() if len(batches) > 1]

    @property
    def derived_tables(self) -> list[str]:
        return [name for name, entry in self.derive.items() if not entry["figure"]]

    @property
    def figures(self) -> list[str]:
        return [name for name, entry in self.derive.items() if entry["figure"]]

    @property
    def tables(self) -> list[str]:
        return [*self.sources, *self.derived_tables]

    @property
    def entries(self) -> list[str]:
        """All that is published."""
        return [*self.sources, *self.derive]

    @property
    def storage(self) -> dict:
        return dict(self.config["storage"])

    def entry(self, name: str) -> Mapping:
        return self.sources[name] if name in self.sources else self.derive[name]

    @staticmethod
    def pattern(names: Iterable[str]) -> str:
        """Return a regular expression for a wildcard; one that nothing matches for no names."""
        return "|".join(map(re.escape, names)) or "(?!)"

    def receipts(self) -> list[str]:
        """Return the fetch receipts of all sources."""
        return [
            f"results/raw/{name}/{batch}.json" for name, b in self.batches.items() for batch in b
        ]

    def foreign_tables(self, name: str) -> list[str]:
        targets = self.entry(name)["checks"]["foreign_keys"].values()
        return list(dict.fromkeys(target.split(".")[0] for target in targets))

    def fetch_spec(self, name: str) -> dict:
        return {key: self.sources[name][key] for key in FETCH if key != "partitions"}

    def convert_spec(self, name: str) -> dict:
        keys = [key for key in READ + CONVERT if key not in ("url", "partitions")]
        return {key: self.sources[name][key] for key in keys} | {"version": VERSION}

    def publish_spec(self, name: str) -> dict:
        entry = self.entry(name)
        keys = (
            PUBLISH
            if name in self.derive
            else [*PUBLISH, "vintage", "from", *READ[3:], "keep_members"]
        )
        return {key: entry[key] for key in keys}

    def derive_spec(self, name: str) -> dict:
        return {key: self.derive[name][key] for key in DERIVE} | {"version": VERSION}

    def code_hash(self, name: str) -> str:
        """Return the hash of a derived entry's SQL or Python file: a change reruns it."""
        entry = self.derive[name]
        if entry["sql"] and is_query(entry["sql"]):
            return ""  # the query stands in the entry itself
        path = derive_file(self.project, entry["sql"] or entry["script"])
        if not path.is_file():
            known = ", ".join(sorted(p.name for p in path.parent.glob("*.*")))
            raise DiffusionError(
                f"derive.{name}",
                f"there is no file {path.relative_to(self.project)}",
                f"files there: {known}",
            )
        return hashlib.sha256(path.read_bytes()).hexdigest()
