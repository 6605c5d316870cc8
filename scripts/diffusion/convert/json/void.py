"""Objects that are null in all records of a file: in others, their keys are the columns."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from diffusion.config.reading import Convert
from diffusion.convert.relation import Nested, RawTable


def nested_in_all(many: Iterable[tuple[Sequence[str], Nested]]) -> Nested:
    """Return what is known of several files together, of each its columns and its objects."""
    many = list(many)
    known = frozenset().union(*(nested.objects for _, nested in many))
    void = frozenset().union(*(nested.void for _, nested in many))
    return Nested(known, void.difference(*(set(names) - nested.void for names, nested in many)))


def no_columns(nested: Nested, convert: Convert) -> frozenset[str]:
    """Return the names of void columns that are objects in other files, and are not declared."""
    declared = {spec.source or name for name, spec in convert.columns.items()}
    return (nested.void & nested.objects) - declared


def without_void(raws: Iterable[RawTable], convert: Convert) -> tuple[list[RawTable], Nested]:
    """Return files without the columns of objects that others have; and what is known of all."""
    raws = list(raws)
    nested = nested_in_all((raw.columns, raw.nested) for raw in raws)
    gone = no_columns(nested, convert)
    return [_without(raw, gone) for raw in raws] if gone else raws, nested


def _without(raw: RawTable, gone: frozenset[str]) -> RawTable:
    names = [name for name in raw.columns if name not in gone]
    if not set(names) - raw.added.keys():
        return raw  # the rows of a file that has nothing else are refused, not lost
    return replace(raw, columns=names)
