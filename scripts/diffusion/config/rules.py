"""What the schema cannot express: rules between keys of the configuration."""

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from diffusion.config.fetching import DatabaseFetch, DownloadFetch
from diffusion.config.model import Config, DerivedTable, Figure, Source
from diffusion.config.names import NAME, PART, RULES, TARGETS
from diffusion.config.partitions import AXIS, axes_of, count_partitions, uses_of
from diffusion.config.parts import Axes, Storage
from diffusion.config.periods import SPELLINGS, parse_period
from diffusion.config.rules_about import about_problems
from diffusion.config.rules_crs import crs_problems
from diffusion.config.rules_database import axes_used
from diffusion.config.rules_derive import derive_problems
from diffusion.config.rules_draft import draft_problems
from diffusion.config.rules_source import own_problems, range_problems
from diffusion.config.rules_sql import sql_problems
from diffusion.config.schema import did_you_mean
from diffusion.config.time_formats import format_problems
from diffusion.config.unused_options import unused_options
from diffusion.errors import AxisError, DiffusionError, NameTakenError, NoEffectError, OptionError

CONSENTS = ("raw", "columns", "rows", "vintage", "owner")
BUCKET = re.compile(rf"s3://[a-z0-9][a-z0-9.-]+(?:{PART})*/?")
LONGEST_NAME = 100


def cross_field_problems(config: Config) -> list[DiffusionError]:
    """Return every breach of the rules between keys, for a schema-valid config."""
    problems = [*_names(config), *_storage(config.storage), *_publishing(config)]
    problems += [*derive_problems(config), *about_problems(config)]
    for name, source in config.sources.items():
        where = f"sources.{name}"
        problems += own_problems(where, source)
        problems += [*_source(where, source), *_axes(where, source)]
    for name, entry in config.derive.items():
        if isinstance(entry, DerivedTable):
            problems += range_problems(f"derive.{name}.checks", entry.checks)
            problems += crs_problems(f"derive.{name}.geometry", entry.derive.geometry)
    problems += [
        *_foreign_keys(config),
        *draft_problems(config),
        *unused_options(config),
        *format_problems(config),
    ]
    return problems


def tables_of(config: Config) -> Iterator[tuple[str, Source | DerivedTable]]:
    """Yield every entry that becomes a table, with the path of its section."""
    yield from ((f"sources.{name}", source) for name, source in config.sources.items())
    for name, entry in config.derive.items():
        if isinstance(entry, DerivedTable):
            yield f"derive.{name}", entry


def _names(config: Config) -> Iterator[DiffusionError]:
    for where, name, _ in _entries(config):
        if not NAME.fullmatch(name):
            fix = "names are lower case letters, digits and _, and begin with a letter"
            yield NameTakenError(where, "not a valid name", fix)
        if name in (*TARGETS, *RULES):
            kept = f"`publish_as: {name}` keeps its published name"
            kept += f", `was: {name}` its raw copies" if where.startswith("sources.") else ""
            found = f"`snakemake {name}` means the work of all, and not this entry"
            fix = f"give it another name (of one that was published before, {kept})"
            yield NameTakenError(where, found, fix)
        if len(name) > LONGEST_NAME:
            fix = f"use at most {LONGEST_NAME}: it becomes the name of files"
            yield NameTakenError(where, f"has {len(name)} characters", fix)
        if where.startswith("derive.") and name in config.sources:
            yield NameTakenError(where, "a source has the same name", "rename one")
    yield from _consents(config)


def _consents(config: Config) -> Iterator[DiffusionError]:
    published = {entry.publish.publish_as for _, _, entry in _entries(config)}
    known = {"raw": set(config.sources), "owner": {*published, *config.sources, "*"}}
    for index, consent in enumerate(config.accept):
        name, _, kind = consent.partition(":")
        where = f"accept.{index}"
        if kind not in CONSENTS:
            fix = f"a consent names a table and a kind: `{name}:raw`; kinds: {', '.join(CONSENTS)}"
            yield OptionError(where, f"`{consent}` is no consent", fix)
        elif name not in known.get(kind, published):
            names = sorted(known.get(kind, published))
            fix = f"{did_you_mean(name, names)}Known: {', '.join(names)}"
            what = "a source" if kind == "raw" else "published"
            yield OptionError(where, f"`{name}` is not {what}", fix)


