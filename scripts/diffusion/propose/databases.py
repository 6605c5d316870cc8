"""What a database holds: its tables that may be read, and their primary keys."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from backports import zstd

from diffusion.base.progress import Progress
from diffusion.config.databases import ELSEWHERE, is_address, parse_address
from diffusion.config.fetching import DatabaseFetch
from diffusion.errors import ProposalError, SecretError
from diffusion.fetch.database.receive import address_of, receive_rows
from diffusion.propose.choosing import Choose, choose_one, fitting
from diffusion.propose.draft import Draft

VARIABLE = "env:"  # before the name of a variable that holds the address
SHAPES = {"postgresql": "public", "duckdb": "main", "mysql": "", "sqlite": ""}
# schema, name, and about how many rows; only what the one who asks may read
TABLES = {
    "postgresql": (
        "SELECT n.nspname, c.relname, c.reltuples::bigint FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND NOT c.relispartition "
        "AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
        "AND n.nspname NOT LIKE 'pg\\_t%' AND has_schema_privilege(n.oid, 'USAGE') "
        "AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2"
    ),
    "mysql": (
        "SELECT '' AS base, table_name AS name, table_rows AS n FROM information_schema.tables "
        "WHERE table_schema = database() ORDER BY 2"
    ),
    "sqlite": (
        "SELECT '' AS base, name, '' AS n FROM sqlite_master WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 2"
    ),
    "duckdb": (
        "SELECT schema_name, table_name, estimated_size FROM duckdb_tables() WHERE NOT internal "
        "UNION ALL SELECT schema_name, view_name, NULL FROM duckdb_views() WHERE NOT internal "
        "ORDER BY 1, 2"
    ),
}
# the columns of a primary key in their order: of a schema and a name, as SQL has them
KEYS = {
    "postgresql": (
        "SELECT a.attname FROM pg_catalog.pg_index i "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
        "JOIN pg_catalog.pg_class c ON c.oid = i.indrelid "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE i.indisprimary AND n.nspname = {schema} AND c.relname = {name} "
        "ORDER BY array_position(i.indkey::int[], a.attnum::int)"
    ),
    "mysql": (
        "SELECT column_name FROM information_schema.key_column_usage WHERE "
        "table_schema = database() AND table_name = {name} AND constraint_name = 'PRIMARY' "
        "ORDER BY ordinal_position"
    ),
    "sqlite": "SELECT name FROM pragma_table_info({name}) WHERE pk > 0 ORDER BY pk",
    "duckdb": (
        "SELECT unnest(constraint_column_names) AS name FROM duckdb_constraints() "
        "WHERE constraint_type = 'PRIMARY KEY' AND schema_name = {schema} AND table_name = {name}"
    ),
}


@dataclass(frozen=True)
class Table:
    """A table, or a view: where it is, and about how many rows it has, if that is known."""

    schema: str
    name: str
    rows: str = ""

    def key(self, usual: str) -> str:
        """Return it as ``table:`` states it: the schema that is usual is left out."""
        return self.name if self.schema in ("", usual) else f"{self.schema}.{self.name}"


def database_keys(typed: str, project: Path, folder: Path) -> dict[str, str]:
    """Return the keys of an entry for the address of a database; none for what is none.

    Args:
        typed: an address without a password, or ``env:NAME`` of a variable that holds one; the path
            of a file leads from the current folder.
        project: the folder of the project.
        folder: the current one.

    Raises:
        DiffusionError: a password stands in it, which is not shown; or there is no such file.
    """
    if typed.startswith(VARIABLE):
        return {"from": "database", "url_env": typed.removeprefix(VARIABLE)}
    if not is_address(typed):
        return {}
    try:
        address = parse_address(typed)
    except ValueError as error:
        raise ProposalError("the address of the database", f"it {error}", "correct it") from None
    if address.password:
        fix = "others of this machine can read what is typed: change it. Then give it by "
        fix += f"{ELSEWHERE}: diffusion source env:NAME"
        raise SecretError("the address of the database", "a password stands in it", fix)
    if not address.is_file:
        return {"from": "database", "url": typed}
    path = folder / Path(address.name).expanduser()
    if not path.is_file():
        raise ProposalError(str(path), "there is no such file", "check the path")
    inside = path.resolve().is_relative_to(project.resolve())
    shown = path.resolve().relative_to(project.resolve()) if inside else path.absolute()
    return {"from": "database", "url": replace(address, name=str(shown)).public}


def propose_table(draft: Draft, place: Path, words: Sequence[str], choose: Choose) -> None:
    """Propose the table of a database, and what its primary key says; of a query, nothing.

    Args:
        place: an empty folder.
        words: parts of the name of the table that is meant.

    Raises:
        DiffusionError: it cannot be asked, or which table is meant is to be said.
    """
    given = draft.all_keys
    if "query" in given:
        return
    fetch = DatabaseFetch(url=given.get("url", ""), url_env=given.get("url_env"), retries=0)
    kind = address_of(draft.name, fetch, {}).kind
    if "table" not in given:
        draft.propose("table", _chosen(fetch, kind, place, words, choose))
    *schema, name = str(draft.all_keys["table"]).split(".")
    values = {"schema": schema[0] if schema else SHAPES[kind], "name": name}
    quoted = {key: "'" + value.replace("'", "''") + "'" for key, value in values.items()}
    key = [row[0] for row in _rows(fetch, KEYS[kind].format(**quoted), place)]
    if key:
        draft.propose("checks", {"unique": key, "not_null": key}, "its primary key")


def _chosen(
    fetch: DatabaseFetch, kind: str, place: Path, words: Sequence[str], choose: Choose
) -> str:
    tables = [Table(*row) for row in _rows(fetch, TABLES[kind], place)]
    if not tables:
        fix = "ask its owner for the right to read (GRANT SELECT); or name the base in the address"
        raise ProposalError("the database", "there is no table that may be read", fix)
    keys = {table.key(SHAPES[kind]): table for table in tables}
    names = fitting(list(keys), words) or list(keys)
    if len(names) == 1:
        return names[0]
    told = {f"{name}{_about(keys[name].rows)}": name for name in names}
    return told[choose_one(choose, "the database has", list(told), "--resource TEXT")]


def _about(rows: str) -> str:
    return f" (about {int(rows):,} rows)" if rows.isdecimal() and int(rows) else ""


def _rows(fetch: DatabaseFetch, query: str, place: Path) -> list[list[str]]:
    """Return what a database answers, as text."""
    asked = msgspec.structs.replace(fetch, query=query, timeout=60.0)
    with Progress("tables", "B") as progress:
        files, _ = receive_rows("the database", asked, {}, place / "asked", progress)
    text = zstd.decompress(files[0].path.read_bytes()).decode()
    files[0].path.unlink()
    return list(csv.reader(io.StringIO(text)))[1:]
