"""Licences that nobody states: told at the foot of a figure, in the project's language."""

from collections.abc import Iterator, Mapping

from diffusion.catalogue.licences import is_stated
from diffusion.config.model import Config

WORDS = {"fr": "licence non précisée : {}", "en": "licence not stated: {}"}


def words_of(config: Config, name: str) -> str:
    """Return in which words a figure says that licences are not stated.

    Nothing where all of its sources declare one: the language decides no byte of it then.
    """
    licences = (config.sources[each].credit.licence for each in _sources_of(config, name))
    if all(map(is_stated, licences)):
        return ""
    return WORDS["fr" if config.project.language == "fr" else "en"]


def unstated_in(licences: Mapping[str, str], words: str) -> str:
    """Return of which sources none is stated, their portals' words included; empty for none.

    Args:
        licences: by the sources' names, see ``licences_of_inputs``.
        words: see ``words_of``.
    """
    silent = [name for name, text in licences.items() if not is_stated(text)]
    return words.format(", ".join(silent)) if silent else ""


def _sources_of(config: Config, name: str) -> Iterator[str]:
    """Yield the sources that an entry is made of, however far."""
    if name in config.sources:
        yield name
        return
    for read in config.derive[name].inputs:
        yield from _sources_of(config, read)
