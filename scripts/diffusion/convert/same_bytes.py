"""Partitions that came as the same bytes: a server that ignores what it is asked multiplies rows.

An axis along which all partitions have the same bytes has no say in the answers: that is refused.
Where only some have, it is noted, as it may be so: two departments with one and the same count.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from diffusion.config.partitions import Partition, axes_of, parse_partition
from diffusion.config.reading import AnyRead
from diffusion.errors import DiffusionError
from diffusion.tables.parquet import rows_in

SHOWN = 3  # partitions that a note names


def verify_axes(raw: Mapping[str, str], table: Path, read: AnyRead, where: str) -> None:
    """Refuse a source one of whose axes changes nothing in what is sent.

    Args:
        raw: hash of the raw bytes of each partition.
        table: Parquet that was made of them, removed if refused; without a row, there is nothing
            to multiply.
        read: an axis that it names (the member of an archive) is none of what is asked.

    Raises:
        DiffusionError: names the axis.
    """
    axes = {name: parse_partition(name) for name in raw if "=" in name}
    rows = rows_in(table)
    if not rows or len(axes) < len(raw):
        return
    inside = _inside(read)
    for axis in next(iter(axes.values()), {}):
        if axis not in inside and _changes_nothing(axis, axes, raw):
            table.unlink()
            values = list(dict.fromkeys(partition[axis] for partition in axes.values()))
            raise _ignored(axis, values, rows // len(raw), where)


def same_note(raw: Mapping[str, str], without: Iterable[str], read: AnyRead) -> list[str]:
    """Return a note on partitions that came as the same bytes, if there are any.

    Args:
        without: the partitions that hold no record: they are alike as a rule.
    """
    if _inside(read):
        return []  # each takes another part of the same file
    groups: dict[str, list[str]] = {}
    for name in sorted(raw.keys() - set(without)):
        groups.setdefault(raw[name], []).append(name)
    same = [name for names in groups.values() if len(names) > 1 for name in names]
    if not same:
        return []
    more = f" and {len(same) - SHOWN:,} more" if len(same) > SHOWN else ""
    return [f"partitions that came as the same bytes as another: {', '.join(same[:SHOWN])}{more}"]


def _inside(read: AnyRead) -> set[str]:
    """Return the axes that say which member of an archive is read."""
    return axes_of(getattr(read, "member", None) or "")


def _changes_nothing(axis: str, axes: Mapping[str, Partition], raw: Mapping[str, str]) -> bool:
    groups: dict[tuple, list[str]] = {}
    for name, partition in axes.items():
        others = tuple(value for key, value in partition.items() if key != axis)
        groups.setdefault(others, []).append(raw[name])
    return all(len(hashes) > 1 and len(set(hashes)) == 1 for hashes in groups.values())


def _ignored(axis: str, values: list[str], records: int, where: str) -> DiffusionError:
    told = f"`{values[0]}` and `{values[1]}`"
    if len(values) > 2:
        told = f"all {len(values):,} values of `{axis}`"
    records_told = "1 record" if records == 1 else f"{records:,} records"
    found = f"{told} have the same {records_told}: the server seems to ignore `{axis}`"
    fix = f"correct how `{axis}` is asked for in `url`, `params` or `body`, as the documentation "
    fix += f"of the server has it; if the data do not depend on it, remove `{axis}`"
    return DiffusionError(f"{where}.partitions", found, fix)
