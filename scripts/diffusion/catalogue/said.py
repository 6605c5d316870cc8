"""What the configuration says of what is published, put into the manifest.

From there the catalogue is made: so it is the same whoever of several projects at one prefix made
it last, and a command that has no configuration of an entry keeps its words.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from diffusion.catalogue.coverage import coverage
from diffusion.catalogue.stated import taken_over
from diffusion.config.about import About, FromColumn, TableAbout, resolved_about, shared_by
from diffusion.config.model import Config
from diffusion.errors import DiffusionError, OptionError
from diffusion.publish.manifest import ABOUT, PUBLIC_URL, Update
from diffusion.publish.ownership import owner_of

TEMPORAL = ("date", "timestamp")  # how the types of days and moments begin
OF_PROJECT = ("contact", "homepage", "language", "keywords")


def said(config: Config, manifest: Mapping) -> Update:
    """Return what the manifest is to say of the entries of a project, and of its prefix.

    Raises:
        DiffusionError: a column is described, or gives the time, that a table does not have.
    """
    shared = shared_by(config.project)
    of_entries: dict[str, dict] = {}
    problems: list[DiffusionError] = []
    for where, published, about in _entries(config):
        entry = manifest["tables"].get(published)
        if entry is None or owner_of(manifest, published) != config.project.name:
            continue
        problems += _unknown_columns(where, about, entry)
        words = taken_over(entry) | resolved_about(about, shared)
        words.pop("temporal", None)  # as it is declared: a period, or a column
        of_entries[published] = words | coverage(about, entry)
    if problems:
        raise problems[0]
    owner = {key: getattr(config.project, key) for key in OF_PROJECT}
    place: dict[str, Any] = {ABOUT: {key: value for key, value in owner.items() if value}}
    place[PUBLIC_URL] = config.storage.public_url.rstrip("/")
    return Update(about=of_entries, place=place)


def _entries(config: Config) -> Iterator[tuple[str, str, About]]:
    for name, source in config.sources.items():
        if not source.publish.is_private:
            yield f"sources.{name}", source.publish.publish_as, source.about
    for name, derived in config.derive.items():
        yield f"derive.{name}", derived.publish.publish_as, derived.about


def _unknown_columns(where: str, about: About, entry: Mapping) -> Iterator[DiffusionError]:
    columns = {column["name"]: column["type"] for column in entry.get("columns", [])}
    if isinstance(about, TableAbout):
        for name in about.described.keys() - columns.keys():
            found = "it is described, and the published table has no such column"
            yield OptionError(f"{where}.columns.{name}", found, _meant(name, columns))
    if isinstance(about.temporal, FromColumn):
        name = about.temporal.column
        if name not in columns:
            found = f"the published table has no column `{name}`"
            yield OptionError(f"{where}.temporal.column", found, _meant(name, columns))
        elif not columns[name].startswith(TEMPORAL):
            found = f"`{name}` holds no dates, its type is {columns[name]}"
            fix = "name a column of dates, or write the period: `2019/2023-06`"
            yield OptionError(f"{where}.temporal.column", found, fix)


def _meant(name: str, columns: Iterable[str]) -> str:
    from diffusion.config.schema import did_you_mean  # it loads a validator

    return f"{did_you_mean(name, columns)}Its columns: {', '.join(columns)}"
