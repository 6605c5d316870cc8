"""A project as an earlier version of this template knows it, run by a checkout of it."""

import json
from collections.abc import Mapping
from pathlib import Path

from diffusion.config.about import About, without_words
from projects import Project

KNOWN_OF_PROJECT = ("licence", "name", "publisher", "title")  # by the first version, too


class Versioned(Project):
    """A project that another checkout runs."""

    def __init__(self, folder: Path, config: Mapping, environment: Mapping, checkout: Path):
        self.checkout = checkout
        super().__init__(folder, as_known(config, checkout), environment)

    @property
    def repository(self) -> Path:
        return self.checkout


def as_known(config: Mapping, checkout: Path) -> dict:
    """Say it as an earlier version knows it: no words of a catalogue, which cost a run nothing.

    Files of derived entries are named as a version names them that has them in one folder.
    """
    sections = {key: _without_words(config[key]) for key in ("sources", "derive") if key in config}
    project = {key: value for key, value in config["project"].items() if key in KNOWN_OF_PROJECT}
    text = json.dumps(dict(config) | sections | {"project": project})
    for path in (checkout / "scripts" / "derive").glob("*.*"):
        text = text.replace(f'"config/examples/chapter/{path.name}"', f'"{path.name}"')
    return json.loads(text)


def _without_words(entries: Mapping) -> dict:
    """Return the entries without what the catalogue says of them and of their columns."""
    return {name: _without_words_of(entry) for name, entry in entries.items()}


def _without_words_of(entry: Mapping) -> dict:
    columns = without_words(entry.get("columns", {}))[0]
    words = {*About.__struct_fields__, "portal", "columns"}
    kept = {key: value for key, value in entry.items() if key not in words}
    for spec in columns.values():  # without reasons, which it does not know
        if isinstance(spec, dict) and isinstance(spec.get("nulls"), dict):
            spec["nulls"] = list(spec["nulls"])
    return kept | ({"columns": columns} if columns else {})
