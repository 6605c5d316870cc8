"""Options that have no effect where they are set: which are set, and the error."""

from functools import cache

import msgspec

from diffusion.config.parts import Section
from diffusion.errors import DiffusionError, NoEffectError


def set_options(part: Section) -> list[str]:
    """Return the names of the optional fields of a part that differ from their defaults."""
    defaults = _defaults(type(part))
    return [name for name, default in defaults.items() if getattr(part, name) != default]


def no_effect(where: str, why: str) -> DiffusionError:
    """Return the error for an option without effect."""
    return NoEffectError(where, f"has no effect: {why}", "remove it, or correct the other one")


@cache
def _defaults(kind: type[Section]) -> dict[str, object]:
    fields = [field for field in msgspec.structs.fields(kind) if not field.required]
    return {
        field.name: field.default
        if field.default is not msgspec.NODEFAULT
        else field.default_factory()
        for field in fields
    }
