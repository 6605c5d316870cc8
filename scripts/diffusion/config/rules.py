"""What the schema cannot say: rules between keys of the configuration."""

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from diffusion.config.partitions import axes_of, count_partitions, partition_name
from diffusion.config.rules_derive import derive_problems
from diffusion.config.schema import did_you_mean
from diffusion.errors import DiffusionError

NAME = re.compile(r"[a-z][a-z0-9_]*")
PART = r"/(?!\.{1,2}(?:/|$))[^/\x00-\x1f]+"  # of a key; `.`, `..` and nothing are no names
BUCKET_AND_KEY = re.compile(rf"s3://[a-z0-9][a-z0-9.-]+(?:{PART})+")
BUCKET = re.compile(rf"s3://[a-z0-9][a-z0-9.-]+(?:{PART})*/?")
LONGEST_NAME = 100
LONGEST = 200  # characters of a partition's name, which becomes a file name of at most 255
# options that mean something for some kinds of source only: which, and what to say
ONLY = {
    "pages": (("api",), "only APIs have pages"),
    "method": (("api",), "only APIs"),
    "body": (("api",), "only APIs"),
    "headers": (("api", "archive", "file"), "only for http(s) URLs"),
    "params": (("api", "archive", "file"), "only for http(s) URLs"),
    "auth": (("api", "archive", "file"), "only for http(s) URLs; see `credentials`"),
    "allow_http_redirects": (("api", "archive", "file"), "only for http(s) URLs"),
    "allow_hosts": (("api", "archive", "file"), "only for http(s) URLs"),
    "keep_members": (("archive",), "only for archives"),
    "members": (("archive", "s3"), "only for archives and globs of S3 objects"),
    "endpoint": (("s3",), "only for `from: s3`"),
    "region": (("s3",), "only for `from: s3`"),
    "path_style": (("s3",), "only for `from: s3`"),
    "anonymous": (("s3",), "only for `from: s3`"),
    "credentials": (("s3",), "only for `from: s3`; see `auth`"),
}
IDLE = (None, "", {}, [], False, "GET", "one", "none")


def cross_field_problems(config: Mapping) -> list[DiffusionError]:
    """Return every breach of the rules between keys, for a schema-valid, filled config."""
    problems = [*_names(config), *_storage(config), *_publishing(config), *derive_problems(config)]
    for name, source in config["sources"].items():
        where = f"sources.{name}"
        problems += _source(where, source, config)
        problems += _partitions(where, source)
        problems += _axes(where, source)
        problems += _url(where, source)
        problems += _options(where, source)
    for section in ("sources", "derive"):
        for name, entry in config[section].items():
            problems += _ranges(f"{section}.{name}.checks", entry["checks"])
    problems += _foreign_keys(config)
    return problems


def _names(config: Mapping) -> Iterator[DiffusionError]:
    for section in ("sources", "derive"):
        for name in config[section]:
            if not NAME.fullmatch(name):
                fix = "names are lower case letters, digits and _, and begin with a letter"
                yield DiffusionError(f"{section}.{name}", "not a valid name", fix)
            if len(name) > LONGEST_NAME:
                fix = f"use at most {LONGEST_NAME}: it becomes the name of files"
                yield DiffusionError(f"{section}.{name}", f"has {len(name)} characters", fix)
            if section == "derive" and name in config["sources"]:
                yield DiffusionError(f"derive.{name}", "a source has the same name", "rename one")


def _storage(config: Mapping) -> Iterator[DiffusionError]:
    storage = config["storage"]
    for key in ("url", "raw"):
        where, url = f"storage.{key}", storage[key]
        if "://" in url and not BUCKET.fullmatch(url):
            yield DiffusionError(where, f"found `{url}`", "write s3://bucket/prefix, or a folder")
        if url.startswith("~"):
            fix = f"`~` is not expanded: write ${{HOME}}{url[1:]}"
            yield DiffusionError(where, f"found `{url}`", fix)
    url, raw = (_place(storage[key]) for key in ("url", "raw"))
    if url.startswith(raw) or raw.startswith(url):
        found = f"`{storage['raw']}` and storage.url `{storage['url']}` overlap"
        fix = "raw copies are kept for ever and not for readers: give them a place of their own"
        yield DiffusionError("storage.raw", found, fix)


def _place(url: str) -> str:
    """Return a URL or path such that one that begins with another lies inside it."""
    if url.startswith("s3://"):
        return "s3:/" + posixpath.normpath(url.removeprefix("s3:/")).replace("//", "/") + "/"
    return os.path.abspath(url).rstrip("/") + "/"  # noqa: PTH100 - resolves `..` too


def _source(where: str, source: Mapping, config: Mapping) -> Iterator[DiffusionError]:
    if not source["vintage"] and not config["vintage"]:
        fix = 'write the date of the data, quoted: vintage: "2025-03-19" (here or at the top)'
        yield DiffusionError(f"{where}.vintage", "missing", fix)
    if source["sha256"] and count_partitions(source) > 1:
        fix = "pin the hashes of several partitions in the lock: `snakemake write_lock`"
        yield DiffusionError(f"{where}.sha256", "one hash for several partitions", fix)
    if source["partition_by"] and source["keep_members"]:
        fix = "both would publish a folder of the same name; keep one of the two"
        yield DiffusionError(f"{where}.partition_by", "set together with keep_members", fix)
    if source["keep"] == "declared":
        for key in ("sort_by", "partition_by"):
            for column in source[key]:
                if column not in source["columns"]:
                    fix = f"{did_you_mean(column, source['columns'])}Declare it under columns, or "
                    yield DiffusionError(
                        f"{where}.{key}", f"`{column}` is not kept", fix + "write keep: all"
                    )


