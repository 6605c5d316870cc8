"""What a catalogue says of an entry beside its data: words for readers, which decide no byte.

No job that fetches, converts, derives or publishes is given any of it: another title writes the
catalogue anew, and nothing else.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from diffusion.config.parts import Part, Project, Section

Frequency = Literal[
    "continuous", "daily", "weekly", "monthly", "quarterly", "semiannual", "annual", "biennial",
    "irregular", "never",
]  # fmt: skip
# the official languages of the European Union
Language = Literal[
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv",
    "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv",
]  # fmt: skip
# the European Union's themes of data
Theme = Literal[
    "AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "REGI", "SOCI", "TECH",
    "TRAN",
]  # fmt: skip


class ColumnAbout(Section):
    """A column in words. ``measured_in`` is no ``unit``: that is a sign to read beside numbers."""

    description: str = ""
    measured_in: str = ""


class FromColumn(Section):
    """The period from the first to the last day in a column."""

    column: str


class About(Part):
    """What a catalogue says of an entry."""

    title: str = ""
    keywords: list[str] = []
    themes: list[Theme] = []
    contact: str = ""
    homepage: str = ""
    frequency: Frequency | None = None
    language: Language | None = None
    temporal: str | FromColumn = ""


class TableAbout(About):
    """What it says of a table, too: ``described`` is what stands under ``columns:`` of that."""

    described: dict[str, ColumnAbout] = {}


WORDS = ColumnAbout.__struct_fields__


def without_words(columns: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict]]:
    """Return what is declared of columns, and their words apart.

    A column that has words alone is not declared: they do not make a string of it.
    """
    declared, described = {}, {}
    for name, given in columns.items():
        if not isinstance(given, Mapping):
            declared[name] = given
            continue
        if words := {key: given[key] for key in WORDS if given.get(key)}:
            described[name] = words
        if (kept := {key: value for key, value in given.items() if key not in WORDS}) or not words:
            declared[name] = kept
    return declared, described


def with_words(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a flat entry with the words of its columns where YAML has them."""
    described = entry.pop("described", {})
    if not described:
        return entry
    declared = entry.get("columns", {})
    names = dict.fromkeys([*declared, *described])
    return entry | {"columns": {n: declared.get(n, {}) | described.get(n, {}) for n in names}}


class Shared(Section):
    """What a project says of all that it publishes."""

    publisher: str = ""
    contact: str = ""
    homepage: str = ""
    language: Language | None = None
    keywords: list[str] = []


def shared_by(project: Project) -> Shared:
    """Return what a project says of all that it publishes."""
    return msgspec.convert(project, Shared, from_attributes=True)


def resolved_about(about: About, shared: Shared) -> dict[str, Any]:
    """Return what is said of an entry as the manifest has it, with what its project says of all."""
    given = msgspec.to_builtins(about)
    inherited = {key: getattr(shared, key) for key in Shared.__struct_fields__}
    found = inherited | {key: value for key, value in given.items() if value}
    if words := list(dict.fromkeys([*about.keywords, *shared.keywords])):
        found["keywords"] = words
    return {key: value for key, value in found.items() if value}
