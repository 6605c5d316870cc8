"""Names: of entries and keys, of kinds of sources, of the files of derived entries."""

import difflib
import re
from pathlib import Path

NAME = re.compile(r"[a-z][a-z0-9_]*")  # of an entry, an axis
PART = r"/(?!\.{1,2}(?:/|$))[^/\x00-\x1f]+"  # of a key in S3; `.`, `..` and nothing are no names
# what `snakemake NAME` means already, or would seem to
TARGETS = ("all", "fetch", "convert", "combine", "check", "derive", "draw", "publish")
RULES = (
    *("fetch_raw", "convert_table", "convert_part", "combine_parts", "check_table"),
    *("derive_table", "draw_figure", "publish_sources", "publish_derived", "publish_figure"),
    *("write_lock", "write_summary"),
)
# a file in scripts/derive/, or a path from the project's folder, with a slash; never above it
FILE = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_]+\.(sql|py)")
# what is written as `from`, and is none
KINDS = {
    **dict.fromkeys(("csv", "json", "ndjson", "geojson", "xlsx", "excel", "parquet"), "file"),
    **dict.fromkeys(("gpkg", "shp", "url", "http", "https", "path", "local"), "file"),
    **dict.fromkeys(("zip", "7z", "tar", "tgz"), "archive"),
    **{"rest": "api", "minio": "s3"},
    **dict.fromkeys(("postgresql", "postgres", "mysql", "mariadb", "sql", "db"), "database"),
}


def meant_kind(given: str) -> str | None:
    """Return the kind of source that another word in its place, such as a format, is meant for."""
    near = difflib.get_close_matches(given.lower(), ("api", "archive", "file", "s3", "database"), 1)
    return KINDS.get(given.lower()) or next(iter(near), None)


def is_query(sql: str) -> bool:
    """Return whether ``sql:`` is a query itself and not the name of a file."""
    return not FILE.fullmatch(sql) and any(map(str.isspace, sql.strip()))


def derive_file(project: Path, name: str) -> Path:
    """Return where the SQL or Python file of a derived entry is."""
    return project / name if "/" in name else project / "scripts" / "derive" / name
