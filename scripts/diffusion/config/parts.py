"""The parts of the configuration as frozen structs: one field for each key of the schema.

In YAML an entry is flat. Here its keys are dealt to parts: what is fetched, how it is read, how it
is converted, written, credited, published. A job is given the parts that it depends on, as text
(``as_text``), so that it runs again when one of them changes, and only then.
"""

from typing import Any, Literal, TypeVar

import msgspec

Style = Literal["none", "next_url", "link_header", "page", "offset", "cursor"]
Format = Literal["auto", "csv", "json", "ndjson", "parquet", "xlsx", "geojson", "gpkg", "shp"]
Axes = dict[str, list[str]]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A mapping of the configuration, such as ``pages:``."""


class Part(Section):
    """Some keys of an entry that belong together, without a name in YAML."""


T = TypeVar("T")


def as_text(part: object) -> str:
    """Return a part as short JSON: what the user wrote, without defaults, in one spelling."""
    return msgspec.json.encode(part).decode()


def from_text(text: str, kind: type[T]) -> T:
    """Return the part that ``as_text`` wrote; ``kind`` may be a union such as ``AnyFetch``."""
    return msgspec.json.decode(text, type=kind)


class ArchiveLimits(Section):
    """What an archive may expand to: bytes in total, and number of entries."""

    max_size: int = 50_000_000_000
    max_members: int = 10_000


class Project(Section):
    name: str
    title: str = ""
    publisher: str = ""
    licence: str = ""


class Auth(Section):
    env: str | None = None
    style: Literal["bearer", "header", "param"] = "bearer"
    name: str = "X-Api-Key"


class Pages(Section):
    style: Style = "none"
    records: str = ""
    next: str = "next"
    total: str = ""
    marker: str = ""
    estimate: str = "meta.totalMarginPct"
    hints: str = "meta.hints"
    param: str = ""
    start: int = 1
    size_param: str = ""
    size: int = 1000
    max_pages: int = 100_000


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
    credentials: Credentials = Credentials()


class Storage(Section):
    url: str = "published"
    raw: str = "raw"
    endpoint: str | None = None
    region: str | None = None
    path_style: bool | None = None

    @property
    def server(self) -> Server:
        return Server(endpoint=self.endpoint, region=self.region, path_style=self.path_style)


class Fetch(Part, tag_field="from"):
    """What is asked of whom. The kinds of sources differ most here."""

    url: str
    sha256: str | None = None

    @property
    def kind(self) -> str:
        """The ``from`` of the source."""
        return str(self.__struct_config__.tag)

    @property
    def is_http(self) -> bool:
        """Whether a server is asked over HTTP, and not a local file or S3."""
        return self.url.startswith(("http://", "https://"))


class HttpFetch(Fetch):
    params: dict[str, Any] = {}
    headers: dict[str, str] = {}
    auth: Auth = Auth()
    timeout: float = 60
    retries: int = 5
    allow_http_redirects: bool = False
    allow_hosts: list[str] = []


class ApiFetch(HttpFetch, tag="api"):
    method: Literal["GET", "POST"] = "GET"
    body: dict[str, Any] = {}
    pages: Pages = Pages()


class ArchiveFetch(HttpFetch, tag="archive"):
    pass


class FileFetch(HttpFetch, tag="file"):
    pass


class S3Fetch(Fetch, tag="s3"):
    endpoint: str | None = None
    region: str | None = None
    path_style: bool | None = None
    anonymous: bool = False
    credentials: Credentials = Credentials()

    @property
    def server(self) -> Server:
        return Server(**{name: getattr(self, name) for name in Server.__struct_fields__})


class Csv(Section):
    delimiter: str | None = None
    quote: str = '"'
    encoding: Literal["auto", "utf-8", "latin-1", "utf-16"] = "auto"
    decimal: Literal[".", ","] = "."
    header: int = 1


class Xlsx(Section):
    sheet: str | None = None
    header: int = 1


class Geometry(Section):
    crs: str | None = None
    to_crs: str | None = None
    family: Literal["any", "point", "line", "polygon"] = "any"
    repair: bool = True


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


class Write(Part):
    """In which order rows stand in which files."""

    sort_by: list[str] = []
    partition_by: list[str] = []
    row_group_rows: int = 100_000


class Credit(Part):
    """What stands beside the data wherever they go."""

    licence: str = ""
    attribution: str = ""


class Derive(Part, kw_only=True):
    """A table from published tables: one of ``sql`` and ``script`` is set."""

    sql: str | None = None
    script: str | None = None
    inputs: list[str]
    params: dict[str, Any] = {}
    geometry: Geometry = Geometry()


class Draw(Part):
    """A figure from published tables."""

    script: str
    inputs: list[str]
    params: dict[str, Any] = {}


class Checks(Section):
    required: list[str] = []
    unique: list[str] = []
    not_null: list[str] = []
    allowed: dict[str, list[Any]] = {}
    range: dict[str, tuple[Any, Any]] = {}
    regex: dict[str, str] = {}
    rows: tuple[int | None, int | None] = (1, None)
    cast_failures: float = 0
    valid_geometry: bool = True
    foreign_keys: dict[str, str] = {}
    warn: list[str] = []


class PublishFigure(Part):
    publish_as: str
    description: str = ""


class Publish(PublishFigure):
    also: list[Literal["csv"]] = []


AnyFetch = ApiFetch | ArchiveFetch | FileFetch | S3Fetch
AnyRead = ApiRead | FileRead | ArchiveRead | S3Read