def _entries(config: Config) -> Iterator[tuple[str, str, Source | DerivedTable | Figure]]:
    """Yield every entry that is published: its path, its name, the entry."""
    yield from ((f"sources.{name}", name, source) for name, source in config.sources.items())
    yield from ((f"derive.{name}", name, entry) for name, entry in config.derive.items())


def _storage(storage: Storage) -> Iterator[DiffusionError]:
    for key in ("url", "raw"):
        where, url = f"storage.{key}", getattr(storage, key)
        if "://" in url and not BUCKET.fullmatch(url):
            yield OptionError(where, f"found `{url}`", "write s3://bucket/prefix, or a folder")
        if url.startswith("~"):
            fix = f"`~` is not expanded: write ${{HOME}}{url[1:]}"
            yield OptionError(where, f"found `{url}`", fix)
    url, raw = _place(storage.url), _place(storage.raw)
    real_url, real_raw = _place(storage.url, links=True), _place(storage.raw, links=True)
    is_inside = real_url.startswith(real_raw) or real_raw.startswith(real_url)
    if is_inside or url.startswith(raw) or raw.startswith(url):
        found = f"`{storage.raw}` and storage.url `{storage.url}` overlap"
        if not (url.startswith(raw) or raw.startswith(url)):
            found += f": by a symbolic link, they are `{real_raw[:-1]}` and `{real_url[:-1]}`"
        fix = "raw copies are kept forever and not for readers: give them a place of their own"
        yield OptionError("storage.raw", found, fix)


def _place(url: str, links: bool = False) -> str:
    """Return a URL or path such that one that begins with another lies inside it.

    Args:
        links: follow symbolic links.
    """
    if url.startswith("s3://"):
        return "s3:/" + posixpath.normpath(url.removeprefix("s3:/")).replace("//", "/") + "/"
    path = os.path.realpath(url) if links else os.path.abspath(url)  # noqa: PTH100 - `..` too
    return path.rstrip("/") + "/"


def _source(where: str, source: Source) -> Iterator[DiffusionError]:
    if source.fetch.sha256 and count_partitions(source.partitions) > 1:
        fix = "pin the hashes of several partitions in the lock: `diffusion lock`"
        yield OptionError(f"{where}.sha256", "one hash for several partitions", fix)
    if source.write.partition_by and source.members_read:
        fix = "both would publish a folder of the same name; keep one of the two"
        yield OptionError(f"{where}.partition_by", "set together with keep_members", fix)
    if source.convert.keep == "declared":
        yield from _kept(where, source)


SHAPES = ("geometry", "bbox")  # which layers have, declared or not


def _kept(where: str, source: Source) -> Iterator[DiffusionError]:
    """Order and folders follow columns that are kept, and checks look at them."""
    declared = source.convert.columns
    looked_at = {f"checks.{key}": names for key, names in source.checks.columns.items()}
    for key, columns in (
        ("sort_by", source.write.sort_by),
        ("partition_by", source.write.partition_by),
        *looked_at.items(),
    ):
        for column in columns:
            if column not in declared and not (key in looked_at and column in SHAPES):
                fix = f"{did_you_mean(column, declared)}Declare it under columns, or write "
                fix += "keep: all"
                yield OptionError(f"{where}.{key}", f"`{column}` is not kept", fix)


