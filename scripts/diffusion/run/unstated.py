"""Licences that no source states: told at the foot of a figure, in the project's language."""

from collections.abc import Iterator

from diffusion.catalogue.licences import is_stated
from diffusion.config.model import Config

WORDS = {"fr": "licence non précisée : {}", "en": "licence not stated: {}"}


def unstated_of(config: Config, name: str) -> str:
    """Return in words of which sources of an entry no licence is stated; empty if all state one."""
    names = dict.fromkeys(_sources_of(config, name))
    silent = [each for each in names if not is_stated(config.sources[each].credit.licence)]
    words = WORDS["fr" if config.project.language == "fr" else "en"]
    return words.format(", ".join(silent)) if silent else ""


def _sources_of(config: Config, name: str) -> Iterator[str]:
    """Yield the sources that an entry is made of, however far."""
    if name in config.sources:
        yield name
        return
    for read in config.derive[name].inputs:
        yield from _sources_of(config, read)
