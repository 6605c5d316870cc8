"""Options that have no effect where they are set: which are set, and the error."""

from functools import cache

import msgspec

from diffusion.config.parts import Section
from diffusion.config.reading import Read, RecordsRead
from diffusion.errors import DiffusionError, NoEffectError


def set_options(part: Section) -> list[str]:
    """Return the names of the optional fields of a part that differ from their defaults."""
    defaults = _defaults(type(part))
    return [name for name, default in defaults.items() if getattr(part, name) != default]


def set_for_format(read: Read) -> list[str]:
    """Return the options of reading that are set and ask for a format that has use for them.

    Not `csv` that states the decimal separator alone: numbers are in the text of any format.
    """
    is_any = isinstance(read, RecordsRead) and set_options(read.csv) == ["decimal"]
    return [name for name in set_options(read) if not (name == "csv" and is_any)]


def place_in(where: str, read: Read, name: str) -> str:
    """Return the place of an option of reading that has no effect: of `csv`, not its `decimal`."""
    others = set_options(read.csv) if name == "csv" and isinstance(read, RecordsRead) else []
    if "decimal" not in others:
        return f"{where}.{name}"
    return f"{where}.{name}.{next(other for other in others if other != 'decimal')}"


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
