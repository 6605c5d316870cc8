"""The entries of a configuration: which there are, and which of them a run may make."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from diffusion.config.model import Config, DerivedTable, Figure, Source
from diffusion.run.asked_for import ALL, Asked
from diffusion.run.drafts import NO_DRAFTS, Drafts


@dataclass(frozen=True)
class Planned:
    """The typed configuration, seen as entries.

    Attributes:
        project: the folder of its own SQL and Python.
        batches: of each source, the partitions of each batch.
        asked: the entries that are named as targets.
    """

    config: Config
    project: Path
    batches: Mapping[str, Mapping[str, list[str]]]
    asked: Asked = ALL
    drafts: Drafts = NO_DRAFTS

    @property
    def sources(self) -> Mapping[str, Source]:
        return self.config.sources

    @property
    def derive(self) -> Mapping[str, DerivedTable | Figure]:
        return self.config.derive

    @property
    def unbatched(self) -> list[str]:
        """Sources with one batch, converted at once."""
        return [name for name, batches in self.batches.items() if len(batches) == 1]

    @property
    def batched(self) -> list[str]:
        """Sources with several batches, converted in parts."""
        return [name for name, batches in self.batches.items() if len(batches) > 1]

    @property
    def derived_tables(self) -> list[str]:
        return [name for name, entry in self.derive.items() if isinstance(entry, DerivedTable)]

    @property
    def figures(self) -> list[str]:
        return [name for name, entry in self.derive.items() if isinstance(entry, Figure)]

    @property
    def tables(self) -> list[str]:
        return [*self.sources, *self.derived_tables]

    @property
    def entries(self) -> list[str]:
        """All that is published."""
        return [*self.sources, *self.derive]

    @property
    def published(self) -> list[str]:
        """The names under which the entries are published, but for those that are not.

        Those of drafts are among them: what was published of one stays as it is.
        """
        return [*self.config.published, *self.drafts.published]

    @cached_property
    def reached(self) -> list[str]:
        """The entries that a run may make: all, or those that are asked for.

        With these go the tables that they are checked against; derived entries are made from what
        is published.
        """
        if not self.asked.alone:
            return self.entries
        found, todo = dict.fromkeys(self.asked.names), list(self.asked.names)
        while todo:
            source = self.sources.get(todo.pop())
            todo += [n for n in (source.checks.tables if source else ()) if n not in found]
            found |= dict.fromkeys(todo)
        return list(found)

    def results(self, name: str) -> list[str]:
        """Return the files that are made of an entry, before it is published."""
        if name in self.figures:
            return [f"results/figures/{name}.{end}" for end in ("png", "svg", "json")]
        return [f"results/tables/{name}.{end}" for end in ("parquet", "json")]

    def entry(self, name: str) -> Source | DerivedTable | Figure:
        return self.sources[name] if name in self.sources else self.derive[name]

    def table(self, name: str) -> Source | DerivedTable:
        """Return the entry of a table."""
        entry = self.entry(name)
        if isinstance(entry, Figure):
            raise KeyError(f"{name} is a figure")
        return entry
