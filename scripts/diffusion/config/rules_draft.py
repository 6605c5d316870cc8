"""Rules for `draft:`: what is published needs nothing that is kept out of runs."""

from collections.abc import Iterator

from diffusion.config.model import Config
from diffusion.errors import DiffusionError, OptionError


def draft_problems(config: Config) -> Iterator[DiffusionError]:
    """Yield what reads a draft: nothing of one is published, so that nothing can be made of it."""
    drafts = config.drafts
    for name, source in config.sources.items():
        for table in source.checks.tables:
            if table in drafts and not source.draft:
                where = f"sources.{name}.checks"
                yield _needed(where, f"`{name}` is checked against `{table}`", table, name, config)
    for name, entry in config.derive.items():
        for index, table in enumerate(entry.inputs):
            if table in drafts:
                where, what = f"derive.{name}.inputs.{index}", f"`{name}` is made of `{table}`"
                yield _needed(where, what, table, name, config)


def _needed(where: str, what: str, draft: str, name: str, config: Config) -> DiffusionError:
    section = "sources" if draft in config.sources else "derive"
    fix = f"take `draft: true` out of {section}.{draft}, or leave {name} out until then"
    if section == "sources":
        fix += f"; `publish: false` in its place keeps {draft} unpublished, and can be read"
    return OptionError(where, f"{what}, of which nothing is published: it is a draft", fix)
