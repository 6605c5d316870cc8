"""Names of columns in snake_case (``names: snake``), by which all other keys name them then."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec

from diffusion.config.reading import Convert
from diffusion.convert.names import snake_case
from diffusion.convert.relation import RawTable, Types
from diffusion.errors import ColumnsError


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
    fix = "state the names of all columns, `csv: {names: […]}` (of a sheet, `xlsx: {names: […]}`), "
    fix += "in place of `names: snake`; of other formats, leave out `names: snake`"
    if "" in made:
        found = f"`{names[made.index('')]}` has no letter that snake_case has"
        raise ColumnsError(label, found, fix)
    if twice := next((name for name in made if made.count(name) > 1), None):
        both = [f"`{old}`" for old, new in zip(names, made, strict=True) if new == twice]
        raise ColumnsError(label, f"{' and '.join(both)} are both `{twice}` in snake_case", fix)
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


class Spelled(Convert):
    """What is declared of columns in snake_case, where a file's own names are not known yet."""

    def takes(self, name: str) -> bool:
        return super().takes(snake_case(name))


def as_spelled(convert: Convert, spelling: str) -> Convert:
    """Return what is declared of columns, asked by the names of a file."""
    return _of(Spelled, convert) if spelling == "snake" else convert


def as_in_file(convert: Convert, names: Collection[str], spelling: str) -> Convert:
    """Return what is declared of columns, by their names in a file."""
    if spelling != "snake":
        return convert
    back = {snake_case(name): name for name in names}
    declared = ((name, spec, spec.source or name) for name, spec in convert.columns.items())
    columns = {
        name: msgspec.structs.replace(spec, source=back.get(known, known))
        for name, spec, known in declared
    }
    dropped = [back.get(name, name) for name in convert.drop]
    return msgspec.structs.replace(_of(Convert, convert), columns=columns, drop=dropped)


def _of(kind: type[Convert], convert: Convert) -> Convert:
    return kind(**msgspec.structs.asdict(convert))


def in_snake_case(raw: RawTable) -> RawTable:
    """Return a file whose columns have names in snake_case.

    Raises:
        DiffusionError: a name has nothing of it, or two become one.
    """
    new = dict(zip(raw.columns, spelled_names(raw.columns, "snake", raw.label), strict=True))
    renamed = tuple((old, name) for old, name in new.items() if old != name)

    def known(names: Iterable[str]) -> frozenset[str]:
        return frozenset(new.get(name, snake_case(name)) for name in names)

    own = {new.get(name, name): kind for name, kind in raw.types.own.items()}
    types = raw.types
    named = replace(raw.named, twins=known(raw.named.twins), left_out=known(raw.named.left_out))
    ends = [{new.get(name, name): value for name, value in end.items()} for end in raw.held.ends]
    return replace(
        raw,
        scan=replace(raw.scan, renamed=renamed),
        columns=[*new.values()],
        types=Types(known(types.text), known(types.strings), known(types.numbers), own),
        held=replace(raw.held, ends=ends),
        named=named,
    )