def _axes(where: str, source: Source) -> Iterator[DiffusionError]:
    """Axes that are used must be declared, and declared ones used."""
    sent = ("url", "params", "body", "form")
    templates = {key: getattr(source.fetch, key, None) for key in sent}
    if isinstance(source.fetch, DownloadFetch):
        export = source.fetch.export
        templates |= {"export.body": export.body, "export.form": export.form}
    templates["member"] = getattr(source.read, "member", None)
    if isinstance(source.fetch, DatabaseFetch):
        each: Mapping[str, set[str]] = axes_used(source.fetch)
    else:
        each = {key: axes_of(template) for key, template in templates.items()}
    for key, axis in ((key, axis) for key, axes in each.items() for axis in sorted(axes)):
        of_query = key.endswith(("body", "form")) and _in_a_query(templates[key], axis)
        if axis not in source.partitions and not of_query:
            known = ", ".join(source.partitions) or "none"
            fix = f'declare it: partitions: {{{axis}: ["…"]}} (declared axes: {known})'
            yield AxisError(f"{where}.{key}", f"uses {{{axis}}}, which is not an axis", fix)
    templates["query"] = getattr(source.fetch, "query", None)
    for key, template in templates.items():
        yield from _periods(f"{where}.{key}", template, source.partitions)
    used = set().union(*each.values())
    for axis in source.partitions:
        if axis not in used:
            places = (
                "query or table" if isinstance(source.fetch, DatabaseFetch) else "url or params"
            )
            fix = f"write {{{axis}}} in {places}, or every partition would hold the same data"
            yield NoEffectError(f"{where}.partitions.{axis}", "the axis is used nowhere", fix)


def _periods(where: str, template: object, axes: Axes) -> Iterator[DiffusionError]:
    """Yield the uses of the days of a period where a value names no period."""
    uses = sorted(uses_of(template))
    for axis in sorted({axis for axis, part in uses if part}):
        for value in axes.get(axis, ()):
            try:
                parse_period(value)
            except ValueError as error:
                used = " and ".join(f"{{{name}.{part}}}" for name, part in uses if name == axis)
                fix = f"its values must be periods: {SPELLINGS}"
                yield AxisError(where, f"uses {used}, but {error}", fix)
                break


def _in_a_query(template: object, axis: str) -> bool:
    """Say whether the braces are those of a language, such as GraphQL: its text has others, too."""
    if isinstance(template, str):
        return f"{{{axis}}}" in template and bool(re.search(r"[{}]", AXIS.sub("", template)))
    inner = template.values() if isinstance(template, dict) else template
    return isinstance(inner, Iterable) and any(_in_a_query(item, axis) for item in inner)


def _publishing(config: Config) -> Iterator[DiffusionError]:
    names: dict[str, list[str]] = {}
    for where, _, entry in _entries(config):
        names.setdefault(entry.publish.publish_as, []).append(where)
    for name, entries in names.items():
        if len(entries) > 1:
            found = f"{' and '.join(entries)} would both be published as `{name}`"
            yield OptionError(f"{entries[-1]}.publish_as", found, "give one of them another name")
    if "manifest" in names:
        fix = "choose another name"
        yield NameTakenError(f"{names['manifest'][0]}.publish_as", "`manifest` is taken", fix)


def _foreign_keys(config: Config) -> Iterator[DiffusionError]:
    for where, entry in tables_of(config):
        name = where.partition(".")[2]
        if isinstance(entry, DerivedTable):
            known, what = entry.derive.inputs, "of its inputs"
        else:
            known, what = sorted(config.sources.keys() - {name}), "source"
        for column, target in entry.checks.foreign_keys.items():
            table = target.split(".")[0]
            if table not in known or table == name:
                fix = f"{did_you_mean(table, known)}Tables: {', '.join(known) or 'none'}"
                found = f"`{table}` is not another {what}"
                yield OptionError(f"{where}.checks.foreign_keys.{column}", found, fix)
        for check, rule in entry.checks.sql.items():
            place = f"{where}.checks.sql.{check}"
            yield from sql_problems(place, rule)
            for table in rule.tables:
                if table not in known or table == name:
                    fix = f"{did_you_mean(table, known)}Tables: {', '.join(known) or 'none'}"
                    yield OptionError(f"{place}.tables", f"`{table}` is not another {what}", fix)
