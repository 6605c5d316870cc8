"""Options that have no effect where they are set: each is an error, never ignored silently."""

from collections.abc import Iterator

from diffusion.config.checking import Checks
from diffusion.config.fetching import ApiFetch, DatabaseFetch, Pages, S3Fetch
from diffusion.config.model import ArchiveSource, Config, DerivedTable, Source
from diffusion.config.no_effect import no_effect, set_options
from diffusion.config.partitions import count_partitions
from diffusion.config.parts import Credentials
from diffusion.config.unused_reading import unused_in_columns, unused_in_reading
from diffusion.errors import DiffusionError

PAGED = ("next_url", "link_header", "page", "offset", "cursor")
# options of pages: the styles that use them
STYLES = {
    "next": ("next_url", "cursor"),
    "param": ("page", "offset", "cursor"),
    "start": ("page", "offset"),
    "more": PAGED,
    "last": PAGED,
    "max_pages": PAGED,
}
IMPLICIT_CHECKS = (
    "rows",
    "cast_failures",
    "valid_geometry",
    "missing_geometry",
    "partitions",
    "overlap",
    "doubled",
)  # checks that are always made


def unused_options(config: Config) -> Iterator[DiffusionError]:
    """Yield an error for every option that is set where it has no effect."""
    for name, source in config.sources.items():
        where = f"sources.{name}"
        yield from _fetch(where, source)
        yield from unused_in_reading(where, source)
        yield from unused_in_columns(where, source)
        yield from _private(where, source)
        yield from _warnings(f"{where}.checks", source.checks)
    for name, entry in config.derive.items():
        if isinstance(entry, DerivedTable):
            yield from _derived(f"derive.{name}", entry)
            yield from _warnings(f"derive.{name}.checks", entry.checks)


def _private(where: str, source: Source) -> Iterator[DiffusionError]:
    """Yield the options of publishing of a source that is not published."""
    given = [*set_options(source.publish), *(["partition_by"] if source.write.partition_by else [])]
    given += ["keep_members"] if isinstance(source, ArchiveSource) and source.keep_members else []
    for name in given if source.publish.is_private else ():
        if name in ("also", "partition_by", "keep_members"):
            yield no_effect(f"{where}.{name}", "with `publish: false` nothing is published")


def _fetch(where: str, source: Source) -> Iterator[DiffusionError]:
    fetch = source.fetch
    if source.batches is not None and count_partitions(source.partitions) == 1:
        yield no_effect(f"{where}.batches", "there is one partition")
    if isinstance(fetch, S3Fetch):
        if fetch.anonymous and fetch.credentials != Credentials():
            yield no_effect(f"{where}.credentials", "with `anonymous: true` nothing is signed")
        return
    if isinstance(fetch, DatabaseFetch):
        return
    if not fetch.is_http:
        for name in set_options(fetch):
            if name not in ("sha256", "formerly", "was", "reuse"):
                yield no_effect(f"{where}.{name}", "`url` is a local path")
    if isinstance(fetch, ApiFetch):
        yield from _pages(f"{where}.pages", fetch.pages)


def _pages(where: str, pages: Pages) -> Iterator[DiffusionError]:
    given, style = set_options(pages), f"`{pages.style}`" if pages.style else "not stated"
    for name, styles in STYLES.items():
        if name in given and pages.style not in styles:
            used = " or ".join(f"`{style}`" for style in styles)
            yield no_effect(f"{where}.{name}", f"the style is {style}, not {used}")
    if "size" in given and not pages.size_param:
        yield no_effect(f"{where}.size", "no `size_param` sends it")
    if "estimate" in given and not pages.total:
        yield no_effect(f"{where}.estimate", "there is no `total`")


def _derived(where: str, entry: DerivedTable) -> Iterator[DiffusionError]:
    if entry.checks.cast_failures:
        yield no_effect(f"{where}.checks.cast_failures", "only columns of sources are cast")
    if not entry.checks.partitions:
        yield no_effect(f"{where}.checks.partitions", "only sources have partitions")
    if not entry.checks.overlap:
        yield no_effect(f"{where}.checks.overlap", "only sources have pages")
    if entry.derive.geometry.source.is_stated:
        found = "a derived table makes its geometries itself"
        yield no_effect(f"{where}.geometry.from", found)
    if not entry.derive.sql:
        return
    if entry.derive.params:
        yield no_effect(f"{where}.params", "they are handed to a `script`, not to `sql`")


def _warnings(where: str, checks: Checks) -> Iterator[DiffusionError]:
    for index, kind in enumerate(checks.warn):
        if kind not in IMPLICIT_CHECKS and not getattr(checks, kind):
            yield no_effect(f"{where}.warn.{index}", f"there is no check `{kind}`")
