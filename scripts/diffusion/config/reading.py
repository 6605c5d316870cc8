"""The parts of a source that state how raw bytes become rows, and rows typed columns."""

from typing import Literal

import msgspec

from diffusion.config.parts import ArchiveLimits, Geometry, Part, Section

Format = Literal["auto", "csv", "json", "ndjson", "parquet", "xlsx", "geojson", "gpkg", "shp"]


class Csv(Section):
    delimiter: str | None = None
    quote: str = '"'
    encoding: Literal["auto", "utf-8", "latin-1", "utf-16"] = "auto"
    decimal: Literal[".", ","] = "."
    header: int = 1


class Xlsx(Section):
    sheet: str | None = None
    header: int = 1


class Read(Part, tag_field="from"):
    """How the raw bytes become rows."""

    separator: str = "_"

    @property
    def kind(self) -> str:
        """The ``from`` of the source."""
        return str(self.__struct_config__.tag)

    @property
    def limits(self) -> ArchiveLimits:
        """What an archive may expand to."""
        return ArchiveLimits()


class ApiRead(Read, tag="api"):
    pass


class FileRead(Read, tag="file"):
    member: str | None = None
    max_size: int = 50_000_000_000
    max_members: int = 10_000
    format: Format = "auto"
    csv: Csv = Csv()
    xlsx: Xlsx = Xlsx()
    records: str = ""
    layer: str | None = None
    geometry: Geometry = Geometry()

    @property
    def limits(self) -> ArchiveLimits:
        return ArchiveLimits(max_size=self.max_size, max_members=self.max_members)

    @property
    def takes_many(self) -> bool:
        """Whether all members of an archive that match are taken."""
        return False


class ManyRead(FileRead):
    members: Literal["one", "many"] = "one"
    member_column: str = "member"

    @property
    def takes_many(self) -> bool:
        return self.members == "many"


class ArchiveRead(ManyRead, tag="archive"):
    pass


class S3Read(ManyRead, tag="s3"):
    pass


class ColumnSpec(Section):
    type: str = "string"
    source: str | None = msgspec.field(default=None, name="from")
    nulls: list[str] = []
    format: str | None = None


class Convert(Part):
    """What the columns are called and what they hold."""

    nulls: list[str] = []
    columns: dict[str, ColumnSpec] = {}
    drop: list[str] = []
    keep: Literal["all", "declared"] = "all"


AnyRead = ApiRead | FileRead | ArchiveRead | S3Read


def read_from_text(text: str) -> AnyRead:
    """Return the reading part that ``as_text`` wrote; its ``from`` gives the kind."""
    read: AnyRead = msgspec.json.decode(text, type=AnyRead)
    return read
