"""Addresses of databases, as SQLAlchemy spells them: ``postgresql://host:5432/base``.

Files have three slashes before a path from the project's folder, and four before a whole one:
``sqlite:///data/rents.db`` (https://docs.sqlalchemy.org/en/20/core/engines.html).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit

SCHEMES = {
    "postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql",
    "sqlite": "sqlite", "duckdb": "duckdb",
}  # fmt: skip
FILES = ("sqlite", "duckdb")
ADDRESS = re.compile(rf"(?P<scheme>{'|'.join(SCHEMES)})(\+\w+)?:", re.IGNORECASE)
PORTS = {"postgresql": 5432, "mysql": 3306}
# what a URL may state behind `?`; libpq's are at
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
OPTIONS: Mapping[str, frozenset[str]] = {
    "postgresql": frozenset(
        "host port service sslmode sslrootcert sslcert sslkey sslnegotiation gssencmode "
        "channel_binding target_session_attrs options".split()
    ),
    "mysql": frozenset(("unix_socket", "ssl_ca")),
}
SPELLINGS = (
    "postgresql://host:5432/base, mysql://host:3306/base, mariadb://host:3306/base, "
    "sqlite:///path/from/the/project.db or duckdb:///path/from/the/project.duckdb"
)
ELSEWHERE = "PGUSER and PGPASSWORD, ~/.pgpass or PGSERVICE for PostgreSQL; MYSQL_USER and "
ELSEWHERE += "MYSQL_PWD, or [client] in ~/.my.cnf, for MySQL and MariaDB; or the whole URL in a "
ELSEWHERE += "variable that `url_env: NAME` names"


@dataclass(frozen=True)
class Address:
    """Where a database is, and who asks; ``name``: of the database, or the path of a file."""

    kind: str
    host: str = ""
    port: int | None = None
    name: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_file(self) -> bool:
        return self.kind in FILES

    @property
    def public(self) -> str:
        """The address without who asks: what provenance notes, and what errors show."""
        if self.is_file:
            return f"{self.kind}:///{self.name}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = host + (f":{self.port}" if self.port else "")
        place += f"/{quote(self.name, safe='')}"
        where = "&".join(
            f"{key}={quote(value, safe='/')}"
            for key, value in sorted(self.options.items())
            if key in ("host", "port", "service", "unix_socket")
        )
        return f"{self.kind}://{place}" + (f"?{where}" if where else "")


def is_address(url: str) -> bool:
    """Whether a URL is of a database, by its scheme."""
    return bool(ADDRESS.match(url))


def parse_address(url: str) -> Address:
    """Return what a URL says.

    Raises:
        ValueError: it is of no database; the words show nothing of it, as it may hold a password.
    """
    known = ADDRESS.match(url)
    if not known:
        raise ValueError("is the URL of no database")
    kind, rest = SCHEMES[known["scheme"].lower()], url[known.end() :]
    if kind in FILES:
        return Address(kind, name=_path(rest))
    if not rest.startswith("//"):
        raise ValueError("has no `//` before the host")
    parts = urlsplit(f"{kind}:{rest}")
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        words = "has a port that is no number; signs such as `/ @ : #` in a password are written "
        raise ValueError(words + "`%2F %40 %3A %23`") from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.fragment or options.keys() - OPTIONS[kind] - {"user", "password"}:
        unknown = sorted(options.keys() - OPTIONS[kind] - {"user", "password"}) or ["#"]
        allowed = ", ".join(sorted(OPTIONS[kind]))
        raise ValueError(f"states `{unknown[0]}`, which is no option here: {allowed}")
    user = options.pop("user", unquote(parts.username or ""))
    password = options.pop("password", unquote(parts.password or ""))
    return Address(kind, host, port, unquote(parts.path[1:]), options, user, password)


def _path(rest: str) -> str:
    """Return the path of a database that is a file; ``sqlite:data.db`` is clear, too."""
    if rest.startswith("//") and not rest.startswith("///"):
        raise ValueError("has two slashes: a path has three before it, a whole one four")
    path = unquote(rest.removeprefix("///"))
    if not path or path == ":memory:" or "?" in path:
        raise ValueError("names no file")
    return path
