"""Rules of a source that is a database: its address, and what is asked of it."""

from collections.abc import Iterator

from diffusion.config.databases import ELSEWHERE, SPELLINGS, is_address, parse_address
from diffusion.config.fetching import DatabaseFetch
from diffusion.config.partitions import axes_of
from diffusion.config.queries import axes_bound, query_problems
from diffusion.errors import DiffusionError, OptionError, SecretError


def database_problems(where: str, fetch: DatabaseFetch, axes: set[str]) -> Iterator[DiffusionError]:
    """Yield what is wrong in the keys of a database.

    Args:
        axes: the names of the source's.
    """
    yield from _address(where, fetch)
    if bool(fetch.table) == bool(fetch.query):
        found = "set together with `query`" if fetch.table else "neither `table` nor `query` is set"
        fix = (
            "write one of them: `table: schema.name`, or `query:` with one SELECT, which may join "
        )
        fix += "join tables (see config/examples/database_sqlite.yaml)"
        yield OptionError(f"{where}.table", found, fix)
    for found, fix in query_problems(fetch.query, axes) if fetch.query else ():
        yield OptionError(f"{where}.query", found, fix)


def _address(where: str, fetch: DatabaseFetch) -> Iterator[DiffusionError]:
    if bool(fetch.url) == bool(fetch.url_env):
        found = "set together with `url`" if fetch.url else "neither `url` nor `url_env` is set"
        fix = f"write one of them: `url: …` ({SPELLINGS}); or `url_env: NAME`, a variable of the "
        yield OptionError(f"{where}.url_env", found, f"{fix}environment that holds the URL")
    if not fetch.url:
        return
    if not is_address(fetch.url):
        fix = f"write {SPELLINGS}"
        yield OptionError(f"{where}.url", f"found `{fetch.url}` with `from: database`", fix)
        return
    try:
        address = parse_address(fetch.url)
    except ValueError as error:
        yield OptionError(f"{where}.url", f"it {error}", f"write {SPELLINGS}")
        return
    if address.password:
        fix = f"take it out, and change it: others may have read it. Then give it by {ELSEWHERE}"
        yield SecretError(f"{where}.url", "a password stands in it", fix)


def axes_used(fetch: DatabaseFetch) -> dict[str, set[str]]:
    """Return the axes that each key uses."""
    return {
        "url": axes_of(fetch.url),
        "table": axes_of(fetch.table),
        "query": axes_bound(fetch.query or ""),
    }
