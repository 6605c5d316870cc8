"""Names of columns in snake_case (``names: snake``), by which all other keys name them then."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import msgspec

from diffusion.config.reading import Convert
from diffusion.convert.names import snake_case
from diffusion.convert.relation import RawTable
from diffusion.errors import DiffusionError


def spelled_names(names: list[str], spelling: str, label: str) -> list[str]:
    """Return names as they are, or in snake_case.

    Args:
        spelling: ``as_is`` or ``snake``.

    Raises:
        DiffusionError: a name has no letter or digit of ASCII, or two become one.
    """
    if spelling != "snake":
        return names
    made = [snake_case(name) for name in names]
    fix = "state the names of all columns, `names: […]` of `csv` or `xlsx`, in place of "
    fix += "`names: snake`; of other formats, leave out `names: snake`"
    if "" in made:
        found = f"`{names[made.index('')]}` has no letter that snake_case has"
        raise DiffusionError(label, found, fix)
    if twice := next((name for name in made if made.count(name) > 1), None):
        both = [f"`{old}`" for old, new in zip(names, made, strict=True) if new == twice]
        raise DiffusionError(label, f"{' and '.join(both)} are both `{twice}` in snake_case", fix)
    return made


def spelled_name(name: str, spelling: str) -> str:
    """Return one name as it is, or in snake_case."""
    return snake_case(name) if spelling == "snake" else name


@dataclass(frozen=True)
class Named(Collection[str]):
    """Names of columns as the configuration has them; what a file has is among them as spelled."""

    names: Collection[str]
    spelling: str

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and spelled_name(name, self.spelling) in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def as_in_file(convert: Convert, names: Collection[str]) -> Convert:
    """Return what is declared of columns in snake_case, by their names in a file."""
    back = {snake_case(name): name for name in names}
    columns = {
        name: msgspec.structs.replace(
            spec, source=back.get(spec.source or name, spec.source or name)
        )
        for name, spec in convert.columns.items()
    }
    dropped = [back.get(name, name) for name in convert.drop]
    return msgspec.structs.replace(convert, columns=columns, drop=dropped)


def in_snake_case(raw: RawTable) -> RawTable:
    """Return a file whose columns have names in snake_case.

    Raises:
        DiffusionError: a name has nothing of it, or two become one.
    """
    new = dict(zip(raw.columns, spelled_names(raw.columns, "snake", raw.label), strict=True))
    renamed = tuple((old, name) for old, name in new.items() if old != name)
    types = replace(
        raw.types,
        text=frozenset(new.get(name, name) for name in raw.types.text),
        strings=frozenset(new.get(name, name) for name in raw.types.strings),
        numbers=frozenset(new.get(name, name) for name in raw.types.numbers),
        own={new.get(name, name): kind for name, kind in raw.types.own.items()},
    )
    scan = replace(raw.scan, renamed=renamed)
    return replace(raw, scan=scan, columns=[*new.values()], types=types)
