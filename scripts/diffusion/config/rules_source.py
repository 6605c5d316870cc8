"""Rules of a source that look at one of its keys or sections, and at nothing beside it."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from diffusion.config.checking import Checks
from diffusion.config.conditions import condition_problem
from diffusion.config.databases import is_address
from diffusion.config.fetching import AnyFetch, ApiFetch, DatabaseFetch, DownloadFetch, S3Fetch
from diffusion.config.model import Source
from diffusion.config.names import NAME, PART
from diffusion.config.partitions import partition_name
from diffusion.config.parts import Axes
from diffusion.config.periods import SPELLINGS, parse_period, period_of_vintage
from diffusion.config.reading import ApiRead
from diffusion.config.rules_crs import crs_problems
from diffusion.config.rules_database import database_problems
from diffusion.config.rules_fetch import fetching_problems
from diffusion.config.rules_read import (
    api_shape_problems,
    reading_problems,
    shape_problems,
    spelling_problems,
    status_problems,
)
from diffusion.errors import DiffusionError, NameTakenError, OptionError

BUCKET_AND_KEY = re.compile(rf"s3://[a-z0-9][a-z0-9.-]+(?:{PART})+")
LONGEST = 200  # characters of a partition's name, which becomes a file name of at most 255


def own_problems(where: str, source: Source) -> Iterator[DiffusionError]:
    """Yield what is wrong in single keys of a source, whatever the others say."""
    if not source.vintage:
        fix = 'write the date of the data, quoted: vintage: "2025-03-19" (here or at the top)'
        yield OptionError(f"{where}.vintage", "missing", fix)
    yield from fetching_problems(where, source.fetch)
    yield from reading_problems(where, source.read)
    yield from spelling_problems(where, source)
    yield from status_problems(where, source.convert)
    if source.convert.where and (
        problem := condition_problem(f"{where}.where", source.convert.where)
    ):
        yield problem
    if isinstance(source.fetch, ApiFetch) and isinstance(source.read, ApiRead):
        yield from api_shape_problems(where, source.fetch, source.read)
    yield from _partitions(where, source.partitions)
    yield from _earlier(where, source)
    if isinstance(source.fetch, DatabaseFetch):
        yield from database_problems(where, source.fetch, set(source.partitions))
    else:
        yield from _keys(where, source.fetch)
        yield from _url(where, source.fetch)
    yield from range_problems(f"{where}.checks", source.checks)
    yield from crs_problems(f"{where}.geometry", source.read.shapes)
    yield from shape_problems(f"{where}.geometry", source.read.shapes)


def _keys(where: str, fetch: AnyFetch) -> Iterator[DiffusionError]:
    if isinstance(fetch, S3Fetch):
        keys = fetch.credentials
        if bool(keys.access_key_env) != bool(keys.secret_key_env):
            fix = "name both variables, access_key_env and secret_key_env"
            yield OptionError(f"{where}.credentials", "one of the two keys is missing", fix)
        if fetch.version and set("*?") & set(fetch.url):
            found = "a version is that of one object, and `url` is a glob"
            yield OptionError(f"{where}.version", found, "name the object")


def _partitions(where: str, axes: Axes) -> Iterator[DiffusionError]:
    for axis, values in axes.items():
        place = f"{where}.partitions.{axis}"
        if not NAME.fullmatch(axis):
            fix = "names are lower case letters, digits and _, and begin with a letter"
            yield NameTakenError(place, "not a valid name", fix)
        for index, value in enumerate(values):
            if value.startswith(".") or re.search(r"[\x00-\x1f]", value):
                fix = "a value must not begin with a dot or hold control characters"
                yield OptionError(f"{place}.{index}", f"found {value!r}", fix)
    longest = {axis: max(values, key=lambda v: len(quote(v))) for axis, values in axes.items()}
    if len(partition_name(longest)) > LONGEST:
        found = f"the name of a partition has more than {LONGEST} characters"
        yield OptionError(f"{where}.partitions", found, "use codes instead of long texts")


def _earlier(where: str, source: Source) -> Iterator[DiffusionError]:
    """What is taken from earlier vintages: which is earlier, dates say."""
    fetch, reuse = source.fetch, source.fetch.reuse
    if_changed = isinstance(fetch, DownloadFetch | S3Fetch) and fetch.if_changed
    if reuse.after and not reuse.axis:
        yield OptionError(f"{where}.reuse.axis", "missing", "name the axis of the windows")
    if (reuse.axis or if_changed) and source.vintage and not period_of_vintage(source.vintage):
        key = "reuse" if reuse.axis else "if_changed"
        fix = 'write a date, a month or a quarter: vintage: "2025-03-19", "2025-03", "2025-Q1"'
        found = f"the vintage `{source.vintage}` does not say what is earlier"
        yield OptionError(f"{where}.{key}", found, fix)
    for value in source.partitions.get(reuse.axis, [""]) if reuse.axis else ():
        try:
            parse_period(value)
        except ValueError:
            fix = f"name the axis whose values are periods: {SPELLINGS}"
            found = f"`{value}` is no period" if value else "there is no such axis"
            yield OptionError(f"{where}.reuse.axis", found, fix)
            break


def _url(where: str, fetch: AnyFetch) -> Iterator[DiffusionError]:
    """The URL's scheme must belong to the kind of source."""
    kind, url = fetch.kind, fetch.url
    is_http = url.startswith(("http://", "https://"))
    if (kind == "s3") != url.startswith("s3://"):
        fix = "an s3:// URL goes with `from: s3`, and `from: s3` with an s3:// URL"
        yield OptionError(f"{where}.url", f"found `{url}` with `from: {kind}`", fix)
    elif kind == "s3" and not BUCKET_AND_KEY.fullmatch(url):
        yield OptionError(f"{where}.url", f"found `{url}`", "write s3://bucket/key")
    elif kind == "api" and not is_http:
        fix = "an API has an http:// or https:// URL"
        fix += f": write `url: {fetch.address}`" if fetch.address else ""
        yield OptionError(f"{where}.url", f"found `{url}`", fix)
    elif kind != "s3" and is_address(url):
        fix = "a database goes with `from: database`, and `table: …` or `query: …`"
        yield OptionError(f"{where}.url", f"found `{url}` with `from: {kind}`", fix)
    elif kind != "s3" and "://" in url and not is_http:
        fix = "write http://…, https://… or a path; for s3://… also `from: s3`"
        yield OptionError(f"{where}.url", f"found `{url}`", fix)


def range_problems(where: str, checks: Checks) -> Iterator[DiffusionError]:
    """Yield the ranges of checks that hold nothing."""
    ranges = {f"range.{column}": bounds for column, bounds in checks.range.items()}
    for key, (low, high) in {**ranges, "rows": checks.rows}.items():
        if low is None or high is None:
            continue
        if isinstance(low, str) != isinstance(high, str) or low > high:
            found = f"found [{low}, {high}]"
            yield OptionError(f"{where}.{key}", found, "write [lowest, highest]")
