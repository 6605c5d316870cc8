"""Which jobs a configuration means, and what each of them depends on.

Snakemake runs a job again when its parameters change: each rule is given the parts of the
configuration that decide its result, as short text, and the hash of the code that makes it.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from diffusion.base.variables import digest
from diffusion.config.fetching import PLACES, expanded
from diffusion.config.model import Source
from diffusion.config.names import derive_file, is_query
from diffusion.config.partitions import batches_of
from diffusion.config.parts import PublishSource, as_text
from diffusion.config.rules_derive import no_file
from diffusion.config.typed import flat_config
from diffusion.fetch.asked import request_text
from diffusion.fetch.hosts import host_resource
from diffusion.publish.publication import Publication
from diffusion.run.asked_for import ALL, Asked
from diffusion.run.code import code_hash
from diffusion.run.drafts import resolve_drafts
from diffusion.run.facts import TEMPLATE, check_code, checks_spec
from diffusion.run.planned import Planned
from diffusion.storage.connection import storage_place


@dataclass(frozen=True)
class Jobs(Planned):
    """The typed configuration, seen as jobs."""

    @classmethod
    def from_config(
        cls,
        config: Mapping,
        files: Iterable[str],
        project: Path,
        is_main: bool = True,
        asked: Asked = ALL,
    ) -> "Jobs":
        """Resolve a configuration; see ``resolve_config`` for what is raised.

        Args:
            is_main: a job elsewhere needs the files of its own entry only, and may be a draft's.
            asked: the entries that are named as targets.
        """
        place = project if is_main else None
        resolved, drafts = resolve_drafts(config, list(files), place, asked if is_main else None)
        batches = {
            name: batches_of(source.partitions, source.batches, source.fetch.kind)
            for name, source in resolved.sources.items()
        }
        return cls(resolved, project, batches, asked, drafts)

    def pattern(self, names: Iterable[str]) -> str:
        """Return a regular expression for a wildcard; one that nothing matches for no names.

        What a run may not make is left out: its files are taken as they are.
        """
        reached = set(self.reached)
        return "|".join(re.escape(name) for name in names if name in reached) or "(?!)"

    def receipts(self, name: str) -> list[str]:
        """Return the fetch receipts of a source, in the order of its batches."""
        return [f"results/raw/{name}/{batch}.json" for batch in self.batches[name]]

    def private_tables(self, name: str) -> list[str]:
        """Return the tables that a derived entry reads, and that are not published."""
        names = [n for n in self.derive[name].inputs if n in self.sources]
        return [f"results/tables/{n}.parquet" for n in names if self.sources[n].publish.is_private]

    def foreign_tables(self, name: str) -> list[str]:
        """Return the other tables that the checks of a table need."""
        return self.table(name).checks.tables

    def text(self, name: str, part: str) -> str:
        """Return a part of an entry as a job is given it."""
        return as_text(getattr(self.entry(name), part))

    def host(self, name: str) -> str | None:
        """Return the resource that fetching a source takes; see ``host_resource``."""
        return host_resource(self.sources[name].fetch)

    @property
    def hosts(self) -> list[str]:
        """The resources that fetching takes; there is one of each."""
        return sorted({host for name in self.sources if (host := self.host(name))})

    def siblings(self) -> dict[str, list[str]]:
        """Return, for each source that makes the same request as others, their names."""
        alike: dict[str, list[str]] = {}
        for name, source in self.sources.items():
            alike.setdefault(request_text(source.fetching), []).append(name)
        return {
            name: [other for other in names if other != name]
            for names in alike.values()
            if len(names) > 1
            for name in names
        }

    def fetched_from_and_to(self, name: str) -> str:
        """Return where raw copies go; with a hash of the address if the environment has it.

        What is written as ``${VAR}`` is the same text whatever the variable means.
        """
        fetch = self.sources[name].fetch
        now = [getattr(expanded(fetch), key, None) for key in PLACES]
        is_written = now == [getattr(fetch, key, None) for key in PLACES]
        return " ".join([self.place("raw"), *([] if is_written else [digest(repr(now))])])

    def limits(self, name: str) -> str:
        """Return what an archive of a source may expand to."""
        return as_text(self.sources[name].read.limits)

    def publication(self, name: str) -> str:
        """Return how a table is published, as its job is told."""
        entry, source = self.table(name), self.sources.get(name)
        told = Publication(
            publish=msgspec.convert(entry.publish, PublishSource, from_attributes=True),
            write=entry.write,
            credit=entry.credit,
            members=source.members_read if source else None,
            shrink=entry.checks.shrink,
            unique=entry.checks.main_key,
            address=_public_address(source) if source else "",
            partitions=self.partitions(name),
            checks=checks_spec(entry.checks),
            code=self.made_by(name),
            spec=self.spec(name),
        )
        return as_text(told)

    def partitions(self, name: str) -> int:
        """Return how many partitions a source has; a derived table has the most of its inputs."""
        if name in self.sources:
            return math.prod(map(len, self.sources[name].partitions.values()))
        return max(map(self.partitions, self.derive[name].inputs), default=1)

    def publications(self) -> dict[str, str]:
        """Return how each source is published; they are published together."""
        return {name: self.publication(name) for name in self.sources}

    def place(self, key: str) -> str:
        """Return where ``storage.url`` or ``storage.raw`` is, however it is spelt."""
        return storage_place(self.config.storage, key)

    def resolved(self) -> dict[str, Any]:
        """Return the configuration as scripts find it: variables replaced, in the user's shape."""
        return flat_config(self.config)

    def config_hash(self) -> str:
        return _hash(repr(self.resolved()))

    def code(self, rule: str, derived: str = "") -> str:
        """Return the hash of the code that a rule runs, with the user's own for a derived entry.

        Raises:
            DiffusionError: there is no such file.
        """
        code = f"code {code_hash(TEMPLATE, f'scripts/{rule}.py')}"
        given = self.derive[derived].code if derived else ""
        if not given or is_query(given):  # a query is part of the entry itself
            return code
        for problem in no_file(f"derive.{derived}", given, self.project):
            raise problem
        path = derive_file(self.project, given)
        own = code_hash(TEMPLATE, str(path.relative_to(self.project)), of=self.project)
        return f"{code} {path.name}={own}"

    def spec(self, name: str) -> str:
        """Return the hash of all that decides what is published of an entry, and where.

        The manifest and the receipt keep it: what differs is still to be published. Of what an
        entry reads, name and credit count: a derived entry repeats them.
        """
        entry = self.entry(name)
        read = [] if isinstance(entry, Source) else list(map(self.entry, entry.inputs))
        repeated = [as_text((other.publish, other.credit)) for other in read]
        entry = msgspec.structs.replace(entry, about=type(entry.about)())
        project, place = as_text(self.config.project.owner), self.place("url")
        return _hash(repr([as_text(entry), self.made_by(name), project, place, repeated]))

    def made_by(self, name: str) -> str:
        """Return the hash of all code that makes, checks and publishes an entry."""
        if name in self.figures:
            codes = [self.code("draw_figure", name), self.code("publish_figure")]
        else:
            makes = (
                ["convert_table"] if name in self.unbatched else ["convert_part", "combine_parts"]
            )
            codes = (
                [self.code("derive_table", name)]
                if name in self.derive
                else [self.code(rule) for rule in makes]
            )
            publish = "publish_derived" if name in self.derive else "publish_sources"
            codes += [check_code(), self.code(publish)]
        return f"code {_hash(repr(codes))}"


def _public_address(source: Source) -> str:
    """Return where a source is asked; nothing of this machine."""
    url = source.fetch.url
    return "" if "://" not in url or url.startswith(("sqlite:", "duckdb:", "file:")) else url


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
