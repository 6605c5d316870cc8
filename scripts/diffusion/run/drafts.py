"""Entries that are kept out of runs (`draft: true`), so that they are in nobody's way."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from diffusion.config.load import load_config, merge, read_all
from diffusion.config.model import Config
from diffusion.config.resolve import ConfigError, resolve_config
from diffusion.errors import DiffusionError, OptionError
from diffusion.run.asked_for import Asked

SECTIONS = ("sources", "derive")
UNPUBLISHED = "not published: it is a draft; what was published of it before, if anything, "
UNPUBLISHED += "stays as it is"


class Drafts(msgspec.Struct, frozen=True):
    """The drafts that a run leaves out.

    Attributes:
        names: all of them.
        published: under which names they would be published.
        mistakes: how many there are in those that cannot be read.
    """

    names: Sequence[str] = ()
    published: Sequence[str] = ()
    mistakes: int = 0

    @property
    def words(self) -> str:
        """What is said of them at the end of a run; empty if there are none."""
        if not self.names:
            return ""
        count = self.mistakes
        wrong = f"; {count} mistake{'s' * (count > 1)} in them" if count else ""
        return f"Drafts, left out: {', '.join(self.names)}{wrong}; `snakemake NAME` runs one"


NO_DRAFTS = Drafts()


def resolve_drafts(
    config: Mapping[str, Any], files: Sequence[str], project: Path | None, asked: Asked | None
) -> tuple[Config, Drafts]:
    """Return the configuration of a run, without the drafts that it is not asked for.

    What is wrong in these keeps no run from the others.

    Args:
        asked: None for a job elsewhere, which may be a draft's.

    Raises:
        DiffusionError: see ``resolve_config``; or there is nothing but drafts.
    """
    stated = _stated(config)
    alone = asked is not None and asked.alone
    out = [name for name in stated if not (asked and alone and name in asked.names)]
    mistakes = 0
    try:
        whole = resolve_config(config, files, project=project)
    except ConfigError as error:
        broken = [_entry_of(problem) for problem in error.problems]
        if not broken or any(name not in out for name in broken):
            raise
        mistakes = len(broken)
        gone = out if asked else broken  # a job elsewhere may be that of another draft
        rest = {s: {n: e for n, e in config[s].items() if n not in gone} for s in _within(config)}
        try:
            whole = resolve_config({**config, **rest}, files, project=project)
        except ConfigError:  # something that is no draft needs what is wrong
            raise error from None
    drafts = Drafts(out, [stated[name] for name in out], mistakes)
    if asked is None or alone:  # nothing is published
        return whole, drafts
    _refuse_beside(asked, [name for name in out if name in asked.names])
    left = whole.without(out)
    if not left.sources:
        fix = f"take it out of one of them, or run one alone: `snakemake {out[0]}`"
        raise OptionError("sources", "all have `draft: true`: there is nothing to publish", fix)
    return left, drafts


class Sound(NamedTuple):
    """A configuration without the drafts that cannot be read.

    Attributes:
        broken: these drafts. published: under which names they would be published.
        problems: what is wrong in them.
    """

    config: Config
    broken: Sequence[str] = ()
    published: Sequence[str] = ()
    problems: Sequence[DiffusionError] = ()

    @property
    def words(self) -> str:
        """What is said of them; empty if there are none."""
        left_out = f"! drafts with mistakes, left out: {', '.join(self.broken)}"
        return f"{left_out} (`diffusion doctor` shows them)" if self.broken else ""


def load_but_broken(
    files: Sequence[Path],
    names: Sequence[str] = (),
    project: Path | None = None,
    change: Mapping[str, Any] = {},
) -> Sound:
    """Load a configuration without the drafts that cannot be read, unless one of them is named.

    Args:
        names: of entries that are to be right. For the others see ``load_config``.

    Raises:
        DiffusionError: see ``load_config``.
    """
    try:
        return Sound(load_config(files, project, change=change))
    except ConfigError as error:
        given = read_all(files)
        merge(given, change)
        config, drafts = resolve_drafts(given, [str(f) for f in files], project, None)
        broken = [name for name in drafts.names if name not in (*config.sources, *config.derive)]
        if set(names) & set(broken):
            raise
        published = [_stated(given)[name] for name in broken]
        return Sound(config, broken, published, error.problems)


def _refuse_beside(asked: Asked, drafts: Sequence[str]) -> None:
    """Refuse a draft among targets that publish.

    Raises:
        DiffusionError: with what to type.
    """
    if drafts:
        found = f"{', '.join(drafts)} is a draft, and other targets stand beside it"
        fix = f"type it alone: `snakemake {' '.join(drafts)}`"
        raise OptionError(f"snakemake {' '.join(asked.names)}", found, fix)


def _within(config: Mapping[str, Any]) -> list[str]:
    """Return the sections of entries that are there, and are sections."""
    return [section for section in SECTIONS if isinstance(config.get(section), Mapping)]


def _stated(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the entries that have `draft: true` in a configuration as it is given.

    Returns:
        name → the name under which it would be published.
    """
    return {
        str(name): str(entry.get("publish_as") or name)
        for section in _within(config)
        for name, entry in config[section].items()
        if isinstance(entry, Mapping) and entry.get("draft") is True
    }


def _entry_of(problem: DiffusionError) -> str:
    """Return the name of the entry that a mistake is of; nothing if of none."""
    section, _, rest = problem.where.split(" (")[0].partition(".")
    return rest.partition(".")[0] if section in SECTIONS else ""