def _partitions(where: str, source: Mapping) -> Iterator[DiffusionError]:
    axes = source["partitions"]
    for axis, values in axes.items():
        place = f"{where}.partitions.{axis}"
        if not NAME.fullmatch(axis):
            fix = "names are lower case letters, digits and _, and begin with a letter"
            yield DiffusionError(place, "not a valid name", fix)
        for index, value in enumerate(values):
            if value.startswith(".") or re.search(r"[\x00-\x1f]", value):
                fix = "a value must not begin with a dot or hold control characters"
                yield DiffusionError(f"{place}.{index}", f"found {value!r}", fix)
    longest = {axis: max(values, key=lambda v: len(quote(v))) for axis, values in axes.items()}
    if len(partition_name(longest)) > LONGEST:
        found = f"the name of a partition has more than {LONGEST} characters"
        yield DiffusionError(f"{where}.partitions", found, "use codes instead of long texts")


def _axes(where: str, source: Mapping) -> Iterator[DiffusionError]:
    """Axes that are used must be declared, and declared ones used."""
    templates = {key: source[key] for key in ("url", "params", "body", "member")}
    used: set[str] = set()
    for key, template in templates.items():
        for axis in sorted(axes_of(template)):
            used.add(axis)
            if axis not in source["partitions"]:
                known = ", ".join(source["partitions"]) or "none"
                fix = f'declare it: partitions: {{{axis}: ["…"]}} (declared axes: {known})'
                yield DiffusionError(f"{where}.{key}", f"uses {{{axis}}}, which is no axis", fix)
    for axis in source["partitions"]:
        if axis not in used:
            fix = f"write {{{axis}}} in url or params, or every partition would hold the same data"
            yield DiffusionError(f"{where}.partitions.{axis}", "the axis is used nowhere", fix)


def _url(where: str, source: Mapping) -> Iterator[DiffusionError]:
    """The URL's scheme must belong to the kind of source."""
    kind, url = source["from"], source["url"]
    is_http = url.startswith(("http://", "https://"))
    if (kind == "s3") != url.startswith("s3://"):
        fix = "an s3:// URL goes with `from: s3`, and `from: s3` with an s3:// URL"
        yield DiffusionError(f"{where}.url", f"found `{url}` with `from: {kind}`", fix)
    elif kind == "s3" and not BUCKET_AND_KEY.fullmatch(url):
        yield DiffusionError(f"{where}.url", f"found `{url}`", "write s3://bucket/key")
    elif kind == "api" and not is_http:
        fix = "an API has an http:// or https:// URL"
        yield DiffusionError(f"{where}.url", f"found `{url}`", fix)
    elif kind != "s3" and "://" in url and not is_http:
        fix = "write http://…, https://… or a path; for s3://… also `from: s3`"
        yield DiffusionError(f"{where}.url", f"found `{url}`", fix)


def _options(where: str, source: Mapping) -> Iterator[DiffusionError]:
    """Options must belong to the kind of source, and come with what they need."""
    kind, auth, keys = source["from"], source["auth"], source["credentials"]
    deciding = {"pages": "style", "auth": "env", "credentials": "access_key_env"}
    for key, (kinds, text) in ONLY.items():
        value = source[key][deciding[key]] if key in deciding else source[key]
        if kind not in kinds and value not in IDLE:
            yield DiffusionError(f"{where}.{key}", f"set with `from: {kind}`", text)
    if not auth["env"] and (auth["style"], auth["name"]) != ("bearer", "X-Api-Key"):
        fix = "name the environment variable that holds the secret"
        yield DiffusionError(f"{where}.auth.env", "missing", fix)
    if bool(keys["access_key_env"]) != bool(keys["secret_key_env"]):
        fix = "name both variables, access_key_env and secret_key_env"
        yield DiffusionError(f"{where}.credentials", "one of the two keys is missing", fix)


def _ranges(where: str, checks: Mapping) -> Iterator[DiffusionError]:
    ranges = {f"range.{column}": bounds for column, bounds in checks["range"].items()}
    for key, (low, high) in {**ranges, "rows": checks["rows"]}.items():
        if None in (low, high):
            continue
        if isinstance(low, str) != isinstance(high, str) or low > high:
            yield DiffusionError(
                f"{where}.{key}", f"found [{low}, {high}]", "write [lowest, highest]"
            )


def _publishing(config: Mapping) -> Iterator[DiffusionError]:
    names: dict[str, list[str]] = {}
    for section in ("sources", "derive"):
        for name, entry in config[section].items():
            names.setdefault(entry["publish_as"] or name, []).append(f"{section}.{name}")
    for name, entries in names.items():
        if len(entries) > 1:
            found = f"{' and '.join(entries)} would both be published as `{name}`"
            yield DiffusionError(
                f"{entries[-1]}.publish_as", found, "give one of them another name"
            )
    if "manifest" in names:
        fix = "choose another name"
        yield DiffusionError(f"{names['manifest'][0]}.publish_as", "`manifest` is taken", fix)


def _foreign_keys(config: Mapping) -> Iterator[DiffusionError]:
    for section in ("sources", "derive"):
        for name, entry in config[section].items():
            known = entry.get("inputs") or sorted(config["sources"].keys() - {name})
            kind = "source" if section == "sources" else "input of it"
            for column, target in entry["checks"]["foreign_keys"].items():
                table = target.split(".")[0]
                if table not in known or table == name:
                    where = f"{section}.{name}.checks.foreign_keys.{column}"
                    fix = f"{did_you_mean(table, known)}Tables: {', '.join(known) or 'none'}"
                    yield DiffusionError(where, f"`{table}` is no other {kind}", fix)
