"""The parts of a source that state how raw bytes become rows, and rows typed columns."""

from typing import Literal

import msgspec

from diffusion.base.globs import matches
from diffusion.config.fixed import Fixed
from diffusion.config.parts import ArchiveLimits, Geometry, Part, Section
from diffusion.config.rows import Csv, Xlsx

Format = Literal[
    "auto", "csv", "json", "ndjson", "parquet", "xlsx", "xls", "ods", "xlsb", "sas7bdat",
    "xpt", "dta", "sav", "por", "rds", "rdata",
    "geojson", "geojsonseq", "gpkg", "shp", "fgb", "gdb", "kml", "gml", "gpx",
    "dxf", "tab", "mif", "esrijson", "xml", "arrow", "orc", "sqlite", "duckdb",
    "fixed", "topojson", "dbf",
]  # fmt: skip

STATISTICS = ("sas7bdat", "xpt", "dta", "sav", "por")
R_FILES = ("rds", "rdata")
WORKBOOKS = ("xlsx", "xls", "ods", "xlsb")  # formats that `xlsx:` is for

Spelling = Literal["as_is", "snake"]  # of the names of columns

TEXT_TYPES = ("string", "category")  # every value can be read as one
TEMPORAL_TYPES = ("date", "timestamp", "time")  # the types that a format is for
NUMBER_FORMATS = ("epoch", "epoch_ms", "excel")  # of moments that are written as numbers
ONE_COLUMN = "none"  # in place of a delimiter


Shape = Literal["records", "arrays", "columns", "values", "sparql", "jsonstat", "sdmx"]
DOCUMENTS = ("columns", "jsonstat", "sdmx")  # shapes that are no list of records


class Json(Section):
    """How JSON that is no list of objects becomes rows."""

    shape: Shape = "records"
    names: str | list[str] = ""
    labels: bool = False


class Read(Part, tag_field="from"):
    """How the raw bytes become rows."""

    @property
    def kind(self) -> str:
        """The ``from`` of the source."""
        return str(self.__struct_config__.tag)

    @property
    def limits(self) -> ArchiveLimits:
        """What an archive may expand to."""
        return ArchiveLimits()

    @property
    def records_at(self) -> str:
        """Where the records stand in a JSON file."""
        return ""

    @property
    def spelling(self) -> str:
        """How the names of columns are spelled, see ``names``."""
        return "as_is"

    @property
    def joint(self) -> str:
        """What joins the names of nested values."""
        return "_"

    @property
    def decimal(self) -> str:
        """The decimal separator of numbers that are written in text, whatever the format."""
        return "."

    @property
    def shapes(self) -> Geometry:
        """How geometries are made, checked and written."""
        return Geometry()


class RecordsRead(Read):
    """What answers of an API and files have in common."""

    separator: str = "_"
    names: Spelling = "as_is"
    csv: Csv = Csv()
    json: Json = Json()
    geometry: Geometry = Geometry()

    @property
    def spelling(self) -> str:
        return self.names

    @property
    def joint(self) -> str:
        return self.separator

    @property
    def decimal(self) -> str:
        return self.csv.decimal

    @property
    def shapes(self) -> Geometry:
        return self.geometry


class ApiRead(RecordsRead, tag="api"):
    pass


class DatabaseRead(Read, tag="database"):
    geometry: Geometry = Geometry()

    @property
    def shapes(self) -> Geometry:
        return self.geometry


class FileRead(RecordsRead, tag="file"):
    member: str | None = None
    max_size: int = 50_000_000_000
    max_members: int = 10_000
    format: Format = "auto"
    encoding: str | dict[str, str] = "auto"
    xlsx: Xlsx = Xlsx()
    fixed: Fixed = Fixed()
    records: str = ""
    layer: str | None = None
    table: str | None = None
    labels: bool | Literal["both"] = False

    @property
    def limits(self) -> ArchiveLimits:
        return ArchiveLimits(max_size=self.max_size, max_members=self.max_members)

    @property
    def records_at(self) -> str:
        return "" if self.json.shape in DOCUMENTS else self.records

    def encoding_of(self, name: str) -> str:
        """The encoding that is declared for a file or member, by a glob of its name or for all."""
        if isinstance(self.encoding, str):
            return self.csv.encoding if self.encoding == "auto" else self.encoding
        declared = (codec for glob, codec in self.encoding.items() if matches(name, glob))
        return next(declared, "auto")

    @property
    def takes_many(self) -> bool:
        """Whether all members of an archive that match are taken."""
        return False


class ManyRead(FileRead):
    members: Literal["one", "many"] = "one"
    member_column: str = "member"
    hive: bool = False

    @property
    def takes_many(self) -> bool:
        return self.members == "many"


class ArchiveRead(ManyRead, tag="archive"):
    pass


class S3Read(ManyRead, tag="s3"):
    pass


Nulls = list[str] | dict[str, str]  # tokens, with or without what each stands for


class ColumnSpec(Section):
    type: str = "string"
    source: str | None = msgspec.field(default=None, name="from")
    nulls: Nulls = []
    format: str | None = None
    formats: list[str] = []
    first_year: int = 0
    decimal: Literal[".", ","] | None = None
    thousands: str = ""
    unit: str = ""
    implied_decimals: int = 0
    true_values: list[str] = []
    false_values: list[str] = []
    split: str = ""
    pad: int | list[int] = 0
    fill: Literal["down"] | None = None
    entities: bool = False

    @property
    def forms(self) -> list[str]:
        """The formats of a date, moment or time, of which any may be a value's."""
        return [self.format] if self.format is not None else self.formats

    @property
    def lengths(self) -> list[int]:
        """The lengths that codes may have; none if that is not stated."""
        return sorted(self.pad) if isinstance(self.pad, list) else [self.pad] if self.pad else []


class Convert(Part):
    """Which rows there are, what the columns are called and what they hold."""

    where: str = ""
    nulls: Nulls = []
    status: list[str] = []
    columns: dict[str, ColumnSpec] = {}
    drop: list[str] = []
    keep: Literal["all", "declared"] = "all"

    def takes(self, name: str) -> bool:
        """Whether a column of the source will be in the table."""
        declared = {spec.source or column for column, spec in self.columns.items()}
        return name not in self.drop and (self.keep == "all" or name in declared)


def declared_texts(convert: Convert) -> set[str]:
    """Return the columns of the source that are declared to be text."""
    columns = convert.columns.items()
    return {spec.source or name for name, spec in columns if spec.type in TEXT_TYPES}


def tokens_of(convert: Convert, spec: ColumnSpec) -> list[str]:
    """Return what means no value in a column."""
    return [*convert.nulls, *spec.nulls]


def reasons_of(convert: Convert, spec: ColumnSpec) -> dict[str, str]:
    """Return why values of a column are missing: token → reason, where one is stated."""
    stated = [nulls for nulls in (convert.nulls, spec.nulls) if isinstance(nulls, dict)]
    return {token: reason for nulls in stated for token, reason in nulls.items()}


AnyRead = ApiRead | FileRead | ArchiveRead | S3Read | DatabaseRead


def read_from_text(text: str) -> AnyRead:
    """Return the reading part that ``as_text`` wrote; its ``from`` gives the kind."""
    read: AnyRead = msgspec.json.decode(text, type=AnyRead)
    return read
