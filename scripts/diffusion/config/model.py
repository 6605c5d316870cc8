"""The whole configuration: sources, derived tables, figures, each made of its parts."""

from collections.abc import Collection
from typing import Literal

import msgspec

from diffusion.config.about import About, TableAbout
from diffusion.config.checking import Checks
from diffusion.config.fetching import AnyFetch, expanded
from diffusion.config.parts import (
    ArchiveLimits,
    Axes,
    Credit,
    Derive,
    Draw,
    Project,
    Publish,
    PublishFigure,
    PublishSource,
    Section,
    Storage,
    Write,
)
from diffusion.config.reading import AnyRead, ArchiveRead, Convert


class Fetching(Section):
    """All that decides the bytes of raw copies."""

    vintage: str
    fetch: AnyFetch
    limits: ArchiveLimits = ArchiveLimits()
    records: str = ""


class Conversion(Section):
    """All that decides the bytes of a table made from raw copies."""

    vintage: str
    read: AnyRead
    convert: Convert = Convert()
    write: Write = Write()
    credit: Credit = Credit()


class Source(Conversion, kw_only=True):
    fetch: AnyFetch
    publish: PublishSource
    checks: Checks = Checks()
    about: TableAbout = TableAbout()
    partitions: Axes = {}
    batches: int | None = None
    draft: bool = False

    @property
    def fetching(self) -> Fetching:
        """The parts that a fetch job is given, its variables replaced."""
        read = self.read
        return Fetching(
            vintage=self.vintage,
            fetch=expanded(self.fetch),
            limits=read.limits,
            records=read.records_at,
        )

    @property
    def former_names(self) -> list[str]:
        """The names that it had before, below which its raw copies may be."""
        return [self.fetch.was] if self.fetch.was else []

    @property
    def members_read(self) -> ArchiveRead | None:
        """How the members of its archive are read, where they are published too."""
        return None


class ArchiveSource(Source):
    read: ArchiveRead
    keep_members: bool = False

    @property
    def members_read(self) -> ArchiveRead | None:
        return self.read if self.keep_members and not self.publish.is_private else None


class Derivation(Section):
    """All that decides the bytes of a derived table, but for its inputs and the user's code."""

    derive: Derive
    write: Write = Write()
    credit: Credit = Credit()


class DerivedTable(Derivation, kw_only=True):
    publish: Publish
    checks: Checks = Checks()
    about: TableAbout = TableAbout()
    draft: bool = False
    figure: Literal[False] = False

    @property
    def inputs(self) -> list[str]:
        """The published tables that it reads."""
        return self.derive.inputs

    @property
    def code(self) -> str:
        """The SQL, or the name of the file that holds the SQL or Python."""
        return self.derive.sql or self.derive.script or ""


class Figure(Section, kw_only=True):
    draw: Draw
    publish: PublishFigure
    credit: Credit = Credit()
    about: About = About()
    draft: bool = False
    figure: Literal[True]

    @property
    def inputs(self) -> list[str]:
        """The published tables that it reads."""
        return self.draw.inputs

    @property
    def code(self) -> str:
        """The name of its Python file."""
        return self.draw.script


Entry = Source | DerivedTable | Figure


class Config(Section):
    project: Project
    sources: dict[str, Source]
    vintage: str | None = None
    offline: bool = False
    accept: list[str] = []
    storage: Storage = Storage()
    derive: dict[str, DerivedTable | Figure] = {}

    @property
    def published(self) -> list[str]:
        """The names under which the entries are published, but for those that are not."""
        sources = [s.publish.publish_as for s in self.sources.values() if not s.publish.is_private]
        return [*sources, *(entry.publish.publish_as for entry in self.derive.values())]

    @property
    def drafts(self) -> dict[str, Entry]:
        """The entries that are kept out of runs of all."""
        return {name: e for name, e in (*self.sources.items(), *self.derive.items()) if e.draft}

    def without(self, names: Collection[str]) -> "Config":
        """Return it without some entries."""
        sources = {name: entry for name, entry in self.sources.items() if name not in names}
        derive = {name: entry for name, entry in self.derive.items() if name not in names}
        return msgspec.structs.replace(self, sources=sources, derive=derive)
