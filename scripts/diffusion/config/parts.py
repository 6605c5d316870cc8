"""The parts of the configuration as frozen structs: one field for each key of the schema.

In YAML an entry is flat. Here its keys are distributed over parts: what is fetched, how it is
read, converted, written, credited, published. A job is given the parts that it depends on, as text
(``as_text``), so that it runs again when one of them changes, and only then. The parts of what is
fetched and how it is read, and of the checks, are in ``fetching``, ``reading`` and ``checking``.
"""

from typing import Any, Literal, TypeVar, dataclass_transform

import msgspec

Axes = dict[str, list[str]]


# every subclass inherits `frozen` from msgspec; the type checker needs it spelled out
@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A mapping of the configuration, such as ``pages:``."""


class Part(Section):
    """Some keys of an entry that belong together, without a name in YAML."""


T = TypeVar("T")


def as_text(part: object) -> str:
    """Return a part as short JSON: what the user wrote, without defaults, in one spelling."""
    return msgspec.json.encode(part).decode()


def from_text(text: str, kind: type[T]) -> T:
    """Return the part that ``as_text`` wrote.

    Raises:
        msgspec.ValidationError: the text is not of that kind.
    """
    return msgspec.json.decode(text, type=kind)


class ArchiveLimits(Section):
    """What an archive may expand to: bytes in total, and number of entries.

    ``spent`` and ``listed``: what archives around it have taken of these.
    """

    max_size: int = 50_000_000_000
    max_members: int = 10_000
    spent: int = 0
    listed: int = 0


class Project(Section):
    name: str
    title: str = ""
    publisher: str = ""
    licence: str = ""
    contact: str = ""
    homepage: str = ""
    language: str | None = None
    keywords: list[str] = []

    @property
    def noted(self) -> dict[str, str]:
        """What the manifest says of the owner of a prefix."""
        return {key: getattr(self, key) for key in ("name", "title", "publisher", "licence")}

    @property
    def owner(self) -> "Project":
        """It without what only a catalogue says, on which no job that publishes depends."""
        return msgspec.structs.replace(self, contact="", homepage="", language=None, keywords=[])


class Credentials(Section):
    access_key_env: str | None = None
    secret_key_env: str | None = None
    token_env: str | None = None


class Server(Section):
    """How to reach an S3 server, for `storage:` or for a source of its own."""

    endpoint: str | None = None
    region: str | None = None
    path_style: bool | None = None
    anonymous: bool = False
    request_payer: bool = False
    credentials: Credentials = Credentials()


class Storage(Section):
    url: str = "published"
    raw: str = "raw"
    public_url: str = ""
    endpoint: str | None = None
    region: str | None = None
    path_style: bool | None = None

    @property
    def server(self) -> Server:
        return Server(endpoint=self.endpoint, region=self.region, path_style=self.path_style)


class ShapeColumns(Section):
    """The columns that geometries are made of: one of these forms, or nothing."""

    lon: str | None = None
    lat: str | None = None
    latlon: str | None = None
    lonlat: str | None = None
    wkt: str | None = None
    wkb: str | None = None
    hex: str | None = None
    geojson: str | None = None

    @property
    def stated(self) -> dict[str, str]:
        """Return form → column."""
        named = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: column for name, column in named.items() if column is not None}

    @property
    def is_stated(self) -> bool:
        return bool(self.stated)

    @property
    def form(self) -> str:
        """How the columns hold geometries; ``lon`` is of two columns."""
        return next(iter(self.stated))

    @property
    def columns(self) -> list[str]:
        return list(self.stated.values())


class Geometry(Section):
    crs: str | None = None
    to_crs: str | None = None
    family: Literal["any", "point", "line", "polygon"] = "any"
    repair: bool = True
    wrap: bool = False
    swap_xy: bool | None = None
    source: ShapeColumns = msgspec.field(default_factory=ShapeColumns, name="from")


class Write(Part):
    """The order of the rows, and how they are divided into files."""

    sort_by: list[str] = []
    partition_by: list[str] = []
    row_group_rows: int = 100_000


class Credit(Part):
    """The licence and attribution published with the data."""

    licence: str = ""
    attribution: str = ""


class Derive(Part, kw_only=True):
    """A table from published tables: one of ``sql`` and ``script`` is set."""

    sql: str | None = None
    script: str | None = None
    engine: Literal["duckdb", "spark"] = "duckdb"
    inputs: list[str]
    params: dict[str, Any] = {}
    geometry: Geometry = Geometry()


class Draw(Part):
    """A figure from published tables."""

    script: str
    inputs: list[str]
    params: dict[str, Any] = {}


class PublishFigure(Part):
    publish_as: str
    description: str = ""


class Publish(PublishFigure):
    also: list[Literal["csv"]] = []


class PublishSource(Publish):
    publish: bool = True

    @property
    def is_private(self) -> bool:
        """Whether the table stays here: checked, read by what is derived, and not published."""
        return not self.publish
